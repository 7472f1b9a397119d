package change

import (
	"regexp"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/pinning"
	"polygraph/internal/tfconfig"
)

const moduleCall = "terraform-module-call"

// call judges one module block.
func (r *configurationReferences) call(m *tfconfig.Module, c *tfconfig.Call) {
	source, ok := r.written(m, c.Source)
	if !ok {
		return // Terraform refuses a call without a source
	}
	version, _ := r.written(m, c.Version)
	r.reference(moduleReference{m, c.Address(), source, version, c.Version.Attribute != nil, "module"})
}

// terragruntSource judges the source of a terragrunt.hcl, which is fetched as
// Terraform fetches modules; registries have a scheme of their own there.
func (r *configurationReferences) terragruntSource(m *tfconfig.Module) {
	for _, f := range m.Files {
		for i := range f.Blocks {
			if f.Blocks[i].Type != "terraform" {
				continue
			}
			a, ok := f.Blocks[i].Attribute("source")
			if !ok {
				continue
			}
			source, ok := r.written(m, tfconfig.Argument{Attribute: a, File: f})
			if ok && (!pinning.IsRegistry(source.text) || strings.HasPrefix(source.text, "tfr:")) {
				r.reference(moduleReference{m, "terragrunt.source", source, wording{}, false, "unit"})
			}
		}
	}
}

// wording is an argument as it is written, with what is literal filled in.
type wording struct {
	tfconfig.Argument
	text  string
	steps []tfconfig.Step
	// guess tells that the text has the default of a variable in it.
	guess bool
}

// written returns what an argument says; what is computed in it stands as ${}.
func (r *configurationReferences) written(m *tfconfig.Module, a tfconfig.Argument) (wording, bool) {
	w := wording{Argument: a}
	if a.Attribute == nil {
		return w, false
	}
	res := m.Resolve(a.Attribute)
	s, known := res.String()
	switch {
	case known:
		w.text, w.steps, w.guess = s, res.Steps, res.Default
	case res.Known:
		return w, false // no string
	case res.Text != "":
		w.text, w.guess = res.Text, res.Default
	default:
		w.text = "${}"
	}
	return w, true
}

type moduleReference struct {
	m               *tfconfig.Module
	address         string
	source, version wording
	hasVersion      bool
	what            string // "module" or "unit"
}

func (r *configurationReferences) reference(ref moduleReference) {
	if ref.source.guess {
		// What is written out can decide whatever a variable says: ${var.base}?ref=v1.2.0
		if pinning.Module(ref.source.Text, ref.version.text).Verdict != pinning.Unknown {
			ref.source.text, ref.source.guess = ref.source.Text, false
		}
	}
	j := pinning.Module(ref.source.text, ref.version.text)
	rule, registry := moduleRefRule, pinning.IsRegistry(ref.source.text)
	if registry {
		rule = moduleVersionRule
	}
	file := ref.source.File.Path
	if j.Verdict == pinning.Local {
		return
	}
	holds := j.Verdict == pinning.Pinned || j.Form == pinning.FormTag
	guess := ref.source.guess || ref.version.guess
	switch {
	case guess, j.Verdict == pinning.Unknown:
		r.report(rule, ref.m.Dir, moduleCall, ref.address, ref.unclear(j, guess))
	case holds:
		r.holds(rule, ref.m.Dir, moduleCall, ref.address, file)
	default:
		f := finding.Finding{Verdict: finding.Refuted, Title: ref.title(j), Proof: ref.proof(j, registry), Remedy: ref.remedy(j, registry)}
		if r.isExample(ref.m) {
			f.Severity = finding.Low // nobody keeps what an example makes
		}
		r.report(rule, ref.m.Dir, moduleCall, ref.address, f)
	}
}

func (ref *moduleReference) title(j pinning.Judgement) string {
	switch j.Form {
	case pinning.FormDefaultBranch:
		return "its source names no ref: the default branch is fetched"
	case pinning.FormBranch:
		return "its source follows a branch"
	case pinning.FormNoVersion:
		return "it has no version: the newest one is fetched"
	case pinning.FormRange:
		return "its version is a range: " + ref.version.text
	}
	return "its source can come to mean something else"
}

// proof cites what decides first: the version where there is one.
func (ref *moduleReference) proof(j pinning.Judgement, registry bool) []finding.Statement {
	source := finding.Statement{
		Text: "the source is " + shownSource(ref.source.text),
		At:   configAt(ref.source.File, ref.source.Offset, ref.address),
	}
	var out []finding.Statement
	switch {
	case registry && ref.hasVersion:
		out = append(out, finding.Statement{
			Text: "the version is " + ref.version.text + ": " + j.Why,
			At:   configAt(ref.version.File, ref.version.Offset, ref.address),
		}, source)
	default:
		source.Text += ": " + j.Why
		out = append(out, source)
	}
	for _, s := range append(ref.source.steps, ref.version.steps...) {
		out = append(out, finding.Statement{Text: s.Name + " is defined here", At: configAt(s.File, s.Offset, s.Name)})
	}
	return out
}

func (ref *moduleReference) unclear(j pinning.Judgement, guess bool) finding.Finding {
	f := finding.Finding{Verdict: finding.Unproven, Proof: ref.proof(j, pinning.IsRegistry(ref.source.text))}
	missing := finding.Missing{Evidence: "what the source of this " + ref.what + " comes to", Get: "write the source and its version out in the module block"}
	switch {
	case guess:
		f.Title = "its source or version comes from a variable, and only the default is known"
		missing.Evidence = "the value that the variable has when it is applied"
	case j.Form == pinning.FormRevision || j.Form == pinning.FormShortSHA:
		f.Title = "its ref can be a branch or a tag: the name does not tell"
		missing.Evidence = "whether the ref is a branch or a tag"
		if address, ok := cloneAddress(ref.source.text); ok {
			missing.Get = "git ls-remote --heads --tags " + shellWord(address)
		}
	case j.Form == pinning.FormArchive:
		f.Title = "its source is an archive whose address names no version"
		missing.Evidence = "whether the bytes behind the address ever change"
		missing.Get = "publish the archive under an address with its version, and use that"
	case j.Form == pinning.FormInvalid:
		f.Title = "its source is none of the forms that Terraform knows"
	case j.Form == pinning.FormInvalidVersion:
		f.Title = "its version is not a version constraint"
	default:
		f.Title = "its source or version is computed"
	}
	f.Missing = []finding.Missing{missing}
	return f
}

func (ref *moduleReference) remedy(j pinning.Judgement, registry bool) finding.Remedy {
	if registry {
		out := finding.Remedy{Text: "Write the version that is installed now, exactly. The lock file does not record modules; .terraform/modules/modules.json does, in the folder that was initialised."}
		if name, ok := strings.CutPrefix(ref.address, "module."); ok {
			out.Commands = []string{`jq -r '.Modules[] | select(.Key | split(".") | last == "` + name + `") | .Version' .terraform/modules/modules.json`}
		}
		return out
	}
	out := finding.Remedy{Text: "End the source in ?ref= and a full commit hash, or a version tag."}
	if address, ok := cloneAddress(ref.source.text); ok {
		out.Text = "End the source in ?ref= and a full commit hash, or a version tag. These are the candidates:"
		out.Commands = []string{"git ls-remote --tags " + shellWord(address), "git ls-remote " + shellWord(address) + " HEAD"}
	}
	return out
}

var (
	userinfo     = regexp.MustCompile(`//[^/@]*@`)
	subdirectory = regexp.MustCompile(`([^:])//.*$`)
	forcedGit    = regexp.MustCompile(`^git::`)
)

// shownSource is a source without what nobody may read: a password in front of
// the host, and parameters other than the revision, among which a key can be.
func shownSource(s string) string {
	base, query, _ := strings.Cut(s, "?")
	base = userinfo.ReplaceAllStringFunc(base, func(u string) string {
		if u == "//git@" || u == "//${}@" {
			return u
		}
		return "//(sensitive)@"
	})
	for _, p := range strings.Split(query, "&") {
		if k, _, _ := strings.Cut(p, "="); k == "ref" || k == "rev" || k == "version" || k == "tag" || k == "digest" {
			base += "?" + p
			break
		}
	}
	return base
}

// cloneAddress is what git calls the repository of a source; ok is false where
// it is computed, no git repository, or has a password in it.
func cloneAddress(s string) (string, bool) {
	base, _, _ := strings.Cut(s, "?")
	base = subdirectory.ReplaceAllString(forcedGit.ReplaceAllString(base, ""), "$1")
	if strings.Contains(base, "${") || base == "" || base[0] == '-' {
		return "", false
	}
	if u := userinfo.FindString(base); u != "" && u != "//git@" {
		return "", false
	}
	switch {
	case strings.HasPrefix(base, "github.com/"), strings.HasPrefix(base, "bitbucket.org/"):
		parts := strings.SplitN(base, "/", 4)
		if len(parts) < 3 {
			return "", false
		}
		return "https://" + strings.Join(parts[:3], "/"), true
	case strings.HasPrefix(base, "https://"), strings.HasPrefix(base, "ssh://"), strings.HasPrefix(base, "git@"), strings.HasPrefix(base, "git://"):
		return base, !strings.HasSuffix(base, ".zip") && !strings.HasSuffix(base, ".gz")
	}
	return "", false
}

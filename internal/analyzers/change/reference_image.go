package change

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/compose"
	"polygraph/internal/dockerfile"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/pinning"
	"polygraph/internal/workflow"
)

// references judges the references of a whole run: what one file builds or pins
// tells something about another.
type references struct {
	*analysis.Pass
	dockerfiles []*dockerfile.File
	composes    []*compose.File
	workflows   []*workflow.File

	contexts map[string]bool          // names that builds are given by Compose files
	built    map[string]bool          // images that Compose files build
	digests  map[string]*pin          // by tagged image: the digest that some file names
	commits  map[string]*pin          // by owner/repo@version: the SHA that some file names
	said     map[string][]string      // texts by rule and identity: one reference, one finding
	names    map[string]string        // of a file, without the path to it
	blobs    map[string]evidence.Blob // of configuration, by path
	planned  map[string][]string      // texts of images by type.name, as plans have them
}

// pin is what a file elsewhere names exactly.
type pin struct {
	value string
	path  string
	torn  bool // files do not agree
}

// imageReferences judges CHG054 to CHG059.
func imageReferences(pass *analysis.Pass) *references {
	r := &references{
		Pass: pass, contexts: map[string]bool{}, built: map[string]bool{}, digests: map[string]*pin{},
		commits: map[string]*pin{}, said: map[string][]string{}, names: map[string]string{}, blobs: map[string]evidence.Blob{}, planned: map[string][]string{},
	}
	r.gather()
	for _, f := range r.dockerfiles {
		r.dockerfile(f)
	}
	for _, f := range r.composes {
		r.compose(f)
	}
	for _, f := range r.workflows {
		r.workflow(f)
	}
	r.terraform()
	return r
}

// gather reads what files say about each other's references.
func (r *references) gather() {
	var paths []string
	for _, v := range analysis.Values[*dockerfile.File](r.Pass, facts.Dockerfile()) {
		r.dockerfiles = append(r.dockerfiles, v.Value)
		paths = append(paths, v.Item.Path)
		for i := range v.Value.Images {
			r.learn(v.Value.Images[i].Text, v.Item.Path)
		}
	}
	for _, v := range analysis.Values[*compose.File](r.Pass, facts.Compose()) {
		r.composes = append(r.composes, v.Value)
		paths = append(paths, v.Item.Path)
		for name := range v.Value.Contexts {
			r.contexts[name] = true
		}
		for _, image := range v.Value.Built {
			if image != "" {
				r.built[image] = true
			}
		}
		for i := range v.Value.Images {
			r.learn(v.Value.Images[i].Text, v.Item.Path)
		}
	}
	for _, v := range analysis.Values[*workflow.File](r.Pass, facts.Workflow()) {
		r.workflows = append(r.workflows, v.Value)
		paths = append(paths, v.Item.Path)
		for i := range v.Value.Images {
			r.learn(v.Value.Images[i].Text, v.Item.Path)
		}
		for i := range v.Value.Actions {
			r.learnCommit(&v.Value.Actions[i], v.Item.Path)
		}
	}
	r.names = shortNames(paths, 2)
}

// learn notes the digest of a reference that names a tag as well.
func (r *references) learn(text, path string) {
	n, ok := pinning.ParseImage(text)
	if !ok || n.Digest == "" || n.Tag == "" {
		return
	}
	note(r.digests, n.Tagged(), n.Digest, path)
}

// learnCommit notes the SHA of an action whose version stands in a comment.
func (r *references) learnCommit(u *workflow.Use, path string) {
	n, ok := pinning.ParseAction(u.Uses)
	if !ok || pinning.Action(u.Uses).Form != pinning.FormSHA {
		return
	}
	version, _, _ := strings.Cut(u.Comment, " ")
	version = version[strings.LastIndexAny(version, "@=:")+1:] // tag=v4, pin@v4, ratchet:a/b@v4
	if version != "" {
		note(r.commits, strings.ToLower(n.Repository())+"@"+version, n.Ref, path)
	}
}

func note(m map[string]*pin, key, value, path string) {
	if have := m[key]; have == nil {
		m[key] = &pin{value: value, path: path}
	} else if have.value != value {
		have.torn = true
	}
}

// shortNames names files by the last steps of their paths, "api/Dockerfile": the
// whole path is another one in another checkout. Where that is not enough to
// tell files of this run apart, one more folder is taken, and so on.
func shortNames(paths []string, depth int) map[string]string {
	out := map[string]string{}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	for ; len(paths) > 0 && depth < 64; depth++ {
		by := map[string][]string{}
		for _, p := range paths {
			steps := strings.Split(strings.Trim(path.Clean(p), "/"), "/")
			name := strings.Join(steps[max(0, len(steps)-depth):], "/")
			by[name] = append(by[name], p)
		}
		paths = paths[:0:0]
		for name, list := range by {
			if len(list) == 1 {
				out[list[0]] = name
				continue
			}
			for _, p := range list {
				out[p] = name
			}
			paths = append(paths, list...)
		}
	}
	return out
}

// image is one reference to an image, whatever file it stands in.
type image struct {
	rule          *analysis.Rule
	file          string
	subject       finding.Subject
	discriminator string
	verb          string // "builds on", "runs"
	text          string
	hidden        bool // the evidence does not say that the text may be shown
	at            finding.Location
	source        string // who names it, for the proof: "FROM", "image"
	more          []finding.Statement
	line          pinning.Span // for a patch; zero when there is none
	missing       finding.Missing
}

// use makes one of a use in a file of its own syntax.
func (r *references) use(rule *analysis.Rule, file string, u *pinning.ImageUse, verb string) image {
	im := image{
		rule: rule, file: file, verb: verb, text: u.Text, source: u.Place,
		subject: finding.Subject{Kind: "image-reference", Identity: r.names[file] + " " + u.Place},
		at:      finding.Location{File: file, Offset: u.Offset, Object: u.Place},
	}
	if len(u.Open) > 0 {
		im.text = u.Written
	}
	if u.Text == u.Written {
		im.line = u.Span
	}
	for _, from := range u.From {
		im.more = append(im.more, finding.Statement{Text: "the default that is filled in", At: finding.Location{File: file, Offset: from.Offset}})
	}
	return im
}

// judge reports one image reference, or counts it.
func (r *references) judge(im image, j pinning.Judgement) {
	key := im.rule.ID + "\x00" + im.subject.Kind + "\x00" + im.subject.Identity + "\x00" + im.discriminator
	if said := r.said[key]; slices.Contains(said, im.text) {
		return // the same place names the same thing again
	} else if r.said[key] = append(said, im.text); len(said) > 0 {
		im.discriminator = strings.TrimSpace(im.discriminator + " " + strconv.Itoa(len(said)+1))
	}
	name := shown(im.text)
	if im.hidden {
		name = "its image"
	}
	switch j.Verdict {
	case pinning.Local:
	case pinning.Pinned:
		r.Hold(im.rule, im.file, im.subject, im.discriminator)
	case pinning.Mutable:
		f := finding.Finding{
			Subject: im.subject, Discriminator: im.discriminator, Verdict: finding.Refuted, Severity: finding.Medium,
			Title:  im.verb + " " + name + ", " + formTitle(j.Form),
			Proof:  append([]finding.Statement{{Text: im.source + " names " + name + ": " + j.Why, At: im.at}}, im.more...),
			Remedy: r.pinImage(&im),
		}
		switch {
		case im.source == "syntax":
			f.Severity = finding.Low // it reads the file and ends up in no image
		case j.Form == pinning.FormNoTag || j.Form == pinning.FormLatest:
			f.Severity = finding.High
		}
		r.Report(im.rule, f)
	default:
		if im.missing.Evidence == "" {
			im.missing = finding.Missing{Evidence: "what " + name + " becomes", Get: "check the file as it is after it was filled in"}
		}
		r.Report(im.rule, finding.Finding{
			Subject: im.subject, Discriminator: im.discriminator, Verdict: finding.Unproven, Severity: finding.Medium,
			Title:   im.verb + " " + name + ": " + j.Why,
			Proof:   append([]finding.Statement{{Text: im.source + " names " + name, At: im.at}}, im.more...),
			Missing: []finding.Missing{im.missing},
		})
	}
}

func formTitle(form string) string {
	switch form {
	case pinning.FormNoTag:
		return "without a tag: whatever `latest` is when it is pulled"
	case pinning.FormLatest:
		return "which is moved with every release"
	}
	return "a tag that can be moved"
}

// shown quotes a reference; they are short, and what is not is no reference.
func shown(text string) string {
	if len(text) > 160 {
		text = strings.ToValidUTF8(text[:160], "") + "..."
	}
	return "`" + text + "`"
}

// pinImage says how a reference is pinned: the line with the digest, where some
// file of the evidence has it, or the command that finds it.
func (r *references) pinImage(im *image) finding.Remedy {
	n, ok := pinning.ParseImage(im.text)
	switch {
	case im.hidden:
		return finding.Remedy{Text: "Name the digest behind the tag: `name:tag@sha256:...`."}
	case !ok:
		return finding.Remedy{Text: "Name the digest behind the tag: `" + im.text + "@sha256:...`."}
	}
	pinned := n.Familiar() + "@sha256:..."
	if n.Tag != "" {
		pinned = n.Tagged() + "@sha256:..."
	}
	known := r.digests[n.Tagged()]
	if known == nil || known.torn {
		return finding.Remedy{
			Text: "Look the digest up and write it behind the name: `" + pinned + "`.",
			Commands: []string{
				fmt.Sprintf("docker buildx imagetools inspect %s --format '{{json .Manifest.Digest}}'", n.Tagged()),
			},
		}
	}
	out := im.text + "@" + known.value
	rem := finding.Remedy{Text: "Write `" + out + "`: " + known.path + " names this digest for the same tag."}
	if l := im.line; l.Text != "" && strings.Count(l.Text, im.text) == 1 {
		rem.Patch, rem.Language = lineDiff(im.file, map[int][2]string{l.Line: {l.Text, strings.Replace(l.Text, im.text, out, 1)}}), "diff"
	}
	return rem
}

// lineDiff writes a unified diff that replaces single lines.
func lineDiff(file string, lines map[int][2]string) string {
	var numbers []int
	for n := range lines {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	name := strings.TrimPrefix(file, "/")
	var b strings.Builder
	fmt.Fprintf(&b, "--- a/%s\n+++ b/%s\n", name, name)
	for _, n := range numbers {
		fmt.Fprintf(&b, "@@ -%d +%d @@\n-%s\n+%s\n", n, n, lines[n][0], lines[n][1])
	}
	return b.String()
}

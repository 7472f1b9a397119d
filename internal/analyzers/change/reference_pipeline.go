package change

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/pinning"
	"polygraph/internal/workflow"
)

// maxUses is how many places one finding lists.
const maxUses = 10

// action judges one action of one file, wherever in it it is used: whoever pins
// it pins all of them.
func (r *references) action(f *workflow.File, name string, uses []*workflow.Use) {
	s := finding.Subject{Kind: "action-reference", Identity: r.names[f.Path] + " uses " + name}
	var loose []*workflow.Use
	var refs []string
	var judged pinning.Judgement
	for _, u := range uses {
		j := pinning.Action(u.Uses)
		switch j.Verdict {
		case pinning.Pinned:
			continue
		case pinning.Unknown:
			r.Report(actionRule, finding.Finding{
				Subject: s, Discriminator: "unread", Verdict: finding.Unproven, Title: shown(u.Uses) + ": " + j.Why,
				Proof: []finding.Statement{{Text: u.Place + " uses " + shown(u.Uses), At: useAt(f, u)}},
				Missing: []finding.Missing{{
					Evidence: "which repository and which commit are meant", Get: "write `uses: OWNER/REPOSITORY@SHA`",
				}},
			})
			return
		}
		if len(loose) == 0 || j.Form == pinning.FormBranch {
			judged = j // a branch is worse than a tag
		}
		loose = append(loose, u)
		if _, ref, _ := strings.Cut(u.Uses, "@"); !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	if len(loose) == 0 {
		r.Hold(actionRule, f.Path, s, "")
		return
	}
	n, _ := pinning.ParseAction(loose[0].Uses)
	out := finding.Finding{
		Subject: s, Verdict: finding.Refuted, Severity: finding.High,
		Title:  shown(name+"@"+strings.Join(refs[:min(3, len(refs))], ", @")) + " is " + actionTitle(judged.Form),
		Remedy: r.pinAction(f, n, refs, loose),
	}
	if n.FirstParty() && judged.Form != pinning.FormBranch {
		out.Severity = finding.Medium
	}
	for i, u := range loose {
		if i == maxUses {
			out.Proof[i-1].Text += fmt.Sprintf(", and %d more", len(loose)-maxUses)
			break
		}
		text := u.Place + " uses " + shown(u.Uses)
		if i == 0 {
			text += ": " + pinning.Action(u.Uses).Why
		}
		out.Proof = append(out.Proof, finding.Statement{Text: text, At: useAt(f, u)})
	}
	r.Report(actionRule, out)
}

func useAt(f *workflow.File, u *workflow.Use) finding.Location {
	return finding.Location{File: f.Path, Offset: u.Offset, Object: u.Place}
}

func actionTitle(form string) string {
	switch form {
	case pinning.FormBranch:
		return "a branch: it moves with every push"
	case pinning.FormShortSHA:
		return "no full SHA: only a tag or a branch of that name answers to it"
	}
	return "a tag or a branch that can be moved"
}

// pinAction says how the uses are pinned: the lines with the SHA, where a file
// of the evidence has it for the same version, or the command that finds it.
func (r *references) pinAction(f *workflow.File, n pinning.ActionName, refs []string, loose []*workflow.Use) finding.Remedy {
	if byTagOnly(n) {
		return finding.Remedy{Text: "This workflow refuses to run under a commit SHA: it and its verifier want a version tag. Name the full version, " +
			"verify the provenance that it makes, and write an exception that says so."}
	}
	lines := map[int][2]string{}
	from := ""
	for _, u := range loose {
		name, ref, _ := strings.Cut(u.Uses, "@")
		known := r.commits[strings.ToLower(n.Repository())+"@"+ref]
		if known == nil || known.torn || u.Span.Text == "" || strings.Count(u.Span.Text, u.Uses) != 1 {
			continue
		}
		line := strings.Replace(u.Span.Text, u.Uses, name+"@"+known.value, 1)
		if !strings.Contains(line, "#") {
			line += " # " + ref
		}
		lines[u.Line], from = [2]string{u.Span.Text, line}, known.path
	}
	if len(lines) > 0 {
		return finding.Remedy{
			Text:  "Name the commit: " + from + " has it for the same version.",
			Patch: lineDiff(f.Path, lines), Language: "diff",
		}
	}
	rem := finding.Remedy{Text: "Name the commit and write the version behind it: `uses: " + n.Name() + "@SHA # " + refs[0] + "`. " +
		"Of an annotated tag the line that ends in ^{} has the commit."}
	for _, ref := range refs {
		short := strings.TrimPrefix(strings.TrimPrefix(ref, "refs/heads/"), "refs/tags/")
		if plain.MatchString(n.Owner+n.Repo) && plain.MatchString(short) && len(rem.Commands) < 3 {
			rem.Commands = append(rem.Commands, fmt.Sprintf("git ls-remote https://github.com/%s 'refs/heads/%s' 'refs/tags/%s' 'refs/tags/%s^{}'", n.Repository(), short, short, short))
		}
	}
	return rem
}

// byTagOnly knows the reusable workflows that fail when they are named by a SHA.
//
// Source: slsa-framework/slsa-github-generator README.md, Referencing SLSA
// builders and generators.
func byTagOnly(n pinning.ActionName) bool {
	return strings.EqualFold(n.Repository(), "slsa-framework/slsa-github-generator") && strings.HasPrefix(n.Path, ".github/workflows/")
}

// plain is what may stand in a command.
var plain = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._/+-]*$`)

package markdown

import (
	"strings"

	"polygraph/internal/finding"
)

// How much of a finding is shown, in bytes before escaping.
const (
	maxRule      = 32
	maxName      = 160
	maxEnv       = 48
	maxTitle     = 260
	maxSentence  = 500
	maxCommand   = 1000
	maxPatch     = 2000
	maxLine      = 1500 // of one finding, after escaping
	maxDetails   = 7000 // the same
	maxProof     = 3    // statements
	maxCommands  = 5
	maxMissing   = 3
	patchLines   = 40
	pictureLines = 24
)

// inTable writes a finding for a table and for the details below it.
func inTable(f *finding.Finding) entry {
	return entry{details: details(f), line: fitting(f, func(p part) string {
		// One column for the name and the title: names are long, and a table that
		// is wider than its page hides what matters.
		return "| " + strings.Join([]string{mark(f), p.rule, f.Severity.String(), p.subject + "<br>" + p.title}, " | ") + " |\n"
	})}
}

// inList writes a finding for a list.
func inList(f *finding.Finding) entry {
	return entry{line: fitting(f, func(p part) string {
		return "- " + mark(f) + " " + p.rule + " " + f.Severity.String() + " " + p.subject + " " + p.title + "\n"
	})}
}

// part are the pieces of a line that come from the run.
type part struct{ rule, subject, title string }

// fitting writes a line with ever less of its names, until it is no longer than
// maxLine: names full of signs that have to be escaped must not crowd out other
// findings.
func fitting(f *finding.Finding, write func(part) string) string {
	for share := 1; ; share *= 2 {
		line := write(part{code(f.Rule, maxRule/share), subject(f, share), title(f, share)})
		if len(line) <= maxLine || share == 32 {
			return line
		}
	}
}

// mark says the direction and the verdict, in a word each.
func mark(f *finding.Finding) string {
	sign := map[finding.Verdict]string{finding.Refuted: "✗", finding.Unproven: "?", finding.Holds: "✓"}[f.Verdict]
	c := f.Change
	if c == nil {
		return sign + "&nbsp;**" + f.Verdict.Label() + "**"
	}
	switch c.Status {
	case finding.Fixed, finding.Removed:
		return "**" + strings.ToUpper(c.Status.String()) + "**, was " + f.Verdict.Label()
	case finding.Lost:
		return "?&nbsp;**LOST**, was " + f.Verdict.Label()
	}
	return sign + "&nbsp;**" + strings.ToUpper(c.Status.String()) + "** " + f.Verdict.Label()
}

// gone tells whether only BASE has the finding.
func gone(f *finding.Finding) bool {
	c := f.Change
	return c != nil && (c.Status == finding.Fixed || c.Status == finding.Removed || c.Status == finding.Lost)
}

func is(f *finding.Finding) string {
	if gone(f) {
		return "was"
	}
	return "is"
}

func subject(f *finding.Finding, share int) string {
	s := code(f.Subject.Identity, maxName/share)
	switch e := f.Subject.Environment; {
	case e == "":
		return s
	case f.Subject.Inferred != "":
		return s + " (" + code(e, maxEnv/share) + ", inferred)"
	default:
		return s + " (" + code(e, maxEnv/share) + ")"
	}
}

func title(f *finding.Finding, share int) string {
	s := prose(f.Title, maxTitle/share)
	if f.Overdue && f.ExceptedBy == "" && !gone(f) {
		s = "**overdue**, known since " + code(f.FirstSeen, maxRule/share) + ": " + s
	}
	if c := f.Change; c != nil && c.Why != "" {
		s += " (" + prose(c.Why, maxTitle/share) + ")"
	}
	if f.ExceptedBy != "" {
		s += "; excepted by " + prose(f.ExceptedBy, maxTitle/share)
	}
	return s
}

// details is a folded block: the claim, the start of the proof, the remedy.
func details(f *finding.Finding) string {
	d := &block{most: maxDetails}
	d.add("“" + prose(f.Claim, maxSentence) + "” " + is(f) + " " + f.Verdict.Label() + ".\n\n")
	d.proof(f)
	for _, m := range f.Missing[:min(len(f.Missing), maxMissing)] {
		d.add("Missing: " + prose(m.Evidence, maxSentence) + "\n\n")
		d.add(way(m.Get))
	}
	if n := len(f.Missing) - maxMissing; n > 0 {
		d.add("... and " + count(n, "more is missing", "more are missing") + "\n\n")
	}
	d.remedy(f.Remedy)
	text := d.text.String()
	if d.cut {
		text += "... and more than fits here\n\n"
	}
	return "<details><summary>" + markup(f.Rule, maxRule) + " " + markup(f.Subject.Identity, maxName) + "</summary>\n\n" + text + "</details>\n\n"
}

func (d *block) proof(f *finding.Finding) {
	if f.Picture != "" {
		text, more := lines(f.Picture, pictureLines, maxPatch)
		d.add(fence(text, ""))
		if more > 0 {
			d.add("... and " + count(more, "more line", "more lines") + "\n")
		}
		d.add("\n")
	}
	shown := f.Proof[:min(len(f.Proof), maxProof)]
	for _, s := range shown {
		d.add("- " + prose(s.Text, maxSentence) + place(s.At) + "\n")
	}
	if n := len(f.Proof) - len(shown); n > 0 {
		d.add("- ... and " + count(n, "more statement", "more statements") + "\n")
	}
	d.add("\n")
}

func place(at finding.Location) string {
	s := at.File
	if at.Line > 0 && (at.Line > 1 || at.Column <= maxName) { // a whole file on one line has no lines to count
		s += ":" + number(at.Line)
	}
	if at.Pointer != "" {
		s += " #" + at.Pointer
	}
	if s == "" {
		return ""
	}
	return " " + code(s, maxName)
}

func (d *block) remedy(r finding.Remedy) {
	if r.Text != "" {
		d.add("Remedy: " + prose(r.Text, 2*maxSentence) + "\n\n")
	}
	if cs := r.Commands; len(cs) > 0 {
		text, whole := commands(cs)
		if text != "" {
			d.add(fence(text, "sh") + "\n")
		}
		if !whole {
			d.add("... and commands that are too long for here\n\n")
		}
	}
	if r.Patch != "" {
		text, more := lines(r.Patch, patchLines, maxPatch)
		if text != "" {
			d.add(fence(text, language(r.Language)) + "\n")
		}
		if more > 0 {
			d.add("... and " + count(more, "more line", "more lines") + " of this patch\n\n")
		}
	}
}

// commands joins what can be pasted whole. Half a command is worse than none.
func commands(all []string) (text string, whole bool) {
	var kept []string
	for i, c := range all {
		if i == maxCommands || len(c) > maxCommand {
			return strings.Join(kept, "\n"), false
		}
		kept = append(kept, c)
	}
	return strings.Join(kept, "\n"), true
}

// language is the word behind a fence. Others than ours are not written.
func language(s string) string {
	switch s {
	case "hcl", "yaml", "diff", "json", "sh":
		return s
	}
	return ""
}

// way writes how to get something: a sentence, or a command in its block.
func way(get string) string {
	switch {
	case get == "":
		return ""
	case command(get):
		return fence(get, "sh") + "\n"
	}
	return "Get it: " + prose(get, maxSentence) + "\n\n"
}

// command tells whether a text is one to type, and short enough to be shown whole.
func command(s string) bool {
	program, _, _ := strings.Cut(s, " ")
	switch program {
	case "terraform", "tofu", "kubectl", "helm", "aws", "polygraph", "docker", "crane", "git", "curl", "dig", "gcloud", "az":
		return len(s) <= maxCommand
	}
	return false
}

package markdown

import (
	"strings"

	"polygraph/internal/finding"
)

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
	file := at.File
	if at.Line > 0 && (at.Line > 1 || at.Column <= maxName) { // a whole file on one line has no lines to count
		file += ":" + number(at.Line)
	}
	var parts []string
	if file != "" {
		parts = append(parts, code(file, maxName))
	}
	if at.Pointer != "" {
		parts = append(parts, code("#"+at.Pointer, maxName))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, " ") + ")"
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
	return len(s) <= maxCommand && finding.IsCommand(s)
}

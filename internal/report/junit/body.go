package junit

import (
	"fmt"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
)

// report is everything about a finding as text, bounded to maxBody bytes.
func report(f *finding.Finding) string {
	var b strings.Builder
	line := func(label, text string) {
		if text != "" && b.Len() < maxBody {
			text = words.Cut(text, maxBody/4)
			b.WriteString(label + ":" + space(text) + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n")
		}
	}
	verdict := "verdict"
	gone := words.Gone(f.Change)
	if gone {
		verdict = status(f.Change) + " since BASE, which said"
	}
	line(verdict, f.Verdict.Label()+", "+f.Severity.String())
	line("title", f.Title)
	line("claim", f.Claim)
	line("subject", words.Called(f.Subject))
	if gone {
		line("excepted in BASE by", f.ExceptedBy)
	} else {
		line("excepted by", f.ExceptedBy)
	}
	if f.FirstSeen != "" {
		line("known since", f.FirstSeen+overdue(f))
	}
	if f.Picture != "" {
		line("picture", "\n"+f.Picture)
	}
	for i, s := range f.Proof {
		if i == maxProof {
			line("proof", fmt.Sprintf("... and %d statements more", len(f.Proof)-i))
			break
		}
		line("proof", s.Text+place(s.At))
	}
	for _, m := range f.Missing {
		line("missing", m.Evidence)
		line("get it", m.Get)
	}
	line("remedy", f.Remedy.Text)
	for _, c := range f.Remedy.Commands {
		line("run", c)
	}
	if f.Remedy.Patch != "" {
		line("patch", f.Remedy.Language+"\n"+f.Remedy.Patch)
	}
	if c := f.Cost; c != nil {
		line("cost", fmt.Sprintf("%.2f %s a month (%s)", c.Monthly, c.Currency, c.Source))
	}
	line("fingerprint", f.Fingerprint)
	return words.Cut(b.String(), maxBody)
}

// space goes between a label and what stands on its line.
func space(text string) string {
	if text[0] == '\n' {
		return ""
	}
	return " "
}

func overdue(f *finding.Finding) string {
	if f.Overdue && !words.Gone(f.Change) {
		return ", overdue"
	}
	return ""
}

func place(at finding.Location) string {
	s := at.File
	switch {
	case at.Line > 0 && at.Column > 0:
		s += fmt.Sprintf(":%d:%d", at.Line, at.Column)
	case at.Line > 0:
		s += fmt.Sprintf(":%d", at.Line)
	}
	if at.Pointer != "" {
		s += " #" + at.Pointer
	}
	if s = strings.TrimSpace(s); s == "" {
		return ""
	}
	return "  [" + s + "]"
}

// status is the word for people of what became of a finding.
func status(c *finding.Change) string { return strings.ToUpper(c.Status.String()) }

func joined(a, b string) string {
	if b == "" {
		return a
	}
	return a + ": " + b
}

func cut(s string) string { return words.Cut(s, maxText) }

package junit

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"polygraph/internal/finding"
)

// report is everything about a finding as text, bounded to maxBody bytes.
func report(f *finding.Finding) string {
	var b strings.Builder
	line := func(label, text string) {
		if text != "" && b.Len() < maxBody {
			text = shorten(text, maxBody/4)
			b.WriteString(label + ":" + space(text) + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n")
		}
	}
	verdict := "verdict"
	if c := f.Change; c != nil && (c.Status == finding.Fixed || c.Status == finding.Removed || c.Status == finding.Lost) {
		verdict = c.Status.String() + " since BASE, which said"
	}
	line(verdict, f.Verdict.Label()+", "+f.Severity.String())
	line("claim", f.Claim)
	line("subject", called(f))
	line("excepted by", f.ExceptedBy)
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
	return shorten(b.String(), maxBody)
}

// space goes between a label and what stands on its line.
func space(text string) string {
	if text[0] == '\n' {
		return ""
	}
	return " "
}

func overdue(f *finding.Finding) string {
	if f.Overdue {
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

// called names the subject with its environment.
func called(f *finding.Finding) string {
	s := first(f.Subject.Identity, "(unnamed)")
	switch {
	case f.Subject.Environment == "":
	case f.Subject.Inferred != "":
		s += " (in " + f.Subject.Environment + ", inferred)"
	default:
		s += " (in " + f.Subject.Environment + ")"
	}
	return s
}

func joined(a, b string) string {
	if b == "" {
		return a
	}
	return a + ": " + b
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func cut(s string) string { return shorten(s, maxText) }

// shorten cuts s to about n bytes and says so.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	end := n
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s ... (%d more bytes)", s[:end], len(s)-end)
}

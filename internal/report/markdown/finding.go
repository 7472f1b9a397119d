package markdown

import (
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
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
	maxLine      = 1200 // of one finding, after escaping
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

// isOverdue is the reason of a comparison for what the row says already.
const isOverdue = "it is overdue"

// gone tells whether only BASE has the finding.
func gone(f *finding.Finding) bool { return words.Gone(f.Change) }

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
		return s + " (" + prose(e, maxEnv/share) + ", inferred)"
	default:
		return s + " (" + prose(e, maxEnv/share) + ")"
	}
}

func title(f *finding.Finding, share int) string {
	s := prose(f.Title, maxTitle/share)
	late := f.Overdue && f.ExceptedBy == "" && !gone(f)
	if late {
		s = "**overdue**, known since " + prose(f.FirstSeen, maxRule/share) + "; " + s
	}
	if c := f.Change; c != nil && c.Why != "" && c.Status != finding.Lost && !(late && c.Why == isOverdue) {
		s += " (" + prose(c.Why, maxTitle/share) + ")"
	}
	if f.ExceptedBy != "" {
		s += "; excepted by " + prose(f.ExceptedBy, maxTitle/share)
	}
	return s
}

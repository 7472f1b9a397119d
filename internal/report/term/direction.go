package term

import (
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// maxReasons is how many reasons the last line names.
const maxReasons = 4

// direction is the last line of a comparison, after its warnings. It is never
// greener than the findings that were printed.
func (l *listener) direction(s *run.Summary, took string) {
	d := s.Difference
	for i, w := range d.Warnings {
		if i == maxBrief {
			l.line(l.ink.open.paint("! WARNING "), "  ... and ", words.Number(len(d.Warnings)-i), " more")
			break
		}
		l.hang(l.ink.open.paint("! WARNING ")+"  ", verdictWidth, brush{}, w)
	}
	mark, text := l.ink.open.paint("? UNPROVEN"), reasons(d)
	switch {
	case d.Direction == "worse", l.failing:
		mark = l.ink.bad.paint("✗ WORSE") + "   "
		if text == "" {
			text = "see the findings that fail"
		}
	case d.Direction == "same", d.Direction == "better":
		mark, text = l.ink.good.paint("✓ NO WORSE"), l.unharmed(s)
	case text == "":
		text = "one side did not look at what the other judged"
	}
	l.final(mark, text, took)
}

func reasons(d *run.Difference) string {
	if len(d.Reasons) <= maxReasons {
		return strings.Join(d.Reasons, ", ")
	}
	return strings.Join(d.Reasons[:maxReasons], ", ") + ", and " + count(len(d.Reasons)-maxReasons, "more reason", "more reasons")
}

// unharmed says what changed and what HEAD still has: no worse is not well.
func (l *listener) unharmed(s *run.Summary) string {
	d := s.Difference
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{
		{d.Fixed, "fixed"}, {d.Removed, "removed"}, {d.New, "new"}, {d.Excepted, "newly excepted"}, {d.Same, "the same"},
	} {
		if p.n > 0 {
			parts = append(parts, words.Number(p.n)+" "+p.word)
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing changed"}
	}
	text := strings.Join(parts, ", ")
	if now := tally(s); now != "" {
		text += "; HEAD: " + now
	}
	if s.Verdict != finding.Holds {
		if why := unexamined(s); len(why) > 0 {
			text += "; " + strings.Join(why, ", ")
		}
	}
	return text
}

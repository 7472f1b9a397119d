package term

import (
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// verdict is the last line. While anything is unproven or excepted it does not
// say that all is well, whatever else is true.
func (l *listener) verdict(s *run.Summary) {
	took := "  " + words.Duration(s.ElapsedMS)
	if s.Difference != nil {
		l.direction(s, took)
		return
	}
	mark := l.ink.mark(s.Verdict)
	text := outcome(s)
	switch {
	case s.Conclusion != "":
		text = s.Conclusion
	case s.Coverage.Evidence == 0 || s.Refuted > 0:
	case s.Excepted > 0:
		mark, text = l.ink.head.paint("- EXCEPTED"), l.excuses(s)+"."
		if s.Unproven > 0 {
			mark = l.ink.mark(finding.Unproven)
		}
	case s.Verdict == finding.Refuted: // without anything refuted or excepted
		mark = l.ink.mark(finding.Unproven)
	case s.Verdict == finding.Holds && s.Held == 0:
		mark = l.ink.head.paint("- NO CLAIM") // nothing was judged: that is not TRUE
	}
	l.final(mark, text, took)
}

// final is the last line. The time is dim where it fits beside the text.
func (l *listener) final(mark, text, took string) {
	if l.opts.Width == 0 || verdictWidth+width(text)+width(took) <= l.opts.Width {
		l.line(mark, "  ", text, l.ink.dim.paint(took))
		return
	}
	l.hang(mark+"  ", verdictWidth, brush{}, text+took)
}

// excuses sums up a run in which all that is false is excepted.
func (l *listener) excuses(s *run.Summary) string {
	var parts []string
	if s.Unproven > 0 {
		parts = append(parts, words.Number(s.Unproven)+" unproven")
	}
	if l.excused > 0 {
		parts = append(parts, count(l.excused, "claim is false and excepted", "claims are false and excepted"))
	}
	if n := s.Excepted - l.excused; n > 0 {
		parts = append(parts, count(n, "is unproven and excepted", "are unproven and excepted"))
	}
	parts = append(parts, words.Number(s.Held)+" true")
	return strings.Join(append(parts, unexamined(s)...), "; ")
}

func outcome(s *run.Summary) string {
	if s.Coverage.Evidence == 0 {
		return "Nothing was examined, so nothing is known."
	}
	judged := tally(s)
	switch s.Verdict {
	case finding.Refuted:
		return judged + "."
	case finding.Holds:
		if s.Held == 0 {
			return "The evidence makes no claim that these rules test."
		}
		return "All that was judged holds: " + judged + "."
	}
	if judged == "" {
		judged = "No claim could be judged"
	}
	if why := unexamined(s); len(why) > 0 {
		judged += "; " + strings.Join(why, ", ")
	}
	return judged + ". What is not proven may still be false."
}

// unexamined says what nobody looked at.
func unexamined(s *run.Summary) []string {
	var why []string
	if n := s.Coverage.Skipped; n > 0 {
		why = append(why, count(n, "path was", "paths were")+" not examined")
	}
	if len(s.Missing) > 0 {
		rules := map[string]bool{}
		for _, g := range s.Missing {
			rules[g.Rule] = true
		}
		why = append(why, count(len(rules), "rule lacks its evidence", "rules lack their evidence"))
	}
	return why
}

// tally counts verdicts in words, worst first.
func tally(s *run.Summary) string {
	var parts []string
	if n := s.Refuted; n > 0 {
		parts = append(parts, count(n, "claim is false", "claims are false"))
		switch o := s.Overdue; {
		case o == n && n == 1:
			parts[0] += " and overdue"
		case o > 0:
			parts[0] += ", " + words.Number(o) + " of them overdue"
		}
	}
	if s.Unproven > 0 {
		parts = append(parts, words.Number(s.Unproven)+" unproven")
	}
	if s.Excepted > 0 {
		parts = append(parts, words.Number(s.Excepted)+" excepted")
	}
	if s.Held > 0 {
		parts = append(parts, words.Number(s.Held)+" true")
	}
	return strings.Join(parts, ", ")
}

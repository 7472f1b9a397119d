package html

import (
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// judge writes the head of the page: the verdict of the run, in a comparison
// the direction first. Without a summary nothing is proven.
func (l *listener) judge(p *page) {
	s := l.summary
	if s == nil {
		p.Mark = mark{"?", "CUT OFF", "open"}
		p.Outcome = "The run ended before its summary: what it did not say is UNPROVEN."
		p.Tiles = []tile{
			l.aimed(tile{l.counts.refuted, "FALSE so far", "bad", "findings"}),
			l.aimed(tile{l.counts.unproven, "UNPROVEN so far", "open", "findings"}),
		}
		return
	}
	p.HeadMark, p.Head = l.verdict(s), outcome(s)
	if s.Verdict == finding.Holds && l.counts.refuted+l.counts.unproven > 0 {
		p.Head = "The summary of this run and its findings contradict each other: the saved run was changed. Run it again."
	}
	d := s.Difference
	if d == nil {
		p.Mark, p.Outcome = p.HeadMark, p.Head
		p.Tiles = verdictTiles(s)
		return
	}
	p.Mark = markOfDirection(d.Direction)
	p.Outcome = direction(d)
	p.Reasons, _ = texts(d.Reasons)
	p.Warnings, _ = texts(d.Warnings)
	for _, t := range []tile{
		{d.New, "new", "bad", "findings"},
		{d.Worse, "worse", "bad", "findings"},
		{d.Lost, "lost", "bad", "findings"},
		{d.EvidenceLost, "evidence lost", "bad", "unseen"},
		{d.Unjudged, "not judged", "open", "open"},
		{d.Fixed, "fixed", "good", "gone"},
		{d.Removed, "removed", "plain", "gone"},
		{d.Same, "same", "plain", "same"},
		{d.EvidenceRemoved, "evidence removed", "plain", ""},
		{d.EvidenceNew, "evidence new", "plain", "evidence"},
		{d.Excepted, "newly excepted", "excepted", "excepted"},
	} {
		p.Tiles = append(p.Tiles, l.aimed(t))
	}
}

// aimed lets a tile point at a section that is there.
func (l *listener) aimed(t tile) tile {
	if t.N == 0 {
		t.Class, t.To = "plain", ""
	}
	for i, g := range l.groups {
		if g.ID == t.To && g.Total() == 0 && grouping(i) != failing {
			t.To = ""
		}
	}
	return t
}

// verdict is TRUE only when nothing that was heard contradicts it.
func (l *listener) verdict(s *run.Summary) mark {
	v := s.Verdict
	if v == finding.Holds {
		switch {
		case s.Refuted > 0, s.Excepted > 0, l.counts.refuted > 0:
			v = finding.Refuted
		case s.Unproven > 0, l.counts.unproven > 0, s.Coverage.Evidence == 0:
			v = finding.Unproven
		case s.Held == 0:
			return mark{"–", "NO CLAIM", "open"} // nothing was judged: that is not TRUE
		}
	}
	return markOf(v)
}

func verdictTiles(s *run.Summary) []tile {
	out := []tile{
		{s.Refuted, "FALSE", "bad", "findings"},
		{s.Unproven, "UNPROVEN", "open", "findings"},
		{s.Held, "TRUE", "good", "rules"},
		{s.Excepted, "excepted", "excepted", "excepted"},
		{s.Overdue, "overdue", "bad", "findings"},
		{s.Coverage.Skipped, "paths not examined", "open", "unseen"},
	}
	for i := range out {
		if out[i].N == 0 {
			out[i].Class, out[i].To = "plain", ""
		}
	}
	return out
}

// outcome is the verdict as a sentence. While anything is unproven or excepted
// it does not say that all is well.
func outcome(s *run.Summary) string {
	if s.Coverage.Evidence == 0 && s.Refuted+s.Excepted == 0 {
		return "Nothing was examined, so nothing is known."
	}
	judged := sentence(s)
	switch {
	case s.Refuted > 0 || s.Excepted > 0 || s.Verdict == finding.Refuted:
		if s.Excepted > 0 {
			return judged + ". An exception excuses a false claim; it does not make it true."
		}
		return judged + "."
	case s.Verdict == finding.Holds && s.Unproven == 0:
		if s.Held == 0 {
			return "The evidence makes no claim that these rules test."
		}
		return "All that was judged holds: " + judged + "."
	}
	if judged == "" {
		judged = "No claim could be judged"
	}
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
	if len(why) > 0 {
		judged += "; " + strings.Join(why, ", ")
	}
	return judged + ". What is not proven may still be false."
}

func sentence(s *run.Summary) string {
	var parts []string
	for _, p := range []struct {
		n         int
		one, many string
	}{
		{s.Refuted, "claim is false", "claims are false"},
		{s.Excepted, "is excepted", "are excepted"},
		{s.Unproven, "is unproven", "are unproven"},
		{s.Held, "is true", "are true"},
	} {
		if p.n > 0 {
			parts = append(parts, count(p.n, p.one, p.many))
		}
	}
	return strings.Join(parts, ", ")
}

func direction(d *run.Difference) string {
	switch d.Direction {
	case "worse":
		return "HEAD is worse than BASE: " + count(d.Failing, "thing fails", "things fail") + " the gate."
	case "same":
		return "HEAD is as BASE was. That says nothing about whether BASE was right."
	case "better":
		return "HEAD is better than BASE: " + count(d.Fixed+d.Removed, "finding is gone", "findings are gone") + " and nothing got worse."
	default:
		return "The direction is not known: one side did not look at what the other judged."
	}
}

package html

import (
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// judge writes the head of the page: the verdict of the run, in a comparison
// the direction first. Without a summary nothing is proven.
func (l *listener) judge(p *page) {
	s := l.summary
	if s == nil {
		p.Mark = mark{"?", "CUT OFF", "open"}
		p.Outcome = "The run ended before its summary: what it did not say is UNPROVEN."
		if l.failed() > 0 {
			p.Tiles = []tile{{l.counts.refuted, "FALSE so far", "bad", "findings"}, {l.counts.unproven, "UNPROVEN so far", "open", "findings"}}
		}
		return
	}
	p.HeadMark, p.Head = l.verdict(s), outcome(s)
	if s.Conclusion != "" && s.Refuted+s.Unproven+s.Excepted == 0 {
		p.Head = text(s.Conclusion)
	}
	if s.Verdict == finding.Holds && l.counts.refuted+l.counts.unproven > 0 {
		p.Head = "The summary of this run and its findings contradict each other: the saved run was changed. Run it again."
	}
	d := s.Difference
	if d == nil {
		p.Mark, p.Outcome = p.HeadMark, p.Head
		p.Tiles = verdictTiles(s)
		return
	}
	way := d.Direction
	if l.failed()+l.looked.Changed[evidenceLost].N > 0 {
		way = "worse" // whatever the summary says
	}
	p.Mark = markOfDirection(way)
	p.Outcome = l.direction(way, d)
	p.Reasons, _ = texts(d.Reasons)
	p.Warnings, _ = texts(d.Warnings)
	l.comparisonTiles(p)
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
		case s.Held == 0 && s.Conclusion == "":
			return mark{"–", "NO CLAIM", "open"} // nothing was judged: that is not TRUE
		}
	}
	if v == finding.Refuted && s.Refuted == 0 && l.counts.refuted == 0 && s.Excepted > 0 {
		if s.Unproven > 0 {
			return markOf(finding.Unproven)
		}
		return mark{"–", "EXCEPTED", "open"} // false, and accepted by somebody: neither FALSE nor TRUE says it
	}
	return markOf(v)
}

// verdictTiles are none where nothing was judged.
func verdictTiles(s *run.Summary) []tile {
	var out []tile
	if s.Refuted+s.Unproven+s.Held+s.Excepted > 0 {
		out = []tile{{s.Refuted, "FALSE", "bad", "findings"}, {s.Unproven, "UNPROVEN", "open", "findings"}, {s.Held, "TRUE", "good", "rules"}}
		for i := range out {
			if out[i].N == 0 {
				out[i].Class, out[i].To = "plain", ""
			}
		}
	}
	for _, t := range []tile{
		{s.Excepted, "excepted", "excepted", "excepted"},
		{s.Overdue, "overdue", "bad", "findings"},
		{s.Coverage.Skipped, "paths not examined", "open", "unseen"},
	} {
		if t.N > 0 {
			out = append(out, t)
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

// direction is what became of the run, as a sentence.
func (l *listener) direction(way string, d *run.Difference) string {
	switch way {
	case "worse":
		var why []string
		if n := l.failed(); n > 0 {
			why = append(why, count(n, "finding fails", "findings fail")+" the gate")
		}
		if n := l.looked.Changed[evidenceLost].N; n > 0 {
			why = append(why, count(n, "piece of evidence is lost", "pieces of evidence are lost"))
		}
		if len(why) == 0 {
			return "HEAD is worse than BASE."
		}
		return strings.Join(why, ", ") + "."
	case "same":
		return "HEAD is as BASE was. That says nothing about whether BASE was right."
	case "better":
		var parts []string
		if d.Fixed > 0 {
			parts = append(parts, words.Number(d.Fixed)+" fixed")
		}
		if d.Removed > 0 {
			parts = append(parts, words.Number(d.Removed)+" removed")
		}
		if len(parts) == 0 {
			parts = []string{"Nothing got worse"}
		}
		return strings.Join(parts, ", ") + ". That says nothing about what both runs have."
	default:
		return "The direction is not known: one side did not look at what the other judged."
	}
}

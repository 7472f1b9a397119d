package html

import (
	"strconv"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
)

// chart is a table of counts with a bar on each line. Without scripts, and
// without colours, its numbers say the same.
type chart struct {
	ID, Title, Head string
	Columns         []mark
	Bars            []bar
	Greatest        int // total that fills the width
}

// columns are the verdicts that findings are counted by; excepted ones only
// where there are any.
func (l *listener) columns() []mark {
	out := []mark{markOf(finding.Refuted), markOf(finding.Unproven)}
	if l.groups[excepted].Total() > 0 || l.summary != nil && l.summary.Excepted > 0 {
		out = append(out, mark{"~", "excepted", "excepted"})
	}
	return out
}

// cell is a number under one of the columns.
type cell struct {
	Class string
	N     int
}

// Cells are the numbers of s under the columns.
func (s spread) Cells(columns []mark) []cell {
	out := []cell{{"bad", s.False}, {"open", s.Unproven}, {"excepted", s.Excepted}}
	return out[:min(len(columns), len(out))]
}

// Cells are the numbers of a rule under the columns.
func (r rule) Cells(columns []mark) []cell {
	return spread{r.Refuted, r.Unproven, r.Excepted}.Cells(columns)
}

// True is how often the claim held.
func (r rule) True() cell { return cell{"good", r.Held} }

// charts are by severity, and by what tells the findings apart best:
// environments where there are any, else folders where there are several.
func (l *listener) charts(columns []mark) []chart {
	bySeverity := chart{ID: "by-severity", Title: "By severity", Head: "Severity"}
	for s := int(finding.Critical); s >= 0; s-- {
		bySeverity.Bars = append(bySeverity.Bars, bar{
			Name: finding.Severity(s).String(), Filter: filter("s", strconv.Itoa(s)), spread: l.counts.matrix[s],
		})
	}
	out := []chart{bySeverity}
	byEnvironment := l.counts.environments.bars("e", "none known")
	byFolder := l.counts.folders.bars("", "none known")
	switch {
	case len(byEnvironment) > 1 || len(byEnvironment) == 1 && byEnvironment[0].Filter != "":
		out = append(out, chart{ID: "by-environment", Title: "By environment", Head: "Environment", Bars: byEnvironment})
	case len(byFolder) > 1:
		for i := range byFolder {
			byFolder[i].Filter = ""
		}
		out = append(out, chart{ID: "by-folder", Title: "By folder", Head: "Folder", Bars: byFolder})
	}
	for i := range out {
		if l.comparison() {
			out[i].Title += ", in HEAD"
		}
		out[i].Columns = columns
		for _, b := range out[i].Bars {
			out[i].Greatest = max(out[i].Greatest, b.Total())
		}
	}
	return out
}

// segment is a piece of a bar, in percent of its width.
type segment struct{ Class, X, W string }

// Bar draws how a rule fared, each verdict as wide as its share.
func (r rule) Bar() []segment {
	return segments(r.Refuted+r.Unproven+r.Excepted+r.Held,
		[]cell{{"bad", r.Refuted}, {"open", r.Unproven}, {"excepted", r.Excepted}, {"good", r.Held}})
}

// Label says the same in words.
func (r rule) Label() string {
	return words.Number(r.Refuted) + " false, " + words.Number(r.Unproven) + " unproven, " + words.Number(r.Excepted) + " excepted, " + words.Number(r.Held) + " true"
}

// Bar draws s against the greatest total of its chart.
func (s spread) Bar(greatest int) []segment {
	return segments(greatest, []cell{{"bad", s.False}, {"open", s.Unproven}, {"excepted", s.Excepted}})
}

// segments are at least one percent wide each: one false claim among 40,000
// true ones must be seen. The others give way for it.
func segments(total int, cells []cell) []segment {
	const least = 1.0
	if total <= 0 {
		return nil
	}
	small, large := 0.0, 0.0
	for _, c := range cells {
		switch w := share(c.N, total); {
		case c.N > 0 && w < least:
			small += least
		case c.N > 0:
			large += w
		}
	}
	scale := 1.0
	if small+large > 100 {
		scale = (100 - small) / large
	}
	var out []segment
	x := 0.0
	for _, c := range cells {
		if c.N <= 0 {
			continue
		}
		w := share(c.N, total)
		if w < least {
			w = least
		} else {
			w *= scale
		}
		out = append(out, segment{Class: c.Class, X: percent(x), W: percent(w)})
		x += w
	}
	return out
}

func share(n, total int) float64 { return 100 * float64(n) / float64(total) }

func percent(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) + "%" }

package html

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// tallies counts by name and keeps the number of names bounded.
type tallies struct {
	index map[string]int
	List  []tallied
	Other int
}

type tallied struct {
	Name string
	N    int
}

func (t *tallies) add(name string, most int) {
	i, ok := t.index[name]
	if !ok {
		if len(t.List) == most {
			t.Other++
			return
		}
		if t.index == nil {
			t.index = map[string]int{}
		}
		i = len(t.List)
		t.index[name] = i
		t.List = append(t.List, tallied{Name: name})
	}
	t.List[i].N++
}

// counts is what the charts of the page show. It is about what is there now:
// what a comparison found gone is not in it.
type counts struct {
	matrix       [finding.Critical + 1]spread
	rules        map[string]*run.RuleCount // as heard, for a run that was cut off
	environments places
	folders      places
	lacking      lacking
	refuted      int // and not excepted
	unproven     int
}

// spread is how many findings are false, unproven, excepted.
type spread struct{ False, Unproven, Excepted int }

// Total is all of them.
func (s spread) Total() int { return s.False + s.Unproven + s.Excepted }

func (s *spread) add(f *finding.Finding) {
	switch {
	case f.ExceptedBy != "":
		s.Excepted++
	case f.Verdict == finding.Refuted:
		s.False++
	case f.Verdict == finding.Unproven:
		s.Unproven++
	}
}

func (c *counts) add(f *finding.Finding, where grouping) {
	if where == gone || left(f) {
		return
	}
	if int(f.Severity) < len(c.matrix) {
		c.matrix[f.Severity].add(f)
	}
	c.environments.add(f.Subject.Environment, f)
	c.folders.add(folder(f.At().File), f)
	c.lacking.add(f)
	rule := clip(f.Rule, maxLineText)
	r := c.rules[rule]
	if r == nil && len(c.rules) < maxRules {
		if c.rules == nil {
			c.rules = map[string]*run.RuleCount{}
		}
		r = &run.RuleCount{Rule: rule}
		c.rules[rule] = r
	}
	if r == nil {
		r = &run.RuleCount{}
	}
	switch {
	case f.ExceptedBy != "":
		r.Excepted++
	case f.Verdict == finding.Refuted:
		r.Refuted++
		c.refuted++
	case f.Verdict == finding.Unproven:
		r.Unproven++
		c.unproven++
	}
	r.Examined = r.Excepted + r.Refuted + r.Unproven
}

func folder(file string) string {
	if file == "" {
		return ""
	}
	return path.Dir(strings.ReplaceAll(file, `\`, "/"))
}

// places counts findings by environment or folder.
type places struct {
	by    map[string]*spread
	other spread
}

func (p *places) add(name string, f *finding.Finding) {
	name = clip(name, maxLineText)
	s := p.by[name]
	if s == nil {
		if len(p.by) == maxPlaces {
			p.other.add(f)
			return
		}
		if p.by == nil {
			p.by = map[string]*spread{}
		}
		s = &spread{}
		p.by[name] = s
	}
	s.add(f)
}

// bar is a named line of a chart.
type bar struct {
	Name   string
	Filter string // what the line stands for, as the filter of the page writes it
	spread
}

const maxBars = 12

// bars are the largest places, the rest in one line.
func (p *places) bars(key, unknown string) []bar {
	var out []bar
	for name, s := range p.by {
		b := bar{Name: name, Filter: filter(key, name), spread: *s}
		if name == "" {
			b.Name, b.Filter = unknown, ""
		}
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b bar) int {
		return cmp.Or(cmp.Compare(b.False, a.False), cmp.Compare(b.Total(), a.Total()), strings.Compare(a.Name, b.Name))
	})
	rest := p.other
	if len(out) > maxBars {
		for _, b := range out[maxBars:] {
			rest.False, rest.Unproven, rest.Excepted = rest.False+b.False, rest.Unproven+b.Unproven, rest.Excepted+b.Excepted
		}
		out = out[:maxBars]
	}
	if rest.Total() > 0 {
		out = append(out, bar{Name: "all others", spread: rest})
	}
	return out
}

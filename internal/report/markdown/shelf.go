package markdown

import (
	"cmp"
	"slices"
	"strings"

	"polygraph/internal/finding"
)

// maxRules bounds the rules that are counted one by one.
const maxRules = 64

// shelf keeps the first findings of one sort, written out and shortened, and
// counts the others per rule. A run brings the worst first.
type shelf struct {
	most  int
	kept  []entry
	total int
	rest  tally
}

// entry is a finding written out: its line of a table or a list, and its details
// below a table.
type entry struct{ rule, line, details string }

func (s *shelf) add(f *finding.Finding, write func(*finding.Finding) entry) {
	s.total++
	if len(s.kept) < s.most {
		e := write(f)
		e.rule = strings.Clone(end(f.Rule, maxRule))
		s.kept = append(s.kept, e)
		return
	}
	s.rest.add(f.Rule)
}

// tally counts per rule.
type tally struct {
	rules map[string]int
	total int
	other int // of rules beyond maxRules
}

func (t *tally) add(rule string) { t.note(end(rule, maxRule), 1) }

func (t *tally) note(rule string, n int) {
	t.total += n
	if t.rules == nil {
		t.rules = map[string]int{}
	}
	if _, known := t.rules[rule]; !known && len(t.rules) == maxRules {
		t.other += n
		return
	}
	t.rules[strings.Clone(rule)] += n
}

func (t *tally) merge(o *tally) {
	for rule, n := range o.rules {
		t.note(rule, n)
	}
	t.total += o.other
	t.other += o.other
}

type pair struct {
	rule string
	n    int
}

// sorted has the rules with most first.
func (t *tally) sorted() []pair {
	var all []pair
	for r, n := range t.rules {
		all = append(all, pair{r, n})
	}
	slices.SortFunc(all, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.n, a.n), strings.Compare(a.rule, b.rule))
	})
	return all
}

// String lists the rules with most first: "`CHG003` 25, `CHG004` 5".
func (t *tally) String() string {
	other := t.other
	var out []string
	for i, p := range t.sorted() {
		if i >= 10 {
			other += p.n
			continue
		}
		out = append(out, code(p.rule, maxRule/2)+" "+grouped(p.n))
	}
	if other > 0 {
		out = append(out, grouped(other)+" of others")
	}
	return strings.Join(out, ", ")
}

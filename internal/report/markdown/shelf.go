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
type entry struct{ line, details string }

func (s *shelf) add(f *finding.Finding, write func(*finding.Finding) entry) {
	s.total++
	if len(s.kept) < s.most {
		s.kept = append(s.kept, write(f))
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

func (t *tally) add(rule string) {
	t.total++
	if t.rules == nil {
		t.rules = map[string]int{}
	}
	if _, known := t.rules[rule]; !known && len(t.rules) == maxRules {
		t.other++
		return
	}
	t.rules[strings.Clone(rule)]++
}

// String lists the rules with most first: "`CHG003` 25, `CHG004` 5".
func (t *tally) String() string {
	type pair struct {
		rule string
		n    int
	}
	var all []pair
	for r, n := range t.rules {
		all = append(all, pair{r, n})
	}
	slices.SortFunc(all, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.n, a.n), strings.Compare(a.rule, b.rule))
	})
	other := t.other
	var out []string
	for i, p := range all {
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

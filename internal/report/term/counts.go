package term

import (
	"cmp"
	"slices"
	"strings"

	"polygraph/internal/report/words"
)

// maxCounts is how many rules are counted one by one.
const maxCounts = 64

// counts are findings per rule.
type counts struct {
	n   int
	per map[string]int // at most maxCounts
}

func (c *counts) add(rule string) {
	c.n++
	if c.per == nil {
		c.per = map[string]int{}
	}
	if _, known := c.per[rule]; known || len(c.per) < maxCounts {
		c.per[strings.Clone(rule)]++
	}
}

// String lists how many there are per rule, most first: "CHG002 5, CHG003 2".
func (c *counts) String() string {
	rules := make([]string, 0, len(c.per))
	rest := c.n
	for r, n := range c.per {
		rules = append(rules, r)
		rest -= n
	}
	slices.SortFunc(rules, func(a, b string) int {
		return cmp.Or(cmp.Compare(c.per[b], c.per[a]), strings.Compare(a, b))
	})
	for i, r := range rules {
		rules[i] = r + " " + words.Number(c.per[r])
	}
	if rest > 0 {
		rules = append(rules, words.Number(rest)+" of others")
	}
	return strings.Join(rules, ", ")
}

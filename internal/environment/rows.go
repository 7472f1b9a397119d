package environment

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"polygraph/internal/evidence"
	"polygraph/internal/run"
)

// MaxRows is how many rows one table of Rows has; the last says how many more
// there are.
const MaxRows = 200

// Rows are the tables of `polygraph environments`, for a terminal of 100
// columns: the texts that may be long stand last.
//
//	environments  environment, how, objects, recognised by
//	evidence      environment, how, evidence, recognised by
//	unassigned    evidence, object, why
func Rows(set *Set, things map[string][]evidence.Thing, paths []string) []run.Row {
	w := newWorld(set, things, paths)
	var out []run.Row
	out = append(out, w.environments()...)
	out = append(out, w.pieces()...)
	return append(out, w.unassigned()...)
}

// reasonOf is one way in which things of one environment were recognised.
type reasonOf struct {
	env, how, by string
	n            int
}

func (w *world) environments() []run.Row {
	counts := map[string]*reasonOf{}
	seen := map[string]bool{}
	met := map[string]bool{} // by what its owners declared
	note := func(v verdict, n int) {
		if v.env == "" {
			return
		}
		seen[v.env] = true
		met[v.env] = met[v.env] || !v.inferred
		k := v.env + "\x00" + how(v) + "\x00" + v.group
		if counts[k] == nil {
			counts[k] = &reasonOf{env: v.env, how: how(v), by: v.group}
		}
		counts[k].n += n
	}
	for _, p := range w.paths {
		for i := range w.things[p] {
			if t := &w.things[p][i]; !isWhole(t) {
				note(w.thing(p, t), 1)
			}
		}
		if v := w.evidence(p); !seen[v.env] {
			note(v, 0)
		}
	}
	list := make([]*reasonOf, 0, len(counts))
	for _, c := range counts {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *reasonOf) int {
		return cmp.Or(cmp.Compare(a.env, b.env), cmp.Compare(a.how, b.how), cmp.Compare(b.n, a.n), cmp.Compare(a.by, b.by))
	})
	var rows [][]string
	for _, name := range w.set.Names() {
		if !met[name] {
			rows = append(rows, []string{name, "declared", "0", "nothing that was looked at"})
		}
	}
	for _, r := range list {
		rows = append(rows, []string{r.env, r.how, strconv.Itoa(r.n), r.by})
	}
	slices.SortStableFunc(rows, func(a, b []string) int { return cmp.Compare(a[0], b[0]) })
	return table("environments", []string{"environment", "how", "objects", "recognised by"}, rows)
}

func how(v verdict) string {
	if v.inferred {
		return "inferred"
	}
	return "declared"
}

func (w *world) pieces() []run.Row {
	var rows [][]string
	for _, p := range w.paths {
		switch v := w.evidence(p); {
		case v.env != "":
			rows = append(rows, []string{v.env, how(v), p, v.by})
		case v.clash:
			rows = append(rows, []string{"-", "-", p, v.by})
		default:
			rows = append(rows, []string{"-", "-", p, "no mark that tells"})
		}
	}
	return table("evidence", []string{"environment", "how", "evidence", "recognised by"}, rows)
}

// unassigned lists contradictions first, one by one, then what nothing is known
// of, by evidence.
func (w *world) unassigned() []run.Row {
	var rows, rest [][]string
	for _, p := range w.paths {
		n, last := 0, ""
		for i := range w.things[p] {
			t := &w.things[p][i]
			v := w.thing(p, t)
			switch {
			case v.env != "" || isWhole(t):
			case v.clash:
				rows = append(rows, []string{p, t.Subject.Identity, v.by})
			default:
				n, last = n+1, t.Subject.Identity
			}
		}
		switch {
		case n == 1:
			rest = append(rest, []string{p, last, "no mark that tells"})
		case n > 1:
			rest = append(rest, []string{p, strconv.Itoa(n) + " objects", "no mark that tells"})
		}
	}
	return table("unassigned", []string{"evidence", "object", "why"}, append(rows, rest...))
}

func table(name string, columns []string, rows [][]string) []run.Row {
	if more := len(rows) - MaxRows; more > 0 {
		rows = rows[:MaxRows]
		last := make([]string, len(columns))
		last[len(last)-1] = fmt.Sprintf("and %d more, not shown", more)
		rows = append(rows, last)
	}
	out := make([]run.Row, len(rows))
	for i, r := range rows {
		out[i].Table = name
		for j, c := range columns {
			out[i].Cells = append(out[i].Cells, run.Cell{Name: c, Value: r[j]})
		}
	}
	return out
}

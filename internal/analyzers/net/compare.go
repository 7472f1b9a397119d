package net

import (
	"fmt"
	"net/netip"
	"slices"

	"polygraph/internal/finding"
	"polygraph/internal/reach"
	"polygraph/internal/run"
)

// Comparison is what net compare counted, in connections.
type Comparison struct {
	// Applied: NEW is applied to OLD, and what it does not have stays.
	Applied bool

	Gained, Lost, New, Gone, Unknown int
}

// String is what people read under the table.
func (c *Comparison) String() string {
	if c.Gained+c.Lost+c.New+c.Gone+c.Unknown == 0 {
		return "Who may talk to whom stays the same."
	}
	s := fmt.Sprintf("%s gained, %d lost", plural(c.Gained, "connection", "connections"), c.Lost)
	if c.New+c.Gone > 0 {
		s += fmt.Sprintf("; %d come with workloads that are new, %d went with workloads that are gone", c.New, c.Gone)
	}
	if c.Unknown > 0 {
		s += fmt.Sprintf("; of %d it is not known", c.Unknown)
	}
	return s + "."
}

// compare judges what a change opens: OLD is the evidence from before, NEW the
// rest.
func (s *sides) compare(o *Options) error {
	old, err := s.world(o, s.before)
	if err != nil {
		return err
	}
	if o.Compare.Applied {
		s.now = merge(s.now, kept(s.before, s.now))
	}
	now, err := s.world(o, s.now)
	if err != nil {
		return err
	}
	d := &difference{sides: s, old: old, now: now, c: o.Compare, gains: map[int][]gain{}}
	if o.Compare.partial(old, now) {
		first := s.now[0]
		s.Report(openedRule, finding.Finding{
			Subject: finding.Subject{Kind: "network-policies", Identity: "a part of NEW"}, Verdict: finding.Unproven,
			Title:   "NEW has no workload, and OLD has: what its policies open is not known",
			Proof:   []finding.Statement{{Text: "NEW begins here", At: finding.Location{File: first.Path, Object: first.Identity()}}},
			Missing: []finding.Missing{{Evidence: "all objects of NEW, those that stay as they were too", Get: "name the whole folder, or compare with a cluster: polygraph net compare --kube-context CONTEXT NEW"}},
		})
		return nil
	}
	d.match()
	d.pairs()
	d.gone()
	d.report()
	return nil
}

type difference struct {
	*sides
	old, now *world
	c        *Comparison
	was      [][]int // of each endpoint of NEW, those of OLD that it was
	back     [][]int // of each endpoint of OLD, those of NEW that it is
	is       []bool  // of each endpoint of OLD, whether it is still there
	gains    map[int][]gain
}

type gain struct {
	from, to int
	ports    reach.Ports
	over     string // of one family only
	unknown  bool
}

func (g *gain) text() string { return portsText(g.ports, g.over) }

// match finds what an endpoint was: the workload of the same name, also where it
// was of another kind, and of ranges those that overlap.
func (d *difference) match() {
	before, byName := map[string][]int{}, map[string][]int{}
	var ranges []int
	olds := d.old.model.Endpoints()
	d.is, d.back = make([]bool, len(olds)), make([][]int, len(olds))
	for i, e := range olds {
		if e.Workload == nil {
			ranges = append(ranges, i)
			continue
		}
		name := e.Workload.Namespace + "/" + e.Workload.Name
		byName[name] = append(byName[name], i)
		before[e.Workload.Kind+" "+name] = append(before[e.Workload.Kind+" "+name], i)
	}
	taken := map[string]bool{}
	for _, e := range d.now.model.Endpoints() {
		if w := e.Workload; w != nil {
			taken[w.Kind+" "+w.Namespace+"/"+w.Name] = true
		}
	}
	for j, e := range d.now.model.Endpoints() {
		var was []int
		if w := e.Workload; w != nil {
			name := w.Namespace + "/" + w.Name
			if was = before[w.Kind+" "+name]; was == nil {
				was = slices.DeleteFunc(slices.Clone(byName[name]), func(i int) bool { return taken[olds[i].Workload.Kind+" "+name] })
			}
		} else {
			for _, i := range ranges {
				if overlap(e.Ranges, olds[i].Ranges) {
					was = append(was, i)
				}
			}
		}
		for _, i := range was {
			d.is[i] = true
			d.back[i] = append(d.back[i], j)
		}
		d.was = append(d.was, was)
	}
}

func overlap(a, b []netip.Prefix) bool {
	return slices.ContainsFunc(a, func(p netip.Prefix) bool {
		return slices.ContainsFunc(b, func(q netip.Prefix) bool { return p.Overlaps(q) })
	})
}

func (d *difference) row(change string, i, j int, ports reach.Ports, over string) {
	ends := d.now.model.Endpoints()
	cells := []run.Cell{{Name: "change", Value: change}}
	cells = append(cells, connection(nameOf(ends[i]), kindOf(ends[i]), nameOf(ends[j]), kindOf(ends[j]), portsText(ports, over), "")[:5]...)
	by := ""
	if change != "lost" {
		by = d.why(d.now, i, j, ports)
	} else if len(d.was[i])+len(d.was[j]) > 1 {
		by = d.why(d.now, i, j, ports)
	}
	d.Row(run.Row{Table: "connectivity", Cells: append(cells, run.Cell{Name: "by", Value: by})})
}

// why says which rules decide now, of the first of some ports.
func (d *difference) why(w *world, i, j int, ports reach.Ports) string {
	for _, s := range w.model.Explain(i, j, true) {
		if both := s.Ports.Intersect(ports); both.Empty() {
			continue
		}
		out := ""
		if s.Egress.Policy != nil {
			out = w.witness(&s.Egress)
		}
		if s.Ingress.Policy != nil {
			if out != "" {
				out += "; "
			}
			out += w.witness(&s.Ingress)
		}
		if out == "" {
			out = "no policy"
		}
		return out
	}
	return ""
}

// gone are the connections of workloads that are there no more.
func (d *difference) gone() {
	ends := d.old.model.Endpoints()
	for i, s := range ends {
		for j, cell := range d.old.model.From(i) {
			t := ends[j]
			if i == j || s.Workload == nil && t.Workload == nil || d.is[i] && d.is[j] {
				continue
			}
			now := familiesOf(cell)
			if passes := now[0].passes.Union(now[1].passes); !passes.Empty() {
				d.c.Gone++
				cells := append([]run.Cell{{Name: "change", Value: "gone"}}, connection(nameOf(s), kindOf(s), nameOf(t), kindOf(t), passes.String(), "")[:5]...)
				d.Row(run.Row{Table: "connectivity", Cells: append(cells, run.Cell{Name: "by"})})
			}
		}
	}
}

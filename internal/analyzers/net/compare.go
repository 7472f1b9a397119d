package net

import (
	"fmt"
	"net/netip"
	"slices"

	"polygraph/internal/enforce"
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
		s.now = merge(s.now, s.before)
	}
	now, err := s.world(o, s.now)
	if err != nil {
		return err
	}
	d := &difference{sides: s, old: old, now: now, c: o.Compare, gains: map[int][]gain{}}
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
	is       []bool  // of each endpoint of OLD, whether it is still there
	gains    map[int][]gain
}

type gain struct {
	from, to int
	ports    reach.Ports
	unknown  bool
}

// match finds what an endpoint was: the workload of the same name, and of ranges
// those that overlap.
func (d *difference) match() {
	key := func(e *reach.Endpoint) string {
		return e.Workload.Kind + " " + e.Workload.Namespace + "/" + e.Workload.Name
	}
	before := map[string][]int{}
	var ranges []int
	d.is = make([]bool, len(d.old.model.Endpoints()))
	for i, e := range d.old.model.Endpoints() {
		if e.Workload == nil {
			ranges = append(ranges, i)
			continue
		}
		before[key(e)] = append(before[key(e)], i)
	}
	for _, e := range d.now.model.Endpoints() {
		var was []int
		if e.Workload != nil {
			was = before[key(e)]
		} else {
			for _, i := range ranges {
				if overlap(e.Ranges, d.old.model.Endpoints()[i].Ranges) {
					was = append(was, i)
				}
			}
		}
		for _, i := range was {
			d.is[i] = true
		}
		d.was = append(d.was, was)
	}
}

func overlap(a, b []netip.Prefix) bool {
	return slices.ContainsFunc(a, func(p netip.Prefix) bool {
		return slices.ContainsFunc(b, func(q netip.Prefix) bool { return p.Overlaps(q) })
	})
}

// through is what passes, held back by nothing.
func through(c reach.Cell) reach.Ports {
	out := c.Allowed
	for _, p := range []reach.Ports{c.Open, c.IPv4, c.IPv6} {
		if !p.Empty() {
			out = out.Union(p)
		}
	}
	return out
}

func (d *difference) pairs() {
	ends := d.now.model.Endpoints()
	for i, s := range ends {
		for j, t := range ends {
			if i == j || s.Workload == nil && t.Workload == nil {
				continue
			}
			cell := d.now.model.Between(i, j)
			d.pair(i, j, through(cell), cell.Unknown)
		}
	}
}

func (d *difference) pair(i, j int, passes, unknown reach.Ports) {
	if len(d.was[i]) == 0 || len(d.was[j]) == 0 {
		if !passes.Empty() {
			d.c.New++
			d.row("new", i, j, passes)
		}
		return
	}
	// Whatever of it passed between any of what these were, passed before; lost is
	// what passed between all of them.
	any, all, doubt := reach.Ports{}, reach.AllPorts(), reach.Ports{}
	for n, a := range d.was[i] {
		for m, b := range d.was[j] {
			cell := d.old.model.Between(a, b)
			then := through(cell)
			if n+m == 0 {
				any, all = then, then
			} else {
				any, all = any.Union(then), all.Intersect(then)
			}
			doubt = doubt.Union(cell.Unknown)
		}
	}
	if !passes.Equal(all) {
		if gained := passes.Minus(all); !gained.Empty() {
			sure := gained.Minus(doubt)
			if !sure.Empty() {
				d.c.Gained++
				d.row("gained", i, j, sure)
				d.gains[j] = append(d.gains[j], gain{i, j, sure, false})
			}
			if rest := gained.Intersect(doubt); !rest.Empty() {
				d.c.Unknown++
				d.row("unknown", i, j, rest)
				d.gains[j] = append(d.gains[j], gain{i, j, rest, true})
			}
		}
	}
	if open := unknown.Minus(all).Minus(doubt); !open.Empty() {
		d.c.Unknown++
		d.row("unknown", i, j, open)
		d.gains[j] = append(d.gains[j], gain{i, j, open, true})
	}
	if lost := any.Minus(passes).Minus(unknown); !lost.Empty() {
		d.c.Lost++
		d.row("lost", i, j, lost)
	}
}

func (d *difference) row(change string, i, j int, ports reach.Ports) {
	ends := d.now.model.Endpoints()
	cells := []run.Cell{{Name: "change", Value: change}}
	cells = append(cells, connection(nameOf(ends[i]), kindOf(ends[i]), nameOf(ends[j]), kindOf(ends[j]), ports.String(), "")[:5]...)
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
		for j, t := range ends {
			if i == j || s.Workload == nil && t.Workload == nil || d.is[i] && d.is[j] {
				continue
			}
			if passes := through(d.old.model.Between(i, j)); !passes.Empty() {
				d.c.Gone++
				cells := append([]run.Cell{{Name: "change", Value: "gone"}}, connection(nameOf(s), kindOf(s), nameOf(t), kindOf(t), passes.String(), "")[:5]...)
				d.Row(run.Row{Table: "connectivity", Cells: append(cells, run.Cell{Name: "by"})})
			}
		}
	}
}

// report makes one finding for each destination to which something was opened.
func (d *difference) report() {
	unread := append(slices.Clone(d.unread), d.unreadOld...)
	same := 0
	for j, t := range d.now.model.Endpoints() {
		if len(d.was[j]) == 0 {
			continue
		}
		subject := endpointSubject(t)
		file := ""
		if t.Workload != nil {
			file = t.Workload.Object.Path
		} else if len(d.now.objects) > 0 {
			file = d.now.objects[0].Path
		}
		gains := d.gains[j]
		switch {
		case len(gains) > 0:
		case len(unread) > 0:
			same++
			continue
		default:
			d.Hold(openedRule, file, subject, variant(t))
			continue
		}
		f := finding.Finding{Subject: subject, Discriminator: variant(t), Verdict: finding.Unproven}
		var from []string
		for _, g := range gains {
			if !g.unknown {
				f.Verdict = finding.Refuted
			}
		}
		for _, g := range gains {
			if g.unknown == (f.Verdict == finding.Unproven) {
				from = append(from, nameOf(d.now.model.Endpoints()[g.from])+" ("+g.ports.String()+")")
				if len(f.Proof) < maxListed {
					f.Proof = append(f.Proof, d.statement(g))
				}
			}
		}
		f.Title = nameOf(t) + " is reached from " + some(from) + ", which it was not"
		if f.Verdict == finding.Unproven {
			f.Title = nameOf(t) + " may be reached from " + some(from)
			a := d.now.model.Explain(gains[0].from, j, false)
			why := "what the policies look at"
			for _, s := range a {
				if s.Outcome == reach.Unknown {
					why = "what decides: " + s.Egress.Why + s.Ingress.Why
				}
			}
			f.Missing = []finding.Missing{{Evidence: why, Get: "kubectl get pods,namespaces,networkpolicies -A -o yaml > cluster.yaml, and name it beside NEW"}}
		}
		if f.Verdict == finding.Refuted && len(unread) > 0 {
			f.Verdict, f.Missing = finding.Unproven, []finding.Missing{unreadMissing(unread)}
		}
		f.Remedy.Text = "Take back what opens it, or accept it for once with an exception that says why."
		d.Report(openedRule, f)
	}
	if same > 0 {
		d.Report(openedRule, finding.Finding{
			Subject: finding.Subject{Kind: "network-policies", Identity: "what is not read"}, Verdict: finding.Unproven,
			Title:   "whether the change opens a connection to " + plural(same, "other endpoint", "other endpoints") + " is not known: not all of it could be read",
			Missing: []finding.Missing{unreadMissing(unread)},
		})
	}
}

func variant(e *reach.Endpoint) string {
	if e.Workload == nil {
		return ""
	}
	return e.Workload.Variant
}

func endpointSubject(e *reach.Endpoint) finding.Subject {
	if e.Workload != nil {
		return subjectOf(e.Workload.Object)
	}
	return finding.Subject{Kind: "addresses", Identity: nameOf(e)}
}

// statement says which rule lets it through now; where none does, that none holds
// it back any more.
func (d *difference) statement(g gain) finding.Statement {
	for _, s := range d.now.model.Explain(g.from, g.to, true) {
		if s.Ports.Intersect(g.ports).Empty() {
			continue
		}
		for _, x := range []reach.Decision{s.Ingress, s.Egress} {
			if x.Rule != nil {
				return finding.Statement{Text: g.ports.String() + ": " + short(x.Policy.Object) + " " + x.Rule.Pointer, At: d.now.at(x.Policy.Object, x.Rule.Offset)}
			}
		}
	}
	ends := d.now.model.Endpoints()
	for _, e := range []*reach.Endpoint{ends[g.to], ends[g.from]} {
		if w := e.Workload; w != nil {
			text := g.ports.String() + ": no policy holds it back any more"
			if r := d.unenforced(w); r != "" {
				text = g.ports.String() + ": " + r
			}
			return finding.Statement{Text: text, At: d.now.at(w.In, w.Template.Offset)}
		}
	}
	return finding.Statement{Text: g.ports.String()}
}

// unenforced says that a policy is about the pods, and nothing enforces it.
func (d *difference) unenforced(of *reach.Workload) string {
	for _, dir := range []reach.Direction{reach.Ingress, reach.Egress} {
		for _, p := range d.now.model.Isolation(of.Index, dir).Policies {
			if r := d.now.ruling(p, of); r.Status == enforce.NotEnforced {
				return short(p.Object) + " holds it back, and is enforced by nothing: " + r.Why
			}
		}
	}
	return ""
}

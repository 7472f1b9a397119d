package net

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"polygraph/internal/enforce"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/reach"
	"polygraph/internal/run"
	"polygraph/internal/workloads"
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

// partial tells that NEW is only the file that was edited: who gives it as
// kubectl apply takes it did not take the rest away.
func (c *Comparison) partial(old, now *world) bool {
	has := func(w *world) bool {
		return slices.ContainsFunc(w.model.Endpoints(), func(e *reach.Endpoint) bool { return e.Workload != nil })
	}
	return len(now.objects) > 0 && has(old) && !has(now)
}

// kept is what stays of OLD when NEW is applied: pods that a workload made from
// another template are replaced, and do not count.
func kept(before, now []*kubeobj.Object) []*kubeobj.Object {
	old := map[string]*kubeobj.Object{}
	for _, o := range before {
		old[o.Identity()] = o
	}
	gone := map[string]bool{} // by uid of the owner
	for _, n := range now {
		o := old[n.Identity()]
		if o == nil {
			continue
		}
		if a, b := workloads.View(o), workloads.View(n); a != nil && b != nil && outward(a) != outward(b) {
			gone[o.Get("metadata", "uid").Str()] = true
		}
	}
	delete(gone, "")
	out := slices.Clone(before)
	for again := len(gone) > 0; again; {
		again = false
		out = slices.DeleteFunc(out, func(o *kubeobj.Object) bool {
			by := workloads.ControllerOf(o)
			if by == nil || !gone[by.Get("uid").Str()] {
				return false
			}
			if uid := o.Get("metadata", "uid").Str(); uid != "" && !gone[uid] {
				gone[uid], again = true, true
			}
			return true
		})
	}
	return out
}

// outward is what policies can see of a workload's pods.
func outward(w *workloads.Workload) string {
	var b strings.Builder
	labels := w.Labels()
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		fmt.Fprintf(&b, "%q=%q ", k, labels[k])
	}
	fmt.Fprintf(&b, "%s %s", cmp.Or(w.Account(), "default"), textOf(w.Spec().Get("hostNetwork")))
	for _, c := range w.Containers {
		for _, p := range c.Value.Get("ports").Each() {
			fmt.Fprintf(&b, " %s:%s", p.Get("name").Str(), textOf(p.Get("containerPort")))
		}
	}
	return b.String()
}

func textOf(v *kubeobj.Value) string {
	if v == nil {
		return ""
	}
	return v.Text
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

// family is what passes and what may pass, over IPv4 or IPv6.
type family struct{ passes, unknown reach.Ports }

func familiesOf(c *reach.Cell) [2]family {
	all := c.Allowed
	if !c.Open.Empty() {
		all = all.Union(c.Open)
	}
	out := [2]family{{all, c.Unknown}, {all, c.Unknown}}
	if !c.IPv4.Empty() {
		out[0].passes = all.Union(c.IPv4)
	}
	if !c.IPv6.Empty() {
		out[1].passes = all.Union(c.IPv6)
	}
	return out
}

// pairs looks at every pair between which something passes or passed.
func (d *difference) pairs() {
	ends := d.now.model.Endpoints()
	for i, s := range ends {
		cells := map[int]*reach.Cell{}
		for j, cell := range d.now.model.From(i) {
			cells[j] = cell
		}
		for _, a := range d.was[i] {
			for b := range d.old.model.From(a) {
				for _, j := range d.back[b] {
					if cells[j] == nil {
						cells[j] = &reach.Cell{}
					}
				}
			}
		}
		for _, j := range slices.Sorted(maps.Keys(cells)) {
			if i != j && (s.Workload != nil || ends[j].Workload != nil) {
				d.pair(i, j, cells[j])
			}
		}
	}
}

// step is what became of one pair over one family.
type step struct{ gained, perhaps, open, lost reach.Ports }

func (s *step) equal(o *step) bool {
	return s.gained.Equal(o.gained) && s.perhaps.Equal(o.perhaps) && s.open.Equal(o.open) && s.lost.Equal(o.lost)
}

func (d *difference) pair(i, j int, cell *reach.Cell) {
	now := familiesOf(cell)
	if len(d.was[i]) == 0 || len(d.was[j]) == 0 {
		if passes := now[0].passes.Union(now[1].passes); !passes.Empty() {
			d.c.New++
			d.row("new", i, j, passes, "")
		}
		return
	}
	var steps [2]step
	for f := range now {
		// Whatever passed between any of what these were, passed before; lost is what
		// passed between all of them.
		any, all, doubt := reach.Ports{}, reach.AllPorts(), reach.Ports{}
		for _, a := range d.was[i] {
			for _, b := range d.was[j] {
				c := d.old.model.Between(a, b)
				then := familiesOf(&c)[f]
				any, all, doubt = any.Union(then.passes), all.Intersect(then.passes), doubt.Union(then.unknown)
			}
		}
		gained := now[f].passes.Minus(all)
		steps[f] = step{gained.Minus(doubt), gained.Intersect(doubt), now[f].unknown.Minus(all).Minus(doubt), any.Minus(now[f].passes).Minus(now[f].unknown)}
	}
	if steps[0].equal(&steps[1]) {
		d.tell(i, j, &steps[0], "")
		return
	}
	d.tell(i, j, &steps[0], "IPv4")
	d.tell(i, j, &steps[1], "IPv6")
}

func (d *difference) tell(i, j int, s *step, over string) {
	put := func(change string, ports reach.Ports, count *int) {
		if ports.Empty() {
			return
		}
		*count++
		d.row(change, i, j, ports, over)
		if change != "lost" {
			d.gains[j] = append(d.gains[j], gain{i, j, ports, over, change == "unknown"})
		}
	}
	put("gained", s.gained, &d.c.Gained)
	put("unknown", s.perhaps, &d.c.Unknown)
	put("unknown", s.open, &d.c.Unknown)
	put("lost", s.lost, &d.c.Lost)
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
				from = append(from, nameOf(d.now.model.Endpoints()[g.from])+" ("+g.text()+")")
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
				return finding.Statement{Text: g.text() + ": " + short(x.Policy.Object) + " " + x.Rule.Pointer, At: d.now.at(x.Policy.Object, x.Rule.Offset)}
			}
		}
	}
	ends := d.now.model.Endpoints()
	for _, e := range []*reach.Endpoint{ends[g.to], ends[g.from]} {
		if w := e.Workload; w != nil {
			text := g.text() + ": no policy holds it back any more"
			if r := d.unenforced(w); r != "" {
				text = g.text() + ": " + r
			}
			return finding.Statement{Text: text, At: d.now.at(w.In, w.Template.Offset)}
		}
	}
	return finding.Statement{Text: g.text()}
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

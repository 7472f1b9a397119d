package net

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/enforce"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
	"polygraph/internal/run"
)

// Listing is what net list shows, and what it counted.
type Listing struct {
	Witnesses bool     // by which rules
	Denied    bool     // also what is denied
	From, To  []string // patterns of names; nil is everybody
	Tally     Tally
}

// Tally counts connections: ordered pairs of endpoints of which one is a workload.
type Tally struct {
	Workloads, Ranges, Policies  int
	Pairs                        int
	All, Some                    int // allowed on every port, on some
	NotEnforced, Unknown, Denied int // pairs with a port that is so; Denied on every port
	// Doubt: of some pair it is not known for another reason than that a pod is on the
	// network of its node; or a policy could not be read, or there is none.
	Doubt               bool
	Unenforced, Unshown int // policies that nothing enforces, or perhaps nothing
}

// Open tells that the list leaves something to be settled.
func (t *Tally) Open() bool { return t.Doubt || t.Policies == 0 }

// String is what people read under the table.
func (t *Tally) String() string {
	s := fmt.Sprintf("%s, %s of addresses, %s. Of %s, %d may use every port, %d some, %d none",
		plural(t.Workloads, "workload", "workloads"), plural(t.Ranges, "range", "ranges"), plural(t.Policies, "policy", "policies"),
		plural(t.Pairs, "connection", "connections"), t.All, t.Some, t.Denied)
	if t.NotEnforced > 0 {
		s += fmt.Sprintf("; %d are denied by a policy that nothing enforces", t.NotEnforced)
	}
	if t.Unknown > 0 {
		s += fmt.Sprintf("; of %d some port is not known", t.Unknown)
	}
	s += "."
	switch {
	case t.Policies == 0:
		s += " There is no network policy among the evidence."
	case t.Unenforced > 0:
		s += fmt.Sprintf(" %s enforced by nothing.", plural(t.Unenforced, "policy is", "policies are"))
	case t.Unshown > 0:
		s += " What enforces the policies is not shown: the table says what they ask for."
	}
	return s
}

// list makes the rows.
func (w *world) list(l *Listing) error {
	all := w.model.Endpoints()
	for _, x := range []struct {
		flag     string
		patterns []string
	}{{"--from", l.From}, {"--to", l.To}} {
		for _, p := range x.patterns {
			if len(all) > 0 && !slices.ContainsFunc(all, func(e *reach.Endpoint) bool { return wanted([]string{p}, e, nameOf(e)) }) {
				do := "write NAMESPACE/NAME, NAMESPACE/ for all of a namespace, a pattern like */web, or addresses; without " + x.flag + " net list shows who is there"
				return &Unfound{Text: fmt.Sprintf("%s: nobody is called %q", x.flag, p), Do: do, Word: p, Known: w.known()}
			}
		}
	}
	t := &l.Tally
	t.Policies = len(w.set.Policies)
	for _, p := range w.set.Policies {
		switch w.read(p).Status {
		case enforce.NotEnforced:
			t.Unenforced++
		case enforce.Unknown:
			t.Unshown++
		}
	}
	w.notes()
	names, kinds := make([]string, len(all)), make([]string, len(all))
	from, to := make([]bool, len(all)), make([]bool, len(all))
	for i, e := range all {
		names[i], kinds[i] = nameOf(e), kindOf(e)
		from[i], to[i] = wanted(l.From, e, names[i]), wanted(l.To, e, names[i])
		if e.Workload == nil {
			t.Ranges++
		} else {
			t.Workloads++
		}
		if from[i] || to[i] {
			w.endpointRow(e, names[i])
		}
	}
	targets := 0
	for j := range all {
		if to[j] {
			targets++
		}
	}
	for i, s := range all {
		if !from[i] {
			continue
		}
		pairs := targets
		for j, d := range all {
			if to[j] && !counted(s, d) {
				pairs--
			}
			if s.Workload != nil && j > i {
				break
			}
		}
		t.Pairs += pairs
		t.Denied += pairs
		if l.Denied {
			for j, d := range all {
				if to[j] && counted(s, d) {
					cell := w.model.Between(i, j)
					t.count(&cell)
					t.Doubt = t.Doubt || !cell.Unknown.Empty() && !onNode(s) && !onNode(d)
					w.rows(l, i, j, &cell, names, kinds)
				}
			}
			continue
		}
		for j, cell := range w.model.From(i) {
			if to[j] && counted(s, all[j]) {
				t.count(cell)
				t.Doubt = t.Doubt || !cell.Unknown.Empty() && !onNode(s) && !onNode(all[j])
				w.rows(l, i, j, cell, names, kinds)
			}
		}
	}
	return nil
}

func onNode(e *reach.Endpoint) bool { return e.Workload != nil && e.Workload.Host }

// counted tells a connection: not between addresses, and of a workload with
// itself only where it has several pods.
func counted(s, d *reach.Endpoint) bool {
	if s.Workload == nil {
		return d.Workload != nil
	}
	return s != d || s.Workload.Pods > 1
}

// maxConnections is how many rows are shown: a million take about 600 MB, with
// witnesses 1 GB.
const maxConnections = 1_000_000

func (w *world) rows(l *Listing, i, j int, cell *reach.Cell, names, kinds []string) {
	if w.shown >= maxConnections {
		if w.shown == maxConnections {
			w.shown++
			w.Row(run.Row{Table: "notes", Cells: []run.Cell{
				{Name: "policy"},
				{Name: "at"},
				{Name: "note", Value: fmt.Sprintf("more than %d rows: the rest is counted, and not shown", maxConnections)},
				{Name: "do", Value: "ask for a part: --from shop/, --to shop/db"},
			}})
		}
		return
	}
	if l.Witnesses {
		w.witnessRows(l, i, j, names, kinds)
		return
	}
	put := func(ports reach.Ports, verdict, family string) {
		if !ports.Empty() {
			w.shown++
			w.Row(run.Row{Table: "connections", Cells: connection(names[i], kinds[i], names[j], kinds[j], portsText(ports, family), verdict)})
		}
	}
	put(cell.Allowed, "allowed", "")
	put(cell.IPv4, "allowed", "IPv4")
	put(cell.IPv6, "allowed", "IPv6")
	put(cell.Open, "not enforced", "")
	put(cell.Unknown, "unknown", "")
	if l.Denied {
		put(reach.AllPorts().Minus(cell.Allowed).Minus(cell.IPv4).Minus(cell.IPv6).Minus(cell.Open).Minus(cell.Unknown), "denied", "")
	}
}

// count takes a cell out of what is counted as denied, unless it is.
func (t *Tally) count(c *reach.Cell) {
	switch {
	case c.Allowed.All():
		t.All++
		t.Denied--
		return
	case !c.Allowed.Empty() || !c.IPv4.Empty() || !c.IPv6.Empty():
		t.Some++
	case c.Open.Empty() && c.Unknown.Empty():
		return
	}
	t.Denied--
	if !c.Open.Empty() {
		t.NotEnforced++
	}
	if !c.Unknown.Empty() {
		t.Unknown++
	}
}

func connection(from, fromKind, to, toKind, ports, verdict string) []run.Cell {
	return []run.Cell{{Name: "from", Value: from}, {Name: "from kind", Value: fromKind}, {Name: "to", Value: to}, {Name: "to kind", Value: toKind}, {Name: "ports", Value: ports}, {Name: "verdict", Value: verdict}}
}

func portsText(p reach.Ports, family string) string {
	if family == "" {
		return p.String()
	}
	return p.String() + " over " + family + " only"
}

// witnessRows say by which rules each port passes.
func (w *world) witnessRows(l *Listing, i, j int, names, kinds []string) {
	for _, s := range w.model.Explain(i, j, l.Denied) {
		family := ""
		if s.Family != 0 {
			family = "IPv" + strconv.Itoa(s.Family)
		}
		cells := connection(names[i], kinds[i], names[j], kinds[j], portsText(s.Ports, family), s.Outcome.String())
		cells = append(cells, run.Cell{Name: "egress by", Value: w.witness(&s.Egress)}, run.Cell{Name: "ingress by", Value: w.witness(&s.Ingress)})
		w.shown++
		w.Row(run.Row{Table: "connections", Cells: cells})
	}
}

// witness is byWhom, and the reason of what is not known; the text of one rule is
// made once.
func (w *world) witness(d *reach.Decision) string {
	key := witnessKey{d.Policy, d.Rule, d.Outcome, d.Why}
	if s, ok := w.witnesses[key]; ok {
		return s
	}
	s := w.byWhom(d)
	if d.Outcome == reach.Unknown {
		s += ": " + d.Why
	}
	if w.witnesses == nil {
		w.witnesses = map[witnessKey]string{}
	}
	w.witnesses[key] = s
	return s
}

func (w *world) endpointRow(e *reach.Endpoint, name string) {
	cells := []run.Cell{{Name: "endpoint", Value: name}, {Name: "kind", Value: kindOf(e)}}
	if e.Workload == nil {
		cells = append(cells, run.Cell{Name: "namespace"}, run.Cell{Name: "pods"}, run.Cell{Name: "isolated"}, run.Cell{Name: "enforced"})
		w.Row(run.Row{Table: "endpoints", Cells: cells})
		return
	}
	pods := ""
	if e.Workload.Pods > 0 {
		pods = strconv.Itoa(e.Workload.Pods)
	}
	cells = append(cells, run.Cell{Name: "namespace", Value: e.Workload.Namespace}, run.Cell{Name: "pods", Value: pods})
	var isolated []string
	enforced, guarded := enforce.Enforced, false
	for _, d := range []reach.Direction{reach.Ingress, reach.Egress} {
		is := w.model.Isolation(e.Index, d)
		if is.Isolated {
			isolated = append(isolated, d.String())
		}
		for _, p := range is.Policies {
			if is.Isolated && !d.Section(p).Isolates {
				continue // what isolates decides whether the door is shut
			}
			guarded = true
			switch r := w.ruling(p, e.Workload); {
			case r.Status == enforce.NotEnforced:
				enforced = enforce.NotEnforced
			case r.Status == enforce.Unknown && enforced == enforce.Enforced:
				enforced = enforce.Unknown
			}
		}
	}
	word := ""
	if guarded {
		word = [...]string{"unknown", "yes", "no"}[enforced]
	}
	cells = append(cells, run.Cell{Name: "isolated", Value: strings.Join(isolated, ", ")}, run.Cell{Name: "enforced", Value: word})
	w.Row(run.Row{Table: "endpoints", Cells: cells})
}

// notes are what the reader of the policies has to say.
func (w *world) notes() {
	for _, p := range w.set.Policies {
		if t := &w.o.List.Tally; w.nowhere(p) {
			t.Doubt = true
			w.Row(run.Row{Table: "notes", Cells: []run.Cell{
				{Name: "policy", Value: short(p.Object)},
				{Name: "at", Value: strings.Trim(w.place(p.Object, p.Object.Root.Offset), " ()")},
				{Name: "note", Value: "it names no namespace, and others do: here it is about pods that name none either"},
				{Name: "do", Value: "write metadata.namespace, or render it with the namespace into which it is applied"},
			}})
		}
	}
	for i := range w.set.Notes {
		n := &w.set.Notes[i]
		w.o.List.Tally.Doubt = w.o.List.Tally.Doubt || n.Breaks
		w.Row(run.Row{Table: "notes", Cells: []run.Cell{
			{Name: "policy", Value: short(n.Object)}, {Name: "at", Value: strings.Trim(w.place(n.Object, n.Offset), " ()")}, {Name: "note", Value: n.Text}, {Name: "do", Value: n.Do},
		}})
	}
}

// nowhere tells a policy that names no namespace beside workloads that do: about
// whom it is depends on where it is applied.
func (w *world) nowhere(p *netpol.Policy) bool {
	return isNamespaced(p.Kind) && p.Namespace == "" && slices.ContainsFunc(w.model.Endpoints(), func(e *reach.Endpoint) bool { return e.Workload != nil && e.Workload.Namespace != "" })
}

// wanted tells whether an endpoint matches one of some patterns: of its name, its
// namespace followed by /, an address or a range, or "internet" for all of these.
func wanted(patterns []string, e *reach.Endpoint, name string) bool {
	if patterns == nil {
		return true
	}
	for _, p := range patterns {
		if ok, err := path.Match(p, name); err == nil && ok || p == name {
			return true
		}
		if w := e.Workload; w != nil {
			if w.Name == p || strings.HasSuffix(p, "/") && w.Namespace+"/" == p {
				return true
			}
			continue
		}
		if isOutside(p) {
			return true
		}
		if a, err := netip.ParseAddr(p); err == nil && overlap(e.Ranges, []netip.Prefix{netip.PrefixFrom(a, a.BitLen())}) {
			return true
		}
		if q, err := netip.ParsePrefix(p); err == nil && overlap(e.Ranges, []netip.Prefix{q.Masked()}) {
			return true
		}
	}
	return false
}

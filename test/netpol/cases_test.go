package netpol

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// wanted is the table of a case, want.txt:
//
//	blocks: pods                     reach.BlocksMatchPods; outside, unknown (the default)
//	pod ranges: 10.0.0.0/8           where pods have their addresses
//	addresses: 192.0.2.1, 2001:db8::1
//	others: all                      of all pairs that have no row: of two workloads, of a workload and one of addresses
//	shop/web => shop/db : TCP 5432
//	shop/web => 192.0.2.1 : none, unknown TCP 443
//	shop/web => shop/dual : none, IPv4 all
//	ask shop/web => shop/db TCP/80 : egress allowed, ingress denied by default-deny
//	note shop/web: has no port        a note that names the object and has the text
type wanted struct {
	options   reach.Options
	addresses []netip.Addr
	others    string
	cells     map[[2]string]string
	questions []question
	notes     [][2]string
}

// question is a single port, with the outcome of each direction and who decided.
type question struct {
	from, to, key string
	sides         [2]side // egress, ingress
}

type side struct {
	outcome string
	by      string // a policy; "" where the case does not say
}

func readWanted(text string) (*wanted, error) {
	w := &wanted{cells: map[[2]string]string{}}
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := w.line(line); err != nil {
			return nil, fmt.Errorf("want.txt:%d: %w", n+1, err)
		}
	}
	if w.others == "" {
		return nil, fmt.Errorf("want.txt: no line %q", "others: ")
	}
	return w, nil
}

func (w *wanted) line(line string) error {
	if text, ok := strings.CutPrefix(line, "note "); ok {
		object, about, ok := strings.Cut(text, ": ")
		if !ok {
			return fmt.Errorf("%q is no note", line)
		}
		w.notes = append(w.notes, [2]string{object, about})
		return nil
	}
	if text, ok := strings.CutPrefix(line, "ask "); ok {
		return w.ask(text)
	}
	if ends, cell, ok := strings.Cut(line, " : "); ok {
		from, to, ok := strings.Cut(ends, " => ")
		if !ok {
			return fmt.Errorf("%q is no row", line)
		}
		if _, twice := w.cells[[2]string{from, to}]; twice {
			return fmt.Errorf("%q stands twice", ends)
		}
		w.cells[[2]string{from, to}] = cell
		return nil
	}
	name, value, _ := strings.Cut(line, ": ")
	switch name {
	case "blocks":
		ways := map[string]reach.BlockMatching{"pods": reach.BlocksMatchPods, "outside": reach.BlocksMatchOutsideOnly, "unknown": reach.BlocksUnknown}
		way, ok := ways[value]
		if !ok {
			return fmt.Errorf("blocks are pods, outside or unknown, not %q", value)
		}
		w.options.Blocks = way
	case "others":
		w.others = value
	case "addresses", "pod ranges":
		for _, word := range strings.Split(value, ", ") {
			if name == "pod ranges" {
				p, err := netip.ParsePrefix(word)
				if err != nil {
					return err
				}
				w.options.PodRanges = append(w.options.PodRanges, p)
				continue
			}
			a, err := netip.ParseAddr(word)
			if err != nil {
				return err
			}
			w.addresses = append(w.addresses, a)
		}
	default:
		return fmt.Errorf("%q is nothing", line)
	}
	return nil
}

func (w *wanted) ask(text string) error {
	head, tail, ok := strings.Cut(text, " : ")
	from, rest, ok2 := strings.Cut(head, " => ")
	to, key, ok3 := strings.Cut(rest, " ")
	egress, ingress, ok4 := strings.Cut(tail, ", ")
	if !ok || !ok2 || !ok3 || !ok4 {
		return fmt.Errorf("%q is no question", text)
	}
	q := question{from: from, to: to, key: key}
	for i, s := range [2]struct{ name, text string }{{"egress", egress}, {"ingress", ingress}} {
		said, ok := strings.CutPrefix(s.text, s.name+" ")
		if !ok {
			return fmt.Errorf("%q says nothing about %s", text, s.name)
		}
		q.sides[i].outcome, q.sides[i].by, _ = strings.Cut(said, " by ")
	}
	w.questions = append(w.questions, q)
	return nil
}

// TestCases runs our own cases.
func TestCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "cases", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 25 {
		t.Fatalf("only %d cases", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(strings.Fields(string(archive.Comment))) < 5 {
				t.Error("no sentence says what the case is about")
			}
			if len(archive.Files) != 2 || archive.Files[0].Name != "objects.yaml" || archive.Files[1].Name != "want.txt" {
				t.Fatal("a case is objects.yaml and want.txt")
			}
			w, err := readWanted(string(archive.Files[1].Data))
			if err != nil {
				t.Fatal(err)
			}
			runCase(t, archive.Files[0].Data, w)
		})
	}
}

func runCase(t *testing.T, objects []byte, w *wanted) {
	m := build(t, parse(t, "objects.yaml", objects), w.options)
	ends := map[string]int{}
	var names []string
	for name, i := range m.names {
		ends[name] = i
		names = append(names, name)
	}
	for _, a := range w.addresses {
		e, ok := m.Find(a)
		if !ok {
			t.Errorf("%s is found nowhere", a)
			continue
		}
		if e.Workload != nil {
			t.Errorf("%s is found as %s/%s", a, e.Workload.Namespace, e.Workload.Name)
		}
		ends[a.String()] = e.Index
		names = append(names, a.String())
	}
	asked := 0
	for _, from := range names {
		for _, to := range names {
			want, ok := w.cells[[2]string{from, to}]
			if m.ends[ends[from]].Workload == nil && m.ends[ends[to]].Workload == nil {
				continue
			}
			if ok {
				asked++
			} else if want = w.others; from == to {
				continue // nothing is said about pods of the same workload
			}
			if got := cellText(m.Between(ends[from], ends[to])); got != normal(t, want) {
				t.Errorf("%s => %s : %s, want %s", from, to, got, want)
			}
		}
	}
	if asked != len(w.cells) {
		t.Errorf("%d rows of want.txt have no such ends: the ends are %q", len(w.cells)-asked, names)
	}
	for _, q := range w.questions {
		from, okFrom := ends[q.from]
		to, okTo := ends[q.to]
		if !okFrom || !okTo {
			t.Errorf("no such ends: %s, %s", q.from, q.to)
			continue
		}
		protocol, port := key(t, q.key)
		a := m.Ask(from, to, protocol, port)
		m.witness(t, q.from+" to "+q.to, a)
		for i, d := range [2]reach.Decision{a.Egress, a.Ingress} {
			name := [2]string{"egress", "ingress"}[i]
			if d.Outcome.String() != q.sides[i].outcome || q.sides[i].by != "" && !decided(d, q.sides[i].by) {
				t.Errorf("%s => %s %s: %s is %v by %s, want %s by %s", q.from, q.to, q.key, name, d.Outcome, who(d), q.sides[i].outcome, q.sides[i].by)
			}
		}
	}
	for _, n := range w.notes {
		if !noted(m.notes, n) {
			t.Errorf("no note about %s with %q among %d", n[0], n[1], len(m.notes))
		}
	}
}

// normal writes a cell of want.txt as cellText does.
func normal(t *testing.T, cell string) string {
	t.Helper()
	var c reach.Cell
	into := &c.Allowed
	for len(cell) > 0 {
		text, rest, next := cell, "", (*reach.Ports)(nil)
		for name, ports := range map[string]*reach.Ports{"unknown": &c.Unknown, "not enforced": &c.Open, "IPv4": &c.IPv4, "IPv6": &c.IPv6} {
			if before, after, ok := strings.Cut(cell, ", "+name+" "); ok && len(before) < len(text) {
				text, rest, next = before, after, ports
			}
		}
		p, err := ports(text)
		if err != nil {
			t.Fatal(err)
		}
		*into, into, cell = p, next, rest
	}
	return cellText(c)
}

// decided tells whether a policy decided, alone or as one of those that isolate;
// nobody is the word for none.
func decided(d reach.Decision, name string) bool {
	if name == "nobody" {
		return d.Policy == nil
	}
	for _, p := range append([]*netpol.Policy{d.Policy}, d.Isolating...) {
		if p != nil && p.Object.Name == name {
			return true
		}
	}
	return false
}

func who(d reach.Decision) string {
	if d.Policy == nil {
		return "nobody"
	}
	out := d.Policy.Object.Name
	if d.Rule != nil {
		out += " " + d.Rule.Pointer
	}
	return out
}

func noted(notes []netpol.Note, want [2]string) bool {
	for _, n := range notes {
		if n.Object != nil && n.Object.Name == want[0] && strings.Contains(n.Text, want[1]) {
			return true
		}
	}
	return false
}

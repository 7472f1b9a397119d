// Package rows is a form for connections in which two programs can be compared
// that cut the address space in different places: of each workload and each
// direction the ranges of addresses are merged as far as their ports are equal.
package rows

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
)

// End is one end of a connection: the name of a workload, or a range of
// addresses outside of the cluster.
type End struct {
	Name  string
	Range Range
}

// Range is addresses of one family, both included.
type Range struct{ First, Last netip.Addr }

// Workload is an end that is a workload: "Deployment shop/web".
func Workload(kind, namespace, name string) End {
	return End{Name: kind + " " + namespace + "/" + name}
}

// Addresses is an end that is addresses.
func Addresses(r Range) End { return End{Range: r} }

func (e End) String() string {
	if e.Name != "" {
		return e.Name
	}
	return e.Range.First.String() + "-" + e.Range.Last.String()
}

// RangeOf are the addresses of a prefix.
func RangeOf(p netip.Prefix) Range {
	p = p.Masked()
	last := p.Addr().AsSlice()
	for bit := p.Bits(); bit < 8*len(last); bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(last)
	return Range{p.Addr(), a}
}

// LastOf is the last address of the family of an address.
func LastOf(a netip.Addr) netip.Addr {
	return RangeOf(netip.PrefixFrom(a, 0)).Last
}

type row struct {
	from, to End
	ports    string
}

// Set is connections.
type Set struct{ all []row }

// Add adds a connection.
func (s *Set) Add(from, to End, ports string) { s.all = append(s.all, row{from, to, ports}) }

// WithoutSelf drops what a workload may say to its own pods.
func (s *Set) WithoutSelf() {
	s.all = slices.DeleteFunc(s.all, func(r row) bool { return r.from.Name != "" && r.from == r.to })
}

// Join makes one row of those with the same ends, whose ports join puts together.
func (s *Set) Join(join func(a, b string) (string, error)) error {
	type pair struct{ from, to End }
	at := map[pair]int{}
	var out []row
	for _, r := range s.all {
		i, ok := at[pair{r.from, r.to}]
		if !ok {
			at[pair{r.from, r.to}] = len(out)
			out = append(out, r)
			continue
		}
		var err error
		if out[i].ports, err = join(out[i].ports, r.ports); err != nil {
			return err
		}
	}
	s.all = out
	return nil
}

// Merge sorts, and joins ranges that touch and have the same ports.
func (s *Set) Merge() {
	slices.SortFunc(s.all, func(a, b row) int {
		return cmp.Or(a.from.compareName(b.from), a.to.compareName(b.to), a.from.Range.compare(b.from.Range), a.to.Range.compare(b.to.Range), cmp.Compare(a.ports, b.ports))
	})
	var out []row
	for _, r := range s.all {
		if n := len(out); n > 0 && out[n-1].join(r) {
			continue
		}
		out = append(out, r)
	}
	s.all = out
}

func (e End) compareName(f End) int { return cmp.Compare(e.Name, f.Name) }

func (r Range) compare(q Range) int { return r.First.Compare(q.First) }

// join makes one row of two of the same ends but for the addresses.
func (r *row) join(next row) bool {
	if r.ports != next.ports {
		return false
	}
	switch {
	case r.from.Name == "" && next.from.Name == "" && r.to == next.to && r.from.Range.Last.Next() == next.from.Range.First:
		r.from.Range.Last = next.from.Range.Last
	case r.to.Name == "" && next.to.Name == "" && r.from == next.from && r.to.Range.Last.Next() == next.to.Range.First:
		r.to.Range.Last = next.to.Range.Last
	default:
		return false
	}
	return true
}

// Plain counts the rows that tools print which know IPv4 only and put no
// workload beside itself: what the recorded figures count, before Merge.
func (s *Set) Plain() (n int) {
	for _, r := range s.all {
		six := r.from.Range.First.Is6() || r.to.Range.First.Is6()
		if !six && (r.from.Name == "" || r.from != r.to) {
			n++
		}
	}
	return n
}

// Len is how many there are.
func (s *Set) Len() int { return len(s.all) }

// Lines are the rows as text, one each.
func (s *Set) Lines() []string {
	out := make([]string, len(s.all))
	for i, r := range s.all {
		out[i] = r.from.String() + " => " + r.to.String() + " : " + r.ports
	}
	return out
}

// WriteTo writes the lines.
func (s *Set) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	for _, line := range s.Lines() {
		b.WriteString(line)
		b.WriteByte('\n')
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// Difference is an error that shows the first rows that one has and the other
// has not; nil where both are the same. Both must be merged.
func Difference(nameA string, a *Set, nameB string, b *Set) error {
	onlyA, onlyB := minus(a.Lines(), b.Lines()), minus(b.Lines(), a.Lines())
	if len(onlyA)+len(onlyB) == 0 {
		return nil
	}
	const shown = 8
	return fmt.Errorf("%s has %d rows that %s has not:\n\t%s\n%s has %d rows that %s has not:\n\t%s",
		nameA, len(onlyA), nameB, strings.Join(onlyA[:min(len(onlyA), shown)], "\n\t"),
		nameB, len(onlyB), nameA, strings.Join(onlyB[:min(len(onlyB), shown)], "\n\t"))
}

func minus(a, b []string) (out []string) {
	has := make(map[string]bool, len(b))
	for _, line := range b {
		has[line] = true
	}
	for _, line := range a {
		if !has[line] {
			out = append(out, line)
		}
	}
	return out
}

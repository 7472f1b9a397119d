package rows

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strings"
)

// table is the name of the rows of `polygraph net list`.
const table = "connections"

// ReadRun reads what `polygraph net list --json` prints: JSON lines, of which
// rows of the table of connections have the cells from, from kind, to, to kind,
// ports and verdict. A row that is not allowed is kept with its verdict, so that
// it is equal to nothing that an evaluator of pairs says; one that is denied is
// no connection.
//
// has tells whether a workload can have addresses of IPv4, or of IPv6: ranges of
// the other family are left out, because no packet goes there. The rows are as
// they are printed: with --explain, several for the same ends.
func ReadRun(r io.Reader, has func(workload string, four bool) bool) (*Set, error) {
	var out Set
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20)
	for n := 1; lines.Scan(); n++ {
		var m struct {
			Row *struct {
				Table string
				Cells []struct{ Name, Value string }
			}
			Summary *struct{}
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if m.Row == nil || m.Row.Table != table {
			continue
		}
		cells := map[string]string{}
		for _, c := range m.Row.Cells {
			cells[c.Name] = c.Value
		}
		if err := out.addRun(cells, has); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return &out, nil
}

func (s *Set) addRun(cells map[string]string, has func(string, bool) bool) error {
	ports := cells["ports"]
	switch cells["verdict"] {
	case "allowed":
	case "denied":
		return nil
	default:
		ports = cells["verdict"] + " " + ports
	}
	from, err := ends(cells["from"], cells["from kind"])
	if err != nil {
		return err
	}
	to, err := ends(cells["to"], cells["to kind"])
	if err != nil {
		return err
	}
	for _, a := range from {
		for _, b := range to {
			if a.Name == "" && b.Name != "" && !has(b.Name, a.Range.First.Is4()) || b.Name == "" && a.Name != "" && !has(a.Name, b.Range.First.Is4()) {
				continue
			}
			s.Add(a, b, ports)
		}
	}
	return nil
}

// ends reads a cell: a workload, "shop/web", or addresses with commas between
// them: prefixes, ranges, single ones.
func ends(text, kind string) ([]End, error) {
	if text == "" {
		return nil, fmt.Errorf("a row without an end")
	}
	var out []End
	for word := range strings.SplitSeq(text, ",") {
		whole, but, _ := strings.Cut(strings.TrimSpace(word), " except ")
		r, ok := parseRange(whole)
		if !ok {
			return []End{{Name: kind + " " + text}}, nil
		}
		left := []Range{r}
		for hole := range strings.SplitSeq(but, " and ") {
			if h, ok := parseRange(hole); ok {
				left = without(left, h)
			} else if but != "" {
				return nil, fmt.Errorf("%q is no range", hole)
			}
		}
		for _, r := range left {
			out = append(out, Addresses(r))
		}
	}
	return out, nil
}

// without takes a hole out of ranges.
func without(list []Range, hole Range) (out []Range) {
	for _, r := range list {
		if r.Last.Less(hole.First) || hole.Last.Less(r.First) {
			out = append(out, r)
			continue
		}
		if r.First.Less(hole.First) {
			out = append(out, Range{r.First, hole.First.Prev()})
		}
		if hole.Last.Less(r.Last) {
			out = append(out, Range{hole.Last.Next(), r.Last})
		}
	}
	return out
}

func parseRange(text string) (Range, bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return RangeOf(p), true
	}
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	a, errA := netip.ParseAddr(first)
	b, errB := netip.ParseAddr(last)
	return Range{a, b}, errA == nil && errB == nil && a.Is4() == b.Is4() && !b.Less(a)
}

package environment

import (
	"fmt"
	"net/netip"
	"strings"

	"polygraph/internal/finding"
)

// Declared is one environment as its owners declared it. Any one selector is
// enough to recognise it.
type Declared struct {
	Name       string
	At         finding.Location // where it is declared
	Accounts   []string         // AWS accounts, Google projects, Azure subscriptions
	VPCs       []string
	Namespaces []string // patterns
	Names      []string // patterns: * is any text, ? any character
	Paths      []string // patterns of evidence paths: * within a segment, ** across
	CIDRs      []string
	Tags       map[string][]string // key, and the values that mean this environment
}

// Set is all declared environments.
type Set struct {
	declared []Declared
	ranges   [][]netip.Prefix // by environment
	place    func(path string) (string, bool)
}

// From tells the set where evidence lies, seen from the folder of the file that
// declares the environments: the same file has the same environment whatever
// folder the user is in. place answers false for what is not below that folder.
func (s *Set) From(place func(path string) (string, bool)) {
	if s != nil {
		s.place = place
	}
}

// matches tells whether a declared pattern means a path.
func (s *Set) matches(pattern, root, file string) bool {
	if s.place != nil && !strings.HasPrefix(pattern, "/") {
		if rest, below := s.place(file); below {
			return matchesPath(pattern, ".", rest)
		}
	}
	return matchesPath(pattern, root, file)
}

// NewSet checks the declarations: names are there and differ, address ranges
// can be read.
func NewSet(declared []Declared) (*Set, error) {
	s := &Set{declared: declared, ranges: make([][]netip.Prefix, len(declared))}
	seen := map[string]bool{}
	for i, d := range declared {
		if d.Name == "" {
			return nil, fmt.Errorf("%san environment without a name: give it one", where(d))
		}
		if seen[d.Name] {
			return nil, fmt.Errorf("%senvironment %s is declared twice: merge the two", where(d), d.Name)
		}
		seen[d.Name] = true
		for _, c := range d.CIDRs {
			p, err := parseRange(c)
			if err != nil {
				return nil, fmt.Errorf("%senvironment %s: %q is no address range: write it like 10.0.0.0/16", where(d), d.Name, c)
			}
			s.ranges[i] = append(s.ranges[i], p)
		}
	}
	return s, nil
}

func where(d Declared) string {
	if d.At.File == "" {
		return ""
	}
	if d.At.Line > 0 {
		return fmt.Sprintf("%s:%d: ", d.At.File, d.At.Line)
	}
	return d.At.File + ": "
}

// Names lists the declared environments in the order of their declaration.
func (s *Set) Names() []string {
	if s == nil {
		return nil
	}
	out := make([]string, len(s.declared))
	for i, d := range s.declared {
		out[i] = d.Name
	}
	return out
}

// parseRange reads an address range or a single address.
func parseRange(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, e := netip.ParseAddr(text)
		if e != nil || a.Zone() != "" {
			return netip.Prefix{}, err
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	if a := p.Addr(); a.Is4In6() {
		if p.Bits() < 96 {
			return netip.Prefix{}, fmt.Errorf("%q spans more than IPv4", text)
		}
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}

// called returns the declared name for an inferred one: "production" when that
// is how the owners call prod.
func (s *Set) called(inferred string) string {
	if s == nil {
		return inferred
	}
	found := ""
	for _, d := range s.declared {
		if strings.EqualFold(d.Name, inferred) {
			return d.Name
		}
		if e, ok := word(d.Name); ok && e == inferred {
			if found != "" {
				return inferred
			}
			found = d.Name
		}
	}
	if found != "" {
		return found
	}
	return inferred
}

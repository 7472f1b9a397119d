package environment

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"polygraph/internal/evidence"
)

// Evidence is the piece of evidence that a thing was found in: its path and
// what it says about all of its things.
type Evidence struct {
	Path  string
	Marks evidence.Marks
}

// Resolve names the declared environment of a thing, and by what it was
// recognised. What stands closer to the thing decides:
//
//	account > VPC > namespace > tag > address range (the narrowest) > name pattern
//	> the same of the evidence as a whole > path of the evidence
//
// Where several environments claim a thing by the same kind of mark, the next
// kinds choose among them. When nothing chooses, or when a tag, an address or a
// name speaks against the account of the whole evidence, nothing is guessed:
// name is empty and by is the contradiction. Both are empty when nothing is
// declared about the thing.
func (s *Set) Resolve(t evidence.Thing, of Evidence) (name, by string) {
	v := s.resolve(&t, of)
	return v.env, v.by
}

// verdict is where something belongs.
type verdict struct {
	env      string
	by       string // for people; of a contradiction, what contradicts
	group    string // by, without what differs from thing to thing
	inferred bool
	clash    bool
	divided  bool // a clash of a whole whose parts each have their place
	strength strength
}

// claim is an environment's claim to a thing.
type claim struct {
	env string
	by  string
}

func (s *Set) resolve(t *evidence.Thing, of Evidence) verdict {
	if s == nil {
		return verdict{}
	}
	own := s.levels(&t.Marks)
	soft := len(hardLevels)
	var decision verdict
	var among []claim
	level := -1
	for i, claims := range own {
		if decision, among = choose(claims, among); decision.env != "" {
			level = i
			break
		}
	}
	if level >= soft {
		if against, _ := choose(s.accounts(&of.Marks), nil); against.env != "" && against.env != decision.env {
			return verdict{clash: true, by: fmt.Sprintf("%s says %s, %s of its plan says %s", decision.by, decision.env, against.by, against.env)}
		}
	}
	if level >= 0 {
		return decision
	}
	for _, claims := range s.levels(&of.Marks) {
		if decision, among = choose(claims, among); decision.env != "" {
			decision.by += " of its plan"
			decision.group = decision.by
			return decision
		}
	}
	if decision, among = choose(s.paths(of.Path), among); decision.env != "" {
		return decision
	}
	if len(among) > 0 {
		return s.contradiction(among)
	}
	return verdict{}
}

// choose decides among claims of one kind, of which earlier kinds left some.
func choose(claims, among []claim) (verdict, []claim) {
	if len(among) > 0 {
		claims = slices.DeleteFunc(slices.Clone(claims), func(c claim) bool {
			return !slices.ContainsFunc(among, func(a claim) bool { return a.env == c.env })
		})
	}
	switch distinct(claims) {
	case 0:
		return verdict{}, among
	case 1:
		return verdict{env: claims[0].env, by: claims[0].by, group: claims[0].by}, nil
	}
	return verdict{}, claims
}

func distinct(claims []claim) int {
	var names []string
	for _, c := range claims {
		if !slices.Contains(names, c.env) {
			names = append(names, c.env)
		}
	}
	return len(names)
}

func (s *Set) contradiction(claims []claim) verdict {
	var names, bys []string
	for _, c := range claims {
		if !slices.Contains(names, c.env) {
			names = append(names, c.env)
		}
		if !slices.Contains(bys, c.by) {
			bys = append(bys, c.by)
		}
	}
	return verdict{clash: true, by: strings.Join(bys, ", ") + ": declared in " + strings.Join(names, " and ") + ", and nothing chooses"}
}

// hardLevels are the kinds of marks that say where a thing lies; what follows
// them are words that somebody wrote on it.
var hardLevels = [...]string{"account", "VPC", "namespace"}

// levels are the claims by the marks, kind by kind in the order of Resolve.
func (s *Set) levels(m *evidence.Marks) [][]claim {
	return [][]claim{s.accounts(m), s.vpcs(m), s.namespaces(m), s.tags(m), s.addresses(m), s.names(m)}
}

func (s *Set) accounts(m *evidence.Marks) []claim {
	return s.equal("account ", m.Account, func(d *Declared) []string { return d.Accounts })
}

func (s *Set) vpcs(m *evidence.Marks) []claim {
	return s.equal("VPC ", m.VPC, func(d *Declared) []string { return d.VPCs })
}

func (s *Set) equal(what, mark string, of func(*Declared) []string) (out []claim) {
	if mark == "" {
		return nil
	}
	for i := range s.declared {
		if d := &s.declared[i]; slices.Contains(of(d), mark) {
			out = append(out, claim{d.Name, what + mark})
		}
	}
	return out
}

func (s *Set) namespaces(m *evidence.Marks) (out []claim) {
	if m.Namespace == "" {
		return nil
	}
	for i := range s.declared {
		d := &s.declared[i]
		if slices.ContainsFunc(d.Namespaces, func(p string) bool { return matches(p, m.Namespace) }) {
			out = append(out, claim{d.Name, "namespace " + m.Namespace})
		}
	}
	return out
}

// tags compares keys and values without regard to case: AWS users write
// Environment, Kubernetes users environment. A variable of a plan counts as the
// tag of its name.
func (s *Set) tags(m *evidence.Marks) (out []claim) {
	for _, key := range sortedKeys(m.Tags) {
		value, shown := m.Tags[key], "tag "+key+"="+m.Tags[key]
		if variable, ok := strings.CutPrefix(key, "var."); ok {
			key, shown = variable, "variable "+variable+"="+value
		}
		for i := range s.declared {
			d := &s.declared[i]
			for _, k := range sortedKeys(d.Tags) {
				if strings.EqualFold(k, key) && slices.ContainsFunc(d.Tags[k], func(p string) bool { return matches(strings.ToLower(p), strings.ToLower(value)) }) {
					out = append(out, claim{d.Name, shown})
				}
			}
		}
	}
	return out
}

// addresses finds the narrowest declared ranges that hold the thing's own.
func (s *Set) addresses(m *evidence.Marks) (out []claim) {
	for _, text := range m.CIDRs {
		p, err := parseRange(text)
		if err != nil {
			continue
		}
		best, claims := -1, []claim(nil)
		for i, ranges := range s.ranges {
			for _, r := range ranges {
				if !r.Contains(p.Addr()) || r.Bits() > p.Bits() || r.Bits() < best {
					continue
				}
				if r.Bits() > best {
					best, claims = r.Bits(), nil
				}
				claims = append(claims, claim{s.declared[i].Name, "address range " + r.String()})
			}
		}
		out = append(out, claims...)
	}
	return out
}

func (s *Set) names(m *evidence.Marks) (out []claim) {
	for _, name := range []string{m.Name, m.Tags["Name"]} {
		if name == "" {
			continue
		}
		for i := range s.declared {
			d := &s.declared[i]
			if j := slices.IndexFunc(d.Names, func(p string) bool { return matches(p, name) }); j >= 0 {
				out = append(out, claim{d.Name, "name pattern " + d.Names[j]})
			}
		}
	}
	return out
}

func (s *Set) paths(file string) (out []claim) {
	for i := range s.declared {
		d := &s.declared[i]
		root := ""
		if d.At.File != "" {
			root = path.Dir(d.At.File)
		}
		for _, p := range d.Paths {
			if s.matches(p, root, file) {
				out = append(out, claim{d.Name, "path " + p})
				break
			}
		}
	}
	return out
}

package environment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

// Policy is the analysis.Policy that puts findings and evidence into their
// environments. It needs Runner.Things.
type Policy struct {
	set        *Set
	collisions []Collision
}

// NewPolicy makes the policy of a set; nil when nothing is declared.
func NewPolicy(set *Set) *Policy { return &Policy{set: set} }

// Collisions are of the findings that were settled last.
func (p *Policy) Collisions() []Collision { return p.collisions }

// Settle names the environment of every finding and piece of evidence, declared
// or else inferred. The thing that a finding is about decides, without one its
// evidence as a whole. The evidence is that of the first statement of the proof.
func (p *Policy) Settle(s *analysis.Settlement) error {
	paths := make([]string, len(s.Evidence))
	for i := range s.Evidence {
		paths[i] = s.Evidence[i].Path
	}
	w := newWorld(p.set, s.Things, paths)
	for i := range s.Evidence {
		e := &s.Evidence[i]
		v := w.evidence(e.Path)
		e.Environment, e.Inferred = v.env, v.inferred && v.env != ""
		switch {
		case v.clash && !v.divided:
			e.Notes = append(e.Notes, "no environment: "+v.by)
		case v.inferred && v.env != "":
			e.Notes = append(e.Notes, "environment "+v.env+" is inferred from "+v.by)
		}
	}
	things := w.find(s.Findings)
	for _, f := range s.Findings {
		path := f.At().File
		v := w.evidence(path)
		if t := things[key{path, f.Subject.Kind, f.Subject.Identity}]; t != nil {
			v = w.thing(path, t)
		}
		switch {
		case v.env == "":
		case v.inferred:
			s.Rename(f, v.env, v.by)
		default:
			s.Rename(f, v.env, "")
		}
	}
	p.collisions = Collisions(s.Findings)
	return nil
}

// world is the evidence of one run with everything known of its environments.
type world struct {
	set    *Set
	things map[string][]evidence.Thing
	paths  []string
	guess  *Inference
	wholes map[string]verdict
	of     map[string]Evidence
}

func newWorld(set *Set, things map[string][]evidence.Thing, paths []string) *world {
	w := &world{set: set, things: things, guess: Infer(things, paths), wholes: map[string]verdict{}, of: map[string]Evidence{}}
	w.paths = slices.Clone(paths)
	for p := range things {
		w.paths = append(w.paths, p)
	}
	slices.Sort(w.paths)
	w.paths = slices.Compact(w.paths)
	for _, p := range w.paths {
		w.of[p] = Whole(p, things[p])
		w.wholes[p] = w.whole(p)
	}
	return w
}

// whole is where a piece of evidence belongs: by what it says itself, by what
// the things in it say together, by its path.
func (w *world) whole(path string) verdict {
	plan := evidence.Thing{Subject: finding.Subject{Kind: "terraform-plan", Identity: "plan"}, Marks: w.of[path].Marks}
	if v := w.set.resolve(&plan, Evidence{}); v.env != "" || v.clash {
		return v
	}
	total, resolved, envs := 0, 0, map[string]int{}
	for i := range w.things[path] {
		t := &w.things[path][i]
		if isWhole(t) || isData(t) {
			continue
		}
		total++
		if v := w.set.resolve(t, Evidence{}); v.env != "" {
			resolved++
			envs[v.env]++
		}
	}
	byPath := w.set.resolve(&evidence.Thing{}, Evidence{Path: path})
	if names := sortedKeys(envs); len(names) > 1 {
		return verdict{clash: true, divided: true, by: "its resources are in " + strings.Join(names, ", ")}
	} else if len(names) == 1 && byPath.env != "" && byPath.env != names[0] {
		return verdict{clash: true, by: byPath.by + " says " + byPath.env + ", its resources are in " + names[0]}
	} else if len(names) == 1 && 2*resolved >= total {
		return verdict{env: names[0], by: of(resolved, total, "resource", "resources") + " are in it", group: "most of its resources"}
	}
	if byPath.env != "" || byPath.clash {
		return byPath
	}
	return w.inferred(w.guess.plans[path])
}

func (w *world) evidence(path string) verdict { return w.wholes[path] }

// thing is where one thing belongs.
func (w *world) thing(path string, t *evidence.Thing) verdict {
	if isWhole(t) {
		return w.wholes[path]
	}
	v := w.set.resolve(t, Evidence{Marks: w.of[path].Marks})
	if v.clash {
		v = w.set.resolve(t, w.of[path]) // the path may choose
	}
	if v.env != "" || v.clash {
		return v
	}
	if v := w.wholes[path]; v.env != "" && !v.inferred {
		return v
	}
	return w.inferred(w.guess.thing(path, t))
}

// inferred gives an inference the name that its owners use.
func (w *world) inferred(v verdict) verdict {
	v.inferred = v.env != "" || v.clash
	v.env = w.set.called(v.env)
	return v
}

// key finds the thing of a finding.
type key struct{ path, kind, identity string }

// find returns the things that findings are about.
func (w *world) find(findings []*finding.Finding) map[key]*evidence.Thing {
	out := make(map[key]*evidence.Thing, len(findings))
	for _, f := range findings {
		out[key{f.At().File, f.Subject.Kind, f.Subject.Identity}] = nil
	}
	for _, p := range w.paths {
		list := w.things[p]
		for i := range list {
			k := key{p, list[i].Subject.Kind, list[i].Subject.Identity}
			if _, wanted := out[k]; wanted {
				out[k] = &list[i]
			}
		}
	}
	return out
}

// Collision is one fingerprint that findings of several pieces of evidence
// share, because nothing declared tells these apart.
type Collision struct {
	Fingerprint string
	Rule        string
	Subject     string   // identity
	Paths       []string // sorted
	// Inferred tells that inference told them apart, so that declaring what was
	// inferred would settle it.
	Inferred bool
}

// String says what is the matter, in one line: of more than three pieces of
// evidence two are named.
func (c Collision) String() string {
	paths, rest := c.Paths, ""
	if n := len(paths); n > 3 {
		paths, rest = paths[:2], fmt.Sprintf("%d more files", n-2)
	} else if n > 0 {
		paths, rest = paths[:n-1], paths[n-1]
	}
	return fmt.Sprintf("%s about %s has one fingerprint in %s and %s: nothing declared tells them apart",
		c.Rule, c.Subject, strings.Join(paths, ", "), rest)
}

// Collisions finds the fingerprints that findings of different evidence share.
func Collisions(findings []*finding.Finding) []Collision {
	first := make(map[string]*finding.Finding, len(findings))
	found := map[string]*Collision{}
	for _, f := range findings {
		other, again := first[f.Fingerprint]
		if !again {
			first[f.Fingerprint] = f
			continue
		}
		path := f.At().File
		if path == other.At().File {
			continue
		}
		c := found[f.Fingerprint]
		if c == nil {
			c = &Collision{Fingerprint: f.Fingerprint, Rule: f.Rule, Subject: f.Subject.Identity, Paths: []string{other.At().File}}
			found[f.Fingerprint] = c
		}
		if !slices.Contains(c.Paths, path) {
			c.Paths = append(c.Paths, path)
		}
		c.Inferred = c.Inferred || f.Subject.Environment != other.Subject.Environment
	}
	out := make([]Collision, 0, len(found))
	for _, k := range sortedKeys(found) {
		slices.Sort(found[k].Paths)
		out = append(out, *found[k])
	}
	slices.SortFunc(out, func(a, b Collision) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return out
}

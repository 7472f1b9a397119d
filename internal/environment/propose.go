package environment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/evidence"
)

// Proposal is an environment that nobody declared and the evidence speaks of.
type Proposal struct {
	// Selectors are how it could be declared. They are empty when only names
	// speak of it, which is too little to write down.
	Selectors  Declared
	Objects    int      // that seem to be in it
	Evidence   []string // paths that as a whole seem to be in it
	Confidence string   // of the best reason: "strong", "medium" or "weak"
	Reasons    []string // the best first: "14 of 15 resources carry tag environment=prod"
}

// tally counts what speaks for one environment.
type tally struct {
	objects  int
	evidence []string
	reasons  map[string]*reason
	best     strength
}

// reason is one selector or other hint, and how many objects carry it.
type reason struct {
	hint
	n, of int
}

func (in *Inference) of(env string) *tally {
	if in.tally[env] == nil {
		in.tally[env] = &tally{reasons: map[string]*reason{}}
	}
	return in.tally[env]
}

// note adds n objects of m to a reason.
func (t *tally) note(h hint, n, m int) {
	r := t.reasons[h.group]
	if r == nil {
		if len(t.reasons) == maxReasons {
			return
		}
		r = &reason{hint: h}
		t.reasons[h.group] = r
	}
	r.n += n
	r.of += m
	t.best = max(t.best, h.strength)
}

// maxReasons bounds the different hints that are kept of one environment.
const maxReasons = 1000

// count tallies one piece of evidence once the environments are known.
func (in *Inference) count(path string, things []evidence.Thing) {
	managed := 0
	type carried struct {
		hint
		n int
	}
	carries := map[string]*carried{}
	for i := range things {
		t := &things[i]
		if isWhole(t) {
			variables, defaults := split(t.Marks.Tags)
			for what, tags := range map[string]map[string]string{variable: variables, defaultTag: defaults} {
				if h, clash := tagHint(tags, what); !clash && h.env != "" {
					in.of(h.env).note(h, 0, 0)
				}
			}
			continue
		}
		if isData(t) {
			continue
		}
		managed++
		v := in.thing(path, t)
		if v.env == "" {
			continue
		}
		in.of(v.env).objects++
		h := solid(t)
		if h.env != v.env {
			h = hint{env: v.env, by: v.by, group: v.group, strength: v.strength}
		}
		if carries[h.env+"\x00"+h.group] == nil {
			carries[h.env+"\x00"+h.group] = &carried{hint: h}
		}
		carries[h.env+"\x00"+h.group].n++
	}
	for _, k := range sortedKeys(carries) {
		in.of(carries[k].env).note(carries[k].hint, carries[k].n, managed)
	}
	if v := in.plans[path]; v.env != "" {
		t := in.of(v.env)
		t.evidence = append(t.evidence, path)
		if h := pathHint(path); h.env == v.env {
			t.note(h, 0, 0) // things noted it without its selector
			if r := t.reasons[h.group]; r != nil {
				r.kind, r.val = h.kind, h.val
			}
		}
	}
}

// group adds the accounts or VPCs whose things agree, as selectors.
func (in *Inference) group(what string, groups map[string]verdict) {
	for _, name := range sortedKeys(groups) {
		v := groups[name]
		h := hint{env: v.env, by: v.by, group: v.group, strength: v.strength, kind: what, val: name}
		t := in.of(v.env)
		t.note(h, 0, 0)
		if r := t.reasons[h.group]; r != nil { // things noted it without its kind
			r.hint = h
		}
	}
}

// Proposals lists the environments: the surest first, then the largest, then by
// name.
func (in *Inference) Proposals() []Proposal {
	var out []Proposal
	sure := map[string]strength{}
	for _, env := range sortedKeys(in.tally) {
		t := in.tally[env]
		if t.objects == 0 && len(t.evidence) == 0 {
			continue
		}
		p := Proposal{Selectors: Declared{Name: env}, Objects: t.objects, Evidence: t.evidence, Confidence: t.best.String()}
		list := make([]*reason, 0, len(t.reasons))
		for _, r := range t.reasons {
			list = append(list, r)
		}
		slices.SortFunc(list, func(a, b *reason) int {
			return cmp.Or(cmp.Compare(b.strength, a.strength), cmp.Compare(b.n, a.n), cmp.Compare(a.by, b.by), cmp.Compare(a.group, b.group))
		})
		for _, r := range list {
			p.Reasons = append(p.Reasons, r.text())
			p.Selectors.take(r)
		}
		sure[env] = t.best
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(sure[b.Selectors.Name], sure[a.Selectors.Name]), cmp.Compare(b.Objects, a.Objects))
	})
	return out
}

func (r *reason) text() string {
	switch {
	case r.n == 0 || r.kind == "account" || r.kind == "vpc":
		return r.by
	case strings.HasPrefix(r.group, tag):
		return carry(r.n, r.of, r.group)
	}
	return fmt.Sprintf("%s by %s", of(r.n, r.of, "resource", "resources"), r.group)
}

// take adds the selector of a reason.
func (d *Declared) take(r *reason) {
	add := func(list *[]string) {
		if !slices.Contains(*list, r.val) {
			*list = append(*list, r.val)
		}
	}
	switch r.kind {
	case "tag":
		if d.Tags == nil {
			d.Tags = map[string][]string{}
		}
		list := d.Tags[r.key]
		add(&list)
		d.Tags[r.key] = list
	case "namespace":
		add(&d.Namespaces)
	case "account":
		add(&d.Accounts)
	case "vpc":
		add(&d.VPCs)
	case "path":
		add(&d.Paths)
	}
}

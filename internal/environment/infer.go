package environment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/evidence"
)

// strength orders the hints of an inference.
type strength int

const (
	weak   strength = iota + 1 // a name, a path
	medium                     // a namespace, a key of for_each, an account whose things agree
	strong                     // a tag or a variable that names an environment
)

func (s strength) String() string {
	switch s {
	case strong:
		return "strong"
	case medium:
		return "medium"
	case weak:
		return "weak"
	}
	return "none"
}

// Inference is which environments there seem to be, from what the evidence
// says. The same evidence gives the same inference, in whatever order it comes.
//
// A thing belongs where its own environment tag says. Without one, its
// namespace, the for_each key in its address and its name have to agree, also
// with its VPC, its account and its plan; what disagrees belongs nowhere. A name
// alone counts only for an environment that something else speaks of, but any
// name that speaks of another keeps a thing from where its plan belongs.
type Inference struct {
	plans    map[string]verdict // evidence as a whole
	accounts map[string]verdict
	vpcs     map[string]verdict
	known    map[string]bool // environments that more than one name speaks of
	tally    map[string]*tally
}

// hint is what one mark says.
type hint struct {
	env      string
	by       string // for people
	group    string
	strength strength
	kind     string // of selector: "tag", "namespace", "account", "vpc", "path", ""
	key, val string // of the selector
}

// Infer looks at all things, by path of their evidence, and at all paths.
func Infer(things map[string][]evidence.Thing, paths []string) *Inference {
	in := &Inference{
		plans: map[string]verdict{}, accounts: map[string]verdict{}, vpcs: map[string]verdict{},
		known: map[string]bool{}, tally: map[string]*tally{},
	}
	all := slices.Clone(paths)
	for p := range things {
		all = append(all, p)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	accounts, vpcs, names := groups{}, groups{}, map[string]map[string]bool{}
	for _, p := range all {
		in.survey(things[p], accounts, vpcs, names)
	}
	accounts.settle("account ", in.accounts)
	vpcs.settle("VPC ", in.vpcs)
	for _, p := range all {
		in.plans[p] = in.whole(p, things[p])
	}
	for env, distinct := range names {
		if len(distinct) >= enoughNames {
			in.known[env] = true
		}
	}
	for _, p := range all {
		in.count(p, things[p])
	}
	in.group("account", in.accounts)
	in.group("vpc", in.vpcs)
	return in
}

// enoughNames is how many different names make an environment that nothing but
// names speaks of.
const enoughNames = 3

// survey gathers what is only known of all evidence together.
func (in *Inference) survey(things []evidence.Thing, accounts, vpcs groups, names map[string]map[string]bool) {
	for i := range things {
		t := &things[i]
		if isWhole(t) || isData(t) {
			continue
		}
		h := solid(t)
		accounts.add(t.Marks.Account, h)
		vpcs.add(t.Marks.VPC, h)
		if h.env != "" {
			in.known[h.env] = true
		}
		if n := nameHint(t); n.env != "" {
			if names[n.env] == nil {
				names[n.env] = map[string]bool{}
			}
			if len(names[n.env]) < enoughNames {
				names[n.env][t.Marks.Name] = true
			}
		}
	}
}

// Evidence is where a whole piece of evidence seems to belong, and why. Without
// a name, why is what contradicts, or empty.
func (in *Inference) Evidence(path string) (name, why string) {
	v := in.plans[path]
	return v.env, v.by
}

// Thing is where a thing seems to belong, and why.
func (in *Inference) Thing(path string, t *evidence.Thing) (name, why string) {
	v := in.thing(path, t)
	return v.env, v.by
}

func (in *Inference) thing(path string, t *evidence.Thing) verdict {
	if isWhole(t) {
		return in.plans[path]
	}
	tagged, clash := tagHint(t.Marks.Tags, tag)
	if clash {
		return verdict{clash: true, inferred: true, by: tagged.by}
	}
	if tagged.env != "" {
		return tagged.verdict()
	}
	own := hint{}
	name := nameHint(t)
	veto := name // too weak to place a thing, strong enough to keep it from elsewhere
	if !in.known[name.env] {
		name = hint{}
	}
	for _, h := range []hint{namespaceHint(t), keyHint(t), name} {
		switch {
		case h.env == "":
		case own.env == "":
			own = h
		case own.env != h.env:
			return disagree(own, h)
		}
	}
	around := hint{}
	for _, v := range []verdict{in.vpcs[t.Marks.VPC], in.accounts[t.Marks.Account], in.plans[path]} {
		h := hint{env: v.env, by: v.by, group: v.group, strength: v.strength}
		switch {
		case h.env == "":
		case around.env == "":
			around = h
		case around.env != h.env:
			return disagree(around, h)
		}
	}
	switch {
	case own.env != "" && around.env != "" && own.env != around.env:
		return disagree(own, around)
	case around.env != "" && veto.env != "" && veto.env != around.env:
		return disagree(veto, around)
	case own.env != "":
		return own.verdict()
	case around.env != "":
		return around.verdict()
	}
	return verdict{}
}

func (h hint) verdict() verdict {
	return verdict{env: h.env, by: h.by, group: h.group, inferred: true, strength: h.strength}
}

func disagree(a, b hint) verdict {
	return verdict{clash: true, inferred: true, by: fmt.Sprintf("%s says %s, %s says %s", a.by, a.env, b.by, b.env)}
}

// whole infers where a piece of evidence as a whole belongs.
func (in *Inference) whole(path string, things []evidence.Thing) verdict {
	var hints []hint
	add := func(h hint) {
		if h.env != "" {
			hints = append(hints, h)
		}
	}
	for i := range things {
		t := &things[i]
		if !isWhole(t) {
			continue
		}
		variables, defaults := split(t.Marks.Tags)
		v, clash := tagHint(variables, variable)
		d, clashes := tagHint(defaults, defaultTag)
		if clash || clashes {
			return verdict{clash: true, inferred: true, by: cmp.Or(v.by, d.by)}
		}
		add(v)
		add(d)
	}
	shared, divided := agreement(things)
	if divided {
		return verdict{clash: true, divided: true, inferred: true, by: shared.by}
	}
	add(shared)
	if account := Whole(path, things).Marks.Account; account != "" {
		v := in.accounts[account]
		add(hint{env: v.env, by: v.by, group: v.group, strength: v.strength})
	}
	add(pathHint(path))
	for _, h := range hints[min(1, len(hints)):] {
		if h.env != hints[0].env {
			return disagree(hints[0], h)
		}
	}
	if len(hints) == 0 {
		return verdict{}
	}
	in.known[hints[0].env] = true
	return hints[0].verdict()
}

// agreement is what the things of one piece of evidence say together: an
// environment when at least half of them say so and none says another.
func agreement(things []evidence.Thing) (h hint, divided bool) {
	total := 0
	said := map[string]int{}
	group := map[string]int{}
	for i := range things {
		t := &things[i]
		if isWhole(t) || isData(t) {
			continue
		}
		total++
		if s := solid(t); s.env != "" {
			said[s.env]++
			group[s.group]++
		}
	}
	envs := sortedKeys(said)
	switch {
	case len(envs) > 1:
		return hint{by: "its resources are in " + strings.Join(envs, ", ")}, true
	case len(envs) == 0 || 2*said[envs[0]] < total:
		return hint{}, false
	}
	most := ""
	for _, g := range sortedKeys(group) {
		if most == "" || group[g] > group[most] {
			most = g
		}
	}
	by := fmt.Sprintf("%s in %s, most by %s", of(said[envs[0]], total, "resource", "resources"), envs[0], most)
	if len(group) == 1 && strings.HasPrefix(most, tag) {
		by = carry(said[envs[0]], total, most)
	}
	return hint{env: envs[0], by: by, group: "most of its resources", strength: medium}, false
}

func carry(n, total int, what string) string {
	if total == 1 {
		return "1 of 1 resource carries " + what
	}
	return fmt.Sprintf("%d of %d resources carry %s", n, total, what)
}

func of(n, total int, one, many string) string {
	if total == 1 {
		return "1 of 1 " + one
	}
	return fmt.Sprintf("%d of %d %s", n, total, many)
}

// groups are accounts or VPCs: how many things each has, and what they say.
type groups map[string]*group

type group struct {
	total int
	said  map[string]int
}

func (g groups) add(name string, h hint) {
	if name == "" || name == Several {
		return
	}
	if g[name] == nil {
		g[name] = &group{said: map[string]int{}}
	}
	g[name].total++
	if h.env != "" {
		g[name].said[h.env]++
	}
}

// settle keeps the groups of which at least two things and half of all speak of
// one environment and none of another.
func (g groups) settle(what string, into map[string]verdict) {
	for name, x := range g {
		if len(x.said) != 1 {
			continue
		}
		for env, n := range x.said {
			if n >= 2 && 2*n >= x.total {
				by := fmt.Sprintf("%s%s, where %s are marked %s", what, name, of(n, x.total, "resource", "resources"), env)
				into[name] = verdict{env: env, by: by, group: what + name, inferred: true, strength: medium}
			}
		}
	}
}

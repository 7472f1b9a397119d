package owners

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Root is what one state, or the state behind one plan, holds.
type Root struct {
	Lineage string // "" when it is not shown
	Objects []Object
}

// Object is one object of a root.
type Object struct {
	Type, Address string
	ID, ARN       string // "" when they are not shown
	Place         int    // the caller's
}

// Holder is an object in a root.
type Holder struct{ Root, Object int }

// Claim is the answer about one object.
type Claim struct {
	Identity string // of the object: its ARN, or its type and id
	Twice    bool   // two roots hold it
	// Unclear: two roots hold objects of one type and id, which may be two
	// objects, or one root at two times. Why says which.
	Unclear bool
	Why     string
	By      []Holder // the first of each root
}

// Held tells of each object whether more than one root holds it. It needs two
// roots: one alone claims nothing.
func Held(roots []Root) []Claim {
	same := sameRoots(roots)
	if slices.Max(append(slices.Clone(same), 0)) == 0 {
		return nil
	}
	type place struct {
		key  string
		root int
		arn  string
	}
	groups := map[string][]Holder{}
	seen := map[place]bool{} // one holder a root and ARN, so that thousands of one id stay few
	var order []string
	for r := range roots {
		for i := range roots[r].Objects {
			o := &roots[r].Objects[i]
			if o.ID == "" && o.ARN == "" || !inCloud(o.Type) || shared(o.Type) {
				continue
			}
			key := o.Type + " " + cmp.Or(o.ID, o.ARN)
			arn := arnOf(o)
			if seen[place{key, same[r], arn}] || arn == "" && seen[place{key, same[r], "any"}] {
				continue
			}
			seen[place{key, same[r], arn}], seen[place{key, same[r], "any"}] = true, true
			if groups[key] == nil {
				order = append(order, key)
			}
			groups[key] = append(groups[key], Holder{r, i})
		}
	}
	x := &holding{roots: roots, same: same, accounts: accounts(roots)}
	var out []Claim
	for _, key := range order {
		out = append(out, x.claims(key, groups[key])...)
	}
	x.tellApart(out)
	return out
}

// tellApart names what shows the ARN of another object, as a policy shows that
// of its topic, by its type: the type with the shortest name owns the ARN.
func (x *holding) tellApart(claims []Claim) {
	owner := map[string]string{}
	typeOf := func(c *Claim) string { return object(x.roots, c.By[0]).Type }
	for i := range claims {
		c, typ := &claims[i], typeOf(&claims[i])
		if old, has := owner[c.Identity]; !has || len(typ) < len(old) || len(typ) == len(old) && typ < old {
			owner[c.Identity] = typ
		}
	}
	for i := range claims {
		if c, typ := &claims[i], typeOf(&claims[i]); owner[c.Identity] != typ {
			c.Identity = typ + " " + object(x.roots, c.By[0]).ID
		}
	}
}

type holding struct {
	roots    []Root
	same     []int
	accounts []map[string]bool
}

// claims settles the holders of one type and id: those of one ARN are one
// object, and one without an ARN may be any of them.
func (x *holding) claims(key string, by []Holder) []Claim {
	var out []Claim
	known := map[string]int{} // the claim of an ARN
	open := -1                // the first claim of an object without an ARN
	for _, h := range by {
		arn := arnOf(object(x.roots, h))
		at, has := known[arn]
		switch {
		case arn == "" && len(out) > 0:
			at, has = 0, true
		case arn != "" && !has && open >= 0:
			at, has = open, true
		}
		if has && x.join(&out[at], h) {
			continue
		}
		if arn != "" && !has {
			known[arn] = len(out)
		} else if arn == "" && open < 0 {
			open = len(out)
		}
		out = append(out, Claim{Identity: cmp.Or(arn, key), By: []Holder{h}})
	}
	return out
}

// join adds a holder to a claim, unless it is known to hold another object.
func (x *holding) join(c *Claim, h Holder) bool {
	first := c.By[0]
	if x.same[first.Root] == x.same[h.Root] {
		return false
	}
	a, b := object(x.roots, first), object(x.roots, h)
	named := arnOf(a) != "" && arnOf(b) != "" || unique(a.ID) && unique(b.ID)
	switch {
	case !named && apart(x.accounts[first.Root], x.accounts[h.Root]):
		return false
	case !named:
		c.Unclear, c.Why = true, "the id is unique only within an account or a region"
	case x.roots[first.Root].Lineage == "" || x.roots[h.Root].Lineage == "":
		// An address that moved tells one root at two times from two roots as
		// little as anything else that a plan shows.
		c.Unclear, c.Why = true, "without both lineages they may be one root at two times"
	default:
		c.Twice = true
	}
	c.By = append(c.By, h)
	return true
}

// accounts are those that the ARNs of each root name.
func accounts(roots []Root) []map[string]bool {
	out := make([]map[string]bool, len(roots))
	for r := range roots {
		out[r] = map[string]bool{}
		for i := range roots[r].Objects {
			if p := strings.SplitN(arnOf(&roots[r].Objects[i]), ":", 6); len(p) == 6 && account.MatchString(p[4]) {
				out[r][p[4]] = true
			}
		}
	}
	return out
}

var account = regexp.MustCompile(`^[0-9]{12}$`)

// apart tells that two roots lie in different accounts.
func apart(a, b map[string]bool) bool {
	for id := range a {
		if b[id] {
			return false
		}
	}
	return len(a) > 0 && len(b) > 0
}

func object(roots []Root, h Holder) *Object { return &roots[h.Root].Objects[h.Object] }

// arnOf is the ARN of an object; some types have it as their id.
func arnOf(o *Object) string {
	if strings.HasPrefix(o.ARN, "arn:") && o.Type != "aws_cloudwatch_event_target" { // there it is the ARN of the target
		return o.ARN
	}
	if strings.HasPrefix(o.ID, "arn:") && !strings.ContainsAny(o.ID, ",|") {
		return o.ID
	}
	return ""
}

// sameRoots numbers the roots. A lineage decides, because it stays with a state
// for life. What shows none, such as a plan, belongs to the root with which it
// has most objects in common, where these are most of the smaller of the two: a
// single object at one address in both is what two imports look like.
func sameRoots(roots []Root) []int {
	out := make([]int, len(roots))
	places := make([]map[string]bool, len(roots))
	lineages := map[string]int{}
	next := 0
	for r := range roots {
		places[r] = map[string]bool{}
		for _, o := range roots[r].Objects {
			if id := cmp.Or(o.ID, o.ARN); id != "" {
				places[r][o.Address+" "+id] = true
			}
		}
		if l := roots[r].Lineage; l != "" {
			if _, has := lineages[l]; !has {
				lineages[l] = next
				next++
			}
			out[r] = lineages[l]
		}
	}
	for r := range roots {
		if roots[r].Lineage != "" {
			continue
		}
		best := 0
		for q := range roots {
			if q == r || q > r && roots[q].Lineage == "" {
				continue
			}
			if n := common(places[q], places[r]); n > best && 2*n > min(len(places[q]), len(places[r])) {
				best, out[r] = n, out[q]
			}
		}
		if best == 0 {
			out[r] = next
			next++
		}
	}
	return out
}

// common counts what is in both.
func common(a, b map[string]bool) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	n := 0
	for k := range a {
		if b[k] {
			n++
		}
	}
	return n
}

// inCloud tells whether objects of a type exist outside of the state.
func inCloud(typ string) bool {
	return strings.HasPrefix(typ, "aws_") || strings.HasPrefix(typ, "azurerm_") || strings.HasPrefix(typ, "google_")
}

// shared tells of a type of which two roots may hold one each under one id: the
// two sides of a peering have their own options.
func shared(typ string) bool {
	return typ == "aws_vpc_peering_connection_options" || strings.HasPrefix(typ, "aws_default_")
}

// unique tells whether an id names one object wherever it lies: what EC2 gives
// out since its longer ids (a prefix and 17 hexadecimal digits), an Azure resource
// id, a Google self link with its project.
func unique(id string) bool {
	return longID.MatchString(id) || strings.HasPrefix(id, "/subscriptions/") || strings.HasPrefix(id, "projects/") && strings.Count(id, "/") >= 3
}

var longID = regexp.MustCompile(`^[a-z][a-z0-9-]*-[0-9a-f]{17}$`)

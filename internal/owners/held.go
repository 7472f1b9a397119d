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
	type group struct {
		by   []Holder
		arns []string
	}
	groups := map[string]*group{}
	var order []string
	for r := range roots {
		for i := range roots[r].Objects {
			o := &roots[r].Objects[i]
			if o.ID == "" && o.ARN == "" || !inCloud(o.Type) || shared(o.Type) {
				continue
			}
			key := o.Type + " " + cmp.Or(o.ID, o.ARN)
			g := groups[key]
			if g == nil {
				g = &group{}
				groups[key] = g
				order = append(order, key)
			}
			if !slices.ContainsFunc(g.by, func(h Holder) bool { return same[h.Root] == same[r] && (o.ARN == "" || object(roots, h).ARN == o.ARN) }) {
				g.by = append(g.by, Holder{r, i})
				g.arns = append(g.arns, o.ARN)
			}
		}
	}
	var out []Claim
	for _, key := range order {
		out = append(out, claims(roots, same, key, groups[key].by)...)
	}
	return out
}

// claims settles the holders of one type and id.
func claims(roots []Root, same []int, key string, by []Holder) []Claim {
	var out []Claim
	done := make([]bool, len(by))
	for i, h := range by {
		if done[i] {
			continue
		}
		a := object(roots, h)
		c := Claim{Identity: cmp.Or(arnOf(a), key), By: []Holder{h}}
		for j := i + 1; j < len(by); j++ {
			b := object(roots, by[j])
			if same[by[j].Root] == same[h.Root] {
				continue
			}
			x, y := arnOf(a), arnOf(b)
			switch {
			case x != "" && y != "" && x != y:
				continue // two objects of one name
			case x == "" && !unique(a.ID) || y == "" && !unique(b.ID):
				c.Unclear, c.Why = true, "the id is unique only within an account or a region"
			case roots[h.Root].Lineage == "" || roots[by[j].Root].Lineage == "":
				// An address that moved tells one root at two times from two
				// roots as little as anything else that a plan shows.
				c.Unclear, c.Why = true, "without both lineages they may be one root at two times"
			default:
				c.Twice = true
			}
			done[j] = true
			c.By = append(c.By, by[j])
		}
		out = append(out, c)
	}
	return out
}

func object(roots []Root, h Holder) *Object { return &roots[h.Root].Objects[h.Object] }

// arnOf is the ARN of an object; some types have it as their id.
func arnOf(o *Object) string {
	if strings.HasPrefix(o.ARN, "arn:") {
		return o.ARN
	}
	if strings.HasPrefix(o.ID, "arn:") && !strings.ContainsAny(o.ID, ",|") {
		return o.ID
	}
	return ""
}

// sameRoots numbers the roots: states of one lineage are one root, and so are
// two of which one does not show its lineage and that have an object at one
// address, such as a state and the plan made from it.
func sameRoots(roots []Root) []int {
	out := make([]int, len(roots))
	next := 0
	places := make([]map[string]bool, len(roots))
	for r := range roots {
		places[r] = map[string]bool{}
		for _, o := range roots[r].Objects {
			if id := cmp.Or(o.ID, o.ARN); id != "" {
				places[r][o.Address+" "+id] = true
			}
		}
		out[r] = -1
		for q := range r {
			if together(&roots[q], &roots[r], places[q], places[r]) {
				if out[r] >= 0 && out[q] != out[r] { // it joins two
					old := out[q]
					for i := range out[:r] {
						if out[i] == old {
							out[i] = out[r]
						}
					}
				}
				out[r] = out[q]
			}
		}
		if out[r] < 0 {
			out[r] = next
			next++
		}
	}
	return out
}

func together(a, b *Root, inA, inB map[string]bool) bool {
	if a.Lineage != "" && b.Lineage != "" {
		return a.Lineage == b.Lineage
	}
	for place := range inA {
		if inB[place] {
			return true
		}
	}
	return false
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

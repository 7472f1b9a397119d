package identity

import (
	"fmt"
	"strings"
)

// Verdict says whether two objects are one.
type Verdict uint8

// The verdicts.
const (
	Unknown Verdict = iota
	Same
	Different
)

// Judgement is a verdict with what decided it.
type Judgement struct {
	Verdict Verdict
	Old     Mark // what it was known by; zero when nothing decided
	New     Mark
	Why     string // for Unknown: what stands in the way
	Lacks   string // for Unknown: what would tell
	// Revised: the old and the new one are two revisions of one thing, of a type
	// in which every edit makes the next.
	Revised bool
}

// Judge tells whether a, found after, is b, found before. Both have one type.
func Judge(b, a *Object) Judgement {
	if a.Reborn != "" {
		return Judgement{Verdict: Different, Old: strongest(b), New: Mark{Attribute: "change", Value: a.Reborn, Kind: Generated, At: a.At}}
	}
	if b.Type != a.Type {
		return Judgement{Verdict: Different, Old: Mark{Attribute: "type", Value: b.Type, At: b.At}, New: Mark{Attribute: "type", Value: a.Type, At: a.At}}
	}
	if b.dumped != nil && a.dumped != nil && elsewhere(b, a) {
		return Judgement{
			Old: strongest(b), New: strongest(a), Why: "the two sides show an object of this name in two regions or accounts",
			Lacks: "the same call for the same region and account on both sides",
		}
	}
	if a.Same && b.At.File == a.At.File && b.At.Pointer == a.At.Pointer {
		return Judgement{Verdict: Same, Old: strongest(b), New: strongest(a)}
	}
	for _, old := range b.Marks {
		for _, now := range a.Marks {
			if old.Attribute != now.Attribute {
				continue
			}
			v := decide(old, now)
			if v == Same && (old.Kind == Dated || old.Kind == Witness) && !sameID(b, a) {
				v = Unknown
			}
			if v != Unknown {
				return Judgement{Verdict: v, Old: old, New: now, Revised: v == Different && revised(b.Type, old, now)}
			}
		}
	}
	return undecided(b, a)
}

// elsewhere tells that two described objects lie in two regions or accounts: the
// calls were made in two places, and the name says nothing.
func elsewhere(b, a *Object) bool {
	x, y := place(strongest(b).Value), place(strongest(a).Value)
	return x != "" && y != "" && x != y
}

// decide says what one attribute proves.
func decide(old, now Mark) Verdict {
	same := old.Value == now.Value
	switch old.Kind {
	case Generated, Dated, Place:
		if same {
			return Same
		}
		return Different
	case Witness:
		if same {
			return Same
		}
	case Fixed:
		if !same {
			return Different
		}
	case Unsure:
		f, p := form(old.Value)
		g, q := form(now.Value)
		// What is associated gets another id when it is moved in place.
		if !same && f >= 0 && f == g && p == q && !strings.HasSuffix(p, "assoc") {
			return Different
		}
	}
	return Unknown
}

// revised tells whether two marks name two revisions of one thing.
func revised(typ string, old, now Mark) bool {
	sep := typeOf(typ).Revision
	i, j := strings.LastIndex(old.Value, sep), strings.LastIndex(now.Value, sep)
	return sep != "" && old.Kind == Generated && i > 0 && i == j && old.Value[:i] == now.Value[:j]
}

// sameID tells whether two objects are called the same: by their ids, or by
// their names where the evidence has none.
func sameID(b, a *Object) bool {
	id := func(o *Object) string {
		for _, m := range o.Marks {
			if m.Attribute == "id" {
				return m.Value
			}
		}
		return ""
	}
	x, y := id(b), id(a)
	if x == "" && y == "" {
		return b.Name == a.Name
	}
	return x == y
}

func undecided(b, a *Object) Judgement {
	j := Judgement{Lacks: "an attribute that is given out once, on both sides"}
	t := typeOf(b.Type)
	old, now := strongest(b), strongest(a)
	j.Old, j.New = old, now
	switch {
	case len(b.Marks) == 0 && len(a.Marks) == 0:
		j.Why = "neither side has an id"
	case len(b.Marks) == 0:
		j.Why = "it has no id before"
	case len(a.Marks) == 0:
		j.Why = "it has no id after"
	case len(t.Marks) > 0:
		j.Why = fmt.Sprintf("its id is chosen by the user, and one side lacks its %s", t.Marks[0])
		j.Lacks = fmt.Sprintf("the %s of it on both sides", t.Marks[0])
	case len(t.Seen) > 0 && (t.ID == Chosen || t.ID == Fixed):
		j.Why = "its id is chosen by the user: an object that was destroyed and made again has it too, and its " + t.Seen[0] + " differs or is not shown"
		j.Lacks = "when it was created, from the cloud or its audit log"
	case t.ID == Witness:
		j.Why = "its id differs, and such an id changes when it is moved in place"
		j.Lacks = "the plan or the audit log that moved it"
	case t.ID == Chosen || t.ID == Fixed:
		j.Why = "its id is chosen by the user: an object that was destroyed and made again has it too"
		j.Lacks = "when it was created, from the cloud or its audit log"
	case old.Value == now.Value:
		j.Why = "whether ids of " + b.Type + " are given out once is not documented here"
	default:
		j.Why = "its id differs, and whether ids of " + b.Type + " change in place is not documented here"
	}
	return j
}

// strongest is what an object is best known by.
func strongest(o *Object) Mark {
	if len(o.Marks) == 0 {
		return Mark{At: o.At}
	}
	for _, m := range o.Marks {
		if m.Attribute == "id" || m.Kind != Fixed {
			return m
		}
	}
	return o.Marks[0]
}

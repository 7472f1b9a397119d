package identity

import (
	"slices"

	"polygraph/internal/tfstate"
)

// How says what became of a name.
type How uint8

// What can become of a name.
const (
	CannotTell How = iota
	Kept           // the same object, as it was
	Altered        // the same object, other attributes
	New            // another object under the old name
	Revised        // the next revision of what was there, as every edit makes one
	Moved          // the same object under another name
	Gone
	Added
)

// Row is what became of one name.
type Row struct {
	Name          string
	How           How
	Judgement     // of Before and After
	Before, After *Object
	Differs       []string // attributes whose value differs, without values
	// Was is the former name of what is under the name now, Now the present
	// name of what was; "" when there is none.
	Was, Now string
}

// Compare answers for every name of two roots: those of the second in their
// order, and then those that are gone.
func Compare(before, after *Root) []Row {
	x := &matching{before: byName(before), after: byName(after), known: map[string][]*Object{}}
	for i := range after.Objects {
		x.index(x.known, &after.Objects[i])
	}
	was := map[string][]*Object{}
	for i := range before.Objects {
		x.index(was, &before.Objects[i])
	}
	var out []Row
	taken := map[*Object]bool{}
	for i := range after.Objects {
		a := &after.Objects[i]
		if a.Deposed {
			continue
		}
		r := Row{Name: a.Name, After: a}
		if b := x.before[a.Name]; b != nil {
			r.Before, r.Judgement = b, Judge(b, a)
			r.place(b, a)
			if r.How == New || r.How == Revised {
				if a.Reborn == "" {
					r.Was = name(find(was, a, taken))
				}
				r.Now = name(find(x.known, b, nil))
			}
			out = append(out, r)
			continue
		}
		b := find(was, a, taken)
		if b == nil && a.Previous != "" {
			b = x.before[a.Previous]
		}
		if b == nil || x.after[b.Name] != nil && a.Previous == "" && stays(b, x.after[b.Name]) {
			r.How = Added
			out = append(out, r)
			continue
		}
		taken[b] = true
		r.Before, r.Was, r.Judgement = b, b.Name, Judge(b, a)
		r.How = Moved
		if r.Verdict != Same && !(a.Same && a.Previous == b.Name) {
			r.How = CannotTell
		}
		if r.Verdict == Different {
			r.How = New
		}
		r.Differs = differing(b.Sums, a.Sums)
		out = append(out, r)
	}
	for i := range before.Objects {
		b := &before.Objects[i]
		if b.Deposed || x.after[b.Name] != nil || taken[b] {
			continue
		}
		r := Row{Name: b.Name, How: Gone, Before: b, Judgement: Judgement{Old: strongest(b)}, Now: name(find(x.known, b, nil))}
		if r.Now == "" && !after.Whole && !x.listed(b) {
			r.How, r.Why, r.Lacks = CannotTell, "it is not in what comes after, which is not whole", after.Cut.Evidence
		}
		out = append(out, r)
	}
	return out
}

// place says what became of a name that both sides have.
func (r *Row) place(b, a *Object) {
	switch r.Verdict {
	case Same:
		r.How = Kept
		if r.Differs = differing(b.Sums, a.Sums); len(r.Differs) > 0 {
			r.How = Altered
		}
	case Different:
		r.How = New
		if r.Judgement.Revised {
			r.How = Revised
		}
	default:
		r.How = CannotTell
		r.Differs = differing(b.Sums, a.Sums)
	}
}

type matching struct {
	before, after map[string]*Object
	known         map[string][]*Object // what is there after, by what it is known by
}

func byName(r *Root) map[string]*Object {
	m := make(map[string]*Object, len(r.Objects))
	for i := range r.Objects {
		if o := &r.Objects[i]; !o.Deposed {
			m[o.Name] = o
		}
	}
	return m
}

// index files an object under its generated marks; what a plan makes anew has
// none yet.
func (x *matching) index(m map[string][]*Object, o *Object) {
	if o.Deposed || o.Reborn != "" {
		return
	}
	for _, mark := range o.Marks {
		own := mark.Attribute == "id" || mark.Attribute == "arn" || mark.Attribute == "version_id" // and not of what it belongs to
		if mark.Kind == Generated || mark.Kind == Place || own && (mark.Kind == Fixed || mark.Kind == Witness) {
			k := o.Type + "\x00" + mark.Attribute + "\x00" + mark.Value
			m[k] = append(m[k], o)
		}
	}
}

// find returns the object with the same strongest mark. Two objects with one
// mark, as two names for one object have, are nobody.
func find(m map[string][]*Object, o *Object, taken map[*Object]bool) *Object {
	if o.Reborn != "" {
		return nil
	}
	for _, mark := range o.Marks {
		hits := m[o.Type+"\x00"+mark.Attribute+"\x00"+mark.Value]
		if len(hits) == 1 && !taken[hits[0]] {
			return hits[0]
		}
	}
	return nil
}

// listed tells that what comes after shows the owner of an object with all that
// it has, so that the object is not there.
func (x *matching) listed(b *Object) bool {
	if b.dumped == nil {
		return false
	}
	owner := map[string]string{"instance of a group": "autoscaling group ", "ecs deployment": "ecs service "}[b.dumped.Type]
	o := x.after[owner+b.dumped.Owner]
	return owner != "" && o != nil && o.dumped.Lacks == ""
}

// stays tells that the object is still under its own name.
func stays(b, a *Object) bool { return Judge(b, a).Verdict != Different }

func name(o *Object) string {
	if o == nil {
		return ""
	}
	return o.Name
}

// differing are the names of attributes whose value differs.
func differing(before, after []tfstate.Sum) []string {
	if before == nil || after == nil {
		return nil
	}
	old := make(map[string]uint64, len(before))
	for _, s := range before {
		old[s.Name] = s.Hash
	}
	var out []string
	for _, s := range after {
		if old[s.Name] != s.Hash {
			out = append(out, s.Name)
		}
		delete(old, s.Name)
	}
	for n, h := range old {
		if h != 0 {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

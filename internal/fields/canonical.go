package fields

import (
	"cmp"
	"slices"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// stored is a value as the server would store it: typed, in its canonical form,
// with the defaults of what is absent.
type stored struct {
	name  string
	text  string            // of a scalar, canonical
	value *kubeobj.Value    // as written; nil where the server filled it in
	typ   *kubeschema.Type  // nil is any JSON
	decl  *kubeschema.Field // of a field of a struct
	items []stored          // of a map or struct by name; of a list in order
	kind  kubeobj.Kind      // of the canonical form
	bad   string            // why the server cannot decode it
	alien bool              // a field that the type does not have
}

// form makes stored values.
type form struct {
	version kubeschema.Version
}

// read makes the stored form of a value, nothing left out or filled in yet.
func (f *form) read(v *kubeobj.Value, t *kubeschema.Type) stored {
	s := stored{name: v.Name, value: v, typ: t, kind: v.Kind, text: v.Text}
	if v.Kind <= kubeobj.Null {
		s.kind, s.text = kubeobj.Null, ""
		return s
	}
	if t == nil || t.Shape == kubeschema.Raw {
		f.plain(&s)
		return s
	}
	switch t.Shape {
	case kubeschema.Struct:
		if v.Kind != kubeobj.Map {
			s.mistype("an object")
			return s
		}
		s.items = make([]stored, 0, len(v.Items)+4)
		for i := range v.Items {
			item := &v.Items[i]
			decl, ok := t.Field(item.Name, f.version)
			if !ok {
				alien := f.read(item, nil)
				alien.alien = true
				s.items = append(s.items, alien)
				continue
			}
			child := f.read(item, decl.Type)
			child.decl = decl
			s.items = append(s.items, child)
		}
		s.sort()
	case kubeschema.Map:
		if v.Kind != kubeobj.Map {
			s.mistype("an object")
			return s
		}
		s.items = make([]stored, 0, len(v.Items))
		for i := range v.Items {
			s.items = append(s.items, f.read(&v.Items[i], t.Elem))
		}
		s.sort()
	case kubeschema.List:
		if v.Kind != kubeobj.List {
			s.mistype("a list")
			return s
		}
		s.items = make([]stored, 0, len(v.Items))
		for i := range v.Items {
			s.items = append(s.items, f.read(&v.Items[i], t.Elem))
			if v.Items[i].Kind == kubeobj.Null {
				s.items[i].blank()
			}
		}
	default:
		s.scalar()
	}
	return s
}

// blank makes the empty value of the type of a null: a list has no holes.
func (s *stored) blank() {
	switch {
	case s.typ.Shape == kubeschema.Struct || s.typ.Shape == kubeschema.Map:
		s.kind = kubeobj.Map
	case s.typ.Shape == kubeschema.List:
		s.kind = kubeobj.List
	case s.typ.Shape == kubeschema.Scalar && s.typ.Basic == "string":
		s.kind = kubeobj.String
	case s.typ.Shape == kubeschema.Scalar && s.typ.Basic != "bool":
		s.kind, s.text = kubeobj.Number, "0"
	}
}

// plain is any JSON: of it only the numbers have a canonical form.
func (f *form) plain(s *stored) {
	switch s.kind {
	case kubeobj.Map, kubeobj.List:
		s.items = make([]stored, 0, len(s.value.Items))
		for i := range s.value.Items {
			s.items = append(s.items, f.read(&s.value.Items[i], nil))
		}
		if s.kind == kubeobj.Map {
			s.sort()
		}
	case kubeobj.Number:
		s.text = decimal(s.text)
	case kubeobj.Bool:
		s.text = boolean(s.text)
	}
}

func (s *stored) sort() {
	if len(s.items) > 12 {
		slices.SortStableFunc(s.items, func(a, b stored) int { return cmp.Compare(a.name, b.name) })
		return
	}
	for i := 1; i < len(s.items); i++ {
		for j := i; j > 0 && s.items[j].name < s.items[j-1].name; j-- {
			s.items[j], s.items[j-1] = s.items[j-1], s.items[j]
		}
	}
}

// find is where a field stands, or would stand.
func (s *stored) find(name string) (int, bool) {
	low, high := 0, len(s.items)
	for low < high {
		if middle := (low + high) / 2; s.items[middle].name < name {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < len(s.items) && s.items[low].name == name
}

// at is a field of a struct or map; nil where it is not there.
func (s *stored) at(path ...string) *stored {
	for _, name := range path {
		if s == nil || s.kind != kubeobj.Map {
			return nil
		}
		i, ok := s.find(name)
		if !ok {
			return nil
		}
		s = &s.items[i]
	}
	return s
}

// says is the text of a scalar; "" where it is not there.
func (s *stored) says(path ...string) string {
	if v := s.at(path...); v != nil && v.kind != kubeobj.Map && v.kind != kubeobj.List {
		return v.text
	}
	return ""
}

func (s *stored) has(path ...string) bool { return s.at(path...) != nil }

func (s *stored) drop(name string) {
	if i, ok := s.find(name); ok && s.kind == kubeobj.Map {
		s.items = slices.Delete(s.items, i, i+1)
	}
}

// put sets a field, in its place.
func (s *stored) put(v stored) *stored {
	i, ok := s.find(v.name)
	if ok {
		s.items[i] = v
	} else {
		s.items = slices.Insert(s.items, i, v)
	}
	return &s.items[i]
}

// prune leaves out what Kubernetes does not tell from absent: nulls, empty lists
// and maps, and of what is no pointer the empty value (apimachinery's
// equality.Semantic: empty and nil are equal).
func (s *stored) prune() {
	if s.kind != kubeobj.Map && s.kind != kubeobj.List {
		return
	}
	structure := s.typ != nil && s.typ.Shape == kubeschema.Struct
	for i := range s.items {
		s.items[i].prune()
	}
	if s.kind == kubeobj.List {
		return
	}
	s.items = slices.DeleteFunc(s.items, func(c stored) bool {
		return c.kind == kubeobj.Null || structure && c.zero() && !(c.name == "policies" && s.typ.Name == scalingRules)
	})
}

// scalingRules tell an empty list of policies from none (copyHPAScalingRules).
const scalingRules = "autoscaling/v2.HPAScalingRules"

// zero tells whether a field's value is the same as none.
func (s *stored) zero() bool {
	if s.bad != "" || s.alien || s.typ == nil {
		return false
	}
	switch s.typ.Shape {
	case kubeschema.List, kubeschema.Map:
		return len(s.items) == 0
	case kubeschema.Raw:
		return false
	}
	if s.decl == nil || s.decl.Pointer {
		return false
	}
	switch s.kind {
	case kubeobj.Map:
		return len(s.items) == 0
	case kubeobj.String:
		return s.text == "" || s.typ.Shape == kubeschema.Quantity && s.text == "0"
	case kubeobj.Number:
		return s.text == "0"
	case kubeobj.Bool:
		return s.text == "false"
	}
	return false
}

// equal tells whether two stored values are the same.
func (s *stored) equal(o *stored) bool {
	if s.kind != o.kind || s.text != o.text || s.bad != o.bad || len(s.items) != len(o.items) {
		return false
	}
	for i := range s.items {
		if s.kind == kubeobj.Map && s.items[i].name != o.items[i].name || !s.items[i].equal(&o.items[i]) {
			return false
		}
	}
	return true
}

package fields

import (
	"strings"

	"github.com/agext/levenshtein"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// Stranger is a field that is written and that its kind does not have.
type Stranger struct {
	Path  string
	Value *kubeobj.Value
	// Near is the field of that struct whose name is most like it; "" where none
	// is like it.
	Near string
	// Since and Until are the versions that have the field; 0 where none has.
	Since, Until kubeschema.Version
}

// Strangers are the fields of an object that its kind does not have on a
// version: the server drops them. kinds that are not built in have none here.
func Strangers(o *kubeobj.Object, v kubeschema.Version) []Stranger {
	t, ok := kubeschema.Lookup(o.Group, o.Version, o.Kind)
	if !ok {
		return nil
	}
	var out []Stranger
	strange(&o.Root, t, v, nil, &out)
	return out
}

func strange(value *kubeobj.Value, t *kubeschema.Type, v kubeschema.Version, at *step, out *[]Stranger) {
	switch {
	case t == nil:
	case t.Shape == kubeschema.Struct && value.Kind == kubeobj.Map:
		for i := range value.Items {
			item := &value.Items[i]
			here := &step{up: at, name: item.Name}
			if f, ok := t.Field(item.Name, v); ok {
				strange(item, f.Type, v, here, out)
			} else if at != nil || !ofTheServer(item.Name) {
				*out = append(*out, stranger(item, t, v, here))
			}
		}
	case t.Shape == kubeschema.Map && value.Kind == kubeobj.Map:
		for i := range value.Items {
			strange(&value.Items[i], t.Elem, v, &step{up: at, name: value.Items[i].Name, sort: stepEntry}, out)
		}
	case t.Shape == kubeschema.List && value.Kind == kubeobj.List:
		for i := range value.Items {
			here := &step{up: at, index: i, sort: stepIndex}
			if name := value.Items[i].Get("name").Str(); name != "" {
				here.keys, here.sort = "name="+name, stepKeyed
			}
			strange(&value.Items[i], t.Elem, v, here, out)
		}
	}
}

func stranger(value *kubeobj.Value, t *kubeschema.Type, v kubeschema.Version, at *step) Stranger {
	s := Stranger{Path: at.path(), Value: value}
	best := 1 + len(value.Name)/4 // a quarter of the letters may be wrong
	for i := range t.Fields {
		f := &t.Fields[i]
		switch {
		case f.Name == value.Name && s.Since == 0:
			s.Since, s.Until = f.Since, f.Until
		case f.Name == value.Name:
			s.Since, s.Until = min(s.Since, f.Since), max(s.Until, f.Until)
		case f.Since <= v && v <= f.Until:
			far := levenshtein.Distance(strings.ToLower(f.Name), strings.ToLower(value.Name), nil)
			if far < best {
				best, s.Near = far, f.Name
			}
		}
	}
	return s
}

// ofTheServer tells which fields of an object nobody means to store: those that
// say what it is, and the status that kubectl get prints and controllers write.
func ofTheServer(name string) bool { return name == "apiVersion" || name == "kind" || name == "status" }

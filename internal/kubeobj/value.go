package kubeobj

import "iter"

// Kind is the sort of a Value.
type Kind uint8

// The kinds. Absent is the zero Value: a field that is not there.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	Map
	List
)

// Value is one node of a document. It is small on purpose: ten thousand objects
// are held at once.
type Value struct {
	Name   string  // the key, when it stands in a map
	Text   string  // of a scalar: the string, the number as JSON has it (0644 is 420), true or false
	Items  []Value // of a map, in the order written and no name twice; of a list
	Offset uint32  // of the first byte of the value; where an alias stands, of the alias; of nothing, where it would be
	Kind   Kind
}

// Get returns the value under a path of keys; nil where there is none. A nil
// Value has nothing in it.
func (v *Value) Get(path ...string) *Value {
	for _, name := range path {
		v = v.get(name)
	}
	return v
}

func (v *Value) get(name string) *Value {
	if v == nil || v.Kind != Map {
		return nil
	}
	for i := range v.Items {
		if v.Items[i].Name == name {
			return &v.Items[i]
		}
	}
	return nil
}

// Each returns the items of a list or the fields of a map.
func (v *Value) Each() iter.Seq2[int, *Value] {
	return func(yield func(int, *Value) bool) {
		if v == nil {
			return
		}
		for i := range v.Items {
			if !yield(i, &v.Items[i]) {
				return
			}
		}
	}
}

// Str is the text of a string, and "" of anything else.
func (v *Value) Str() string {
	if v == nil || v.Kind != String {
		return ""
	}
	return v.Text
}

// Is tells whether the value is there and of this kind.
func (v *Value) Is(k Kind) bool { return v != nil && v.Kind == k }

// Empty tells whether there is nothing to store: absent, null, or an empty map
// or list.
func (v *Value) Empty() bool {
	return v == nil || v.Kind <= Null || (v.Kind == Map || v.Kind == List) && len(v.Items) == 0
}

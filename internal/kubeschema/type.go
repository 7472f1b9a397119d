package kubeschema

// Shape is what a type is made of.
type Shape uint8

// The shapes.
const (
	Scalar      Shape = iota // string, number, bool
	Struct                   // named fields
	Map                      // any keys, values of one type
	List                     // ordered
	Quantity                 // resource.Quantity: 1000m is 1
	IntOrString              // a number or a string
	Time                     // metav1.Time, to the second
	MicroTime                // metav1.MicroTime
	Duration                 // metav1.Duration
	Bytes                    // base64
	Raw                      // any JSON: RawExtension, JSONSchemaProps' values
)

// Type is a type of the API.
type Type struct {
	Name  string // of a struct, Go's with its group: "core/v1.PodSpec"; "" of the others
	Shape Shape
	Basic string // of a scalar: "string", "bool", "int32", "int64", "float64"
	Elem  *Type  // of a map or list
	// Keys are the fields by which server-side apply tells the items of a list
	// apart ("name"; "containerPort", "protocol"); none for a list that is
	// replaced as a whole. A Set merges by the value itself.
	Keys []string
	Set  bool
	// MergeKey is the field by which kubectl apply merges a list (patchMergeKey),
	// "=" where it merges values, "" where it replaces the list.
	MergeKey string

	// Fields of a struct, by name. A field whose type changed has a row for each.
	Fields []Field
	// Defaulted are the indices of the fields that have a Default.
	Defaulted []int
}

// Field is a field of a Struct.
type Field struct {
	Name     string
	Type     *Type
	Since    Version // the first version that has it, at least Oldest
	Until    Version // the last version that has it, at most Newest
	Required bool    // always serialised: its tag has no omitempty
	// Pointer tells fields of which an empty value (0, "", {}) is not the same as
	// none.
	Pointer bool
	// Atomic structs and maps are owned as a whole under server-side apply.
	Atomic bool
	// RetainKeys lists and structs lose what a kubectl apply does not name: a
	// volume has one source.
	RetainKeys bool
	// Default is the JSON of what the type's declaration says the server fills
	// in (+default=); those that a function fills in are package fields' business.
	Default string
}

// Field finds a field of a struct as a version has it. Names are exact: a wrong
// case is another field.
func (t *Type) Field(name string, v Version) (*Field, bool) {
	i, high := 0, len(t.Fields)
	for i < high {
		if middle := (i + high) / 2; t.Fields[middle].Name < name {
			i = middle + 1
		} else {
			high = middle
		}
	}
	for ; i < len(t.Fields) && t.Fields[i].Name == name; i++ {
		if f := &t.Fields[i]; f.Since <= v && v <= f.Until {
			return f, true
		}
	}
	return nil, false
}

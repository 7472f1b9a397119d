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
	Time                     // metav1.Time, MicroTime
	Duration                 // metav1.Duration
	Bytes                    // base64
	Raw                      // any JSON: RawExtension, JSONSchemaProps' values
)

// Type is a type of the API.
type Type struct {
	Name  string // Go's: "v1.PodSpec"; "" of what has no name
	Shape Shape
	Basic string // of a scalar: "string", "bool", "int32", "int64", "float64"
	Elem  *Type  // of a map or list
	// Keys are the fields by which the items of a list are told apart when it is
	// merged ("name"; "containerPort", "protocol"); none for a list that is
	// replaced as a whole. A Set merges by the value itself.
	Keys []string
	Set  bool

	Fields []Field // of a struct, by name
}

// Field is a field of a Struct.
type Field struct {
	Name     string
	Type     *Type
	Since    Version // the first version that has it, at least Oldest
	Until    Version // the last version that has it, at most Newest
	Required bool    // always serialised
}

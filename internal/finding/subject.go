package finding

// Subject is the thing a finding is about: a kind and an identity that stays
// the same across checkouts, renames of files and re-indentation.
type Subject struct {
	Kind     string   `json:"kind"`              // "terraform-resource", "workload", ...
	Identity string   `json:"identity"`          // unique within the kind, e.g. a Terraform address
	Aliases  []string `json:"aliases,omitempty"` // other names of the same thing, "kind:identity"
	// Environment is where it lives, "prod": the same identity in another one
	// is another thing. Inferred says from what, when nobody declared it; only
	// a declared environment goes into the fingerprint.
	Environment string `json:"environment,omitempty"`
	Inferred    string `json:"inferred,omitempty"`
}

// Location says where a statement can be looked up. Every field is optional
// except File; Line and Column are filled only where a listener asked for them.
type Location struct {
	File    string `json:"file"`
	Offset  int64  `json:"offset,omitempty"`  // byte offset in the file
	Object  string `json:"object,omitempty"`  // address of the object inside the file
	Pointer string `json:"pointer,omitempty"` // JSON pointer (RFC 6901) to the value
	// Depth is how many steps of Pointer lead to the object at Offset: with it,
	// the value is found without reading the file from its start.
	Depth  int `json:"depth,omitempty"`
	Line   int `json:"line,omitempty"`   // 1-based
	Column int `json:"column,omitempty"` // 1-based, in bytes
}

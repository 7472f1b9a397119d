package tfconfig

import "polygraph/internal/evidence"

// Bounds of one file. Configuration is written by hand, and the longest files
// that are generated have a few MiB.
const (
	MaxFile   = 16 << 20
	MaxKept   = 64 << 20 // bytes, about
	MaxTokens = 4 << 20
	// MaxNesting bounds how deep the parser may recurse: a bracket or a quote
	// counts ten, an operator in the same expression one.
	MaxNesting = 10_000
)

// maxText bounds Attribute.Text, maxReferences Attribute.References.
const (
	maxText       = 400
	maxReferences = 64
)

// File is one file of a configuration.
type File struct {
	Path string // as shown to the user
	Dir  string // its folder: what lies in one folder is one module

	// Blocks are those of the file. Arguments outside of blocks, as terragrunt
	// has them, are in a block without a type, which is the first.
	Blocks []Block

	// Problem is why the file could not be read, nil when it was. What is in
	// such a file is unknown, which is not the same as nothing.
	Problem *evidence.Problem
}

// Block is a block of a file, in the order of the file. A .tf.json file has the
// same blocks; what Terraform takes for a block or for an argument depends on
// the provider's schema there, so an object or a list of objects in the body of
// a resource is both.
type Block struct {
	Type   string   // resource, data, module, terraform, provider, ...
	Labels []string // "aws_instance", "web"
	Offset int64    // of its first byte
	End    int64    // behind its last byte

	Attributes []Attribute
	Blocks     []Block // nested; a dynamic block is one of type "dynamic" with its label
}

// Attribute is one argument.
type Attribute struct {
	Name   string
	Offset int64 // of its name
	End    int64
	// Value is the value of a literal: string, json.Number, bool, nil,
	// []any, map[string]any, or evidence.Secret. Where Known is false it is nil,
	// or a list or an object with a Part for each element that is not a literal.
	Value any
	Known bool // Value is all there is to it
	// Function is the function around the value, "jsonencode": one that keeps
	// what is in it. A template that makes a JSON object or list has the value
	// of that document, as if it were encoded, and the function "template".
	Function string
	// Members tells where the members of objects in the value stand.
	Members []Member
	// References are the traversals in an expression that is not a literal, as
	// "var.image", "aws_ecs_task_definition.this.arn", without instance keys.
	References []string
	// Text is a template that is not literal, with ${} kept, cut at 400 bytes:
	// "git::https://example.com/m.git?ref=${var.ref}". An expression that is one
	// traversal is the template "${var.ref}".
	Text string
}

// Part stands in a list or an object for an element that is not a literal.
type Part struct {
	References []string
	Text       string // as in Attribute
}

// Member is the place of one member of an object.
type Member struct {
	Path   string // as a JSON pointer below the attribute: "/0/image"
	Offset int64  // of its name
}

// At returns the place of a member, and that of the attribute when there is no
// such member.
func (a *Attribute) At(path string) int64 {
	for i := range a.Members {
		if a.Members[i].Path == path {
			return a.Members[i].Offset
		}
	}
	return a.Offset
}

// Label returns a label, "" when there is none.
func (b *Block) Label(i int) string {
	if i < len(b.Labels) {
		return b.Labels[i]
	}
	return ""
}

// Attribute returns the attribute of that name.
func (b *Block) Attribute(name string) (*Attribute, bool) {
	for i := range b.Attributes {
		if b.Attributes[i].Name == name {
			return &b.Attributes[i], true
		}
	}
	return nil, false
}

// String returns the literal string of an attribute.
func (b *Block) String(name string) (string, *Attribute, bool) {
	a, ok := b.Attribute(name)
	if !ok || !a.Known {
		return "", a, false
	}
	s, ok := a.Value.(string)
	return s, a, ok
}

// Nested returns the nested blocks of a type.
func (b *Block) Nested(typ string) []*Block {
	var out []*Block
	for i := range b.Blocks {
		if b.Blocks[i].Type == typ {
			out = append(out, &b.Blocks[i])
		}
	}
	return out
}

// Ignores tells whether lifecycle.ignore_changes of a resource names the
// attribute, or all of them, and where.
func (b *Block) Ignores(name string) (*Attribute, bool) {
	for _, l := range b.Nested("lifecycle") {
		a, ok := l.Attribute("ignore_changes")
		if !ok {
			continue
		}
		if a.Text == "${all}" || a.Value == "all" {
			return a, true
		}
		list, _ := a.Value.([]any)
		for _, v := range list {
			switch v := v.(type) {
			case string: // JSON, and configuration of before Terraform 0.12
				if v == name {
					return a, true
				}
			case Part:
				if len(v.References) == 1 && v.References[0] == name {
					return a, true
				}
			}
		}
	}
	return nil, false
}

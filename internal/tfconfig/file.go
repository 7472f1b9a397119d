package tfconfig

// MaxFile bounds one configuration file: they are written by hand, and the
// longest that are generated have a few MiB.
const MaxFile = 16 << 20

// File is one file of a configuration.
type File struct {
	Path string // as shown to the user
	Dir  string // its folder: what lies in one folder is one module

	Blocks []Block
}

// Block is a block of a file, in the order of the file. A .tf.json file has the
// same blocks.
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
	// []any, map[string]any, or evidence.Secret. Meaningful only if Known.
	Value any
	Known bool // Value is all there is to it
	// References are the traversals in an expression that is not a literal, as
	// "var.image", "aws_ecs_task_definition.this.arn", without instance keys.
	References []string
	// Text is the source of a template that is not literal, with ${} kept, cut
	// at 400 bytes: "git::https://example.com/m.git?ref=${var.ref}".
	Text string
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

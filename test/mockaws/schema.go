package mockaws

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

//go:embed schema.json
var schemaJSON []byte

// Attribute is one argument or read-only attribute. The first fields come from schema.json,
// the last four from behaviour.json.
type Attribute struct {
	Type     string                `json:"type"`
	Nesting  string                `json:"nesting"`
	Required bool                  `json:"required"`
	Optional bool                  `json:"optional"`
	Computed bool                  `json:"computed"`
	Fields   map[string]*Attribute `json:"fields"`

	ForceNew  bool `json:"-"`
	Sensitive bool `json:"-"`
	WriteOnly bool `json:"-"`
	Default   any  `json:"-"`
}

// Block is a nested block, or a whole type.
type Block struct {
	Nesting    string                `json:"nesting"`
	Required   bool                  `json:"required"`
	Computed   bool                  `json:"computed"`
	Attributes map[string]*Attribute `json:"attributes"`
	Blocks     map[string]*Block     `json:"blocks"`

	ForceNew bool `json:"-"`
}

// Type is a resource or data source as the mock offers it.
type Type struct {
	Name string
	Block
	Facts Behaviour
}

// Catalogue is everything the provider offers.
type Catalogue struct {
	Resources   map[string]*Type
	DataSources map[string]*Type
}

// Load joins the two embedded files and complains where they disagree.
func Load() (*Catalogue, error) {
	var schema struct {
		Resources   map[string]*Block `json:"resources"`
		DataSources map[string]*Block `json:"data_sources"`
	}
	if err := json.Unmarshal(schemaJSON, &schema); err != nil {
		return nil, fmt.Errorf("schema.json: %w; write it again with go run ./gen", err)
	}
	behaviour, err := loadBehaviour()
	if err != nil {
		return nil, err
	}
	c := &Catalogue{}
	if c.Resources, err = join(schema.Resources, behaviour.Resources); err != nil {
		return nil, err
	}
	c.DataSources, err = join(schema.DataSources, behaviour.DataSources)
	return c, err
}

func join(blocks map[string]*Block, behaviours map[string]Behaviour) (map[string]*Type, error) {
	for name := range behaviours {
		if blocks[name] == nil {
			return nil, fmt.Errorf("behaviour.json: %s is not in schema.json; add it to gen/types.txt and run go run ./gen", name)
		}
	}
	types := map[string]*Type{}
	for name, block := range blocks {
		block.attributesFromBlocks()
		t := &Type{Name: name, Block: *block, Facts: behaviours[name]}
		if err := t.merge(); err != nil {
			return nil, fmt.Errorf("behaviour.json: %s: %w", name, err)
		}
		types[name] = t
	}
	return types, nil
}

// attributesFromBlocks turns blocks that are optional and computed into attributes: that is
// how the provider offers them (security group rules may be written as a block or a list).
func (b *Block) attributesFromBlocks() {
	for name, inner := range b.Blocks {
		inner.attributesFromBlocks()
		if inner.Computed {
			b.Attributes[name] = &Attribute{Type: "object", Nesting: inner.Nesting, Optional: true, Computed: true, Fields: inner.Attributes}
			delete(b.Blocks, name)
		}
	}
}

// find walks a dotted path to an attribute or, failing that, to a block.
func (b *Block) find(path string) (*Attribute, *Block) {
	head, rest, more := strings.Cut(path, ".")
	if !more {
		return b.Attributes[head], b.Blocks[head]
	}
	if inner := b.Blocks[head]; inner != nil {
		return inner.find(rest)
	}
	return nil, nil
}

func (a *Attribute) tfType() tftypes.Type {
	if a.Type == "object" {
		object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
		for name, field := range a.Fields {
			object.AttributeTypes[name] = field.tfType()
		}
		return collection(a.Nesting, object)
	}
	if kind, element, ok := strings.Cut(strings.TrimSuffix(a.Type, ")"), "("); ok {
		return collection(kind, primitive(element))
	}
	return primitive(a.Type)
}

func primitive(name string) tftypes.Type {
	switch name {
	case "number":
		return tftypes.Number
	case "bool":
		return tftypes.Bool
	}
	return tftypes.String
}

// collection treats a single block as a list of one: the provider's own schema does.
func collection(nesting string, element tftypes.Type) tftypes.Type {
	switch nesting {
	case "set":
		return tftypes.Set{ElementType: element}
	case "map":
		return tftypes.Map{ElementType: element}
	}
	return tftypes.List{ElementType: element}
}

func (b *Block) tfType() tftypes.Object {
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
	for name, a := range b.Attributes {
		object.AttributeTypes[name] = a.tfType()
	}
	for name, inner := range b.Blocks {
		object.AttributeTypes[name] = collection(inner.Nesting, inner.tfType())
	}
	return object
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

package tfconfig

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// What a block and an attribute cost without their words.
const (
	blockCost     = 128
	attributeCost = 160
)

// blocks keeps the blocks of a body. Under is what the block around them is
// called: a default under variable "db_password" is one.
func (r *reader) blocks(list []*hclsyntax.Block, under string) []Block {
	if len(list) == 0 || r.kept > MaxKept {
		return nil
	}
	out := make([]Block, 0, len(list))
	for _, b := range list {
		r.kept += blockCost
		n := Block{Type: r.word(b.Type), Offset: int64(b.TypeRange.Start.Byte), End: int64(b.CloseBraceRange.End.Byte)}
		for _, l := range b.Labels {
			n.Labels = append(n.Labels, r.word(l))
		}
		name := under
		if b.Type == "variable" || b.Type == "output" {
			name = n.Label(0)
			if a := b.Body.Attributes["sensitive"]; a != nil && isTrue(a.Expr) {
				name = "secret"
			}
		}
		n.Attributes = r.attributes(b.Body.Attributes, name)
		n.Blocks = r.blocks(b.Body.Blocks, name)
		out = append(out, n)
	}
	return out
}

func isTrue(e hclsyntax.Expression) bool {
	v, known := (&reader{}).literal(e)
	return known && v == true
}

func (r *reader) attributes(set hclsyntax.Attributes, under string) []Attribute {
	if len(set) == 0 || r.kept > MaxKept {
		return nil
	}
	sorted := make([]*hclsyntax.Attribute, 0, len(set))
	for _, a := range set {
		sorted = append(sorted, a)
	}
	slices.SortFunc(sorted, func(a, b *hclsyntax.Attribute) int {
		return cmp.Compare(a.SrcRange.Start.Byte, b.SrcRange.Start.Byte)
	})
	out := make([]Attribute, 0, len(sorted))
	for _, a := range sorted {
		r.kept += attributeCost
		n := Attribute{Name: r.word(a.Name), Offset: int64(a.NameRange.Start.Byte), End: int64(a.SrcRange.End.Byte)}
		r.fill(&n, a.Expr, under)
		out = append(out, n)
	}
	return out
}

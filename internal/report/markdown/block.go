package markdown

import "strings"

// block takes pieces of Markdown that stand alone, and leaves out those for which
// there is no room.
type block struct {
	text strings.Builder
	most int
	cut  bool // something was left out
}

func (b *block) add(piece string) bool {
	if b.text.Len()+len(piece) > b.most {
		b.cut = true
		return false
	}
	b.text.WriteString(piece)
	return true
}

// fold adds a part that is closed until somebody opens it. Its head is text of
// our own.
func (b *block) fold(head string, fill func(*block)) {
	const shut = "</details>\n\n"
	open := "<details><summary>" + head + "</summary>\n\n"
	inner := &block{most: b.most - b.text.Len() - len(open) - len(shut)}
	fill(inner)
	b.cut = b.cut || inner.cut
	if inner.text.Len() > 0 {
		b.add(open + inner.text.String() + shut)
	}
}

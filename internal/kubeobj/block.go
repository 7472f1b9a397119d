package kubeobj

import "strings"

// block reads the YAML that nearly all manifests are written in: maps and lists
// in block style, scalars of all styles, flow collections on one line. It is
// there for speed, reads nothing by a rule of its own, and gives up, without a
// word, at whatever it does not know: anchors, tags, merge keys, tabs, names
// that stand twice, errors. Then yaml.v3 reads the document. Tests hold the two
// equal, offsets and all.
type block struct {
	*tree
	text  string
	pos   int // of the next character
	end   int // of the document
	col   int // of the line's first character, when pos stands at it
	eof   bool
	depth int
}

// document reads a whole document.
func (b *block) document() (Value, bool) {
	if !b.next() || b.eof || b.col != 0 {
		return Value{}, false
	}
	v, ok := b.node(0, -1)
	if !ok || !b.eof || v.Kind != Map && v.Kind != List {
		return Value{}, false
	}
	return v, true
}

// next goes to the next line with something on it; pos is at a line's start.
func (b *block) next() bool {
	for b.pos < b.end {
		start := b.pos
		for b.pos < b.end && b.text[b.pos] == ' ' {
			b.pos++
		}
		if b.pos == b.end {
			break
		}
		switch b.text[b.pos] {
		case '\n':
			b.pos++
		case '#':
			b.pos = b.line()
		case '\t':
			return false
		default:
			b.col = b.pos - start
			return true
		}
	}
	b.eof = true
	return true
}

// line is where the next line begins.
func (b *block) line() int {
	if i := strings.IndexByte(b.text[b.pos:b.end], '\n'); i >= 0 {
		return b.pos + i + 1
	}
	return b.end
}

// at is the character i behind pos; a line break at the end.
func (b *block) at(i int) byte {
	if b.pos+i < b.end {
		return b.text[b.pos+i]
	}
	return '\n'
}

func (b *block) dash() bool {
	return b.at(0) == '-' && (b.at(1) == ' ' || b.at(1) == '\n')
}

// node reads the value that begins at pos, in column col; parent is the column
// of the map or list that it stands in.
func (b *block) node(col, parent int) (Value, bool) {
	if b.depth++; b.depth > MaxDepth {
		return Value{}, false
	}
	defer func() { b.depth-- }()
	if b.dash() {
		return b.list(col)
	}
	start := b.pos
	if b.long() {
		return b.entries(start, "", true, col)
	}
	if name, ok := b.key(); ok {
		return b.entries(start, name, false, col)
	}
	b.pos = start
	return b.scalar(parent)
}

// entries reads a map whose first key is read; a long one is read here.
func (b *block) entries(start int, name string, long bool, col int) (Value, bool) {
	base := len(b.stack)
	for {
		var v Value
		ok := true
		if !long {
			v, ok = b.value(col)
		} else if name, ok = b.longKey(col); ok {
			v, ok = b.item(col)
		}
		if !ok {
			return Value{}, false
		}
		v.Name = name
		b.stack = append(b.stack, v)
		if b.eof || b.col < col {
			break
		}
		if b.col > col {
			return Value{}, false
		}
		if long = b.long(); long {
			continue
		}
		if name, ok = b.key(); !ok {
			return Value{}, false
		}
	}
	if b.twice(base) {
		return Value{}, false
	}
	return Value{Kind: Map, Offset: uint32(start), Items: b.take(base)}, true
}

// value reads what follows the colon of a key in column col.
func (b *block) value(col int) (Value, bool) {
	after := b.pos
	rest, ok := b.skip()
	if !ok {
		return Value{}, false
	}
	if rest {
		return b.scalar(col)
	}
	if !b.next() {
		return Value{}, false
	}
	switch {
	case !b.eof && b.col > col:
		return b.node(b.col, col)
	case !b.eof && b.col == col && b.dash():
		if b.depth++; b.depth > MaxDepth {
			return Value{}, false
		}
		defer func() { b.depth-- }()
		return b.list(col)
	}
	return Value{Kind: Null, Offset: uint32(after)}, true
}

// list reads a list whose dashes stand in column col.
func (b *block) list(col int) (Value, bool) {
	start, base := b.pos, len(b.stack)
	for {
		v, ok := b.item(col)
		if !ok {
			return v, false
		}
		b.stack = append(b.stack, v)
		if b.eof || b.col < col || b.col == col && !b.dash() {
			break
		}
		if b.col > col {
			return Value{}, false
		}
	}
	return Value{Kind: List, Offset: uint32(start), Items: b.take(base)}, true
}

// item reads what follows the sign at pos, in column col: a dash, or the colon
// of a long key.
func (b *block) item(col int) (Value, bool) {
	sign := b.pos
	b.pos++
	rest, ok := b.skip()
	switch {
	case !ok:
		return Value{}, false
	case rest:
		return b.node(col+b.pos-sign, col)
	case !b.next():
		return Value{}, false
	case !b.eof && b.col > col:
		return b.node(b.col, col)
	}
	return Value{Kind: Null, Offset: uint32(sign + 1)}, true
}

// long tells whether a key with a question mark follows: that is how kubectl
// writes keys of more than 128 characters.
func (b *block) long() bool { return b.at(0) == '?' && b.at(1) == ' ' }

// longKey reads such a key, complete on its line, and goes to the colon below.
func (b *block) longKey(col int) (string, bool) {
	b.pos++
	if rest, ok := b.skip(); !ok || !rest {
		return "", false
	}
	switch c := b.at(0); c {
	case '"', '\'':
		text, ok := b.quoted(col, false)
		if !ok || !b.close() || !b.colon(col) {
			return "", false
		}
		return text, true
	case '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '%', '@', '`', '-':
		return "", false
	}
	text, more, ok := b.plainLine()
	if !ok || !more || !ordinary(text) || text == "<<" || !b.colon(col) {
		return "", false
	}
	return text, true
}

func (b *block) colon(col int) bool {
	return b.next() && !b.eof && b.col == col && b.at(0) == ':' && b.ends(1)
}

// skip goes over spaces; false for rest when nothing but a comment follows, and
// then pos is at the start of the next line.
func (b *block) skip() (rest, ok bool) {
	from := b.pos
	for b.at(0) == ' ' {
		b.pos++
	}
	switch b.at(0) {
	case '\n':
		b.pos = min(b.pos+1, b.end)
		return false, true
	case '#':
		if b.pos == from {
			return false, false
		}
		b.pos = b.line()
		return false, true
	case '\t':
		return false, false
	}
	return true, true
}

// maxKey is what a key may be long; YAML says 1024 characters.
const maxKey = 1000

// key reads a key and its colon. False when there is none that is simple.
func (b *block) key() (string, bool) {
	start := b.pos
	switch c := b.at(0); c {
	case '"', '\'':
		i := b.pos + 1
		for i < b.end && b.text[i] != c && b.text[i] != '\\' && b.text[i] != '\n' && b.text[i] != '\t' {
			i++
		}
		b.pos = i + 1
		if i >= b.end || b.text[i] != c || b.at(0) != ':' || !b.ends(1) || i-start > maxKey {
			return "", false
		}
		b.pos++
		return b.text[start+1 : i], true
	case ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '%', '@', '`', '\t', '\n', ' ':
		return "", false
	case '?', ':', '-':
		if b.ends(1) || b.at(1) == '\t' {
			return "", false
		}
	}
	for {
		switch b.at(0) {
		case ' ', '\t', '\n':
			return "", false
		case ':':
			if !b.ends(1) {
				break
			}
			name := b.text[start:b.pos]
			b.pos++
			if len(name) > maxKey || name == "<<" {
				return "", false
			}
			if !ordinary(name) {
				if _, text := resolve(name).(string); !text {
					return "", false
				}
			}
			return name, true
		}
		b.pos++
	}
}

// ends tells whether a space or a line break stands i behind pos.
func (b *block) ends(i int) bool {
	c := b.at(i)
	return c == ' ' || c == '\n'
}

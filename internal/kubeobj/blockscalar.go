package kubeobj

import "strings"

// scalar reads a scalar, or a flow collection, to the end of its last line and
// goes to the next line.
func (b *block) scalar(parent int) (Value, bool) {
	start := b.pos
	var v Value
	ok := false
	switch c := b.at(0); c {
	case '"', '\'':
		var text string
		if text, ok = b.quoted(parent, true); ok {
			v = Value{Kind: String, Text: text}
			ok = b.close()
		}
	case '|', '>':
		v, ok = b.literal(parent)
	case '[', '{':
		if v, ok = b.flow(); ok {
			ok = b.close()
		}
	case '&', '*', '!', '%', '@', '`', ',', ']', '}', '#', '\t', '\n':
	case '-', ':', '?':
		if !b.ends(1) && b.at(1) != '\t' {
			v, ok = b.plain(parent)
		}
	default:
		v, ok = b.plain(parent)
	}
	if !ok || !b.next() {
		return Value{}, false
	}
	v.Offset = uint32(start)
	return v, true
}

// close wants nothing but a comment behind a value.
func (b *block) close() bool {
	rest, ok := b.skip()
	return ok && !rest
}

// plain reads a text without quotes, over several lines if it has them.
func (b *block) plain(parent int) (Value, bool) {
	text, more, ok := b.plainLine()
	if !ok {
		return Value{}, false
	}
	var long []byte // only when there are several lines
	for more {
		back := b.pos
		breaks := 1
		for b.pos < b.end {
			from := b.pos
			for b.at(0) == ' ' {
				b.pos++
			}
			if b.pos == b.end || b.at(0) != '\n' {
				b.col = b.pos - from
				break
			}
			b.pos++
			breaks++
		}
		if b.pos == b.end || b.col <= parent || b.at(0) == '#' {
			b.pos = back
			break
		}
		if b.at(0) == '\t' {
			return Value{}, false
		}
		if long == nil {
			long = append(long, text...)
		}
		long = fold(long, breaks)
		if text, more, ok = b.plainLine(); !ok {
			return Value{}, false
		}
		long = append(long, text...)
	}
	if long != nil {
		text = string(long)
	}
	switch {
	case ordinary(text):
		return Value{Kind: String, Text: text}, true
	case decimal(text):
		return Value{Kind: Number, Text: text}, true
	}
	return scalar(resolve(text), text)
}

// plainLine reads one line of it; no more may follow a comment.
func (b *block) plainLine() (text string, more, ok bool) {
	start := b.pos
	for {
		switch b.at(0) {
		case '\t':
			return "", false, false
		case ':':
			if b.ends(1) {
				return "", false, false
			}
		case '\n', '#':
			comment := b.at(0) == '#'
			if comment && b.text[b.pos-1] != ' ' {
				break
			}
			text = strings.TrimRight(b.text[start:b.pos], " ")
			b.pos = b.line()
			return text, !comment, true
		}
		b.pos++
	}
}

// fold joins two lines: one break is a space, more are one break less.
func fold(text []byte, breaks int) []byte {
	if breaks == 1 {
		return append(text, ' ')
	}
	for range breaks - 1 {
		text = append(text, '\n')
	}
	return text
}

// quoted reads a text in quotes to behind the closing one.
func (b *block) quoted(parent int, lines bool) (string, bool) {
	quote := b.at(0)
	b.pos++
	start := b.pos
	for b.pos < b.end {
		switch c := b.text[b.pos]; {
		case c == quote:
			if quote == '\'' && b.at(1) == '\'' {
				return b.mended(start, parent, lines)
			}
			b.pos++
			return b.text[start : b.pos-1], true
		case c == '\n', c == '\\' && quote == '"':
			return b.mended(start, parent, lines)
		case c == '\t':
			return "", false
		}
		b.pos++
	}
	return "", false
}

// mended reads on where the text is not what stands in the file: escapes,
// doubled quotes, lines to fold.
func (b *block) mended(start, parent int, lines bool) (string, bool) {
	quote := b.text[start-1]
	out := append(make([]byte, 0, 2*(b.pos-start)+64), b.text[start:b.pos]...)
	for b.pos < b.end {
		switch c := b.text[b.pos]; {
		case c == quote && quote == '\'' && b.at(1) == '\'':
			out = append(out, quote)
			b.pos += 2
		case c == quote:
			b.pos++
			return string(out), true
		case c == '\\' && quote == '"' && b.at(1) == '\n':
			b.pos += 2
			breaks, ok := b.margin(parent)
			if !ok || !lines {
				return "", false
			}
			for range breaks - 1 {
				out = append(out, '\n')
			}
		case c == '\\' && quote == '"':
			var ok bool
			if out, ok = b.escape(out); !ok {
				return "", false
			}
		case c == ' ':
			from := b.pos
			for b.at(0) == ' ' {
				b.pos++
			}
			if b.at(0) != '\n' {
				out = append(out, b.text[from:b.pos]...)
			}
		case c == '\n':
			b.pos++
			breaks, ok := b.margin(parent)
			if !ok || !lines {
				return "", false
			}
			out = fold(out, breaks)
		case c == '\t':
			return "", false
		default:
			out = append(out, c)
			b.pos++
		}
	}
	return "", false
}

// margin goes to the next line of a quoted text that has something on it, and
// counts the breaks, with the one that was passed.
func (b *block) margin(parent int) (breaks int, ok bool) {
	breaks = 1
	for b.pos < b.end {
		from := b.pos
		for b.at(0) == ' ' {
			b.pos++
		}
		if b.at(0) != '\n' {
			return breaks, b.pos-from > max(parent, 0) && b.at(0) != '\t'
		}
		b.pos++
		breaks++
	}
	return 0, false
}

// escape reads one escape of a text in double quotes.
func (b *block) escape(out []byte) ([]byte, bool) {
	c := b.at(1)
	b.pos += 2
	digits := 0
	switch c {
	case 'n':
		return append(out, '\n'), true
	case 't':
		return append(out, '\t'), true
	case 'r':
		return append(out, '\r'), true
	case '"', '\\', ' ':
		return append(out, c), true
	case '0':
		return append(out, 0), true
	case 'a':
		return append(out, '\a'), true
	case 'b':
		return append(out, '\b'), true
	case 'e':
		return append(out, 0x1B), true
	case 'f':
		return append(out, '\f'), true
	case 'v':
		return append(out, '\v'), true
	case 'N':
		return append(out, "\u0085"...), true
	case '_':
		return append(out, "\u00a0"...), true
	case 'L':
		return append(out, "\u2028"...), true
	case 'P':
		return append(out, "\u2029"...), true
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		return out, false
	}
	var r rune
	for range digits {
		d := strings.IndexByte("0123456789abcdef", b.at(0)|0x20)
		if d < 0 || b.at(0) < '0' || r > 0x10FFFF {
			return out, false
		}
		r = r<<4 | rune(d)
		b.pos++
	}
	if r > 0x10FFFF || r >= 0xD800 && r <= 0xDFFF {
		return out, false
	}
	return append(out, string(r)...), true
}

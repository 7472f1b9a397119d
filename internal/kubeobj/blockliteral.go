package kubeobj

import "strings"

// literal reads a block scalar, | or >, with a sign for its last breaks and a
// number for its margin if it has one.
func (b *block) literal(parent int) (Value, bool) {
	folded := b.at(0) == '>'
	b.pos++
	keep, given := byte(0), 0
	for range 2 {
		switch c := b.at(0); {
		case keep == 0 && (c == '-' || c == '+'):
			keep = c
			b.pos++
		case given == 0 && c >= '1' && c <= '9':
			given = int(c - '0')
			b.pos++
		}
	}
	for b.at(0) == ' ' {
		b.pos++
	}
	if b.at(0) != '\n' {
		return Value{}, false
	}
	b.pos = min(b.pos+1, b.end)

	blank, margin, ok := 0, max(parent, 0)+given, true
	if given == 0 {
		blank, margin, ok = b.margins(parent)
	}
	var body string
	if ok && margin > parent && b.pos < b.end {
		body, blank, ok = b.body(margin, blank, folded)
	}
	switch {
	case !ok:
		return Value{}, false
	case keep == '-':
	case keep == '+':
		if body != "" {
			blank++
		}
		body += strings.Repeat("\n", blank)
	case body != "":
		body += "\n"
	}
	return Value{Kind: String, Text: body}, true
}

// margins goes over the empty lines in front and finds how far the first line
// is moved in. Empty lines that are moved in further are an error in YAML.
func (b *block) margins(parent int) (blank, margin int, ok bool) {
	most := 0
	for b.pos < b.end {
		i := b.pos
		for i < b.end && b.text[i] == ' ' {
			i++
		}
		width := i - b.pos
		if i == b.end {
			b.pos = b.end
			return blank + 1, 0, most <= parent+1 && width <= parent+1
		}
		switch b.text[i] {
		case '\n':
			most = max(most, width)
			b.pos = i + 1
			blank++
			continue
		case '\t':
			return 0, 0, false
		}
		return blank, width, most <= max(width, parent+1)
	}
	return blank, 0, most <= parent+1
}

// body reads the lines of a block scalar without its last line break, and
// counts the empty ones behind it.
func (b *block) body(margin, blank int, folded bool) (string, int, bool) {
	var out strings.Builder
	start := b.pos
	lines := b.measure(margin)
	out.Grow(lines - start)
	// What is pending between two lines: the break of the one above, and then
	// empty lines.
	first, above := true, false
	for b.pos < b.end {
		i := b.pos
		for i < b.end && i-b.pos < margin && b.text[i] == ' ' {
			i++
		}
		width := i - b.pos
		switch {
		case i == b.end:
			b.pos = b.end
			return out.String(), blank + 1, true
		case b.text[i] == '\n':
			blank++
			b.pos = i + 1
			continue
		case width < margin && b.text[i] == '\t':
			return "", 0, false
		case width < margin:
			return out.String(), blank, true
		}
		moved := b.text[i] == ' ' || b.text[i] == '\t'
		switch {
		case first:
		case folded && !above && !moved:
			if blank == 0 {
				out.WriteByte(' ')
			}
		default:
			out.WriteByte('\n')
		}
		for range blank {
			out.WriteByte('\n')
		}
		end := i
		if n := strings.IndexByte(b.text[i:b.end], '\n'); n >= 0 {
			end, b.pos = i+n, i+n+1
		} else {
			end, b.pos = b.end, b.end
		}
		out.WriteString(b.text[i:end])
		first, above, blank = false, moved, 0
	}
	return out.String(), blank, true
}

// measure is about where a block scalar ends.
func (b *block) measure(margin int) int {
	at := b.pos
	for at < b.end {
		i := at
		for i < b.end && i-at < margin && b.text[i] == ' ' {
			i++
		}
		if i < b.end && i-at < margin && b.text[i] != '\n' {
			return at
		}
		n := strings.IndexByte(b.text[i:b.end], '\n')
		if n < 0 {
			return b.end
		}
		at = i + n + 1
	}
	return b.end
}

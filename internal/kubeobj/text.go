package kubeobj

import (
	"strings"
	"unicode/utf8"
)

// byteOrderMark may stand before a document.
const byteOrderMark = "\ufeff"

// chunk is what kubectl takes for one YAML document: the lines between two
// lines that begin with ---, whatever they stand in.
//
// Source: k8s.io/apimachinery v0.37.2, util/yaml/decoder.go, YAMLReader.Read.
type chunk struct {
	start, end int  // in the text of the file; the separator is not in it
	junk       bool // the line that ends it is no separator: text follows the ---
}

// chunks yields the documents of a text from an offset on.
func chunks(text string, from int) func(yield func(chunk) bool) {
	return func(yield func(chunk) bool) {
		start := from
		for at := from; at < len(text); {
			next := lineEnd(text, at)
			if !strings.HasPrefix(text[at:next], "---") {
				// To the next line that may be a separator, at once.
				i := strings.Index(text[at:], "\n---")
				if i < 0 {
					break
				}
				at += i + 1
				continue
			}
			rest := strings.TrimSpace(text[at+3 : next])
			if !yield(chunk{start, at, rest != "" && rest[0] != '#'}) {
				return
			}
			at, start = next, next
		}
		yield(chunk{start, len(text), false})
	}
}

// lineEnd is where the line behind the one at `at` begins.
func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// blank tells that a text has nothing but spaces, line breaks and comments.
func blank(text string) bool {
	for len(text) > 0 {
		next := lineEnd(text, 0)
		line := strings.TrimLeft(text[:next], " \t\r\n")
		if line != "" && line[0] != '#' {
			return false
		}
		text = text[next:]
	}
	return true
}

// simple tells that a text has no characters that need care: line breaks other
// than a plain one, control characters, what is no Unicode.
func simple(text string) bool {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if c < ' ' && c != '\n' && c != '\t' || c == 0x7F {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && n == 1, r < 0xA0, r == 0x2028, r == 0x2029, r == 0xFEFF, r == 0xFFFE, r == 0xFFFF:
			return false
		}
		i += n
	}
	return true
}

// places turns lines and columns as yaml.v3 counts them into offsets: a line
// ends with any break that YAML 1.1 knows, columns are characters.
type places struct {
	text  string
	lines []int
	ascii bool
}

func newPlaces(text string) *places {
	p := &places{text: text, lines: []int{0}, ascii: true}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n', c == '\r' && (i+1 == len(text) || text[i+1] != '\n'):
			p.lines = append(p.lines, i+1)
		case c < utf8.RuneSelf:
		default:
			p.ascii = false
			if rest := text[i:]; strings.HasPrefix(rest, "\u0085") {
				p.lines = append(p.lines, i+2)
			} else if strings.HasPrefix(rest, "\u2028") || strings.HasPrefix(rest, "\u2029") {
				p.lines = append(p.lines, i+3)
			}
		}
	}
	return p
}

func (p *places) offset(line, column int) int {
	if line < 1 || line > len(p.lines) {
		return len(p.text)
	}
	at := p.lines[line-1]
	if p.ascii {
		return min(at+column-1, len(p.text))
	}
	for range column - 1 {
		_, n := utf8.DecodeRuneInString(p.text[at:])
		at += n
	}
	return at
}

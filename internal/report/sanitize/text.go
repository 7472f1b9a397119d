package sanitize

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Growth is how many times longer than its input a cleaned text can be: one
// byte that is no UTF-8 becomes four (\xff).
const Growth = 4

// Text cleans text that belongs on one line.
func Text(s string) string { return clean(s, false) }

// Block cleans text of several lines: newlines and tabs stay as they are. A
// carriage return does not: it would let a line overwrite itself.
func Block(s string) string { return clean(s, true) }

// clean is the identity for nearly every string it ever sees, so it looks for
// the first bad character before it copies anything. A backslash stays single:
// proofs are full of JSON and paths, and doubling it would make cleaning twice
// differ from cleaning once.
func clean(s string, block bool) string {
	first := firstBad(s, block)
	if first < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:first])
	for i := first; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case bad(r, block):
			b.WriteString(visible(r))
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

func firstBad(s string, block bool) int {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if bad(rune(c), block) {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && size == 1) || bad(r, block) {
			return i
		}
		i += size
	}
	return -1
}

// bad tells whether a reader could not see r or a terminal would act on it.
func bad(r rune, block bool) bool {
	switch {
	case r == '\n' || r == '\t':
		return !block
	case r < 0x20, r == 0x7f:
		return true
	case r < 0x7f:
		return false
	}
	// Cc is C1; Cf holds the bidi controls, zero-width characters, the byte
	// order mark and the tag characters; Zl and Zp break lines; the rest is
	// drawn as nothing by design and can smuggle a message.
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp,
		unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

func visible(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\t':
		return `\t`
	case r == '\r':
		return `\r`
	case r < utf8.RuneSelf:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	default:
		return fmt.Sprintf(`\U%08x`, r)
	}
}

package markdown

import (
	"strings"
	"unicode/utf8"
)

// word writes one word of a sentence: as it is, with a few escapes, or as a code
// span when something would act on it. leads tells that it can be the first one
// of a line, where more signs mean something.
func word(w string, leads bool) string {
	core := strings.TrimLeft(w, lead)
	before := w[:len(w)-len(core)]
	trimmed := strings.TrimRight(core, tail)
	after := core[len(trimmed):]
	core = trimmed
	switch {
	case leads && strings.HasPrefix(w, "/"):
		return code(w, len(w)) // bots obey lines that start with a slash
	case !acting(w):
		return escaped(w, leads)
	case core == "" || acting(before) || acting(after) || !acting(core):
		return code(w, len(w))
	}
	return before + code(core, len(core)) + after
}

// acting tells whether a word means more than itself: to Markdown (emphasis,
// links, HTML, entities), or to what GitHub and GitLab look for in the text
// afterwards (mentions, references, commits, addresses, emoji, mathematics).
func acting(w string) bool {
	if len(w) == 1 {
		return w == "`" || w == "[" // a sign on its own has nothing to act on
	}
	for i := range len(w) {
		next := byte(0)
		if i+1 < len(w) {
			next = w[i+1]
		}
		switch c := w[i]; c {
		case '`', '*', '[', '|', '\\', '~', '<':
			return true
		case '@', '#', '$':
			if next != 0 || i > 0 && c != '#' {
				return true
			}
		case '&', '%', '!':
			if next != 0 && (isName(next) || strings.IndexByte(`"'({[#`, next) >= 0) || next >= 0x80 {
				return true
			}
		case '{':
			if next == '{' || next == '+' || next == '-' || next == '%' {
				return true
			}
		case ':':
			if strings.HasPrefix(w[i:], "://") || emoji(w[i+1:]) {
				return true
			}
		case '-':
			if next >= '0' && next <= '9' && ticket(w[:i]) {
				return true
			}
		}
	}
	site := strings.ToLower(w)
	return strings.Contains(site, "www.") || strings.HasSuffix(site, "www") || commit(w)
}

// emoji tells whether s is the rest of ":name:". There is none of two digits, and
// 08:00:00 is a time.
func emoji(s string) bool {
	name, _, closed := strings.Cut(s, ":")
	if !closed || name == "" || len(name) == 2 && isDigit(name[0]) && isDigit(name[1]) {
		return false
	}
	for _, r := range name {
		if !isWord(r) && r != '+' && r != '-' {
			return false
		}
	}
	return true
}

// ticket tells whether s ends like the name of a project before the number of an
// issue: GH-1, PROJ-1.
func ticket(s string) bool {
	rest := strings.TrimRightFunc(s, func(r rune) bool { return isWord(r) && r != '_' && (r < '0' || r > '9') })
	return rest != s && (rest == "" || !isName(rest[len(rest)-1]))
}

// commit tells whether s has something like the hash of a commit: seven
// hexadecimal digits or more and nothing else between two ends of a word.
func commit(s string) bool {
	run, hex := 0, true
	for i := 0; i <= len(s); i++ {
		if i < len(s) && isName(s[i]) {
			run++
			hex = hex && strings.IndexByte("0123456789abcdefABCDEF", s[i]) >= 0
			continue
		}
		if run >= 7 && hex {
			return true
		}
		run, hex = 0, true
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetterOrDigit(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// isName tells what may be in a name, as regular expressions understand \w.
func isName(c byte) bool { return isLetterOrDigit(c) || c == '_' }

// isWord is isName for characters. Where case is ignored, ſ is an s and K a k.
func isWord(r rune) bool {
	return r < utf8.RuneSelf && isName(byte(r)) || r == 'ſ' || r == 'K'
}

// escaped writes a word that acts on nothing, with a backslash before signs of
// Markdown. Inside of a name an underscore is no sign.
func escaped(w string, leads bool) string {
	if leads {
		if i := leader(w); i >= 0 {
			return escaped(w[:i], false) + `\` + w[i:i+1] + escaped(w[i+1:], false)
		}
	}
	if !strings.ContainsAny(w, "_<>#*~|\\$[") {
		return w
	}
	var b strings.Builder
	for i := 0; i < len(w); i++ {
		switch c := w[i]; c {
		case '_':
			end := i
			for end < len(w) && w[end] == '_' {
				end++
			}
			run := w[i:end]
			if i == 0 || end == len(w) || !isLetterOrDigit(w[i-1]) || !isLetterOrDigit(w[end]) {
				run = strings.Repeat(`\_`, len(run))
			}
			b.WriteString(run)
			i = end - 1
		case '<':
			b.WriteString("&lt;")
		case '|':
			b.WriteString("&#124;") // a backslash before it differs between renderers
		case '\\':
			b.WriteString("&#92;")
		case '#', '*', '~', '$':
			b.WriteString(`\` + w[i:i+1])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// leader is where the sign is that would make a heading, a list, a quotation, a
// line or a definition of what starts with w; less than 0 when there is none.
func leader(w string) int {
	digits := 0
	for digits < len(w) && isDigit(w[digits]) {
		digits++
	}
	if digits < len(w) && digits > 0 && (w[digits] == '.' || w[digits] == ')') {
		return digits
	}
	if strings.IndexByte("#+-=>:", w[0]) >= 0 {
		return 0
	}
	return -1
}

// Package shell writes words for a POSIX shell, so that whoever copies a command
// that was printed runs that command, and nothing that a file or an object is
// called.
package shell

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Word is a word of a command. Names with control or invisible characters are
// written in the form $'...' of bash and zsh, so that what is shown can be read,
// and what is copied is the name.
func Word(s string) string {
	plain, visible := s != "", utf8.ValidString(s)
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', strings.ContainsRune("-_./:,@%+=", r):
		case unicode.IsPrint(r):
			plain = false
		default:
			plain, visible = false, false
		}
	}
	switch {
	case plain:
		return s
	case visible:
		return Quoted(s)
	}
	var out strings.Builder
	out.WriteString("$'")
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\'' || r == '\\':
			out.WriteByte('\\')
			out.WriteByte(s[i])
		case r == utf8.RuneError && n == 1, !unicode.IsPrint(r):
			for _, b := range []byte(s[i : i+n]) {
				fmt.Fprintf(&out, `\%03o`, b)
			}
		default:
			out.WriteString(s[i : i+n])
		}
		i += n
	}
	out.WriteByte('\'')
	return out.String()
}

// Quoted is a word in single quotes, whatever is in it.
func Quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// Operand is a path that stands alone in a command: one that starts with a dash
// would be taken for an option.
func Operand(path string) string {
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	return Word(path)
}

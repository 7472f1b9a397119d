package html

import (
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
)

// mark is a verdict or a direction for people: a symbol, a word, and the class
// whose colour repeats them.
type mark struct{ Symbol, Word, Class string }

// former is the mark of what only BASE has: its verdict is of that time.
func former(s finding.Status, v finding.Verdict) mark {
	class := "former"
	if s == finding.Fixed {
		class = "good"
	}
	return mark{"", strings.ToUpper(s.String()) + ", was " + v.Label(), class}
}

func markOf(v finding.Verdict) mark {
	switch v {
	case finding.Refuted:
		return mark{"✗", v.Label(), "bad"}
	case finding.Holds:
		return mark{"✓", v.Label(), "good"}
	default:
		return mark{"?", v.Label(), "open"}
	}
}

func markOfDirection(direction string) mark {
	switch direction {
	case "worse":
		return mark{"✗", "WORSE", "bad"}
	case "same":
		return mark{"=", "NO WORSE", "plain"}
	case "better":
		return mark{"=", "NO WORSE", "good"}
	default:
		return mark{"?", "UNPROVEN", "open"}
	}
}

// prose escapes a sentence and sets what stands between backticks as code.
func prose(s string) template.HTML {
	parts := strings.Split(s, "`")
	var b strings.Builder
	for i, p := range parts {
		p = template.HTMLEscapeString(p)
		switch {
		case i%2 == 0:
			b.WriteString(p)
		case i == len(parts)-1: // a backtick without its partner
			b.WriteString("`" + p)
		default:
			b.WriteString("<code>" + p + "</code>")
		}
	}
	return template.HTML(b.String())
}

// heading is a name of the stream as a heading has it.
func heading(name string) string {
	r, n := utf8.DecodeRuneInString(name)
	if n == 0 || r == utf8.RuneError {
		return name
	}
	return string(unicode.ToUpper(r)) + name[n:]
}

// tableTitle names a table for people.
func tableTitle(name string) string {
	switch name {
	case "doctor", "capabilities":
		return "Capabilities"
	case "gate":
		return "The gate"
	case "changes":
		return "Changes and their mechanism"
	case "drift":
		return "What becomes of drift, and who caused it"
	default:
		return heading(name)
	}
}

// quoted is an argument as a shell takes it.
func quoted(arg string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:=@%+,~^", r)
	}
	if arg != "" && strings.IndexFunc(arg, func(r rune) bool { return !plain(r) }) < 0 {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

func count(n int, one, many string) string {
	return words.Number(n) + " " + plural(n, one, many)
}

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func place(at finding.Location) string {
	switch {
	case at.Line > 0 && at.Column > 0:
		return fmt.Sprintf("%s:%d:%d", text(at.File), at.Line, at.Column)
	case at.Line > 0:
		return fmt.Sprintf("%s:%d", text(at.File), at.Line)
	default:
		return text(at.File)
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

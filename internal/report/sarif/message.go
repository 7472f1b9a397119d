package sarif

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"polygraph/internal/report/words"
)

// Bytes that one text may have. A saved run can have lines of 16 MiB.
const (
	maxText  = 2_000  // a sentence
	maxName  = 1_000  // an identity, a path
	maxBlock = 16_000 // a picture, a patch, the message of a result
	maxShort = 1_024  // GitHub's limit for the descriptions of a rule
)

// plain makes s the text of a SARIF message (§3.11). Braces are placeholders and
// are doubled. `[text](target)` is a link and a space takes its sense away:
// outside of a link SARIF has no escape for brackets.
func plain(s string) string {
	if !strings.ContainsAny(s, "{}]") {
		return s
	}
	s = strings.ReplaceAll(s, "{", "{{")
	s = strings.ReplaceAll(s, "}", "}}")
	return strings.ReplaceAll(s, "](", "] (")
}

// short is plain text of at most maxShort bytes.
func short(s string) string {
	for n := maxShort; ; n /= 2 {
		if text := plain(words.Cut(s, n)); len(text) <= maxShort {
			return text
		}
	}
}

// markdown makes s inert in GitHub Flavored Markdown, except for code spans of
// single backticks, which rules use and in which nothing is active.
func markdown(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		if span := codeSpan(s); span > 0 {
			b.WriteString(s[:span])
			s = s[span:]
			continue
		}
		r, size := utf8.DecodeRuneInString(s)
		if strings.ContainsRune("\\`*_[]<>#|~!&:$@", r) {
			// A character reference for what a backslash does not stop: `&`
			// starts one, `:` is part of an automatic link.
			switch r {
			case '&':
				b.WriteString("&amp;")
			case '<':
				b.WriteString("&lt;")
			case '>':
				b.WriteString("&gt;")
			default:
				b.WriteByte('\\')
				b.WriteRune(r)
			}
		} else {
			b.WriteRune(r)
		}
		s = s[size:]
	}
	out := strings.ReplaceAll(b.String(), "{", "{{")
	return strings.ReplaceAll(out, "}", "}}")
}

// codeSpan is the length of the code span that s starts with, or 0.
func codeSpan(s string) int {
	if s[0] != '`' {
		return 0
	}
	end := strings.IndexAny(s[1:], "`\n") + 1
	if end <= 1 || s[end] != '`' || strings.HasPrefix(s[end:], "``") {
		return 0
	}
	return end + 1
}

// source links a source that is nothing but a web address and quotes any other.
func source(s string) string {
	if u, err := url.Parse(s); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		!strings.ContainsAny(s, " <>\"`{}[]()\\") {
		return "<" + s + ">"
	}
	return markdown(s)
}

// sentence ends s with a full stop, so that readers find where it ends.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:") {
		return s
	}
	return s + "."
}

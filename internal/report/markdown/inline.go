package markdown

import (
	"html"
	"strings"
)

// code writes a name as a code span: nothing in it is obeyed, neither by
// Markdown nor by what looks for mentions and references afterwards. Its fence
// is longer than any run of backticks in it. A pipe would end a cell of a table
// even in a code span, and what a backslash before it means differs between
// renderers, so a pipe becomes an HTML element of its own.
func code(s string, most int) string {
	s = strings.ReplaceAll(middle(s, most), "\n", " ")
	if s == "" {
		return "(no name)"
	}
	parts := strings.Split(s, "|")
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteString("<code>&#124;</code>")
		}
		if p != "" {
			b.WriteString(span(p))
		}
	}
	return b.String()
}

func span(s string) string {
	fence := strings.Repeat("`", longestRun(s)+1)
	blank := strings.Trim(s, " ") == ""
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || !blank && s[0] == ' ' && s[len(s)-1] == ' ' {
		s = " " + s + " " // one space on each side is taken away again
	}
	return fence + s + fence
}

// longestRun is the length of the longest run of backticks in s.
func longestRun(s string) int {
	longest, now := 0, 0
	for i := range len(s) {
		if s[i] != '`' {
			now = 0
			continue
		}
		now++
		longest = max(longest, now)
	}
	return longest
}

// prose writes a sentence. Words that something would act on become code spans,
// all others stay readable, also in the source (acting.go). A pair of backticks
// around words is the mark of its author for code and becomes one.
func prose(s string, most int) string {
	s = strings.Join(strings.Fields(end(s, most)), " ")
	var out []string
	for s != "" {
		if lead, inner, tail, rest, ok := quoted(s); ok {
			out = append(out, lead+code(inner, len(inner))+tail)
			s = rest
			continue
		}
		var w string
		w, s, _ = strings.Cut(s, " ")
		out = append(out, word(w, len(out) == 0))
	}
	return strings.Join(out, " ")
}

// The punctuation that may stand around a word. The tail has no sign that
// GitLab reads with the next word.
const (
	lead = `("'`
	tail = `.,;:!?)'"`
)

// quoted cuts a text in backticks, with the punctuation around it, from the
// start of s.
func quoted(s string) (before, inner, after, rest string, ok bool) {
	opened := strings.TrimLeft(s, lead)
	before = s[:len(s)-len(opened)]
	if !strings.HasPrefix(opened, "`") {
		return "", "", "", "", false
	}
	inner, rest, ok = strings.Cut(opened[1:], "`")
	if !ok || strings.Trim(inner, " ") == "" {
		return "", "", "", "", false
	}
	after, next, _ := strings.Cut(rest, " ")
	if strings.Trim(after, tail) != "" {
		return "", "", "", "", false
	}
	return before, inner, after, next, true
}

// markup writes a name inside of an HTML block, where Markdown is not read.
func markup(s string, most int) string {
	return "<code>" + html.EscapeString(strings.ReplaceAll(middle(s, most), "\n", " ")) + "</code>"
}

// fence writes a block of code. It is indented by two columns that Markdown
// takes away again: bots and GitLab obey lines of a comment that start with a
// slash, and so none of ours does.
func fence(s, language string) string {
	ticks := strings.Repeat("`", max(3, longestRun(s)+1))
	var b strings.Builder
	b.WriteString("  " + ticks + language + "\n")
	for line := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		if line != "" {
			b.WriteString("  " + line)
		}
		b.WriteByte('\n')
	}
	b.WriteString("  " + ticks + "\n")
	return b.String()
}

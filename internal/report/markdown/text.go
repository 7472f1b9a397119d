package markdown

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// middle shortens a name to n bytes without its middle: both ends tell it from
// others.
func middle(s string, n int) string {
	if len(s) <= n {
		return s
	}
	head, tail := n*2/5, n-n*2/5
	return s[:before(s, head)] + "…" + s[after(s, len(s)-tail):]
}

// end shortens a sentence to n bytes.
func end(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:before(s, n)] + " …"
}

// before is the last start of a rune in s at or before i, after the first at or
// behind it.
func before(s string, i int) int {
	for i > 0 && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}

func after(s string, i int) int {
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return i
}

// lines shortens a block to some lines and n bytes, whole lines only, and tells
// how many are left out.
func lines(s string, most, n int) (string, int) {
	all := strings.Split(strings.TrimRight(s, "\n"), "\n")
	kept, size := 0, 0
	for kept < len(all) && kept < most && size+len(all[kept])+1 <= n {
		size += len(all[kept]) + 1
		kept++
	}
	return strings.Join(all[:kept], "\n"), len(all) - kept
}

func number(n int) string { return strconv.Itoa(n) }

// count groups digits by thousands, as people read them: 42,000 claims.
func count(n int, one, many string) string {
	s, word := number(n), many
	if n == 1 {
		word = one
	}
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if word == "" {
		return s
	}
	return s + " " + word
}

func grouped(n int) string { return count(n, "", "") }

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// joined are the parts that say something.
func joined(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ", ")
}

// some is a count, or nothing when there is nothing to count.
func some(n int, one, many string) string {
	if n == 0 {
		return ""
	}
	return count(n, one, many)
}

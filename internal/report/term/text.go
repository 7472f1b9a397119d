package term

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"polygraph/internal/report/words"
)

// width is the number of columns that s takes. Nearly all of it is ASCII.
func width(s string) int {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// fit shortens s to n columns. An address loses its middle, because its ends
// tell it from others; a sentence loses its end.
func fit(s string, n int) string {
	if width(s) <= n {
		return s
	}
	if n <= 1 {
		return "…"
	}
	if strings.Contains(s, " ") {
		return ansi.Truncate(s, n, "…")
	}
	head := (n - 1) * 2 / 5
	tail := n - 1 - head
	end := ansi.TruncateLeft(s, width(s)-tail, "")
	if width(end) > tail {
		// The cut went through a character two columns wide.
		end = ansi.TruncateLeft(s, width(s)-tail+1, "")
	}
	return ansi.Truncate(s, head, "") + "…" + end
}

// wrapped breaks s into lines of at most n columns; with n 0 only where s
// itself breaks. Words longer than a line (addresses) stay whole, so that they
// can be copied.
func wrapped(s string, n int) []string {
	var out []string
	for par := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		if n <= 0 || width(par) <= n {
			out = append(out, par)
			continue
		}
		line := ""
		for word := range strings.FieldsSeq(par) {
			switch {
			case line == "":
				line = word
			case width(line)+1+width(word) <= n:
				line += " " + word
			default:
				out = append(out, line)
				line = word
			}
		}
		out = append(out, line)
	}
	return out
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return words.Number(n) + " " + many
}

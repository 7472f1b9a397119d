package term

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
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
	return number(n) + " " + many
}

// number groups digits by thousands: 42,000.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func size(n int64) string {
	v, units := float64(n), []string{"bytes", "kB", "MB", "GB", "TB"}
	u := 0
	for v >= 1000 && u < len(units)-1 {
		v, u = v/1000, u+1
	}
	if u == 0 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f %s", v, units[u])
}

func duration(ms int64) string {
	switch {
	case ms < 1000:
		return fmt.Sprintf("%d ms", ms)
	case ms < 60_000:
		return fmt.Sprintf("%.1f s", float64(ms)/1000)
	default:
		return fmt.Sprintf("%d min %d s", ms/60_000, ms%60_000/1000)
	}
}

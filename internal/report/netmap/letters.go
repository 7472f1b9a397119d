package netmap

import (
	"sort"
	"strings"
)

// wide is how many pixels a text takes in Helvetica (Adobe's font metrics), and a
// little more: nobody knows which font will be there.
func wide(s string, size int, bold bool) int {
	milli := 0
	for _, r := range s {
		milli += advance(r)
	}
	milli += milli / 16
	if bold {
		milli += milli / 12
	}
	return (milli*size + 999) / 1000
}

// advance is the width of a character in thousandths of the size.
func advance(r rune) int {
	switch {
	case strings.ContainsRune("ijl'|", r):
		return 240
	case strings.ContainsRune(" .,:;/!ft[]I\\", r):
		return 280
	case strings.ContainsRune("r-()`", r):
		return 335
	case strings.ContainsRune("ckvxyzsJ", r):
		return 500
	case strings.ContainsRune("mwMWO@%…→", r):
		return 900
	case r >= 'A' && r <= 'Z':
		return 720
	case r >= 0x1100:
		return 1100
	}
	return 556
}

// shortened leaves out the middle of a text, so that it is no wider than most:
// names differ at their ends.
func shortened(s string, most, size int, bold bool) string {
	if wide(s, size, bold) <= most {
		return s
	}
	r := []rune(s)
	cut := func(n int) string { return string(r[:(n+1)/2]) + "…" + string(r[len(r)-n/2:]) }
	// 600 characters are more than any label holds.
	n := sort.Search(min(len(r), 600), func(n int) bool { return wide(cut(n), size, bold) > most }) - 1
	if n < 1 {
		return "…"
	}
	return cut(n)
}

// lines breaks a text between words into lines no wider than most.
func lines(s string, most, size int, bold bool) (out []string) {
	line := ""
	for _, w := range strings.Fields(s) {
		w = shortened(w, most, size, bold)
		if line != "" && wide(line+" "+w, size, bold) > most {
			out = append(out, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += w
	}
	return append(out, line)
}

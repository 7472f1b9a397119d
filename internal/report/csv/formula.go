package csv

import (
	"strings"
	"unicode/utf8"
)

// harmless puts an apostrophe before what a spreadsheet would take for a formula:
// at the start of a cell, and behind a semicolon in it.
func harmless(cell string) string {
	if isNumber(cell) || !strings.ContainsAny(cell, initiators) {
		return cell
	}
	var b strings.Builder
	for i, part := range strings.SplitAfter(cell, ";") {
		if initiates(part, i > 0) {
			b.WriteByte('\'')
		}
		b.WriteString(part)
	}
	return b.String()
}

// initiators are the characters that the page of OWASP lists, without the control
// characters: those are visible text here.
const initiators = "=+-@＝＋－＠"

// initiates tells whether a part begins a formula. Some readers drop spaces before
// it; quotes are only looked behind where they cannot quote any more.
func initiates(part string, inside bool) bool {
	lead := " \u00a0\u3000"
	if inside {
		lead += `"'`
	}
	part = strings.TrimLeft(part, lead)
	r, _ := utf8.DecodeRuneInString(part)
	return part != "" && strings.ContainsRune(initiators, r)
}

// isNumber tells whether a cell is a lone sign, or a plain decimal number.
func isNumber(cell string) bool {
	if cell == "-" || cell == "+" {
		return true
	}
	digits := strings.TrimLeft(cell, "+-")
	if len(cell)-len(digits) > 1 || digits == "" {
		return false
	}
	whole, fraction, dot := strings.Cut(digits, ".")
	return isDigits(whole) && (!dot || isDigits(fraction))
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

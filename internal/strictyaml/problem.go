package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

// Problem is one thing that is wrong with a file: where, what, what to do.
type Problem struct {
	At     finding.Location
	Reason string
	Do     string // may be empty
}

func (p *Problem) Error() string {
	text := p.Reason
	if p.Do != "" {
		text += ": " + p.Do
	}
	return Place(p.At) + ": " + text
}

// Place writes a location as "file:line:column", or as far as it is known.
func Place(at finding.Location) string {
	switch {
	case at.Line == 0:
		return at.File
	case at.Column == 0:
		return fmt.Sprintf("%s:%d", at.File, at.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", at.File, at.Line, at.Column)
	}
}

// MaxShown is how many problems of a file an error names.
const MaxShown = 10

// maxKept is how many are kept of a file in which everything is wrong.
const maxKept = 1000

// Problems is everything that is wrong with a file, in the order of its lines.
// It unwraps to an *evidence.Problem, so whoever shows one of those shows it.
type Problems []Problem

func (p Problems) Error() string {
	var lines []string
	for i := range p[:min(len(p), MaxShown)] {
		lines = append(lines, p[i].Error())
	}
	if n := len(p) - MaxShown; len(p) >= maxKept {
		lines = append(lines, "and many more")
	} else if n > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the same as an *evidence.Problem. One problem keeps its advice
// apart; several have theirs in their lines.
func (p Problems) Unwrap() error {
	if len(p) == 1 {
		return &evidence.Problem{Reason: Place(p[0].At) + ": " + p[0].Reason, Do: p[0].Do}
	}
	return &evidence.Problem{Reason: p.Error(), Do: "mend these and run again"}
}

// Report notes a problem. The arguments of the reason are formatted as by fmt;
// what came from the file belongs through Quote.
func (d *Document) Report(at finding.Location, do, reason string, args ...any) {
	if len(d.problems) >= maxKept {
		return
	}
	d.problems = append(d.problems, Problem{At: at, Reason: fmt.Sprintf(reason, args...), Do: do})
}

// Err returns Problems in the order of the file, or nil.
func (d *Document) Err() error {
	if len(d.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(d.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	return d.problems
}

// Quote shows text of a file within an error: in quotes, without control
// characters, and shortened.
func Quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return fmt.Sprintf("%+q...", string(r[:most]))
	}
	return fmt.Sprintf("%+q", s)
}

// Suggest says which of the known words was probably meant, or else lists them.
func Suggest(word string, known []string) string {
	if n := Nearest(word, known); n != "" {
		return fmt.Sprintf("did you mean %s?", n)
	}
	if len(known) == 0 || len(known) > 12 {
		return ""
	}
	return "known are " + strings.Join(known, ", ")
}

// Nearest returns the known word that takes the fewest edits, or nothing when
// even that one is another word.
func Nearest(word string, known []string) string {
	best, distance := "", 3
	if len(word) <= 3 {
		distance = 2
	}
	if len(word) > 64 {
		return ""
	}
	for _, k := range known {
		if d := edits(strings.ToLower(word), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// edits counts insertions, deletions, replacements and swaps of neighbours.
func edits(a, b string) int {
	prev2, prev := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev = prev, row
	}
	return prev[len(b)]
}

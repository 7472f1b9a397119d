// Package tally is what every yardstick prints: how many changes of a plan do what.
//
// The text is one line per combination of actions, sorted, and the total last. Two readers saw the same
// plan when they print the same text, so no figure is compared between readers that disagree.
package tally

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Tally counts changes by their actions joined with "+".
type Tally map[string]int

// Add counts one change.
func (t Tally) Add(actions []string) { t[strings.Join(actions, "+")]++ }

// Print writes the counts to w.
func (t Tally) Print(w io.Writer) error {
	total := 0
	for _, name := range slices.Sorted(maps.Keys(t)) {
		if _, err := fmt.Fprintf(w, "%s %d\n", name, t[name]); err != nil {
			return err
		}
		total += t[name]
	}
	_, err := fmt.Fprintf(w, "total %d\n", total)
	return err
}

package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// didYouMean suggests the nearest of the known words, or else what to do.
func didYouMean(word string, known []string, otherwise string) string {
	if n := nearest(word, known); n != "" {
		return fmt.Sprintf("did you mean %s?", n)
	}
	return otherwise
}

// nearest returns the known word that takes the fewest edits, or nothing when
// even that one is another word.
func nearest(word string, known []string) string {
	best, distance := "", 3
	if len(word) <= 3 {
		distance = 2
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

// flagError turns what pflag says into a usage error with a suggestion.
func flagError(c *cobra.Command, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	do := fmt.Sprintf("`%s --help` lists the flags", c.CommandPath())
	var missing *pflag.NotExistError
	if errors.As(err, &missing) {
		var known []string
		c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
		do = didYouMean("--"+missing.GetSpecifiedName(), known, do)
	}
	return usage(err.Error(), do)
}

// arguments returns a check of the number of arguments.
func arguments(least, most int, want string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usage(fmt.Sprintf("%s needs %s", c.Name(), want), fmt.Sprintf("`%s --help` shows an example", c.CommandPath()))
		case most >= 0 && len(args) > most:
			return usage(fmt.Sprintf("%s takes %s, and %q is too much", c.Name(), want, args[most]), fmt.Sprintf("`%s --help` shows an example", c.CommandPath()))
		}
		return nil
	}
}

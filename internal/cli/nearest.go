package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"polygraph/internal/strictyaml"
)

// didYouMean suggests the nearest of the known words, or else what to do.
func didYouMean(word string, known []string, otherwise string) string {
	if n := strictyaml.Nearest(word, known); n != "" {
		return fmt.Sprintf("did you mean %s?", n)
	}
	return otherwise
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

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"polygraph/internal/config"
	"polygraph/internal/run"
)

func (a *app) render() *cobra.Command {
	var specs []string
	c := &cobra.Command{
		Use:         "render RUN.jsonl",
		Short:       "Show a saved run in any format, with the exit status that it had.",
		Long:        "A run is saved with -o jsonl=FILE; - is standard input. Of a run that was cut off, what\nis there is shown.",
		Example:     "  polygraph check examples/acme -o jsonl=run.jsonl\n  polygraph render run.jsonl -v",
		Args:        arguments(1, 1, "one saved run"),
		Annotations: map[string]string{judges: "yes"},
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.checkFailOn(); err != nil {
				return err
			}
			targets, err := a.targets(specs)
			if err != nil {
				return err
			}
			if err := a.gates(c, &settings{Config: config.Default()}); err != nil {
				return err
			}
			in := io.NopCloser(a.Stdin)
			if args[0] != "-" {
				if in, err = os.Open(args[0]); err != nil {
					return unexamined(fmt.Sprintf("%s: %v", args[0], causeOf(err)), "save a run first: polygraph check PATH -o jsonl=run.jsonl")
				}
			}
			defer in.Close()
			out, err := a.open(targets)
			if err != nil {
				return err
			}
			defer out.discard()
			listener := run.Fanout{&a.verdict, out}
			err = run.Read(in, func(m *run.Message) error {
				if err := c.Context().Err(); err != nil {
					return err
				}
				return listener.Hear(m)
			})
			if errors.Is(err, run.ErrTruncated) {
				// What it says is true as far as it goes, so the files are kept.
				return errors.Join(unexamined(args[0]+": "+err.Error(), ""), out.keep())
			}
			if err != nil {
				if c.Context().Err() == nil {
					err = unexamined(args[0]+": "+err.Error(), "a saved run is what -o jsonl writes: polygraph check PATH -o jsonl=run.jsonl")
				}
				return out.abandon(err)
			}
			return out.keep()
		},
	}
	a.outputFlags(c, &specs)
	a.failOnFlag(c)
	a.severityFlags(c)
	return c
}

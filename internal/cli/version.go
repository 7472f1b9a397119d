package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"polygraph/internal/run"
)

// build says which Polygraph this is.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified,omitempty"` // built from a tree with changes
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Protocol string `json:"protocol"`
}

// buildVersion reads what the Go tool wrote into the binary, so that nobody
// has to keep a number.
func buildVersion() build {
	b := build{
		Version: "(devel)", Go: runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Protocol: run.Protocol,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func (a *app) version() *cobra.Command {
	c := &cobra.Command{
		Use:     "version",
		Short:   "Say which version this is and what it was built from.",
		Example: "  polygraph version\n  polygraph version --json",
		Args:    arguments(0, 0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			b := buildVersion()
			if a.global.json {
				return a.writeJSON(b)
			}
			text := fmt.Sprintf("polygraph %s (%s, %s, protocol %s)", b.Version, b.Go, b.Platform, b.Protocol)
			if b.Revision != "" {
				text += "\nbuilt from " + b.Revision + " of " + b.Time
				if b.Modified {
					text += ", with changes"
				}
			}
			_, err := fmt.Fprintln(a.stdout, text)
			return err
		},
	}
	c.Flags().BoolVar(&a.global.json, "json", false, "write it as JSON")
	return c
}

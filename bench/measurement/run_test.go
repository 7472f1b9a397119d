package measurement_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"polygraph/bench/measurement"
)

func shell(script string) []string { return []string{"sh", "-c", script} }

func TestCommandsTakeTurns(t *testing.T) {
	results, err := measurement.Run(context.Background(), [][]string{shell("echo 1"), shell("echo 1; true")},
		measurement.Settings{Runs: 2, Agree: true})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := measurement.Print(&out, results); err != nil {
		t.Fatal(err)
	}
	if len(results) != 2 || len(results[1].Samples) != 2 || results[0].Samples[0].RSS == 0 {
		t.Errorf("got %+v", results)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 4 {
		t.Errorf("%d lines:\n%s", lines, out.String())
	}
}

func TestNoFigureOfAFailure(t *testing.T) {
	for name, c := range map[string]struct {
		commands [][]string
		settings measurement.Settings
		want     string
	}{
		"exit code":  {[][]string{shell("echo why >&2; exit 3")}, measurement.Settings{Runs: 1}, "why"},
		"not there":  {[][]string{{"no-such-program-here"}}, measurement.Settings{Runs: 1}, "no-such-program"},
		"other text": {[][]string{shell("echo 1"), shell("echo 2")}, measurement.Settings{Runs: 1, Agree: true}, "something else"},
		"too slow":   {[][]string{shell("exec sleep 60")}, measurement.Settings{Runs: 1, Limit: 50 * time.Millisecond}, "killed"},
	} {
		t.Run(name, func(t *testing.T) {
			results, err := measurement.Run(context.Background(), c.commands, c.settings)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one about %q", err, c.want)
			}
			if results != nil {
				t.Errorf("a failed run yields figures: %+v", results)
			}
		})
	}
}

func TestAcceptedExitCode(t *testing.T) {
	settings := measurement.Settings{Runs: 1, Accept: []int{0, 1}}
	if _, err := measurement.Run(context.Background(), [][]string{shell("exit 1")}, settings); err != nil {
		t.Error(err)
	}
}

func TestLabelHidesFolders(t *testing.T) {
	got := measurement.Label([]string{"/some/where/tool", "-o", "json=/tmp/x", "--flag"})
	if want := "tool -o x --flag"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

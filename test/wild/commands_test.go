package wild

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
	"polygraph/internal/tfplan"
)

// TestCommandsCanBeTyped: whatever is shown as a command is one that a shell
// can read.
func TestCommandsCanBeTyped(t *testing.T) {
	all := items(t, data(t))
	acme, err := os.ReadFile(filepath.Join("..", "..", "examples", "acme", "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, &evidence.Item{Kind: tfplan.Kind(), Path: "acme.json", Blob: evidence.Bytes(acme)})
	commands := map[string]string{}
	runner := analysis.Runner{Analyzers: analyzers.All(), Clock: time.Now}
	_, err = runner.Run(context.Background(), analysis.Evidence{Items: all}, func(m *run.Message) error {
		if f := m.Finding; f != nil {
			for _, x := range f.Missing {
				if finding.IsCommand(x.Get) {
					commands[x.Get] = f.Rule
				}
			}
			for _, c := range f.Remedy.Commands {
				commands[c] = f.Rule
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for command, rule := range commands {
		if out, err := exec.Command("sh", "-n", "-c", command).CombinedOutput(); err != nil {
			t.Errorf("%s shows as a command: %s\n%s", rule, command, out)
		}
	}
	if len(commands) < 2 {
		t.Errorf("%d commands only", len(commands))
	}
}

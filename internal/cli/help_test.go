package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// examples are the command lines of a command's help.
func examples(c *cobra.Command) []string {
	var out []string
	for line := range strings.Lines(c.Example) {
		out = append(out, strings.TrimSpace(line))
	}
	return out
}

func commands(t *testing.T) []*cobra.Command {
	t.Helper()
	a := &app{IO: IO{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}}, stdout: &quietPipe{w: &bytes.Buffer{}}}
	root := a.root()
	return append([]*cobra.Command{root}, a.commands...)
}

func TestEveryHelpIsComplete(t *testing.T) {
	for _, c := range commands(t) {
		if !strings.HasSuffix(c.Short, ".") || strings.Count(c.Short, ". ") > 0 {
			t.Errorf("%s: %q is not one sentence", c.Name(), c.Short)
		}
		if len(examples(c)) == 0 {
			t.Errorf("%s has no example", c.Name())
		}
		var args []string
		if c.HasParent() {
			args = append(args, c.Name())
		}
		got := try(context.Background(), wiring{}, nil, nil, append(args, "--help")...)
		for _, part := range []string{c.Short, "USAGE", "EXAMPLES", "FLAGS", "EXIT STATUS\n  0 "} {
			if got.code != 0 || !strings.Contains(got.stdout, part) {
				t.Errorf("%s --help (exit %d) lacks %q", c.Name(), got.code, part)
			}
		}
	}
}

// The examples run in the root of the repository, one after the other, in a
// copy of what they need so that they can write.
func TestExamplesRun(t *testing.T) {
	work := t.TempDir()
	if err := os.CopyFS(work+"/examples/acme", os.DirFS("../../examples/acme")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(work+"/infra", os.DirFS("../../examples/acme/terraform")); err != nil {
		t.Fatal(err)
	}
	all := commands(t)
	t.Chdir(work)
	for _, args := range [][]string{
		{"init", "-q", "-b", "main"},
		{"add", "."},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "one"},
	} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	for _, c := range all {
		for _, line := range examples(c) {
			line, file, redirected := strings.Cut(line, " < ")
			line, _, _ = strings.Cut(line, " > ")
			args := strings.Fields(line)
			if args[0] != "polygraph" {
				continue // what the shell does with the completion script
			}
			var stdin []byte
			if redirected {
				var err error
				if stdin, err = os.ReadFile(file); err != nil {
					t.Fatal(err)
				}
			}
			var out, errs bytes.Buffer
			code := Run(context.Background(), IO{Args: args[1:], Stdin: bytes.NewReader(stdin), Stdout: &out, Stderr: &errs, Env: os.Environ()})
			if c.Name() == "doctor" && code == exitUnexamined {
				code = exitFine // it says that something is missing
			}
			if code != exitFine && code != exitRefuted || out.Len()+errs.Len() == 0 || strings.Contains(errs.String(), "polygraph: ") {
				t.Errorf("%s: exit %d, %d bytes on stdout, stderr %s", line, code, out.Len(), &errs)
			}
		}
	}
}

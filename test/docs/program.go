package docs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// build compiles polygraph into a folder and returns that folder.
func build(ctx context.Context, root, folder string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", filepath.Join(folder, "polygraph"), "./cmd/polygraph")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build ./cmd/polygraph: %w\n%s", err, out)
	}
	return nil
}

// capabilityCommands asks the program how each capability's command is written:
// "polygraph change PLAN".
func capabilityCommands(ctx context.Context, folder string) (map[string]string, error) {
	out := map[string]string{}
	program := filepath.Join(folder, "polygraph")
	help, err := exec.CommandContext(ctx, program, "--help").Output()
	if err != nil {
		return nil, err
	}
	for _, a := range all() {
		if !strings.Contains(string(help), "\n  "+a.Name+" ") {
			continue // no command of its own: `check` runs it
		}
		text, err := exec.CommandContext(ctx, program, a.Name, "--help").Output()
		if err != nil {
			return nil, err
		}
		_, usage, _ := strings.Cut(string(text), "USAGE\n")
		line, _, _ := strings.Cut(strings.TrimSpace(usage), "\n")
		out[a.Name] = strings.TrimSuffix(strings.TrimSpace(line), " [flags]")
	}
	return out, nil
}

// workspace is a copy of what a reader's clone has, as far as pages use it.
type workspace struct {
	folder  string
	program string // folder of polygraph
	home    string
}

// openWorkspace copies the examples into an empty folder. With repository it is
// a git repository on branch main whose only commit has them.
func openWorkspace(ctx context.Context, root, folder, program string, repository bool) (*workspace, error) {
	w := &workspace{folder: filepath.Join(folder, "clone"), program: program, home: filepath.Join(folder, "home")}
	if err := os.Mkdir(w.home, 0o755); err != nil {
		return nil, err
	}
	if err := copyFolder(filepath.Join(root, "examples"), filepath.Join(w.folder, "examples")); err != nil {
		return nil, err
	}
	if repository {
		if code, out, err := w.run(ctx, "git init -q -b main && git add -A && git commit -q -m examples"); err != nil || code != 0 {
			return nil, fmt.Errorf("git exits with %d: %s (%w)", code, out, err)
		}
	}
	return w, nil
}

// run runs a script with bash -e and returns its exit code and what it printed.
func (w *workspace) run(ctx context.Context, script string) (int, string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-e", "-c", script)
	cmd.Dir = w.folder
	// Nothing of the caller's environment gets in: it could change the output.
	cmd.Env = []string{
		"PATH=" + w.program + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HOME=" + w.home, "TMPDIR=" + w.home, "LC_ALL=C.UTF-8", "TZ=UTC", "NO_COLOR=1",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com",
		"GIT_AUTHOR_DATE=2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z",
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	text := strings.ReplaceAll(out.String(), w.folder, "CLONE")
	text = strings.ReplaceAll(text, w.home, "TMP")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), text, nil
	}
	return 0, text, err
}

// play runs every command of a block, until one does not do what the page says.
func (w *workspace) play(ctx context.Context, b block) (outputs []string, err error) {
	for _, c := range b.commands {
		code, out, err := w.run(ctx, c.script)
		if err != nil {
			return outputs, fmt.Errorf("line %d: `%s`: %w\n%s", c.line, c.script, err, out)
		}
		if err := c.compare(code, out); err != nil {
			return outputs, err
		}
		outputs = append(outputs, out)
	}
	return outputs, nil
}

// needsGit tells blocks that use the history of the clone.
func (b block) needsGit() bool {
	for _, c := range b.commands {
		if strings.Contains(c.script, "git ") || strings.Contains(c.script, "--base-ref") {
			return true
		}
	}
	return false
}

func copyFolder(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			if d.Name() == ".terraform" {
				return filepath.SkipDir
			}
			return os.MkdirAll(target, 0o755)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, b, 0o644)
	})
}

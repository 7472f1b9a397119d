package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analyzers"
	"polygraph/internal/config"
	"polygraph/internal/doctor"
	"polygraph/internal/source/files"
	"polygraph/internal/source/repository"
	"polygraph/internal/tfplan"
)

func initApp() *app {
	return &app{
		IO:     IO{Stdout: io.Discard, Stderr: io.Discard, Now: func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }},
		wiring: wiring{analyzers: analyzers.All, detectors: []files.Detector{tfplan.Detect}}, stdout: &quietPipe{w: io.Discard},
	}
}

// TestConfigTextParses: what init writes is taken as it is, and every example in
// it is one when its comment sign is taken away.
func TestConfigTextParses(t *testing.T) {
	a := initApp()
	for name, environments := range map[string][]string{
		"none": nil, "one": {"environments:", `  prod:`, `    paths: ["envs/prod/**"]`},
	} {
		text := configText(environments, a.Now())
		c, err := config.Parse(configName, []byte(text), a.ruleIDs())
		if err != nil || len(c.Exceptions)+len(c.SLA)+len(c.Rules) != 0 {
			t.Fatalf("%s: %v %+v\n%s", name, err, c, text)
		}
		key := regexp.MustCompile(`(?m)^# ((?:[a-z_]+:(?: [\[{p].*)?$)|(?:  .*))`)
		live := key.ReplaceAllString(text, "$1")
		live = strings.Replace(live, "exception_files:", "# exception_files:", 1) // names files that are not there
		c, err = config.Parse(configName, []byte(live), a.ruleIDs())
		if err != nil {
			t.Fatalf("%s with its examples: %v\n%s", name, err, live)
		}
		if len(c.Exceptions) != 1 || len(c.SLA) != 3 || len(c.Rules) != 1 || len(c.Environments) == 0 || c.Ledger != config.DefaultLedger {
			t.Errorf("%s: an example did not come alive: %+v\n%s", name, c, live)
		}
	}
}

// FuzzInitNames: whatever folders and files are called, what is written parses.
func FuzzInitNames(f *testing.F) {
	for _, name := range []string{
		"envs/prod", "prod", "env/pro\nd", "envs/prod: {a", "staging[1]", "envs/dev*", "envs/\x1b[2Jprod", "a: b\n- c/prod", "envs/'prod'", "envs/prod\xff",
		"live/prod #x", "envs/production/\u202e", "prod\\x", "envs/!!str prod", "&a/prod", "-/prod", "true/dev", "envs/prod,dev",
	} {
		f.Add(name, "plan-prod.json")
	}
	f.Fuzz(func(t *testing.T, folder, file string) {
		if strings.ContainsRune(folder+file, 0) || !filepath.IsLocal(folder) || !filepath.IsLocal(file) || len(folder)+len(file) > 300 {
			return
		}
		root := t.TempDir()
		if os.MkdirAll(filepath.Join(root, folder), 0o755) != nil ||
			os.WriteFile(filepath.Join(root, folder, "main.tf"), []byte("provider \"aws\" {}\n"), 0o644) != nil {
			return // no such name on this file system
		}
		_ = os.WriteFile(filepath.Join(root, folder, filepath.Base(file)), planText("holds", "aws_s3_bucket.logs-prod"), 0o644)
		a := initApp()
		s, err := repository.Survey(context.Background(), root, repository.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		text, err := a.proposed(context.Background(), root, s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := config.Parse(configName, []byte(text), a.ruleIDs()); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		// Names come in quotes: none of them can start a line of its own.
		for line := range strings.Lines(text) {
			if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x202e || r == 0xfffd }) {
				t.Fatalf("an unsafe line: %q", line)
			}
		}
	})
}

func TestRelative(t *testing.T) {
	for _, c := range []struct{ folder, path, want string }{
		{".", "envs/prod", "envs/prod"},
		{".", ".", "."},
		{"infra", "infra/envs", "envs"},
		{"infra", "infra", "."},
		{"/abs", "/abs/x", "x"},
		{"/", "/x", "x"},
		{"..", "../x", "x"},
	} {
		if got := relative(&doctor.Survey{Folder: c.folder}, c.path); got != c.want {
			t.Errorf("%s in %s: got %q, want %q", c.path, c.folder, got, c.want)
		}
	}
}

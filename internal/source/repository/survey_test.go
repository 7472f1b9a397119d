package repository

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"polygraph/internal/doctor"
	"polygraph/internal/evidence"
)

const (
	backend  = "terraform {\n  backend \"s3\" {}\n}\n"
	provider = "provider \"aws\" {}\n"
	planJSON = `{"format_version":"1.2","planned_values":{},"resource_changes":[]}`
	binary   = "PK\x03\x04" + "xxxxxxxxxxxxxxxxxxxxxxxxxx" + "tfplan" + "xxxxxxxxxxxxxxxxxxxx"
)

// tree makes files below a new folder and moves into it.
func tree(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func look(t *testing.T, root string, l Limits) *doctor.Survey {
	t.Helper()
	s, err := Survey(context.Background(), root, l)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func roots(s *doctor.Survey) []string {
	out := []string{}
	for _, r := range s.Roots {
		out = append(out, r.Folder+" "+r.Tool+" "+r.Why)
	}
	return out
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func TestRootsAndModules(t *testing.T) {
	tree(t, map[string]string{
		"envs/prod/main.tf":               backend + "module \"a\" {\n  source = \"../../modules/a\"\n}\n",
		"envs/prod/.terraform/x":          "",
		"envs/prod/prod.tfvars":           "",
		"envs/prod/terraform.tfvars":      "",
		"envs/prod/x.auto.tfvars":         "",
		"envs/dev/main.tofu":              provider,
		"envs/hcp/main.tf":                "terraform {\n  cloud {}\n}\n",
		"envs/locked/main.tf":             "resource \"a\" \"b\" {}\n",
		"envs/locked/.terraform.lock.hcl": `provider "registry.opentofu.org/hashicorp/aws" {}`,
		"envs/planned/main.tf":            "",
		"envs/planned/tfplan":             binary,
		"envs/stated/main.tf":             "",
		"envs/stated/terraform.tfstate":   `{"version":4,"serial":1,"lineage":"x"}`,
		"envs/json/main.tf.json":          `{"provider":{"aws":{}}}`,
		"live/eu/terragrunt.hcl":          "include \"root\" {}\n",
		"live/terragrunt.hcl":             "remote_state {}\n",
		"modules/a/main.tf":               provider + "module \"b\" {\n  source = \"./b\"\n}\n",
		"modules/a/b/main.tf":             "",
		"modules/a/b/.terraform.lock.hcl": "",
		"published/main.tf":               "resource \"a\" \"b\" {}\n",
		".terraform/modules/x/main.tf":    backend,
		"node_modules/x/main.tf":          backend,
		"envs/prod/.hidden.tf":            provider,
	})
	s := look(t, ".", Limits{})
	want(t, "roots", roots(s), []string{
		"envs/dev tofu provider", "envs/hcp terraform cloud", "envs/json terraform provider", "envs/locked tofu lock file",
		"envs/planned terraform plan", "envs/prod terraform backend", "envs/stated terraform state", "live/eu terragrunt terragrunt",
	})
	want(t, "modules", s.Modules, 3)
	prod := s.Roots[5]
	want(t, "variables", prod.VarFiles, []string{"prod.tfvars"})
	want(t, "initiated", prod.Initiated, true)
	if len(s.Plans) != 1 || !s.Plans[0].Binary || s.Plans[0].Path != "envs/planned/tfplan" {
		t.Errorf("plans: %+v", s.Plans)
	}
	if len(s.States) != 1 || s.States[0].Path != "envs/stated/terraform.tfstate" {
		t.Errorf("states: %+v", s.States)
	}
	// Named from elsewhere, every path is one that can be typed there.
	t.Chdir("envs")
	want(t, "from inside", look(t, "../envs", Limits{}).Roots[0].Folder, "../envs/dev")
	want(t, "from outside", look(t, "prod", Limits{}).Roots[0].Folder, "prod")
}

// TestNewest: what a root calls is part of it.
func TestNewest(t *testing.T) {
	tree(t, map[string]string{
		"envs/prod/main.tf": backend + "module \"a\" {\n source = \"../../m/a\"\n}\nmodule \"up\" {\n source = \"../../../outside\"\n}\n",
		"m/a/main.tf":       "module \"b\" {\n source = \"../b\"\n}\n",
		"m/b/main.tf":       "module \"a\" {\n source = \"../a\"\n}\n", // a circle
		"m/c/main.tf":       "",
	})
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, age := range map[string]time.Duration{"envs/prod/main.tf": 0, "m/a/main.tf": time.Hour, "m/b/main.tf": 2 * time.Hour, "m/c/main.tf": 9 * time.Hour} {
		if err := os.Chtimes(name, at, at.Add(age)); err != nil {
			t.Fatal(err)
		}
	}
	r := look(t, ".", Limits{}).Roots[0]
	want(t, "newest file", r.NewestFile, "m/b/main.tf")
	want(t, "newest", r.Newest.UTC(), at.Add(2*time.Hour))
}

func TestEverythingElse(t *testing.T) {
	tree(t, map[string]string{
		".github/workflows/ci.yml": "steps: [polygraph check]", ".github/workflows/notes.txt": "", ".gitlab-ci.yml": "", "Jenkinsfile": "",
		".pre-commit-config.yaml": "", "atlantis.yaml": "", "polygraph.yaml": "version: 1", "polygraph.first-seen": "", "sub/polygraph.yaml": "",
		"k8s/a.yaml": "apiVersion: v1\nkind: Pod\n", "k8s/list.yml": "---\nkind: Pod\napiVersion: v1\n", "k8s/values.yaml": "a: b\n",
		"k8s/kustomization.yaml": "", "chart/Chart.yaml": "", "chart/templates/x/d.yaml": "apiVersion: v1\nkind: Pod\n",
		"Dockerfile": "", "app/Dockerfile.prod": "", "app/web.Dockerfile": "", "app/Containerfile": "",
		"base.jsonl":                    `{"header":{"protocol":"1.1","version":"0.1","command":"check","inputs":["."],"started":"2026-11-22T08:00:00Z"}}` + "\n",
		"log.jsonl":                     `{"level":"info"}` + "\n",
		"broken.jsonl":                  `{"header":` + "\n",
		"out/plan.json":                 planJSON,
		".git/HEAD":                     "ref: refs/heads/feature/x\n",
		".git/refs/remotes/origin/HEAD": "ref: refs/remotes/origin/trunk\n",
		".git/logs/HEAD":                "0 1 A B <a@b> 1700000000 +0100\tclone: from x\n1 2 A <a@b> 1700000100 +0000\tcommit: y\n1 2 A <a@b> 1700000200 +0000\tcheckout: moving from a to b\nrubbish\n\tclone: from\n",
		".git/config":                   "polygraph",
	})
	s := look(t, ".", Limits{})
	want(t, "ci", s.CI, []doctor.CI{
		{System: "GitHub Actions", Path: ".github/workflows/ci.yml", Runs: true},
		{System: "GitLab CI", Path: ".gitlab-ci.yml"},
		{System: "pre-commit", Path: ".pre-commit-config.yaml"},
		{System: "Jenkins", Path: "Jenkinsfile"},
		{System: "Atlantis", Path: "atlantis.yaml"},
	})
	want(t, "counts", []int{s.Manifests, s.Kustomizations, s.Charts, s.Dockerfiles}, []int{2, 1, 1, 4})
	want(t, "files", []string{s.Config, s.Ledger, s.Branch}, []string{"polygraph.yaml", "polygraph.first-seen", "trunk"})
	want(t, "checkouts", s.Checkouts, []time.Time{time.Unix(1700000000, 0).UTC(), time.Unix(1700000200, 0).UTC()})
	if len(s.Runs) != 1 || s.Runs[0].Path != "base.jsonl" || s.Runs[0].Command != "check" {
		t.Errorf("runs: %+v", s.Runs)
	}
	if len(s.Plans) != 1 || s.Plans[0].Path != "out/plan.json" || len(s.Limits) != 0 {
		t.Errorf("plans: %+v, limits: %q", s.Plans, s.Limits)
	}
	t.Chdir("k8s") // a part of the repository
	if part := look(t, ".", Limits{}); part.Branch != "trunk" || len(part.Checkouts) != 2 || part.Config != "" {
		t.Errorf("of a part: %+v", part)
	}
	t.Chdir("..")
	if err := os.Remove(".git/refs/remotes/origin/HEAD"); err != nil {
		t.Fatal(err)
	}
	want(t, "branch of HEAD", look(t, ".", Limits{}).Branch, "feature/x")
	for _, bad := range []string{"0123456789abcdef", "ref: refs/heads/a\x1b[2J", "ref: refs/heads/a b"} {
		if err := os.WriteFile(".git/HEAD", []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		want(t, "branch of "+bad, look(t, ".", Limits{}).Branch, "")
	}
}

func TestLinksStayInside(t *testing.T) {
	tree(t, map[string]string{
		"outside/main.tf": backend, "in/common/provider.tf": provider, "in/a/main.tf": "", "in/b/main.tf": "", "in/c/main.tf": "", "in/d/x": "",
		"in/.git/x": "", "outside/HEAD": "ref: refs/heads/stolen\n",
	})
	for name, target := range map[string]string{
		"in/a/provider.tf": "../common/provider.tf", // as Terraform reads it
		"in/b/main2.tf":    "../../outside/main.tf", // out of the root
		"in/c/loop.tf":     "loop.tf",
		"in/c/up":          "..",
		"in/d/dir.tf":      "../common",
		"in/d/folder":      "../../outside",
		"in/d/gone.tf":     "nothing",
		"in/.git/HEAD":     "../../outside/HEAD",
	} {
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	abs, err := filepath.Abs("outside/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(abs, "in/b/main3.tf"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo("in/b/pipe.tf", 0o644); err != nil {
		t.Fatal(err)
	}
	s := look(t, "in", Limits{})
	want(t, "roots", roots(s), []string{"in/a terraform provider", "in/common terraform provider"})
	want(t, "branch", s.Branch, "")
}

func TestLimitsAreNamed(t *testing.T) {
	tree(t, map[string]string{
		"a/1.tf": backend, "a/2.tf": "", "a/3.tf": "", "deep/1/2/3/main.tf": backend,
		"late/main.tf": strings.Repeat("#\n", 2000) + backend,
	})
	s := look(t, ".", Limits{Files: 2})
	want(t, "files", s.Limits, []string{"there are more than 2 files; the rest was not looked at"})
	want(t, "seen", s.Files, 2)
	s = look(t, ".", Limits{Depth: 2})
	want(t, "depth", s.Limits, []string{"deep/1/2 is more than 2 folders deep"})
	s = look(t, ".", Limits{Bytes: 2048})
	want(t, "bytes", s.Limits, []string{"late/main.tf is larger than 2 KiB; only its start was looked at"})
	want(t, "late backend", roots(s), []string{"a terraform backend", "deep/1/2/3 terraform backend"})
	s = look(t, ".", Limits{Total: 10})
	if len(s.Limits) != 1 || !strings.Contains(s.Limits[0], "the rest was not read") {
		t.Errorf("total: %q", s.Limits)
	}
}

// TestMemoryIsBounded: files of a gigabyte cost a buffer.
func TestMemoryIsBounded(t *testing.T) {
	tree(t, map[string]string{"a/main.tf": ""})
	for _, name := range []string{"a/big.tf", "a/big.json", "a/big.jsonl", "a/big.yaml", "a/big.tf.json", "a/tfplan"} {
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.Truncate(1<<30), f.Close()); err != nil {
			t.Fatal("no sparse files here:", err)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	look(t, ".", Limits{})
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 32<<20 {
		t.Errorf("%d MiB for a survey", got>>20)
	}
}

func TestBadRoots(t *testing.T) {
	tree(t, map[string]string{"file": ""})
	for name, reason := range map[string]string{"file": "is not a folder", "gone": "no such file"} {
		_, err := Survey(context.Background(), name, Limits{})
		var p *evidence.Problem
		if !errors.As(err, &p) || !strings.Contains(p.Reason, reason) || p.Do == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Survey(ctx, ".", Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestHostileNamesAreKept(t *testing.T) {
	name := "a\n- b: \x1b[2J'\"${x}`\xff"
	tree(t, map[string]string{name + "/main.tf": backend})
	want(t, "roots", roots(look(t, ".", Limits{})), []string{name + " terraform backend"})
}

// TestWorktree: where .git points elsewhere, nothing is read there.
func TestWorktree(t *testing.T) {
	tree(t, map[string]string{"repo/.git/HEAD": "ref: refs/heads/x\n", "repo/tree/.git": "gitdir: ../.git\n", "repo/tree/a": ""})
	want(t, "branch", look(t, "repo/tree", Limits{}).Branch, "")
	want(t, "branch", look(t, "repo", Limits{}).Branch, "x")
}

// TestSameTwice: the order depends on names alone.
func TestSameTwice(t *testing.T) {
	files := map[string]string{}
	for i := range 50 {
		files[fmt.Sprintf("r%d/main.tf", i)] = backend
		files[fmt.Sprintf("r%d/plan.json", i)] = planJSON
	}
	tree(t, files)
	want(t, "survey", look(t, ".", Limits{}), look(t, ".", Limits{}))
}

//go:build unix

package main

import (
	"bytes"
	"context"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/test/cluster"
	"polygraph/test/cluster/binary"
	"polygraph/test/cluster/keeper"
)

// called runs a command line in this process.
func called(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	t.Setenv(keeper.Variable, t.TempDir())
	var out, talk bytes.Buffer
	code = (&app{stdout: &out, stderr: &talk, program: "cluster"}).run(t.Context(), args)
	return out.String(), talk.String(), code
}

func TestWrongUsage(t *testing.T) {
	for line, want := range map[string]string{
		"start --version 1.12":        "1.12",
		"start --nodes -1":            "--nodes 0",
		"start --name Over/There":     "Over/There",
		"start --name ../up":          "../up",
		"programs --only kubelet":     "kubelet",
		"programs --version nonsense": "nonsense",
		"stopp":                       "stopp",
		"start now":                   "now",
		"status --loud":               "--loud",
	} {
		out, talk, code := called(t, strings.Fields(line)...)
		if code != exitFailed || !strings.Contains(talk, want) || out != "" {
			t.Errorf("%s: exit %d, %q, %s", line, code, out, talk)
		}
	}
}

func TestWhatDoesNotRun(t *testing.T) {
	for _, line := range []string{"status", "status --name x", "kubeconfig", "logs etcd", "kubectl get nodes"} {
		if out, talk, code := called(t, strings.Fields(line)...); code != exitNotRunning || out != "" || !strings.Contains(talk, "cluster start") {
			t.Errorf("%s: exit %d, %q, %s", line, code, out, talk)
		}
	}
	if _, talk, code := called(t, "stop"); code != exitDone || !strings.Contains(talk, "did not run") {
		t.Errorf("stop: exit %d, %s", code, talk)
	}
}

// Every example of the help is a command line that is understood.
func TestExamplesParse(t *testing.T) {
	root := (&app{}).root()
	examples := 0
	for _, c := range append(root.Commands(), root) {
		for line := range strings.Lines(c.Example) {
			line, _, _ = strings.Cut(line, "#")
			_, line, found := strings.Cut(line, "cluster ")
			if !found {
				t.Errorf("%s: %q calls something else", c.Name(), line)
				continue
			}
			line, _, _ = strings.Cut(line, ")")
			examples++
			named, rest, err := root.Find(strings.Fields(line))
			if err != nil || named == root {
				t.Errorf("%q: %v", line, err)
				continue
			}
			if err := named.ParseFlags(rest); err != nil {
				t.Errorf("%q: %v", line, err)
			}
			if err := named.ValidateArgs(named.Flags().Args()); err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	}
	if examples < 10 {
		t.Errorf("only %d examples", examples)
	}
	for _, c := range root.Commands() {
		if !c.Hidden && c.Example == "" {
			t.Errorf("%s has no example", c.Name())
		}
	}
}

func TestParseControllers(t *testing.T) {
	for text, want := range map[string][]string{
		"none": {}, "all": {"*"}, "a, b": {"a", "b"}, "core": cluster.Core(), "workloads": cluster.Workloads(),
	} {
		// Nil would mean the default of Options.
		if got, err := parseControllers(text); err != nil || got == nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "a,,b"} {
		if got, err := parseControllers(text); err == nil {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		versions, only []string
		want           string
	}{
		{[]string{"all"}, nil, "server 1.37.2, server 1.33.13, kwok 0.8.0"},
		{[]string{"1.33"}, nil, "server 1.33.13, kwok 0.8.0"},
		{[]string{"1.33", "v1.37.2"}, []string{"server"}, "server 1.33.13, server 1.37.2"},
		{[]string{"all"}, []string{"kubectl"}, "kubectl 1.37.2"},
	} {
		chosen, err := choose(c.versions, c.only)
		var names []string
		for _, p := range chosen {
			names = append(names, p.String())
		}
		if got := strings.Join(names, ", "); err != nil || got != c.want {
			t.Errorf("%v, %v: %s, %v", c.versions, c.only, got, err)
		}
	}
}

// A shell reads back what was quoted.
func TestQuote(t *testing.T) {
	for _, path := range []string{"/plain/path-1.0", "/with space", "/it's", "/$HOME/`id`", ""} {
		said, err := exec.Command("sh", "-c", "printf %s "+quote(path)).Output()
		if err != nil || string(said) != path {
			t.Errorf("%q is %s, which a shell reads as %q, %v", path, quote(path), said, err)
		}
	}
}

func TestProgressWithoutATerminal(t *testing.T) {
	var out bytes.Buffer
	clock := time.Unix(0, 0)
	p := &progress{w: &out, now: func() time.Time { return clock }}
	step := func(s binary.Stage, later time.Duration) {
		s.Program = "server 1.37.2"
		p.hear(s)
		clock = clock.Add(later)
		p.beat()
	}
	step(binary.Stage{Name: binary.Modules}, time.Second)
	step(binary.Stage{Name: binary.Modules, Took: time.Second}, 0)
	step(binary.Stage{Name: "k8s.io/kubernetes/cmd/kube-apiserver/app", Total: 564}, 20*time.Second)
	step(binary.Stage{Name: "k8s.io/kubernetes/cmd/kube-apiserver/app", Total: 564, Packages: 412}, 20*time.Second)
	step(binary.Stage{Name: "k8s.io/kubernetes/cmd/kube-apiserver/app", Total: 564, Packages: 413}, 20*time.Second)
	step(binary.Stage{Name: "k8s.io/kubernetes/cmd/kube-apiserver/app", Total: 564, Packages: 564, Took: 70 * time.Second}, time.Minute)
	step(binary.Stage{Name: ".", Total: 1}, time.Second)
	step(binary.Stage{Name: ".", Total: 1, Packages: 1, Took: 14200 * time.Millisecond}, time.Hour)
	want := `server 1.37.2: kube-apiserver: 412 of 564 packages, 40s
server 1.37.2: kube-apiserver: 564 packages, 1m10s
server 1.37.2: linking, 14s
`
	if got := out.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestProgressOnATerminal(t *testing.T) {
	var out bytes.Buffer
	clock := time.Unix(0, 0)
	p := &progress{w: &out, terminal: true, now: func() time.Time { return clock }}
	p.hear(binary.Stage{Program: "kwok 0.8.0", Name: "go.example.test/pkg", Total: 3})
	clock = clock.Add(130 * time.Second)
	p.hear(binary.Stage{Program: "kwok 0.8.0", Name: "go.example.test/pkg", Total: 3, Packages: 2})
	lines := strings.Split(out.String(), "\r\x1b[K")
	if last := lines[len(lines)-1]; last != "kwok 0.8.0: pkg: 2 of 3 packages, 2m10s" || strings.Contains(out.String(), "\n") {
		t.Errorf("got %q", out.String())
	}
}

// A run of CI that finds all built says so rather than nothing.
func TestProgramsThatAreBuilt(t *testing.T) {
	if _, err := binary.Server(binary.Newest).Find(); err != nil {
		lacking(t, err)
	}
	if out, talk, code := called(t, "programs", "--version", "1.37", "--only", "server"); code != exitDone || out != "" || talk != "built already: server 1.37.2\n" {
		t.Errorf("exit %d, %q, %q", code, out, talk)
	}
	if out, _, code := called(t, "programs", "--version", "1.37", "--only", "server", "--list"); code != exitDone || !strings.Contains(out, "server 1.37.2: ") {
		t.Errorf("exit %d, %q", code, out)
	}
}

// Not to know is not the same as not built.
func TestListWithoutACache(t *testing.T) {
	t.Setenv("POLYGRAPH_CLUSTER_CACHE", "relative")
	if out, talk, code := called(t, "programs", "--list"); code != exitFailed || out != "" || !strings.Contains(talk, "POLYGRAPH_CLUSTER_CACHE") {
		t.Errorf("exit %d, %q, %q", code, out, talk)
	}
}

func TestInterruptedIsSaid(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	t.Setenv(keeper.Variable, t.TempDir())
	t.Setenv("POLYGRAPH_CLUSTER_CACHE", t.TempDir())
	var talk bytes.Buffer
	code := (&app{stdout: &talk, stderr: &talk, program: "cluster"}).run(ctx, []string{"programs", "--only", "kwok"})
	if code != exitInterrupted || talk.String() != "interrupted\n" {
		t.Errorf("exit %d, %s", code, talk.String())
	}
}

//go:build unix

package binary

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBuildInAnotherProcess is no test of its own: the tests below run it in processes of theirs.
func TestBuildInAnotherProcess(t *testing.T) {
	root := os.Getenv("POLYGRAPH_TEST_BUILD")
	if root == "" {
		t.Skip("run by the tests below")
	}
	p := Program{Name: "prog", Version: "1.2.3", Root: root, Folder: "tools/prog", Modfile: "go.mod", Main: "."}
	path, err := p.Build(t.Context(), func(s Stage) { fmt.Println("stage:", s.Name) })
	fmt.Println("built:", path, err)
}

// another builds the program in a process of its own and returns what it says, line by line.
func another(t *testing.T, root string) (lines <-chan string, cmd *exec.Cmd) {
	t.Helper()
	cmd = exec.Command(os.Args[0], "-test.run=^TestBuildInAnotherProcess$")
	cmd.Env = append(os.Environ(), "POLYGRAPH_TEST_BUILD="+root)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	said := make(chan string, 1000)
	go func() {
		defer close(said)
		for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
			said <- scanner.Text()
		}
	}()
	return said, cmd
}

func wait(t *testing.T, said <-chan string, prefix string) string {
	t.Helper()
	var all []string
	for line := range said {
		if strings.HasPrefix(line, prefix) {
			return line
		}
		all = append(all, line)
	}
	t.Fatalf("it ended without %q:\n%s", prefix, strings.Join(all, "\n"))
	return ""
}

// heldGo puts a go command on PATH that notes each build and then waits until it is let on, or given up.
func heldGo(t *testing.T) (goOn, giveUp func(), builds func() int) {
	t.Helper()
	real, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	noted, gate := filepath.Join(folder, "builds"), filepath.Join(folder, "go-on")
	script := fmt.Sprintf("#!/bin/sh\nif [ \"$1\" = build ]; then\n\techo build >>%q\n\tuntil [ -e %q ]; do sleep 0.05; done\n\t[ -s %q ] && exit 1\nfi\nexec %q \"$@\"\n", noted, gate, gate, real)
	if err := os.WriteFile(filepath.Join(folder, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	path := os.Getenv("PATH")
	t.Setenv("PATH", folder+string(os.PathListSeparator)+path)
	goOn = func() { write(t, folder, "go-on", "") }
	giveUp = func() {
		write(t, folder, "go-on", "no")
		t.Setenv("PATH", path)
	}
	return goOn, giveUp, func() int {
		text, _ := os.ReadFile(noted)
		return strings.Count(string(text), "build")
	}
}

func TestTwoProcessesBuildOnce(t *testing.T) {
	p := fake(t)
	goOn, _, builds := heldGo(t)
	first, _ := another(t, p.Root)
	wait(t, first, "stage: .")
	second, _ := another(t, p.Root)
	wait(t, second, "stage: "+Waiting)
	goOn()
	one, two := wait(t, first, "built: "), wait(t, second, "built: ")
	if one != two || !strings.HasSuffix(one, " <nil>") {
		t.Errorf("the first says %s, the second %s", one, two)
	}
	if builds() != 1 {
		t.Errorf("%d builds", builds())
	}
}

// A killed build cleans up nothing; the next one does, and is not held up.
func TestBuildAfterAKilledOne(t *testing.T) {
	p := fake(t)
	p.Stages, p.Set, p.Names = nil, nil, nil // as the other process has it
	_, giveUp, _ := heldGo(t)
	first, cmd := another(t, p.Root)
	wait(t, first, "stage: .")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	giveUp()
	if _, err := p.Find(); err == nil {
		t.Fatal("Find accepts an unfinished build")
	}
	cache, _ := Cache()
	if left, _ := filepath.Glob(filepath.Join(cache, unfinishedPrefix+"*")); len(left) != 1 {
		t.Fatalf("nothing is left behind, so nothing is tested: %v", left)
	}
	onlyFolders(t, build(t, p))
}

//go:build unix

package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"polygraph/test/cluster/binary"
)

// A cluster costs seconds, so each test asks several things of its own.
func TestLifeOfACluster(t *testing.T) {
	t.Parallel()
	p := newPerson(t, binary.Kwok())
	link := filepath.Join(t.TempDir(), "a cluster")
	if err := os.Symlink(p.program, link); err != nil {
		t.Fatal(err)
	}
	p.program = link
	if _, talk, code := p.run(t, "status"); code != exitNotRunning || !strings.Contains(talk, "`'"+link+"' start`") {
		t.Errorf("before it: exit %d, %s", code, talk)
	}
	line, talk := p.must(t, "start")
	kubeconfig := filepath.Join(p.state, "default", "kubeconfig")
	if line != "export KUBECONFIG="+kubeconfig+"\n" {
		t.Errorf("standard output is %q", line)
	}
	for _, says := range []string{"is ready after", "No container runs here", "  '" + link + "' kubectl "} {
		if !strings.Contains(talk, says) {
			t.Errorf("it does not say %q:\n%s", says, talk)
		}
	}
	url := namespaces(t, kubeconfig)
	if n := len(p.processes(t, "")); n != 6 { // five parts and who holds them
		t.Errorf("%d processes", n)
	}

	again, talk := p.must(t, "start")
	if again != line || !strings.Contains(talk, "runs already") {
		t.Errorf("a second start: %q\n%s", again, talk)
	}
	if out, talk, code := p.run(t, "start", "--version", "1.33"); code != exitFailed || out != "" || !strings.Contains(talk, "Kubernetes 1.37.2, not 1.33.13") {
		t.Errorf("a start of another version: exit %d, %q, %s", code, out, talk)
	}
	if table, _ := p.must(t, "status"); !strings.Contains(table, "default") || !strings.Contains(table, " ready ") || !strings.Contains(table, url) {
		t.Errorf("the status:\n%s", table)
	}
	if path, _ := p.must(t, "kubeconfig"); path != kubeconfig+"\n" {
		t.Errorf("kubeconfig: %q", path)
	}
	if log, _ := p.must(t, "logs", "kube-apiserver"); !strings.Contains(log, "1.37") {
		t.Errorf("the log of the API server has %d bytes and no version", len(log))
	}
	if _, talk, code := p.run(t, "logs", "kubelet"); code != exitFailed || !strings.Contains(talk, "kube-scheduler") {
		t.Errorf("the log of a part that is not there: exit %d, %s", code, talk)
	}
	p.kubectl(t, kubeconfig)

	p.must(t, "stop")
	p.nothingLeft(t)
	if conn, err := net.Dial("tcp", strings.TrimPrefix(url, "https://")); err == nil {
		conn.Close()
		t.Errorf("something listens at %s", url)
	}
	if _, talk := p.must(t, "stop"); !strings.Contains(talk, "did not run") {
		t.Errorf("a second stop: %s", talk)
	}
}

// kubectl must get this kubeconfig and no other: of two, a program in Go sees the first, and the person's own
// may be of a cluster that matters. A shell sees the last, so a script would not do here.
func (p *person) kubectl(t *testing.T, kubeconfig string) {
	t.Helper()
	bin := t.TempDir()
	if err := os.Symlink(p.program, filepath.Join(bin, "kubectl")); err != nil {
		t.Fatal(err)
	}
	with := *p
	with.env = append(slices.Clone(p.env), "PATH="+bin+":"+os.Getenv("PATH"), "KUBECONFIG=/somewhere/that/matters")
	want := kubeconfig + " get pods --name other -n x\n"
	for _, args := range [][]string{{"kubectl", "get"}, {"kubectl", "--", "get"}} {
		if said, _, code := with.run(t, append(args, "pods", "--name", "other", "-n", "x")...); said != want || code != 7 {
			t.Errorf("%v: exit %d, %q, want %q", args, code, said, want)
		}
	}
	if _, talk, code := with.run(t, "kubectl", "-n", "x", "get", "pods"); code != exitFailed || !strings.Contains(talk, "kubectl -- -n") {
		t.Errorf("a flag of kubectl's first: exit %d, %s", code, talk)
	}
}

// namespaces lists them as a client does that has the kubeconfig, and returns where the API server is.
func namespaces(t *testing.T, kubeconfig string) (url string) {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CoreV1().Namespaces().Get(t.Context(), "kube-system", metav1.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	return config.Host
}

// One command at a time starts a name: the second finds what the first made. Other names are others.
func TestSeveralAtOnce(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	var wait sync.WaitGroup
	lines := make([]string, 3)
	for i, name := range []string{"default", "default", "other"} {
		wait.Go(func() {
			line, err := p.command(cheap("--name", name)...).Output()
			lines[i] = string(line)
			if err != nil {
				t.Errorf("start --name %s: %v", name, err)
			}
		})
	}
	wait.Wait()
	if lines[0] != lines[1] || lines[0] == lines[2] || !strings.HasPrefix(lines[0], "export KUBECONFIG=") {
		t.Fatalf("two and another say %q", lines)
	}
	if n := len(p.processes(t, "supervise")); n != 2 {
		t.Errorf("%d supervisors", n)
	}
	one := namespaces(t, filepath.Join(p.state, "default", "kubeconfig"))
	if two := namespaces(t, filepath.Join(p.state, "other", "kubeconfig")); one == two {
		t.Errorf("both are at %s", one)
	}
	if table, _ := p.must(t, "status"); strings.Count(table, " ready ") != 2 {
		t.Errorf("the status:\n%s", table)
	}
	p.must(t, "stop")
	namespaces(t, filepath.Join(p.state, "other", "kubeconfig"))

	// The parts hold a pipe to the supervisor. What it could not clean up, the next command does.
	p.kill(t, "supervise")
	eventually(t, "no process is left", func() bool { return len(p.processes(t, "")) == 0 })
	if _, _, code := p.run(t, "status"); code != exitNotRunning {
		t.Errorf("the status: exit %d", code)
	}
	p.must(t, cheap("--name", "other")...)
	namespaces(t, filepath.Join(p.state, "other", "kubeconfig"))

	// One that cannot be stopped does not keep the others.
	if err := os.MkdirAll(filepath.Join(p.state, "broken", "lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, talk, code := p.run(t, "stop", "--all"); code != exitFailed || !strings.Contains(talk, "stopping the cluster broken") || !strings.Contains(talk, "other is gone") {
		t.Errorf("stop --all: exit %d, %s", code, talk)
	}
	if err := os.RemoveAll(filepath.Join(p.state, "broken")); err != nil {
		t.Fatal(err)
	}
}

func TestFailedStartSaysWhyAndLeavesNothing(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	line, talk, code := p.run(t, "start", "--controllers", "no-such-controller", "--nodes", "0")
	if code != exitFailed || line != "" || !strings.Contains(talk, "kube-controller-manager") || !strings.Contains(talk, "is not in the list of known controllers") {
		t.Errorf("exit %d, %q, %s", code, line, talk)
	}
	p.nothingLeft(t)
}

// begun starts a cluster and returns in the middle of it.
func begun(t *testing.T, p *person) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := p.command("start", "--nodes", "0")
	var talk bytes.Buffer
	cmd.Stderr = &talk
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "etcd and the API server start", func() bool { return len(p.processes(t, "")) >= 3 })
	return cmd, &talk
}

func TestInterruptedStartCleansUp(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	cmd, talk := begun(t, p)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit %d, %s", code, talk)
	}
	p.nothingLeft(t)
}

func TestKilledStartTakesItsClusterAlong(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	cmd, _ := begun(t, p)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	eventually(t, "no process is left", func() bool { return len(p.processes(t, "")) == 0 })
}

// A folder that the person named outlives its cluster, also one that died.
func TestNamedFolderStays(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	folder := filepath.Join(p.state, "a folder") // so that its parts are known by the state folder
	p.must(t, cheap("--folder", folder)...)
	p.kill(t, "--data-dir=")
	eventually(t, "no process is left", func() bool { return len(p.processes(t, "")) == 0 })
	if _, talk, code := p.run(t, "status"); code != exitNotRunning || !strings.Contains(talk, "etcd ended by itself") {
		t.Errorf("the status: exit %d, %s", code, talk)
	}
	if log, _ := p.must(t, "logs", "kube-apiserver"); log == "" {
		t.Error("no log is left to read")
	}
	if _, _, code := p.run(t, "kubeconfig"); code != exitNotRunning {
		t.Errorf("kubeconfig: exit %d", code)
	}
	p.must(t, cheap("--folder", folder)...) // goes on with it
	namespaces(t, filepath.Join(p.state, "default", "kubeconfig"))
	p.must(t, "stop")
	if _, err := os.Stat(filepath.Join(folder, "etcd.log")); err != nil {
		t.Error(err)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	// What is somebody's own is refused and not touched.
	own := t.TempDir()
	if err := os.WriteFile(filepath.Join(own, "letter"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, talk, code := p.run(t, cheap("--name", "own", "--folder", own)...); code != exitFailed || !strings.Contains(talk, own) {
		t.Errorf("exit %d, %s", code, talk)
	}
	if entries, err := os.ReadDir(own); err != nil || len(entries) != 1 {
		t.Errorf("what is in it now: %v, %v", entries, err)
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"polygraph/test/cluster/binary"
	"polygraph/test/cluster/keeper"
)

// asCommand is set where the test binary is to be the command: linking that for each test costs seconds.
const asCommand = "POLYGRAPH_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) == "1" {
		main()
	}
	os.Exit(m.Run())
}

// person has the command and a state folder that nobody else has.
type person struct {
	program, state string
	env            []string
}

// newPerson skips the test where the programs are not built.
func newPerson(t *testing.T, programs ...binary.Program) *person {
	t.Helper()
	if _, err := exec.LookPath("ps"); err != nil {
		lacking(t, err)
	}
	for _, p := range append(programs, binary.Server(binary.Newest)) {
		if _, err := p.Find(); errors.Is(err, binary.ErrNotBuilt) {
			lacking(t, err)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &person{program: self, state: filepath.Join(t.TempDir(), "state")}
	p.env = append(os.Environ(), asCommand+"=1", keeper.Variable+"="+p.state)
	// Whatever a test leaves would run for ever.
	t.Cleanup(func() {
		if _, _, code := p.run(t, "stop", "--all"); code != exitDone {
			t.Errorf("stop --all: exit %d", code)
		}
		p.nothingLeft(t)
	})
	return p
}

func lacking(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("POLYGRAPH_STRICT") == "1" {
		t.Fatal(err)
	}
	t.Skip(err)
}

func (p *person) command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.program, args...)
	cmd.Env = p.env
	return cmd
}

func (p *person) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := p.command(args...)
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	t.Logf("cluster %s: exit %d\n%s%s", strings.Join(args, " "), cmd.ProcessState.ExitCode(), out.String(), talk.String())
	return out.String(), talk.String(), cmd.ProcessState.ExitCode()
}

// must is run for what has to succeed.
func (p *person) must(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, code := p.run(t, args...)
	if code != exitDone {
		t.Fatalf("cluster %s: exit %d", strings.Join(args, " "), code)
	}
	return stdout, stderr
}

// processes are those that have the state folder in their arguments: supervisors and parts. A zombie has
// no arguments.
func (p *person) processes(t *testing.T, containing string) []int {
	t.Helper()
	list, err := exec.Command("ps", "-ww", "-A", "-o", "pid=,args=").Output()
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for line := range strings.Lines(string(list)) {
		number, args, _ := strings.Cut(strings.TrimSpace(line), " ")
		if pid, err := strconv.Atoi(number); err == nil && strings.Contains(args, p.state) && strings.Contains(args, containing) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// kill ends the one process that has this in its arguments.
func (p *person) kill(t *testing.T, containing string) {
	t.Helper()
	pids := p.processes(t, containing)
	if len(pids) != 1 {
		t.Fatalf("%d processes of the test have %q in their arguments", len(pids), containing)
	}
	if err := syscall.Kill(pids[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func (p *person) nothingLeft(t *testing.T) {
	t.Helper()
	if pids := p.processes(t, ""); len(pids) > 0 {
		t.Errorf("processes are left: %v", pids)
	}
	if entries, err := os.ReadDir(p.state); len(entries) > 0 || err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left in the state folder: %v, %v", entries, err)
	}
}

// eventually waits for what the other side does by itself.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for range 600 {
		if condition() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("not so in half a minute: " + what)
}

// cheap is the least that is a cluster.
func cheap(more ...string) []string {
	return append([]string{"start", "--controllers", "none", "--scheduler=false", "--nodes", "0"}, more...)
}

func TestLifeOfACluster(t *testing.T) {
	p := newPerson(t, binary.Kwok())
	p.program = filepath.Join(t.TempDir(), "cluster")
	if said, err := exec.Command("go", "build", "-o", p.program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if _, talk, code := p.run(t, "status"); code != exitNotRunning || !strings.Contains(talk, "does not run") {
		t.Errorf("before it: exit %d, %s", code, talk)
	}
	line, talk := p.must(t, "start")
	kubeconfig := filepath.Join(p.state, "default", "kubeconfig")
	if line != "export KUBECONFIG="+kubeconfig+"\n" {
		t.Errorf("standard output is %q", line)
	}
	if !strings.Contains(talk, "is ready after") || !strings.Contains(talk, "No container runs here") {
		t.Errorf("it says:\n%s", talk)
	}
	url := namespaces(t, kubeconfig)
	if n := len(p.processes(t, "")); n != 6 { // five parts and who holds them
		t.Errorf("%d processes", n)
	}

	again, talk := p.must(t, "start")
	if again != line || !strings.Contains(talk, "runs already") {
		t.Errorf("a second start: %q\n%s", again, talk)
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

func TestSeveralSideBySide(t *testing.T) {
	p := newPerson(t)
	p.must(t, cheap()...)
	p.must(t, cheap("--name", "other")...)
	one := namespaces(t, filepath.Join(p.state, "default", "kubeconfig"))
	if two := namespaces(t, filepath.Join(p.state, "other", "kubeconfig")); one == two {
		t.Errorf("both are at %s", one)
	}
	if table, _ := p.must(t, "status"); strings.Count(table, " ready ") != 2 {
		t.Errorf("the status:\n%s", table)
	}
	p.must(t, "stop")
	namespaces(t, filepath.Join(p.state, "other", "kubeconfig"))
}

// The parts hold a pipe to the supervisor. What it could not clean up, the next command does.
func TestKilledSupervisorTakesItsPartsAlong(t *testing.T) {
	p := newPerson(t)
	p.must(t, cheap()...)
	p.kill(t, "supervise")
	eventually(t, "no process is left", func() bool { return len(p.processes(t, "")) == 0 })
	if _, _, code := p.run(t, "status"); code != exitNotRunning {
		t.Errorf("the status: exit %d", code)
	}
	p.must(t, cheap()...)
	namespaces(t, filepath.Join(p.state, "default", "kubeconfig"))
}

func TestPartThatDiesIsReported(t *testing.T) {
	p := newPerson(t)
	p.must(t, cheap()...)
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
}

func TestFailedStartSaysWhyAndLeavesNothing(t *testing.T) {
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
	p := newPerson(t)
	cmd, _ := begun(t, p)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	eventually(t, "no process is left", func() bool { return len(p.processes(t, "")) == 0 })
}

func TestNamedFolderStays(t *testing.T) {
	p := newPerson(t)
	folder := filepath.Join(t.TempDir(), "kept")
	p.must(t, cheap("--folder", folder)...)
	p.must(t, "stop")
	if _, err := os.Stat(filepath.Join(folder, "etcd.log")); err != nil {
		t.Error(err)
	}
	p.must(t, cheap("--folder", folder)...) // goes on with it
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

// The kubectl of the test says what it is given.
func TestKubectlHasTheKubeconfigAndTheArguments(t *testing.T) {
	p := newPerson(t)
	p.must(t, cheap()...)
	bin := t.TempDir()
	script := "#!/bin/sh\necho \"$KUBECONFIG\" \"$@\"\nexit 7\n"
	if err := os.WriteFile(filepath.Join(bin, "kubectl"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	p.env = append(p.env, "PATH="+bin+":"+os.Getenv("PATH"))
	want := filepath.Join(p.state, "default", "kubeconfig") + " get pods --name other -n x\n"
	for _, args := range [][]string{{"kubectl", "get"}, {"kubectl", "--", "get"}} {
		if said, _, code := p.run(t, append(args, "pods", "--name", "other", "-n", "x")...); said != want || code != 7 {
			t.Errorf("%v: exit %d, %q, want %q", args, code, said, want)
		}
	}
}

// One command at a time starts a name: the second finds what the first made.
func TestTwoStartsAtOnceMakeOneCluster(t *testing.T) {
	p := newPerson(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	lines := make(chan string, 2)
	for range 2 {
		go func() {
			cmd := exec.CommandContext(ctx, p.program, cheap()...)
			cmd.Env = p.env
			line, err := cmd.Output()
			if err != nil {
				line = []byte(err.Error())
			}
			lines <- string(line)
		}()
	}
	one, two := <-lines, <-lines
	if one != two || !strings.HasPrefix(one, "export KUBECONFIG=") {
		t.Errorf("%q and %q", one, two)
	}
	if n := len(p.processes(t, "supervise")); n != 1 {
		t.Errorf("%d supervisors", n)
	}
}

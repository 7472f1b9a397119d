package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"polygraph/test/cluster/binary"
	"polygraph/test/cluster/filelock"
)

func port(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// What a person has set does not reach the parts, and nothing is left of them.
func TestNothingLeaksInAndNothingIsLeft(t *testing.T) {
	needsPrograms(t)
	cache, err := binary.Cache()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("POLYGRAPH_CLUSTER_CACHE", cache)
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	leaks := []string{
		"HTTP_PROXY", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "KUBECONFIG", "KUBERNETES_SERVICE_HOST",
		"KUBERNETES_SERVICE_PORT", "KUBE_FEATURE_WatchListClient", "ETCD_NAME", "ETCD_LISTEN_CLIENT_URLS", "OTEL_EXPORTER_OTLP_ENDPOINT",
		"AWS_PROFILE",
	}
	for _, name := range leaks {
		t.Setenv(name, "127.0.0.1:1")
	}
	t.Setenv("HOME", "/nowhere")

	c := Test(t, Options{Scheduler: true})
	for part, p := range c.processes {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.pid()))
		if err != nil && runtime.GOOS == "linux" {
			t.Fatal(err)
		}
		if err != nil {
			t.Skip("only Linux tells what a process was given")
		}
		for line := range strings.SplitSeq(string(text), "\x00") {
			name, value, _ := strings.Cut(line, "=")
			for _, leak := range leaks {
				if name == leak {
					t.Errorf("%s has %s", part, line)
				}
			}
			if name == "HOME" && value != c.Folder() {
				t.Errorf("%s is at home in %s", part, value)
			}
		}
	}
	if of := processesOf(t, c.Folder()); len(of) != 4 {
		t.Errorf("%d processes have the folder in their command line, so the rest of this test says nothing: %q", len(of), of)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	nothingLeft(t, temporary)
	for _, port := range []int{c.ports.etcd, c.ports.peer, c.ports.apiServer, c.ports.controllerManager, c.ports.scheduler} {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Errorf("a port is still held: %v", err)
			continue
		}
		listener.Close()
	}
	if err := c.Run(t.Context(), Etcd); err == nil || !strings.Contains(err.Error(), errClosed.Error()) {
		t.Errorf("run after close: %v", err)
	}
}

// A folder that the caller named is kept. A cluster on it goes on where the last one was, also in a newer
// version, and those who had an identity keep it.
func TestAFolderOfAnEarlierCluster(t *testing.T) {
	t.Parallel()
	versions := []binary.Version{binary.Newest, binary.Newest}
	if _, err := binary.Server(binary.Older).Find(); err == nil {
		versions[0] = binary.Older
	}
	folder := filepath.Join(t.TempDir(), "kept")
	first := Test(t, Options{Version: versions[0], Controllers: []string{}, Folder: folder})
	_, err := adminOf(t, first).CoreV1().ConfigMaps("default").Create(t.Context(), configMap("kept"), metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Options{Folder: folder}); err == nil || !strings.Contains(err.Error(), "belongs to a cluster that runs") {
		t.Errorf("two clusters in a folder: %v", err)
	}
	old := first.AdminConfig(t)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	second := Test(t, Options{Version: versions[1], Controllers: []string{}, Folder: folder})
	old.Host = second.URL()
	client := kubernetes.NewForConfigOrDie(old)
	if _, err := client.CoreV1().ConfigMaps("default").Get(t.Context(), "kept", metav1.GetOptions{}); err != nil {
		t.Errorf("from %s to %s: %v", versions[0], versions[1], err)
	}
	if is, err := client.Discovery().ServerVersion(); err != nil || is.GitVersion != "v"+string(versions[1]) {
		t.Errorf("the server calls itself %v, %v", is, err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if of, err := os.ReadFile(files(folder).newestVersion()); err != nil || string(of) != string(versions[1]) {
		t.Errorf("the folder says that it was %s: %v", of, err)
	}
	if _, err := os.Stat(second.Log(APIServer)); err != nil {
		t.Errorf("a folder with a name is not kept: %v", err)
	}
}

// An older version would misread what a newer one has stored.
func TestAFolderOfANewerVersion(t *testing.T) {
	folder := files(t.TempDir())
	if err := os.WriteFile(folder.newestVersion(), []byte(binary.Newest), 0o600); err != nil {
		t.Fatal(err)
	}
	older := &Cluster{files: folder, options: Options{Version: binary.Older}}
	if err := older.refuseOlder(); err == nil || !strings.Contains(err.Error(), string(binary.Newest)) {
		t.Errorf("%s on the data of %s: %v", binary.Older, binary.Newest, err)
	}
	same := &Cluster{files: folder, options: Options{Version: binary.Newest}}
	if err := same.refuseOlder(); err != nil {
		t.Error(err)
	}
}

func TestFlagsReplace(t *testing.T) {
	got := replace([]string{"--a=1", "--b=2"}, []string{"--a=3", "--c"})
	if want := []string{"--b=2", "--a=3", "--c"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A start that came to no end has nothing to go on with. What its etcd has left may even be unusable.
func TestAFolderOfAStartThatFailed(t *testing.T) {
	t.Parallel()
	needsPrograms(t)
	folder := filepath.Join(t.TempDir(), "kept")
	broken := Options{Controllers: []string{}, Folder: folder, Flags: map[Part][]string{APIServer: {"--no-such-flag"}}}
	if c, err := Start(t.Context(), broken); err == nil {
		c.Close()
		t.Fatal("a flag that is none is taken")
	}
	wal := files(folder).at("etcd/member/wal")
	if err := errors.Join(os.RemoveAll(files(folder).at("etcd")), os.MkdirAll(wal, 0o700), os.WriteFile(filepath.Join(wal, "half.wal"), []byte("half"), 0o600)); err != nil {
		t.Fatal(err)
	}
	broken.Flags = nil
	c := Test(t, broken)
	if err := c.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// A process that is killed runs no cleanup. Its parts end by themselves, and the next start on the machine
// removes the folder.
func TestACrashLeavesNothing(t *testing.T) {
	t.Parallel()
	needsPrograms(t)
	cache, err := binary.Cache()
	if err != nil {
		t.Fatal(err)
	}
	temporary := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"=1", "TMPDIR="+temporary, "POLYGRAPH_CLUSTER_CACHE="+cache)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	folder, err := bufio.NewReader(stdout).ReadString('\n')
	folder = strings.TrimSpace(folder)
	if err != nil || filepath.Dir(folder) != temporary {
		_ = cmd.Process.Kill()
		t.Fatalf("the child says %q, %v", folder, err)
	}
	if of := processesOf(t, folder); len(of) != 2 {
		t.Errorf("the child runs %q", of)
	}
	sweep(temporary)
	if _, err := os.Stat(folder); err != nil {
		t.Fatalf("the folder of a cluster that runs was removed: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed, as it says
	eventually(t, "the parts end", func(context.Context) (bool, error) { return len(processesOf(t, folder)) == 0, nil })
	if _, err := os.Stat(folder); err != nil {
		t.Fatalf("something else removed the folder, so the rest of this test says nothing: %v", err)
	}
	sweep(temporary)
	nothingLeft(t, temporary)
}

func TestSweepLeavesWhatIsNotForgotten(t *testing.T) {
	temporary := t.TempDir()
	held, forgotten, other := files(filepath.Join(temporary, prefix+"1")), files(filepath.Join(temporary, prefix+"2")), files(filepath.Join(temporary, "other"))
	for _, folder := range []files{held, forgotten, other} {
		if err := os.Mkdir(string(folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(string(other), filepath.Join(temporary, prefix+"3")); err != nil {
		t.Fatal(err)
	}
	lock, err := filelock.Try(held.lock())
	if err != nil || lock == nil {
		t.Fatal(lock, err)
	}
	defer lock.Release()
	sweep(temporary)
	for folder, want := range map[files]bool{held: true, forgotten: false, other: true} {
		if _, err := os.Stat(string(folder)); (err == nil) != want {
			t.Errorf("%s is there: %t", folder, err == nil)
		}
	}
}

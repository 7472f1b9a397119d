package cluster

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"polygraph/test/cluster/binary"
)

// What a start promises holds at its end, without waiting: the version, the first service account, and
// controllers that empty a deleted namespace.
func TestAFreshClusterIsReady(t *testing.T) {
	t.Parallel()
	for _, version := range Versions(t) {
		t.Run(version.Minor(), func(t *testing.T) {
			c := &Cluster{}
			if version == binary.Newest {
				c = shared.Cluster(t)
			} else {
				c = Test(t, Options{Version: version})
			}
			client := adminOf(t, c)
			if is, err := client.Discovery().ServerVersion(); err != nil || is.GitVersion != "v"+string(version) {
				t.Errorf("the server calls itself %v, %v", is, err)
			}
			if _, err := client.CoreV1().ServiceAccounts("default").Get(t.Context(), "default", metav1.GetOptions{}); err != nil {
				t.Error(err)
			}
			namespace := c.Namespace(t)
			if _, err := client.CoreV1().ConfigMaps(namespace).Create(t.Context(), configMap("one"), metav1.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			if err := client.CoreV1().Namespaces().Delete(t.Context(), namespace, metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the namespace is gone", func(ctx context.Context) (bool, error) {
				_, err := client.CoreV1().Namespaces().Get(ctx, namespace, metav1.GetOptions{})
				if apierrors.IsNotFound(err) {
					return true, nil
				}
				return false, err
			})
		})
	}
}

// Both find out before anything runs.
func TestOptionsThatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		options Options
		says    string
	}{
		"version":          {Options{Version: "1.2.3"}, `no Kubernetes "1.2.3" here`},
		"part":             {Options{Flags: map[Part][]string{"kubelet": {"--v=2"}}}, `"kubelet", which this cluster has not`},
		"part not chosen":  {Options{Flags: map[Part][]string{Scheduler: {"--v=2"}}}, `"kube-scheduler", which this cluster has not`},
		"flag":             {Options{Flags: map[Part][]string{Etcd: {"log-level=info"}}}, `flag "log-level=info" of etcd`},
		"nodes":            {Options{Nodes: -1}, "-1 nodes"},
		"folder of others": {Options{Folder: "."}, "something else than a cluster"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.options.Folder != "" {
				needsPrograms(t)
			}
			cluster, err := Start(t.Context(), c.options)
			if cluster != nil {
				cluster.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := os.Stat("ca.key"); err == nil {
		t.Error("the folder of others was written to")
	}
}

func TestProgramsThatAreNotBuilt(t *testing.T) {
	t.Setenv("POLYGRAPH_CLUSTER_CACHE", t.TempDir())
	if _, err := Start(t.Context(), Options{}); !errors.Is(err, binary.ErrNotBuilt) {
		t.Errorf("got %v", err)
	}
}

// The reason stands in what the part has said, and nothing is left.
func TestFlagsThatAPartRefuses(t *testing.T) {
	needsPrograms(t)
	for name, c := range map[string]struct {
		options Options
		says    []string
	}{
		"etcd":       {Options{Flags: map[Part][]string{Etcd: {"--no-such-flag"}}}, []string{"etcd ended by itself", "no-such-flag"}},
		"API server": {Options{Flags: map[Part][]string{APIServer: {"--no-such-flag"}}}, []string{"kube-apiserver ended by itself", "unknown flag: --no-such-flag"}},
		"controllers": {
			Options{Controllers: []string{"namespace-controller", "no-such-controller"}},
			[]string{"kube-controller-manager ended by itself", `no-such-controller\" is not in the list of known controllers`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			temporary := t.TempDir()
			t.Setenv("TMPDIR", temporary)
			_, err := Start(t.Context(), c.options)
			for _, text := range c.says {
				if err == nil || strings.Count(err.Error(), text) != 1 {
					t.Errorf("%q is not once in: %v", text, err)
				}
			}
			nothingLeft(t, temporary)
		})
	}
}

func TestAStartThatIsCancelled(t *testing.T) {
	needsPrograms(t)
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	because := errors.New("somebody changed their mind")
	ctx, cancel := context.WithCancelCause(t.Context())
	chosen := func() (ports, error) {
		go cancel(because)
		return freePorts()
	}
	if _, err := start(ctx, Options{}, chosen); !errors.Is(err, because) {
		t.Errorf("got %v", err)
	}
	nothingLeft(t, temporary)
}

// Between the choice of a port and its use another process may take it.
func TestAPortThatIsTakenMeanwhile(t *testing.T) {
	needsPrograms(t)
	taken, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tries := 0
	c, err := start(t.Context(), Options{Controllers: []string{}}, func() (ports, error) {
		p, err := freePorts()
		if tries++; tries == 1 {
			p.apiServer = port(taken)
		}
		return p, err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if tries != 2 {
		t.Errorf("ports were chosen %d times", tries)
	}
	if err := c.Died(); err != nil {
		t.Errorf("what failed is told: %v", err)
	}

	// What never becomes free is given up.
	tries = 0
	_, err = start(t.Context(), Options{}, func() (ports, error) {
		p, err := freePorts()
		tries++
		p.etcd = port(taken)
		return p, err
	})
	if err == nil || !strings.Contains(err.Error(), "address already in use") || tries != attempts {
		t.Errorf("after %d tries: %v", tries, err)
	}
}

func needsPrograms(t *testing.T) {
	t.Helper()
	_, err := binary.Server(binary.Newest).Find()
	started(t, err)
}

// nothingLeft looks for folders and processes of a cluster below a folder.
func nothingLeft(t *testing.T, temporary string) {
	t.Helper()
	entries, err := os.ReadDir(temporary)
	if err != nil || len(entries) > 0 {
		t.Errorf("left in the temporary folder: %v, %v", entries, err)
	}
	if of := processesOf(t, temporary); len(of) > 0 {
		t.Errorf("left running: %q", of)
	}
}

// processesOf finds those that have a folder in their command line. It finds none where there is no /proc.
func processesOf(t *testing.T, folder string) []string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Log("no /proc to look into")
		return nil
	}
	paths, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), folder) {
			found = append(found, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return found
}

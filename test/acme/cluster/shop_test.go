package cluster

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/client-go/kubernetes"

	"polygraph/test/cluster"
)

// shop is one of the two shops on a cluster of its own.
type shop struct {
	*testing.T
	kubernetes.Interface
	name       string // of the folder in before and refused
	kubeconfig string
	program    string
	today      string // the folder with the manifests of today
	yesterday  string // the folder with those of yesterday
}

// examples are the folders of the shops.
var examples = map[string]string{"acme": "../../../examples/acme", "twin": "../../../examples/acme-twin"}

// open starts a cluster and lays the manifests of yesterday out.
func open(t *testing.T, name string) *shop {
	t.Helper()
	c := cluster.Test(t, cluster.Options{
		Controllers: cluster.Workloads(), Scheduler: true, Nodes: 1,
		// By default an autoscaler looks for the first time after 15 seconds.
		Flags: map[cluster.Part][]string{cluster.ControllerManager: {"--horizontal-pod-autoscaler-sync-period=1s"}},
	})
	s := &shop{
		T: t, Interface: kubernetes.NewForConfigOrDie(c.AdminConfig(t)), name: name,
		kubeconfig: filepath.Join(t.TempDir(), "kubeconfig"), today: filepath.Join(examples[name], "kubernetes"), yesterday: t.TempDir(),
	}
	if err := c.Kubeconfig(s.kubeconfig, "erin", cluster.Administrators); err != nil {
		t.Fatal(err)
	}
	s.program = cluster.Kubectl(t)
	copyFiles(t, s.yesterday, s.today)
	copyFiles(t, s.yesterday, filepath.Join("before", name))
	return s
}

func copyFiles(t *testing.T, to, from string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(from, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no manifests in %s: %v", from, err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(path)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// file is a manifest of yesterday.
func (s *shop) file(name string) string { return filepath.Join(s.yesterday, name+".yaml") }

// run is kubectl, as somebody types it.
func (s *shop) run(args ...string) string {
	s.Helper()
	out, complaints, err := s.try(nil, args...)
	if err != nil {
		s.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, complaints)
	}
	return out
}

func (s *shop) try(env []string, args ...string) (out, complaints string, err error) {
	args = append(args, "--kubeconfig="+s.kubeconfig)
	if !slices.Contains(args, "-f") && !slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--namespace=") }) {
		args = append(args, "--namespace=shop") // manifests name theirs
	}
	cmd := exec.CommandContext(s.Context(), s.program, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// What it learns of a server it would keep for the next one on the same port.
	cmd.Env = append(append(os.Environ(), "KUBECACHEDIR="+filepath.Join(filepath.Dir(s.kubeconfig), "cache")), env...)
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}

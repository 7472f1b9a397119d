package bench

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"polygraph/test/cluster"
	"polygraph/test/cluster/binary"
)

// programs is the folder of the control plane, which envtest takes as its assets.
func programs(t testing.TB) string {
	t.Helper()
	server, err := binary.Server(binary.Newest).Find()
	if errors.Is(err, binary.ErrNotBuilt) && os.Getenv("POLYGRAPH_STRICT") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(server)
}

// start returns a client configuration of a fresh API server, and what ends it.
type start func(t testing.TB) (*rest.Config, func() error)

func ours(options cluster.Options) start {
	return func(t testing.TB) (*rest.Config, func() error) {
		c, err := cluster.Start(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		return c.AdminConfig(t), c.Close
	}
}

func theirs(assets string) start {
	return func(t testing.TB) (*rest.Config, func() error) {
		// USE_EXISTING_CLUSTER of the person would measure a cluster of theirs.
		existing := false
		env := &envtest.Environment{BinaryAssetsDirectory: assets, UseExistingCluster: &existing}
		config, err := env.Start()
		if err != nil {
			t.Fatal(err)
		}
		return config, env.Stop
	}
}

// contender is one that is compared.
type contender struct {
	name  string
	start start
}

// contenders are compared in this order, in every run.
func contenders(t testing.TB) []contender {
	return []contender{
		{"envtest", theirs(programs(t))},
		{"cluster/api", ours(cluster.Options{Controllers: []string{}})},
		{"cluster/core", ours(cluster.Options{})},
		{"cluster/workloads", ours(cluster.Options{Controllers: cluster.Workloads(), Scheduler: true})},
	}
}

// BenchmarkStart takes the time from nothing to a client that has listed the namespaces. Ending the
// cluster is not counted.
func BenchmarkStart(b *testing.B) {
	for _, c := range contenders(b) {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				config, end := c.start(b)
				list(b, config)
				b.StopTimer()
				if err := end(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}

// TestContendersAnswer keeps the benchmark honest: all give the same API of the same version.
func TestContendersAnswer(t *testing.T) {
	for _, c := range contenders(t) {
		name := c.name
		config, end := c.start(t)
		list(t, config)
		version, err := kubernetes.NewForConfigOrDie(config).Discovery().ServerVersion()
		if err != nil {
			t.Fatal(err)
		}
		if want := "v" + string(binary.Newest); version.GitVersion != want {
			t.Errorf("%s answers as %s, want %s", name, version.GitVersion, want)
		}
		if err := end(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func list(t testing.TB, config *rest.Config) {
	t.Helper()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkMemory tells what the parts hold ten seconds after the start, in MB of 1,000,000 bytes: "now", with
// shared pages divided, so that it may be added up, and the peak of each.
func BenchmarkMemory(b *testing.B) {
	programs(b)
	for b.Loop() {
		c, err := cluster.Start(b.Context(), cluster.Options{Controllers: cluster.Workloads(), Scheduler: true})
		if err != nil {
			b.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		memory, err := c.Memory()
		if err != nil {
			b.Fatal(err)
		}
		var all int64
		for part, m := range memory {
			all += m.Share
			b.ReportMetric(float64(m.Share)/1e6, string(part)+"-now-MB")
			b.ReportMetric(float64(m.Peak)/1e6, string(part)+"-peak-MB")
		}
		b.ReportMetric(float64(all)/1e6, "now-MB")
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

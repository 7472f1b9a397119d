package cluster

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
)

// Shared is one cluster for all tests of a package, which keep apart by namespaces. It starts when the
// first of them asks for it:
//
//	var shared = cluster.Shared{Options: cluster.Options{Scheduler: true}}
//
//	func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }
//
//	func TestThis(t *testing.T) {
//		c := shared.Cluster(t)
//		namespace := c.Namespace(t)
//
// Tests that break parts, or count what others do, want their own: [Test].
type Shared struct {
	Options Options

	once    sync.Once
	cluster *Cluster
	err     error
}

// Cluster is the cluster. Where the programs are not built the test is skipped, as by [Test]. A part that
// has died by itself fails every test that comes after.
func (s *Shared) Cluster(t testing.TB) *Cluster {
	t.Helper()
	s.once.Do(func() { s.cluster, s.err = Start(context.Background(), s.Options) })
	started(t, s.err)
	if err := s.cluster.Died(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.cluster.explain(t) })
	return s.cluster
}

// Main runs the tests and closes the cluster, if there is one. It returns the code to exit with.
func (s *Shared) Main(m *testing.M) int {
	code := m.Run()
	if s.cluster == nil {
		return code
	}
	if err := s.cluster.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

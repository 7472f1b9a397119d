package cluster

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"k8s.io/client-go/rest"

	"polygraph/test/cluster/binary"
)

// Test starts a cluster for a test and closes it at the end. Where the programs are not built the test
// is skipped, or fails under POLYGRAPH_STRICT=1. A part that dies by itself fails the test.
func Test(t testing.TB, options Options) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), options)
	started(t, err)
	t.Cleanup(func() {
		c.explain(t)
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// Kubectl is the program that the tests apply with: the pinned one, else the one on PATH. Where there is
// none the test is skipped, or fails under POLYGRAPH_STRICT=1.
func Kubectl(t testing.TB) string {
	t.Helper()
	path, err := binary.Kubectl().Find()
	if err == nil {
		return path
	}
	if path, other := exec.LookPath("kubectl"); other == nil {
		return path
	}
	if errors.Is(err, binary.ErrNotBuilt) && os.Getenv("POLYGRAPH_STRICT") != "1" {
		t.Skip(err)
	}
	t.Fatal(err)
	return ""
}

// started ends a test that has no cluster.
func started(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, binary.ErrNotBuilt) && os.Getenv("POLYGRAPH_STRICT") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// explain shows what the parts have said last, when a test has failed.
func (c *Cluster) explain(t testing.TB) {
	if !t.Failed() {
		return
	}
	for _, part := range c.options.parts() {
		t.Logf("the end of the log of %s:\n%s", part, tail(c.Log(part), 0))
	}
}

// AdminConfig is [Cluster.Admin] for a test.
func (c *Cluster) AdminConfig(t testing.TB) *rest.Config {
	t.Helper()
	return c.UserConfig(t, "admin", Administrators)
}

// UserConfig is [Cluster.User] for a test.
func (c *Cluster) UserConfig(t testing.TB, name string, groups ...string) *rest.Config {
	t.Helper()
	config, err := c.User(name, groups...)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

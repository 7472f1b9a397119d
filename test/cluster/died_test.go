package cluster

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// recorder is a test whose errors are looked at.
type recorder struct {
	testing.TB
	errors   []string
	cleanups []func()
}

func (r *recorder) Error(args ...any) { r.errors = append(r.errors, fmt.Sprint(args...)) }
func (r *recorder) Cleanup(do func()) { r.cleanups = append(r.cleanups, do) }

// A part that ends although nobody asked it to fails the test, which learns which one and why.
func TestAPartThatDiesByItself(t *testing.T) {
	t.Parallel()
	inner := &recorder{TB: t}
	c := Test(inner, Options{Controllers: []string{}})
	// A signal that nobody sent through the cluster. Go's own handler tells it on the way out.
	if err := c.processes[Etcd].signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is noticed", func(context.Context) (bool, error) { return c.Died() != nil, nil })
	for _, do := range inner.cleanups {
		do()
	}
	if len(inner.errors) != 1 || !strings.Contains(inner.errors[0], "etcd ended by itself (exit status 2); the end of its log:") || strings.Contains(inner.errors[0], "kube-apiserver ended") {
		t.Errorf("the test was told %q", inner.errors)
	}
	if err := c.Close(); err == nil {
		t.Error("closed again, it says nothing of it")
	}
}

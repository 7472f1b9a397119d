package cluster

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"syscall"

	"polygraph/test/cluster/audit"
	"polygraph/test/cluster/filelock"
	"polygraph/test/cluster/pki"
)

// Cluster is a running control plane. Its methods may be called from several goroutines.
type Cluster struct {
	options   Options
	program   string // all parts of Kubernetes, and etcd where it is of the same version
	etcd      string
	files     files
	temporary bool
	fresh     bool // no earlier start on the folder has come to its end
	lock      *filelock.Lock
	ports     ports
	authority *pki.Authority
	probe     *http.Client      // knows itself as an administrator
	processes map[Part]*process // complete when Start returns, never changed after

	closing  sync.Once
	closeErr error
}

// Start runs a cluster and returns when all of it is ready. The programs have to be built already: where
// one is missing the error is a [binary.ErrNotBuilt]. The context is that of the start; what runs is ended
// by [Cluster.Close].
func Start(ctx context.Context, options Options) (*Cluster, error) {
	return start(ctx, options, freePorts)
}

// Died tells of a part that ended although nobody asked it to, with the end of its log.
func (c *Cluster) Died() error {
	var all []error
	for _, part := range c.options.parts() {
		if p := c.processes[part]; p != nil {
			all = append(all, p.died())
		}
	}
	return errors.Join(all...)
}

// Audit is the log of all calls that the API server has answered.
func (c *Cluster) Audit() audit.Log { return audit.Log{Path: c.files.audit()} }

// Folder holds the data, the certificates and the logs.
func (c *Cluster) Folder() string { return string(c.files) }

// Close ends all parts at once, as [Cluster.Kill] does, and removes the folder if it was a temporary one.
// It reports a part that had died by itself. The second call does nothing and returns the same.
func (c *Cluster) Close() error {
	c.closing.Do(func() {
		died := c.Died()
		for _, p := range c.processes {
			p.retire()
		}
		c.kill()
		c.closeErr = errors.Join(died, c.leave())
	})
	return c.closeErr
}

func (c *Cluster) kill() {
	var all sync.WaitGroup
	for _, p := range c.processes {
		all.Go(func() { _ = p.end(context.Background(), syscall.SIGKILL) })
	}
	all.Wait()
}

// leave gives back what was taken before the first part ran.
func (c *Cluster) leave() error {
	if c.probe != nil {
		c.probe.CloseIdleConnections()
	}
	var err error
	if c.temporary {
		err = os.RemoveAll(string(c.files))
	}
	if c.lock != nil {
		c.lock.Release()
	}
	return err
}

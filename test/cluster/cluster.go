package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"polygraph/test/cluster/audit"
	"polygraph/test/cluster/binary"
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

// attempts are for ports that were free a moment ago. Another process that takes one is rare, twice in a
// row is rarer.
const attempts = 4

func start(ctx context.Context, options Options, choose func() (ports, error)) (*Cluster, error) {
	if err := options.validate(); err != nil {
		return nil, err
	}
	program, err := binary.Server(options.version()).Find()
	if err != nil {
		return nil, err
	}
	c := &Cluster{options: options, program: program}
	if err := c.prepare(); err != nil {
		return nil, errors.Join(err, c.leave())
	}
	for range attempts {
		if c.ports, err = choose(); err != nil {
			break
		}
		if err = c.launch(ctx); err == nil {
			return c, nil
		}
		c.kill()
		if !strings.Contains(err.Error(), "address already in use") {
			break
		}
	}
	return nil, errors.Join(err, c.leave())
}

// prepare makes the folder and all in it that does not depend on a port.
func (c *Cluster) prepare() error {
	if err := c.claim(); err != nil {
		return err
	}
	if err := os.WriteFile(c.files.at("audit-policy.yaml"), []byte(audit.Policy), 0o600); err != nil {
		return err
	}
	if err := c.chooseEtcd(); err != nil {
		return err
	}
	return c.mint()
}

// chooseEtcd keeps the data of a folder with the etcd that made them. etcd does not skip a minor version of
// its own when it is upgraded, where Kubernetes does, and works with an older etcd.
func (c *Cluster) chooseEtcd() error {
	note := c.files.at("etcd-of")
	of, err := os.ReadFile(note)
	if errors.Is(err, fs.ErrNotExist) {
		c.etcd = c.program
		return os.WriteFile(note, []byte(c.options.version()), 0o600)
	}
	if err != nil {
		return err
	}
	version, err := binary.ParseVersion(string(of))
	if err != nil {
		return fmt.Errorf("the etcd of folder %s: %w", c.files, err)
	}
	c.etcd, err = binary.Server(version).Find()
	return err
}

// launch starts the parts and waits for each.
func (c *Cluster) launch(ctx context.Context) error {
	if err := c.writeKubeconfigs(); err != nil {
		return err
	}
	parts := c.options.parts()
	c.processes = make(map[Part]*process, len(parts))
	for _, part := range parts {
		p, err := c.process(ctx, part)
		if err != nil {
			return err
		}
		c.processes[part] = p
	}
	// The API server waits for etcd by itself, and loading takes both of them a while. The others wait for
	// the API server in steps of a second and are ready sooner when they begin after it.
	for _, group := range [][]Part{parts[:2], parts[2:]} {
		for _, part := range group {
			if err := c.processes[part].start(); err != nil {
				return err
			}
		}
		for _, part := range group {
			if err := c.ready(ctx, part); err != nil {
				return err
			}
		}
	}
	if err := c.createNodes(ctx); err != nil {
		return err
	}
	return c.nodesReady(ctx)
}

// process is what runs a part. It is called as the link of the name, so that `ps` and the user agents of
// the audit log tell the parts apart.
func (c *Cluster) process(ctx context.Context, part Part) (*process, error) {
	p := &process{part: part, args: c.flags(part), log: c.files.log(part), env: []string{"HOME=" + string(c.files)}}
	switch part {
	case Kwok:
		return p, c.prepareKwok(ctx, p)
	case Etcd:
		p.path = filepath.Join(filepath.Dir(c.etcd), string(part))
	default:
		p.path = filepath.Join(filepath.Dir(c.program), string(part))
	}
	return p, nil
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

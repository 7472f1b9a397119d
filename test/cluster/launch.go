package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"polygraph/test/cluster/audit"
	"polygraph/test/cluster/binary"
)

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
	if err := c.refuseOlder(); err != nil {
		return err
	}
	if err := c.chooseEtcd(); err != nil {
		return err
	}
	return c.mint()
}

// refuseOlder keeps an older Kubernetes from the data of a newer one. It would start, and misread or drop
// what it does not know.
func (c *Cluster) refuseOlder() error {
	of, err := os.ReadFile(c.files.newestVersion())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	newest, err := binary.ParseVersion(string(of))
	if err != nil {
		return fmt.Errorf("the Kubernetes of folder %s: %w", c.files, err)
	}
	if c.options.version().OlderThan(newest) {
		return fmt.Errorf("folder %s has data of Kubernetes %s, which %s cannot be trusted to read; start that version, or name another folder", c.files, newest, c.options.version())
	}
	return nil
}

// chooseEtcd keeps the data of a folder with the etcd that made them. etcd does not skip a minor version of
// its own when it is upgraded, where Kubernetes does, and works with an older etcd.
func (c *Cluster) chooseEtcd() error {
	of, err := os.ReadFile(c.files.etcdVersion())
	if errors.Is(err, fs.ErrNotExist) {
		c.etcd, c.fresh = c.program, true
		return nil
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
	// An etcd that is killed in its first moments may leave data without a member in them; the next one on
	// them would wait for a leader for ever.
	if c.fresh {
		if err := os.RemoveAll(c.files.at("etcd")); err != nil {
			return err
		}
	}
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
	if err := c.nodesReady(ctx); err != nil {
		return err
	}
	if err := os.WriteFile(c.files.newestVersion(), []byte(c.options.version()), 0o600); err != nil || !c.fresh {
		return err
	}
	return os.WriteFile(c.files.etcdVersion(), []byte(c.options.version()), 0o600)
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

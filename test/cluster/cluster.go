package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"polygraph/test/cluster/audit"
	"polygraph/test/cluster/binary"
	"polygraph/test/cluster/pki"
)

// readyLimit is for a machine that is busy with other things; an idle one takes seconds.
const readyLimit = 2 * time.Minute

// Cluster is a running control plane. Its methods may be called from several goroutines.
type Cluster struct {
	options   Options
	files     files
	temporary bool
	ports     ports
	authority *pki.Authority
	probe     *http.Client // knows itself as an administrator
	processes map[Part]*process
}

// Start runs a cluster and returns when all of it is ready. The programs have to be built already.
func Start(ctx context.Context, options Options) (*Cluster, error) {
	program, err := binary.Server(options.version()).Find()
	if err != nil {
		return nil, err
	}
	c := &Cluster{options: options, processes: map[Part]*process{}}
	if err := c.prepare(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	// The ports were free a moment ago. Where another process was faster, others are tried.
	for attempt := 0; ; attempt++ {
		err = c.launch(ctx, program)
		if err == nil {
			return c, nil
		}
		if attempt == 3 || !strings.Contains(err.Error(), "address already in use") {
			return nil, errors.Join(err, c.Close())
		}
		c.kill()
		if err := os.RemoveAll(c.files.at("etcd")); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
}

// prepare makes the folder and all that the parts read from it but for what holds a port.
func (c *Cluster) prepare() error {
	folder := c.options.Folder
	if folder == "" {
		made, err := os.MkdirTemp("", "polygraph-cluster-")
		if err != nil {
			return err
		}
		folder, c.temporary = made, true
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	c.files = files(folder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(c.files.at("audit-policy.yaml"), []byte(audit.Policy), 0o600); err != nil {
		return err
	}
	return c.mint()
}

// launch starts the parts on fresh ports and waits for each.
func (c *Cluster) launch(ctx context.Context, program string) error {
	var err error
	if c.ports, err = freePorts(); err != nil {
		return err
	}
	if err := c.writeKubeconfigs(); err != nil {
		return err
	}
	for _, part := range c.options.parts() {
		c.processes[part] = &process{part: part, path: program, args: c.flags(part), log: c.files.log(part)}
	}
	// The API server waits for etcd by itself, and loading takes both of them a second.
	for _, first := range []Part{Etcd, APIServer} {
		if err := c.processes[first].start(); err != nil {
			return err
		}
	}
	for _, first := range []Part{Etcd, APIServer} {
		if err := c.ready(ctx, first); err != nil {
			return err
		}
	}
	rest := c.options.parts()[2:]
	for _, part := range rest {
		if err := c.processes[part].start(); err != nil {
			return err
		}
	}
	for _, part := range rest {
		if err := c.ready(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// ready waits until the part says so itself.
func (c *Cluster) ready(ctx context.Context, part Part) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	var last error
	for {
		last = c.healthy(ctx, part)
		if last == nil {
			return nil
		}
		// What asks others can be the part that waits for one that died.
		if err := c.Died(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w; the last answer was: %w; the end of its log:\n%s", part, context.Cause(ctx), last, tail(c.files.log(part)))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (c *Cluster) healthy(ctx context.Context, part Part) error {
	url := map[Part]string{
		Etcd: local(c.ports.etcd) + "/health", APIServer: local(c.ports.apiServer) + "/readyz",
		ControllerManager: local(c.ports.controllerManager) + "/healthz", Scheduler: local(c.ports.scheduler) + "/healthz",
	}[part]
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := c.probe.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.New(answer.Status)
	}
	return nil
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

// Close ends all parts and removes the temporary folder. What is in it is thrown away, so nothing is
// asked to end in an orderly way.
func (c *Cluster) Close() error {
	died := c.Died()
	c.kill()
	if c.probe != nil {
		c.probe.CloseIdleConnections()
	}
	if c.temporary {
		return errors.Join(died, os.RemoveAll(string(c.files)))
	}
	return died
}

func (c *Cluster) kill() {
	for _, p := range c.processes {
		_ = p.end(context.Background(), syscall.SIGKILL)
	}
}

// freePorts asks the system for ports and holds all of them until the last is known, so that they differ.
func freePorts() (ports, error) {
	var p ports
	for _, port := range []*int{&p.etcd, &p.peer, &p.apiServer, &p.controllerManager, &p.scheduler} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return ports{}, err
		}
		defer listener.Close()
		*port = listener.Addr().(*net.TCPAddr).Port
	}
	return p, nil
}

// mint makes the certificates and writes those that the parts read.
func (c *Cluster) mint() error {
	authority, err := pki.NewAuthority("polygraph test cluster")
	if err != nil {
		return err
	}
	c.authority = authority
	server, err := authority.Server("server", "127.0.0.1", "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "10.96.0.1")
	if err != nil {
		return err
	}
	proxy, err := authority.Client("front-proxy")
	if err != nil {
		return err
	}
	private, public, err := pki.SigningKeys()
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		c.files.authority():                     authority.Certificate,
		c.files.certificate("server"):           server.Certificate,
		c.files.key("server"):                   server.Key,
		c.files.certificate("front-proxy"):      proxy.Certificate,
		c.files.key("front-proxy"):              proxy.Key,
		c.files.certificate("service-accounts"): public,
		c.files.key("service-accounts"):         private,
	} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			return err
		}
	}
	administrator, err := authority.Client("probe", "system:masters")
	if err != nil {
		return err
	}
	pair, err := administrator.TLS()
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.Certificate)
	c.probe = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12},
	}}
	return nil
}

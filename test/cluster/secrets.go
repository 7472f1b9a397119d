package cluster

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"time"

	"polygraph/test/cluster/pki"
)

// mint makes the certificates and writes those that the parts read. A folder that has an authority and the
// keys of service accounts keeps them: what was signed with them may lie in its etcd.
func (c *Cluster) mint() error {
	if err := c.mintAuthority(); err != nil {
		return err
	}
	server, err := c.authority.Server("server", "127.0.0.1", "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", firstService)
	if err != nil {
		return err
	}
	if err := c.write("server", server); err != nil {
		return err
	}
	proxy, err := c.authority.Client("front-proxy")
	if err != nil {
		return err
	}
	if err := c.write("front-proxy", proxy); err != nil {
		return err
	}
	return c.mintProbe()
}

func (c *Cluster) mintAuthority() error {
	old, err := c.read("ca")
	if err == nil {
		c.authority, err = pki.ParseAuthority(old)
		return err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if c.authority, err = pki.NewAuthority("polygraph test cluster"); err != nil {
		return err
	}
	private, public, err := pki.SigningKeys()
	if err != nil {
		return err
	}
	// The authority comes last: a folder that has it has all.
	if err := c.write("service-accounts", pki.Pair{Certificate: public, Key: private}); err != nil {
		return err
	}
	pair, err := c.authority.Pair()
	if err != nil {
		return err
	}
	return c.write("ca", pair)
}

// mintProbe makes the client that asks the parts whether they are ready.
func (c *Cluster) mintProbe() error {
	administrator, err := c.authority.Client("probe", Administrators)
	if err != nil {
		return err
	}
	pair, err := administrator.TLS()
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.authority.Certificate)
	c.probe = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12},
	}}
	return nil
}

func (c *Cluster) write(name string, pair pki.Pair) error {
	if err := os.WriteFile(c.files.certificate(name), pair.Certificate, 0o600); err != nil {
		return err
	}
	return os.WriteFile(c.files.key(name), pair.Key, 0o600)
}

func (c *Cluster) read(name string) (pki.Pair, error) {
	certificate, err := os.ReadFile(c.files.certificate(name))
	if err != nil {
		return pki.Pair{}, err
	}
	key, err := os.ReadFile(c.files.key(name))
	return pki.Pair{Certificate: certificate, Key: key}, err
}

package cluster

import (
	"fmt"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"polygraph/test/cluster/pki"
)

// Administrators is the group that RBAC lets do everything.
const Administrators = "system:masters"

// URL is where the API server listens.
func (c *Cluster) URL() string { return local(c.ports.apiServer) }

// Authority signs all certificates of the cluster. A webhook or an aggregated API server that is served with
// one of its Server certificates has the authority's Certificate as its caBundle.
func (c *Cluster) Authority() *pki.Authority { return c.authority }

// Admin is a client configuration that may do everything.
func (c *Cluster) Admin() (*rest.Config, error) { return c.User("admin", Administrators) }

// User is a client configuration by whose certificate Kubernetes knows a user and the groups the user is
// in (and system:authenticated). Its user agent is the user's name, until the caller sets another. It is
// not throttled: what waits is the server, not the client.
func (c *Cluster) User(name string, groups ...string) (*rest.Config, error) {
	pair, err := c.authority.Client(name, groups...)
	if err != nil {
		return nil, err
	}
	return &rest.Config{
		Host: c.URL(), UserAgent: name, QPS: -1,
		TLSClientConfig: rest.TLSClientConfig{CAData: c.authority.Certificate, CertData: pair.Certificate, KeyData: pair.Key},
	}, nil
}

// Kubeconfig writes the configuration of a user for kubectl and other programs, at a path of the caller.
func (c *Cluster) Kubeconfig(path, user string, groups ...string) error {
	pair, err := c.authority.Client(user, groups...)
	if err != nil {
		return err
	}
	const name = "polygraph"
	config := api.NewConfig()
	config.Clusters[name] = &api.Cluster{Server: c.URL(), CertificateAuthorityData: c.authority.Certificate}
	config.AuthInfos[user] = &api.AuthInfo{ClientCertificateData: pair.Certificate, ClientKeyData: pair.Key}
	config.Contexts[name] = &api.Context{Cluster: name, AuthInfo: user}
	config.CurrentContext = name
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return fmt.Errorf("kubeconfig of %s: %w", user, err)
	}
	return nil
}

// writeKubeconfigs gives the parts that are clients the identity under which RBAC knows them.
func (c *Cluster) writeKubeconfigs() error {
	for name, user := range map[string]string{
		"controller-manager": "system:kube-controller-manager", "scheduler": "system:kube-scheduler",
	} {
		if err := c.Kubeconfig(c.files.kubeconfig(name), user); err != nil {
			return err
		}
	}
	return c.Kubeconfig(c.files.kubeconfig("kwok"), "kwok", Administrators)
}

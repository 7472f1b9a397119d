package cluster

import (
	"fmt"
	"slices"
	"strings"
)

// serviceRange is where Services get their addresses, the one named kubernetes the first. Nothing answers there.
const serviceRange, firstService = "10.96.0.0/16", "10.96.0.1"

// flags are the arguments of a part. The comments give the reason of what a production cluster would not
// set; the rest is what it sets too.
func (c *Cluster) flags(part Part) []string {
	var flags []string
	switch part {
	case Etcd:
		flags = c.etcdFlags()
	case APIServer:
		flags = c.apiServerFlags()
	case ControllerManager:
		flags = append(c.clientFlags("controller-manager", c.ports.controllerManager),
			"--controllers="+strings.Join(c.options.controllers(), ","),
			"--use-service-account-credentials=true",
			"--service-account-private-key-file="+c.files.key("service-accounts"),
			"--root-ca-file="+c.files.authority(),
		)
	case Scheduler:
		flags = c.clientFlags("scheduler", c.ports.scheduler)
	case Kwok:
		flags = c.kwokFlags()
	}
	return replace(flags, c.options.Flags[part])
}

func (c *Cluster) etcdFlags() []string {
	client, peer := local(c.ports.etcd), local(c.ports.peer)
	flags := []string{
		"--name=one", "--data-dir=" + c.files.at("etcd"), "--log-level=warn",
		"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer, "--initial-cluster=one=" + peer,
		// The data is thrown away; waiting for the disk at each write would test the disk.
		"--unsafe-no-fsync",
		// It is its only voter, and waits for the others for up to a second by default.
		"--heartbeat-interval=20", "--election-timeout=200",
	}
	for _, side := range []string{"", "peer-"} {
		flags = append(flags,
			"--"+side+"cert-file="+c.files.certificate("server"), "--"+side+"key-file="+c.files.key("server"),
			"--"+side+"trusted-ca-file="+c.files.authority(), "--"+side+"client-cert-auth=true",
		)
	}
	return flags
}

func (c *Cluster) apiServerFlags() []string {
	flags := []string{
		"--etcd-servers=" + local(c.ports.etcd), "--etcd-cafile=" + c.files.authority(),
		"--etcd-certfile=" + c.files.certificate("server"), "--etcd-keyfile=" + c.files.key("server"),
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", c.ports.apiServer),
		"--tls-cert-file=" + c.files.certificate("server"), "--tls-private-key-file=" + c.files.key("server"),
		"--client-ca-file=" + c.files.authority(), "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
		"--service-cluster-ip-range=" + serviceRange,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + c.files.certificate("service-accounts"),
		"--service-account-signing-key-file=" + c.files.key("service-accounts"),
		// What an aggregated API server needs to know its callers by.
		"--requestheader-client-ca-file=" + c.files.authority(), "--requestheader-allowed-names=front-proxy",
		"--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + c.files.certificate("front-proxy"), "--proxy-client-key-file=" + c.files.key("front-proxy"),
		"--enable-aggregator-routing=true",
		"--allow-privileged=true",
		// The Service "kubernetes" would want an endpoint on loopback, which validation refuses.
		"--endpoint-reconciler-type=none",
		"--audit-policy-file=" + c.files.at("audit-policy.yaml"), "--audit-log-path=" + c.files.audit(),
		// Blocking: a call is in the log before its caller has the answer. No rotation: counts would lose calls.
		"--audit-log-mode=blocking", "--audit-log-maxsize=0",
		// By default it waits for up to a minute until those who watch go away by themselves.
		"--shutdown-watch-termination-grace-period=1s",
		"--profiling=false",
	}
	if !c.options.makesServiceAccounts() {
		flags = append(flags, "--disable-admission-plugins=ServiceAccount")
	}
	return flags
}

// clientFlags are those that a part has because it is a client of the API server.
func (c *Cluster) clientFlags(name string, port int) []string {
	kubeconfig := c.files.kubeconfig(name)
	return []string{
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", port),
		"--tls-cert-file=" + c.files.certificate("server"), "--tls-private-key-file=" + c.files.key("server"),
		"--client-ca-file=" + c.files.authority(),
		// There is one of each; an election would cost seconds after every restart.
		"--leader-elect=false", "--profiling=false",
		// By default it sends 20 or 50 calls a second, and two seconds of the start are spent waiting for that.
		"--kube-api-qps=1000", "--kube-api-burst=2000",
	}
}

// replace drops the flags that the others name too. Lists would add up, and a mode that stands twice is an
// error.
func replace(flags, others []string) []string {
	named := map[string]bool{}
	for _, flag := range others {
		name, _, _ := strings.Cut(flag, "=")
		named[name] = true
	}
	kept := slices.DeleteFunc(flags, func(flag string) bool {
		name, _, _ := strings.Cut(flag, "=")
		return named[name]
	})
	return append(kept, others...)
}

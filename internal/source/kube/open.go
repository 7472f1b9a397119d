package kube

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/flowcontrol"
)

// The defaults of Options. Burst is twice the QPS.
const (
	DefaultTimeout = 30 * time.Second
	DefaultQPS     = 50
)

// Options say whom to ask and how.
type Options struct {
	Context    string // of --kube-context; empty: the current one
	Kubeconfig string // of --kubeconfig; empty: what KUBECONFIG names, else ~/.kube/config
	Namespace  string // of objects that name none; empty: the context's
	// Env is the environment, "NAME=value": KUBECONFIG, HOME, proxies, and what
	// credential plugins see.
	Env     []string
	Stderr  io.Writer     // where it is said what is asked, before it is
	Timeout time.Duration // of one request; 0: DefaultTimeout
	QPS     float32       // of all requests together; 0: DefaultQPS
}

// Cluster is a cluster that can be asked. It is safe for concurrent use.
type Cluster struct {
	Context   string // its name in the kubeconfig
	Server    string // host and port
	User      string // the name of the credentials in the kubeconfig
	Namespace string // of objects that name none

	plugin    string // the program that gives the credentials, if one does
	stderr    io.Writer
	client    *http.Client
	discovery *discovery.DiscoveryClient
	objects   dynamic.Interface
	warnings  *warnings
	maxData   int64 // of a test; 0: MaxData

	mu     sync.Mutex
	served *served
	dry    map[string]error // group/version: why a dry run of its kinds is not asked for
	told   bool             // that dry runs are asked for
}

// Open reads the kubeconfig and asks the server for its version, so that who
// cannot be reached or does not let the user in is found out here. The errors
// are evidence.Problems.
func Open(ctx context.Context, o Options) (*Cluster, error) {
	config, c, err := o.load()
	if err != nil {
		return nil, err
	}
	quietLogs()
	qps := cmp.Or(o.QPS, DefaultQPS)
	config.UserAgent = "polygraph"
	config.Timeout = cmp.Or(max(o.Timeout, 0), DefaultTimeout)
	config.RateLimiter = flowcontrol.NewTokenBucketRateLimiter(qps, max(1, int(2*qps)))
	config.WarningHandlerWithContext = c.warnings
	if config.Proxy == nil {
		config.Proxy = o.proxy()
	}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return guard{next} })
	if c.client, err = rest.HTTPClientFor(config); err != nil {
		return nil, c.unusable(err)
	}
	if c.discovery, err = discovery.NewDiscoveryClientForConfigAndClient(config, c.client); err != nil {
		return nil, c.unusable(err)
	}
	if c.objects, err = dynamic.NewForConfigAndClient(config, c.client); err != nil {
		return nil, c.unusable(err)
	}
	c.stderr = o.Stderr
	if c.plugin != "" {
		c.say("running: %s, which gives the credentials of %s", c.plugin, c.User)
	}
	c.say("asking %s (%s) for its version", c.Context, c.Server)
	if _, _, err := c.Version(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close lets go of the connections.
func (c *Cluster) Close() { c.client.CloseIdleConnections() }

// Version is that of the server: "v1.37.2" and 37.
func (c *Cluster) Version(ctx context.Context) (gitVersion string, minor int, err error) {
	info, err := c.discovery.ServerVersionWithContext(ctx)
	if err != nil {
		return "", 0, c.failure(ctx, err, "its version")
	}
	// Providers write "33+".
	if _, err := fmt.Sscanf(info.Minor, "%d", &minor); err != nil || info.Major != "1" || minor < 1 {
		return "", 0, problem(fmt.Errorf("version %q.%q", info.Major, info.Minor),
			"check that the server of this context is a Kubernetes API server",
			"%s (%s) does not say which version of Kubernetes it is", c.Context, c.Server)
	}
	return info.GitVersion, minor, nil
}

// Warnings are what the server warned of so far, such as versions of the API
// that will go, once each and in order.
func (c *Cluster) Warnings() []string { return c.warnings.list() }

func (c *Cluster) say(format string, args ...any) {
	if c.stderr != nil {
		fmt.Fprintf(c.stderr, format+"\n", args...)
	}
}

// proxy is what the environment that was handed in says, and not the process'.
func (o Options) proxy() func(*http.Request) (*url.URL, error) {
	either := func(name string) string { return cmp.Or(o.env(name), o.env(strings.ToLower(name))) }
	choose := (&httpproxy.Config{
		HTTPProxy: either("HTTP_PROXY"), HTTPSProxy: either("HTTPS_PROXY"), NoProxy: either("NO_PROXY"),
	}).ProxyFunc()
	return func(r *http.Request) (*url.URL, error) { return choose(r.URL) }
}

// env is the value of a variable; the last one counts, as for os/exec.
func (o Options) env(name string) string {
	value := ""
	for _, e := range o.Env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
		}
	}
	return value
}

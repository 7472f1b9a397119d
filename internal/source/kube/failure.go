package kube

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"unicode/utf8"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"polygraph/internal/evidence"
)

// maxMessage bounds what is kept of a message that a server wrote.
const maxMessage = 2 << 10

func problem(err error, do, format string, args ...any) *evidence.Problem {
	return &evidence.Problem{Reason: fmt.Sprintf(format, args...), Do: do, Err: err}
}

// unusable is for a configuration of which no client can be made.
func (c *Cluster) unusable(err error) error {
	text := err.Error()
	do := "mend the kubeconfig, or name another --kube-context"
	switch {
	case strings.Contains(text, "root certificates"), strings.Contains(text, "certificate-authority"):
		return problem(err, do, "the certificate authority that context %s names is no certificate that can be read", c.Context)
	case strings.Contains(text, "auth plugin has been removed"), strings.Contains(text, "no Auth Provider found"):
		return problem(err, "let the cloud's own tool write the context anew (aws eks update-kubeconfig, gcloud container clusters get-credentials, az aks get-credentials)",
			"context %s has its credentials from an auth-provider that Kubernetes has removed", c.Context)
	case strings.Contains(text, "client-cert"), strings.Contains(text, "client-key"), strings.Contains(text, "X509"), strings.Contains(text, "tls:"):
		return problem(err, do, "the client certificate or key of %s in context %s cannot be read", c.User, c.Context)
	case strings.Contains(text, "no server"), strings.Contains(text, "no configuration"), strings.Contains(text, "host must be"):
		return problem(err, do, "the cluster of context %s has no address of a server", c.Context)
	}
	return problem(err, do+" (kubectl --context "+c.Context+" version says more)", "context %s cannot be used", c.Context)
}

// failure says what went wrong with a request and what to do. An interrupted run
// is no problem of the cluster.
func (c *Cluster) failure(ctx context.Context, err error, what string) error {
	var (
		asked     *evidence.Problem
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		other     *tls.CertificateVerificationError
		dns       *net.DNSError
	)
	text := err.Error()
	where := fmt.Sprintf("%s (%s)", c.Context, c.Server)
	again := "kubectl --context " + c.Context + " version"
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &asked):
		return asked
	case errors.Is(err, errWrites):
		return err
	case strings.Contains(text, "getting credentials: "), c.plugin != "" && strings.Contains(text, "exec plugin"):
		_, said, _ := strings.Cut(text, "getting credentials: ")
		return problem(err, "sign in again, and try by hand: "+again,
			"the program %s gives the credentials of %s, and failed: %s", c.plugin, c.User, message(cmp.Or(said, text)))
	case apierrors.IsUnauthorized(err):
		return problem(err, "sign in again or renew the credentials; to try them: "+again,
			"%s does not accept the credentials of %s: they are wrong or have expired", where, c.credentialsName())
	case apierrors.IsForbidden(err):
		return problem(err, "ask who runs the cluster for a role that may get and list it",
			"%s does not let %s ask for %s: %s", where, c.credentialsName(), what, message(text))
	case errors.As(err, &authority):
		return problem(err, "check certificate-authority-data in the kubeconfig, and that the address is the cluster's",
			"the certificate of %s is not signed by the authority that the kubeconfig names", where)
	case errors.As(err, &name), errors.As(err, &invalid):
		return problem(err, "check the address in the kubeconfig, and the clock", "the certificate of %s is not valid for it: %s", where, message(text))
	case errors.As(err, &other):
		return problem(err, "check certificate-authority-data in the kubeconfig", "the certificate of %s cannot be verified", where)
	case errors.As(err, &dns):
		return problem(err, "check the address in the kubeconfig and the network: "+again, "%s cannot be reached: its name is not known", where)
	case errors.Is(err, syscall.ECONNREFUSED):
		return problem(err, "check that the cluster runs and the network reaches it: "+again, "%s cannot be reached: connection refused", where)
	case timedOut(err):
		return problem(err, "check that the network reaches it (a VPN?): "+again, "%s does not answer in time for %s", where, what)
	}
	return problem(err, "try by hand: "+again, "%s did not answer for %s: %s", where, what, message(text))
}

func (c *Cluster) credentialsName() string {
	if c.User == "" {
		return "who gives none"
	}
	return c.User
}

func timedOut(err error) bool {
	var n net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		apierrors.IsTimeout(err) || errors.As(err, &n) && n.Timeout()
}

// message is what a server or program said, on one line and of bounded length.
func message(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if len(s) <= maxMessage {
		return s
	}
	s = s[:maxMessage]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "..."
}

package kube

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// errWrites is what a request that would change something gets for an answer.
var errWrites = errors.New("refused to send a request that is neither a question nor a dry run")

// accessReviews stores nothing: a review is its own answer.
const accessReviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

// guard is the last stop before the network, redirects included.
type guard struct{ next http.RoundTripper }

func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if !harmless(r) {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, errWrites
	}
	return g.next.RoundTrip(r)
}

// WrappedRoundTripper lets client-go find the transport below.
func (g guard) WrappedRoundTripper() http.RoundTripper { return g.next }

func harmless(r *http.Request) bool {
	if r.Header.Get("Upgrade") != "" { // exec, attach and port-forward begin as GET
		return false
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return true
	case http.MethodPost, http.MethodPatch:
		return slices.Equal(r.URL.Query()["dryRun"], []string{metav1.DryRunAll}) ||
			r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, accessReviews) // before it may stand the path of a proxy
	}
	return false
}

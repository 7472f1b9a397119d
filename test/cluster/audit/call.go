package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Call is one request and its answer.
type Call struct {
	ID        string        // the same in all events of a call
	At        time.Time     // when the API server received it
	Took      time.Duration // until it was answered; of a watch, until it began
	UserAgent string
	User      string   // the one of the credentials
	Groups    []string // of that user
	As        string   // the user that the caller impersonates, or empty
	// Verb is that of the authorization: get, list, watch, create, update, patch, delete,
	// deletecollection; of a path that is no resource the HTTP method in lower case.
	Verb string
	// Group to Name are empty where the path is no resource. Name is empty for lists, and for creations
	// that leave the name to the server.
	Group, Version, Resource, Subresource, Namespace, Name string
	URI                                                    string // path and query
	// DryRun says that the caller asked for nothing to be stored. For a deletion at an aggregated API it is
	// known only where it stands in the query.
	DryRun bool
	Code   int // HTTP status
}

// Write tells whether the call asked to change what is stored, whatever the answer was. A dry run is none,
// and neither is what creates nothing but an answer: reviews of access and identity, tokens, connections.
func (c Call) Write() bool {
	switch c.Verb {
	case "create", "update", "patch", "delete", "deletecollection":
	default:
		return false
	}
	switch c.Group {
	case "authentication.k8s.io", "authorization.k8s.io":
		return false
	}
	return !c.DryRun && c.Resource != "" && c.Subresource != "token" && !streams(c.Subresource)
}

// OK tells whether the API server did what was asked.
func (c Call) OK() bool { return c.Code < 400 }

// String is for the messages of tests.
func (c Call) String() string {
	what := c.URI
	if c.Resource != "" {
		what = strings.Trim(c.Group+"/"+c.Version, "/") + " " + strings.TrimSuffix(c.Resource+"/"+c.Subresource, "/") + " " + strings.Trim(c.Namespace+"/"+c.Name, "/")
	}
	return fmt.Sprintf("%s (%s) %s %s: %d", c.User, c.UserAgent, c.Verb, strings.TrimSpace(what), c.Code)
}

// event is a line of the log, as much of it as is read.
type event struct {
	Kind                   string
	AuditID                string
	Stage                  string
	RequestURI             string
	Verb                   string
	UserAgent              string
	User, ImpersonatedUser struct {
		Username string
		Groups   []string
	}
	ObjectRef struct {
		APIGroup, APIVersion, Resource, Subresource, Namespace, Name string
	}
	ResponseStatus struct{ Code int }
	RequestObject  json.RawMessage

	RequestReceivedTimestamp, StageTimestamp time.Time
}

// errForeign says that a line is JSON, and no event.
var errForeign = errors.New("no event of audit.k8s.io")

// parse reads a line. It counts where it is the one event by which its call is counted.
func parse(line []byte) (call Call, counts bool, err error) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		return Call{}, false, err
	}
	if e.Kind != "Event" || e.Stage == "" {
		return Call{}, false, errForeign
	}
	call = Call{
		ID: e.AuditID, At: e.RequestReceivedTimestamp, Took: e.StageTimestamp.Sub(e.RequestReceivedTimestamp),
		UserAgent: e.UserAgent, User: e.User.Username, Groups: e.User.Groups, As: e.ImpersonatedUser.Username,
		Verb: e.Verb, URI: e.RequestURI, Code: e.ResponseStatus.Code,
		Group: e.ObjectRef.APIGroup, Version: e.ObjectRef.APIVersion, Resource: e.ObjectRef.Resource,
		Subresource: e.ObjectRef.Subresource, Namespace: e.ObjectRef.Namespace, Name: e.ObjectRef.Name,
	}
	call.DryRun = dryRun(e)
	switch e.Stage {
	case "ResponseStarted":
		// What takes long says so when it begins, and who is not known gets this event alone.
		return call, true, nil
	case "ResponseComplete", "Panic":
		return call, !long(call), nil
	}
	return call, false, nil
}

// long tells the calls that are logged twice, when they begin and when they end: those that the API server
// takes for long-running (cmd/kube-apiserver: BasicLongRunningRequestCheck).
func long(c Call) bool {
	return c.Verb == "watch" || c.Verb == "proxy" || streams(c.Subresource) ||
		c.Resource == "" && strings.HasPrefix(c.URI, "/debug/pprof/")
}

func streams(subresource string) bool {
	switch subresource {
	case "attach", "exec", "log", "portforward", "proxy":
		return true
	}
	return false
}

// dryRun looks in the query, and in the body where only that may say it.
func dryRun(e event) bool {
	if _, query, _ := strings.Cut(e.RequestURI, "?"); strings.Contains(query, "dryRun") {
		values, _ := url.ParseQuery(query) // what is readable is returned beside the error
		if slices.Contains(values["dryRun"], "All") {
			return true
		}
	}
	if e.Verb != "delete" && e.Verb != "deletecollection" && e.ObjectRef.Subresource != "eviction" {
		return false
	}
	var body struct {
		DryRun        []string
		DeleteOptions struct{ DryRun []string }
	}
	if json.Unmarshal(e.RequestObject, &body) != nil {
		return false
	}
	return slices.Contains(body.DryRun, "All") || slices.Contains(body.DeleteOptions.DryRun, "All")
}

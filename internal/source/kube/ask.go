package kube

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"polygraph/internal/evidence"
)

// The verbs of Ask. A dry run may go on with " as MANAGER", the field manager,
// and the server-side one with " by force" after that.
const (
	// DryRunApply is `kubectl apply`: the object is created, or a three-way patch of
	// what was applied last, what is there and what is wanted is sent.
	DryRunApply = "dry-run apply"
	// DryRunServerSideApply is `kubectl apply --server-side`.
	DryRunServerSideApply = "dry-run server-side apply"
	// CanI asks whether the user may do something to an object. Body is the verb of
	// the API: "patch".
	CanI = "can-i"
)

// kubectl's own names (kubectl v1.37 pkg/cmd/apply: FieldManagerClientSideApply,
// fieldManagerServerSideApply).
const (
	clientSideManager = "kubectl-client-side-apply"
	serverSideManager = "kubectl"
)

// Class is what an answer that is an error means.
type Class string

// The classes. An Answer's Err begins with one and a colon.
const (
	Refused    Class = "refused"     // the server does not accept the object
	NotAllowed Class = "not allowed" // the user may not ask: nothing is known of the object
	Unproven   Class = "unproven"    // nothing is known for another reason
)

// Answered is the error of Ask: what the server said against it.
type Answered struct {
	Class   Class
	Message string
	Err     error
}

func (e *Answered) Error() string { return string(e.Class) + ": " + e.Message }
func (e *Answered) Unwrap() error { return e.Err }

func unproven(format string, args ...any) error {
	return &Answered{Class: Unproven, Message: fmt.Sprintf(format, args...)}
}

// Name is that of the source in Requests.
func (c *Cluster) Name() string { return "kube" }

// Ask answers a Request. Of a dry run the Body is the object as JSON, and so is
// the answer: the object as the server would have stored it. Where the server
// refuses, the answer is its Status as JSON beside an error of type Answered.
//
// Of can-i the Object is an identity ("Deployment.apps/shop/web"), the Body a
// verb, and the answer the status of the review: {"allowed":true}.
func (c *Cluster) Ask(ctx context.Context, r evidence.Request) ([]byte, error) {
	if r.Verb == CanI {
		return c.canI(about(ctx, r.Object), r)
	}
	how, err := parseVerb(r.Verb)
	if err != nil {
		return nil, err
	}
	c.tell()
	object := &unstructured.Unstructured{}
	if json.Unmarshal([]byte(r.Body), &object.Object) != nil || object.GetKind() == "" || object.GetAPIVersion() == "" {
		return nil, unproven("%s is no object that can be applied", cmp.Or(r.Object, "the body"))
	}
	answer, err := c.apply(about(ctx, r.Object), object, how)
	if err != nil {
		return c.classify(ctx, err, how, object.GetKind() == "Secret")
	}
	return answer.MarshalJSON()
}

// tell says once that dry runs are asked for.
func (c *Cluster) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.told {
		c.told = true
		c.say("asking %s (%s) for dry runs: it answers as if it did them, and stores nothing", c.Context, c.Server)
	}
}

// manner is how an object is applied.
type manner struct {
	serverSide bool
	manager    string
	force      bool
}

func parseVerb(verb string) (manner, error) {
	how := manner{manager: clientSideManager}
	rest, ok := strings.CutPrefix(verb, DryRunApply)
	if !ok {
		if rest, ok = strings.CutPrefix(verb, DryRunServerSideApply); !ok {
			return how, unproven("a cluster is not asked to %q", verb)
		}
		how = manner{serverSide: true, manager: serverSideManager}
		rest, how.force = strings.CutSuffix(rest, " by force")
	}
	if manager, ok := strings.CutPrefix(rest, " as "); ok && manager != "" {
		how.manager, rest = manager, ""
	}
	if rest != "" {
		return how, unproven("a cluster is not asked to %q", verb)
	}
	return how, nil
}

// classify says what an error of a dry run means. Only what the server itself
// refuses for the object's sake is a refusal.
func (c *Cluster) classify(ctx context.Context, err error, how manner, secret bool) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var known *Answered
	if errors.As(err, &known) {
		return nil, known
	}
	var api apierrors.APIStatus
	if !errors.As(err, &api) {
		return nil, &Answered{Class: Unproven, Message: c.failure(ctx, err, "a dry run").Error(), Err: err}
	}
	status := withoutValues(api.Status(), secret)
	status.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
	body, _ := json.Marshal(status)                                        // of strings and numbers
	a := &Answered{Class: class(status), Message: message(status.Message)} // not the error itself, which has the values
	if a.Class == NotAllowed {
		a.Message = "not allowed to dry-run: " + denied(status)
	}
	if apierrors.IsConflict(err) && how.serverSide {
		a.Message = message(fmt.Sprintf("%s (field manager %s, without force)", status.Message, how.manager))
	}
	return body, a
}

// forbidden is how API servers write that an authorizer denies a request
// (k8s.io/apiserver v0.37 pkg/endpoints/handlers/responsewriters: forbiddenMessage).
// Admission plugins answer 403 too, with their own texts.
const forbidden = `is forbidden: User ".*?" cannot (\S+) resource "([^"]+)" in API group "([^"]*)" (?:in the namespace "([^"]*)"|at the cluster scope)`

func class(s metav1.Status) Class {
	text := s.Message
	switch {
	case strings.Contains(text, "does not support dry run"), strings.Contains(text, "failed calling webhook"),
		strings.Contains(text, "failed to call webhook"):
		return Unproven
	case strings.HasPrefix(text, "admission webhook ") && strings.Contains(text, " denied the request"):
		return Refused // with whatever code the webhook chose
	case strings.HasPrefix(text, "failed to create typed patch object "):
		// Server-side apply of a field that is not in the schema is answered with 500
		// (k8s.io/apimachinery v0.37 pkg/util/managedfields/internal: structuredMergeManager.Apply).
		return Refused
	case s.Reason == metav1.StatusReasonForbidden && regexp.MustCompile(forbidden).MatchString(text):
		return NotAllowed
	case s.Reason == metav1.StatusReasonForbidden && (strings.Contains(text, "not found") || strings.Contains(text, "was found")):
		// Admission misses another object, which may come with the same change: a
		// service account, a PriorityClass, a RuntimeClass.
		return Unproven
	}
	switch s.Reason {
	case metav1.StatusReasonInvalid, metav1.StatusReasonForbidden, metav1.StatusReasonBadRequest,
		metav1.StatusReasonConflict, metav1.StatusReasonRequestEntityTooLarge, metav1.StatusReasonMethodNotAllowed:
		return Refused
	}
	// Unauthorized, NotFound (a namespace that is not there yet), AlreadyExists (made
	// meanwhile), timeouts, errors of the server.
	return Unproven
}

// denied is what of the message names the right that is missing: "patch deployments.apps in ns shop".
func denied(s metav1.Status) string {
	m := regexp.MustCompile(forbidden).FindStringSubmatch(s.Message)
	if m == nil {
		return message(s.Message)
	}
	what := schema.GroupResource{Group: m[3], Resource: m[2]}
	out := m[1] + " " + what.String()
	if m[4] != "" {
		out += " in ns " + m[4]
	}
	return out
}

// mapping finds the resource of an object and fills in the namespace that kubectl
// would.
func (c *Cluster) mapping(ctx context.Context, u *unstructured.Unstructured) (*meta.RESTMapping, error) {
	kinds, err := c.kinds(ctx)
	if err != nil {
		return nil, err
	}
	m, err := kinds.find(u.GroupVersionKind())
	if err != nil {
		return nil, unproven("%s of %s: %s", u.GetKind(), u.GetAPIVersion(), err)
	}
	if m.Scope.Name() == meta.RESTScopeNameNamespace && u.GetNamespace() == "" {
		u.SetNamespace(c.Namespace)
	}
	return m, nil
}

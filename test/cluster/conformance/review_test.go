package conformance

import (
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// testReview asks each question three times: the API (SubjectAccessReview), the rules themselves (a few
// lines below that evaluate RBAC) and reality (the call, by the user, with dry-run or for an object that
// does not exist, so that the answer is 403 or something else). All have to agree.
func testReview(t *testing.T, s suite) {
	random := rand.New(rand.NewPCG(5, 1))
	namespaces := []string{s.namespace(t), s.namespace(t)}
	people := []person{
		{"review-ann", []string{"review-a"}},
		{"review-bob", []string{"review-a", "review-b"}},
		{"review-carl", nil},
		{"review-dora", []string{"review-b", "review-c"}},
	}
	grants := writeGrants(t, s, random, people, namespaces)
	awaitGrants(t, s, namespaces[1])

	clients := make([]*http.Client, len(people))
	for i, p := range people {
		client, err := rest.HTTPClientFor(s.UserConfig(t, p.name, p.groups...))
		if err != nil {
			t.Fatal(err)
		}
		clients[i] = client
	}
	const questions = 400
	allowed := 0
	for range questions {
		i := random.IntN(len(people))
		q := ask(random, namespaces)
		byRules := false
		for _, g := range grants {
			byRules = byRules || g.covers(people[i], q)
		}
		byReview := review(t, s, people[i], q)
		status := call(t, s, clients[i], q)
		byReality := status != http.StatusForbidden
		if status == http.StatusUnauthorized || status >= 500 {
			t.Errorf("%s, %v: %d", people[i].name, q, status)
		}
		if byRules != byReview || byReview != byReality {
			t.Errorf("%s, %v: allowed by the rules %t, by the review %t, in reality %t (%d)", people[i].name, q, byRules, byReview, byReality, status)
		}
		if byReality {
			allowed++
		}
	}
	if allowed < questions/5 || allowed > questions*4/5 {
		t.Errorf("%d of %d are allowed: too one-sided to show anything", allowed, questions)
	}
	t.Logf("%d questions, %d allowed", questions, allowed)
}

type person struct {
	name   string
	groups []string
}

// question is about a path where there is one, else about a resource.
type question struct{ verb, group, resource, subresource, namespace, name, path string }

func review(t *testing.T, s suite, p person, q question) bool {
	t.Helper()
	spec := authorizationv1.SubjectAccessReviewSpec{User: p.name, Groups: append([]string{"system:authenticated"}, p.groups...)}
	if q.path != "" {
		spec.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Path: q.path, Verb: q.verb}
	} else {
		spec.ResourceAttributes = &authorizationv1.ResourceAttributes{
			Namespace: q.namespace, Verb: q.verb, Group: q.group, Version: "v1",
			Resource: q.resource, Subresource: q.subresource, Name: q.name,
		}
	}
	answer, err := s.admin.AuthorizationV1().SubjectAccessReviews().Create(t.Context(), &authorizationv1.SubjectAccessReview{Spec: spec}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Status.Allowed
}

// call does what the question asks about and returns the status. Nothing changes: what is created is an
// empty document, what is changed or deleted does not exist, what deletes all is a dry run.
func call(t *testing.T, s suite, client *http.Client, q question) int {
	t.Helper()
	method := map[string]string{
		"create": http.MethodPost, "update": http.MethodPut, "patch": http.MethodPatch,
		"delete": http.MethodDelete, "deletecollection": http.MethodDelete,
	}[q.verb]
	path := q.path
	if path == "" {
		path = "/api/v1"
		if q.group != "" {
			path = "/apis/" + q.group + "/v1"
		}
		if q.namespace != "" {
			path += "/namespaces/" + q.namespace
		}
		path += "/" + q.resource
		for _, part := range []string{q.name, q.subresource} {
			if part != "" {
				path += "/" + part
			}
		}
	}
	var body io.Reader
	switch q.verb {
	case "watch":
		path += "?watch=true&timeoutSeconds=1"
	case "create", "update", "patch":
		path, body = path+"?dryRun=All", strings.NewReader("{}")
	case "deletecollection":
		path += "?dryRun=All"
	}
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if q.verb == "patch" {
		request.Header.Set("Content-Type", "application/merge-patch+json")
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

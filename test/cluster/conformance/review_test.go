package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
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

// given are rules that a binding gives to somebody, in a namespace or, where that is empty, everywhere.
type given struct {
	to        rbacv1.Subject
	namespace string
	rules     []rbacv1.PolicyRule
}

func (g given) covers(p person, q question) bool {
	if g.namespace != "" && g.namespace != q.namespace {
		return false
	}
	mine := g.to.Kind == "User" && g.to.Name == p.name || g.to.Name == "system:authenticated"
	for _, group := range p.groups {
		mine = mine || g.to.Kind == "Group" && g.to.Name == group
	}
	if !mine {
		return false
	}
	resource := q.resource
	if q.subresource != "" {
		resource += "/" + q.subresource
	}
	for _, rule := range g.rules {
		if !has(rule.Verbs, q.verb) {
			continue
		}
		if q.path != "" {
			for _, path := range rule.NonResourceURLs {
				prefix, all := strings.CutSuffix(path, "*")
				if path == q.path || all && strings.HasPrefix(q.path, prefix) {
					return true
				}
			}
			continue
		}
		if has(rule.APIGroups, q.group) && has(rule.Resources, resource) &&
			(len(rule.ResourceNames) == 0 || q.name != "" && has(rule.ResourceNames, q.name)) {
			return true
		}
	}
	return false
}

func has(all []string, one string) bool {
	for _, a := range all {
		if a == one || a == "*" {
			return true
		}
	}
	return false
}

func resources() []question {
	return []question{
		{resource: "configmaps"},
		{resource: "secrets"},
		{resource: "pods"},
		{resource: "pods", subresource: "log"},
		{resource: "pods", subresource: "eviction"},
		{resource: "serviceaccounts", subresource: "token"},
		{group: "apps", resource: "deployments"},
		{group: "apps", resource: "deployments", subresource: "scale"},
		{resource: "nodes"},
		{resource: "persistentvolumes"},
	}
}

func verbs(q question) []string {
	switch q.subresource {
	case "log":
		return []string{"get"}
	case "eviction", "token":
		return []string{"create"}
	case "scale":
		return []string{"get", "update", "patch"}
	}
	return []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
}

func pick[T any](random *rand.Rand, all []T) T { return all[random.IntN(len(all))] }

func ask(random *rand.Rand, namespaces []string) question {
	if random.IntN(10) == 0 {
		return question{verb: "get", path: pick(random, []string{"/livez/ping", "/version", "/metrics/slis", "/apis"})}
	}
	q := pick(random, resources())
	q.verb = pick(random, verbs(q))
	if q.resource != "nodes" && q.resource != "persistentvolumes" {
		q.namespace = pick(random, namespaces)
	}
	switch q.verb {
	case "list", "watch", "deletecollection":
	case "create":
		if q.subresource != "" {
			q.name = pick(random, []string{"absent", "missing"})
		}
	default:
		q.name = pick(random, []string{"absent", "missing"})
	}
	return q
}

// writeGrants makes random roles and bindings and says what they mean, with what everybody has anyway.
func writeGrants(t *testing.T, s suite, random *rand.Rand, people []person, namespaces []string) []given {
	t.Helper()
	everybody := rbacv1.Subject{Kind: "Group", Name: "system:authenticated"}
	all := []given{{to: everybody, rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/version", "/apis"}}}}}
	for i := range 16 {
		name := fmt.Sprintf("conformance-review-%d", i)
		g := given{to: rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: "Group", Name: pick(random, []string{"review-a", "review-b", "review-c"})}}
		if random.IntN(2) == 0 {
			g.to.Kind, g.to.Name = "User", pick(random, people).name
		}
		for range 1 + random.IntN(3) {
			g.rules = append(g.rules, rule(random))
		}
		scope := random.IntN(3) // a Role, a ClusterRole in a namespace, a ClusterRole everywhere
		if scope < 2 {
			g.namespace = pick(random, namespaces)
		} else if random.IntN(2) == 0 {
			g.rules = append(g.rules, rbacv1.PolicyRule{Verbs: []string{"get"}, NonResourceURLs: []string{pick(random, []string{"/livez/*", "/metrics/slis"})}})
		}
		write(t, s, name, scope, g)
		all = append(all, g)
	}
	return all
}

func rule(random *rand.Rand) rbacv1.PolicyRule {
	var r rbacv1.PolicyRule
	for range 1 + random.IntN(3) {
		q := pick(random, resources())
		resource := q.resource
		if q.subresource != "" {
			resource += "/" + q.subresource
		}
		r.APIGroups, r.Resources = append(r.APIGroups, q.group), append(r.Resources, resource)
		r.Verbs = append(r.Verbs, pick(random, verbs(q)), pick(random, verbs(q)))
	}
	switch random.IntN(6) {
	case 0:
		r.Verbs = []string{"*"}
	case 1:
		r.Resources = []string{"*"}
	case 2:
		r.ResourceNames = []string{"absent"}
	}
	return r
}

func write(t *testing.T, s suite, name string, scope int, g given) {
	t.Helper()
	var errs [2]error
	rbac, options, named := s.admin.RbacV1(), metav1.CreateOptions{}, metav1.ObjectMeta{Name: name}
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}
	if scope == 0 {
		ref.Kind = "Role"
		_, errs[0] = rbac.Roles(g.namespace).Create(t.Context(), &rbacv1.Role{ObjectMeta: named, Rules: g.rules}, options)
	} else {
		_, errs[0] = rbac.ClusterRoles().Create(t.Context(), &rbacv1.ClusterRole{ObjectMeta: named, Rules: g.rules}, options)
	}
	subjects := []rbacv1.Subject{g.to}
	if g.namespace != "" {
		_, errs[1] = rbac.RoleBindings(g.namespace).Create(t.Context(), &rbacv1.RoleBinding{ObjectMeta: named, RoleRef: ref, Subjects: subjects}, options)
	} else {
		_, errs[1] = rbac.ClusterRoleBindings().Create(t.Context(), &rbacv1.ClusterRoleBinding{ObjectMeta: named, RoleRef: ref, Subjects: subjects}, options)
	}
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
}

// awaitGrants writes one more of each kind and waits until they count: the authorizer learns of all
// objects of a kind in the order in which they were written.
func awaitGrants(t *testing.T, s suite, namespace string) {
	t.Helper()
	last := person{name: "review-last"}
	for scope, n := range []string{namespace, namespace, ""} {
		verb := fmt.Sprintf("last%d", scope)
		write(t, s, "conformance-review-last-"+verb, scope, given{
			to: rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: "User", Name: last.name}, namespace: n,
			rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{verb}}},
		})
		eventually(t, "the last rule written counts", func(context.Context) error {
			if !review(t, s, last, question{verb: verb, resource: "pods", namespace: n}) {
				return errors.New("not yet")
			}
			return nil
		})
	}
}

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

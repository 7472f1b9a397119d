package conformance

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

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

// resources are what the questions and the rules are about.
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

// ask makes a question. The names in it are of objects that do not exist.
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

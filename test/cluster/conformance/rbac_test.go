package conformance

import (
	"context"
	"errors"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
)

// testRBAC: rights come from bindings alone, reach as far as they say, and cannot be handed on by
// somebody who has not got them.
func testRBAC(t *testing.T, s suite) {
	here, elsewhere := s.namespace(t), s.namespace(t)
	t.Run("nothing", func(t *testing.T) {
		nobody := s.user(t, "nobody-special", "no-group")
		_, err := nobody.CoreV1().ConfigMaps(here).List(t.Context(), metav1.ListOptions{})
		refused(t, "list", err, apierrors.IsForbidden, `User "nobody-special" cannot list resource "configmaps"`, here)
		_, err = nobody.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
		refused(t, "list of the cluster", err, apierrors.IsForbidden, "at the cluster scope")
		err = nobody.CoreV1().Namespaces().Delete(t.Context(), here, metav1.DeleteOptions{})
		refused(t, "delete", err, apierrors.IsForbidden)
	})
	t.Run("group", func(t *testing.T) {
		grant(t, s, here, "Group", "readers", `{apiGroups: [""], resources: [configmaps], verbs: [get, list]}`)
		ann, bob := s.user(t, "ann", "readers", "others"), s.user(t, "bob", "others")
		eventually(t, "a member may list", func(ctx context.Context) error {
			_, err := ann.CoreV1().ConfigMaps(here).List(ctx, metav1.ListOptions{})
			return err
		})
		_, err := ann.CoreV1().ConfigMaps(elsewhere).List(t.Context(), metav1.ListOptions{})
		refused(t, "a member, elsewhere", err, apierrors.IsForbidden)
		err = ann.CoreV1().ConfigMaps(here).Delete(t.Context(), "kube-root-ca.crt", metav1.DeleteOptions{})
		refused(t, "a member, another verb", err, apierrors.IsForbidden)
		_, err = ann.CoreV1().Secrets(here).List(t.Context(), metav1.ListOptions{})
		refused(t, "a member, another resource", err, apierrors.IsForbidden)
		_, err = bob.CoreV1().ConfigMaps(here).List(t.Context(), metav1.ListOptions{})
		refused(t, "not a member", err, apierrors.IsForbidden)
	})
	t.Run("names", func(t *testing.T) {
		grant(t, s, here, "User", "carl", `{apiGroups: [""], resources: [secrets], resourceNames: [one], verbs: [get, list, update]}`)
		for _, name := range []string{"one", "two"} {
			s.create(t, here, "{apiVersion: v1, kind: Secret, metadata: {name: %s}}", name)
		}
		carl := s.user(t, "carl")
		eventually(t, "the named one", func(ctx context.Context) error {
			_, err := carl.CoreV1().Secrets(here).Get(ctx, "one", metav1.GetOptions{})
			return err
		})
		_, err := carl.CoreV1().Secrets(here).Get(t.Context(), "two", metav1.GetOptions{})
		refused(t, "another one", err, apierrors.IsForbidden)
		_, err = carl.CoreV1().Secrets(here).List(t.Context(), metav1.ListOptions{})
		refused(t, "all", err, apierrors.IsForbidden)
		// A list that can only find the named one is allowed.
		_, err = carl.CoreV1().Secrets(here).List(t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=one"})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("aggregation", func(t *testing.T) { testAggregation(t, s, here) })
	t.Run("escalation", func(t *testing.T) { testEscalation(t, s, here) })
}

// testAggregation needs the clusterrole-aggregation controller.
func testAggregation(t *testing.T, s suite, namespace string) {
	s.create(t, "", `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: conformance-sum}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {conformance: part}}]}`)
	s.create(t, namespace, `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: sum}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: conformance-sum}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: dora}]`)
	dora := s.user(t, "dora")
	for _, resource := range []string{"services", "limitranges"} {
		s.create(t, "", `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: conformance-part-%[1]s, labels: {conformance: part}}
rules: [{apiGroups: [""], resources: [%[1]s], verbs: [list]}]`, resource)
	}
	eventually(t, "both parts are in the sum", func(ctx context.Context) error {
		_, one := dora.CoreV1().Services(namespace).List(ctx, metav1.ListOptions{})
		_, two := dora.CoreV1().LimitRanges(namespace).List(ctx, metav1.ListOptions{})
		return errors.Join(one, two)
	})
	if err := s.admin.RbacV1().ClusterRoles().Delete(t.Context(), "conformance-part-services", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a part that is deleted leaves the sum", func(ctx context.Context) error {
		_, err := dora.CoreV1().Services(namespace).List(ctx, metav1.ListOptions{})
		return forbidden(err)
	})
}

func testEscalation(t *testing.T, s suite, namespace string) {
	grant(t, s, namespace, "User", "eve",
		`{apiGroups: [rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: [get, create, update]}`,
		`{apiGroups: [""], resources: [configmaps], verbs: [get]}`)
	eve := dynamic.NewForConfigOrDie(s.UserConfig(t, "eve"))
	role := `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: eves-%[1]s}
rules: [{apiGroups: [""], resources: [%[1]s], verbs: [get]}]`
	binding := `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: eves-%[1]s}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %[1]s}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: eve}]`
	eventually(t, "a role with rights that she has", func(context.Context) error {
		_, err := s.try(t, eve, namespace, role, "configmaps")
		return err
	})
	_, err := s.try(t, eve, namespace, role, "secrets")
	refused(t, "a role with rights that she has not", err, apierrors.IsForbidden, "attempting to grant RBAC permissions not currently held")
	_, err = s.try(t, eve, namespace, binding, "cluster-admin")
	refused(t, "a binding to all rights", err, apierrors.IsForbidden, "attempting to grant RBAC permissions not currently held")

	grant(t, s, namespace, "User", "eve", `{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [view], verbs: [bind]}`)
	eventually(t, "a binding to the one role she may bind", func(context.Context) error {
		_, err := s.try(t, eve, namespace, binding, "view")
		return err
	})
	_, err = s.try(t, eve, namespace, binding, "edit")
	refused(t, "a binding to another", err, apierrors.IsForbidden)
}

// grant makes a Role of the rules and binds it to a User or a Group. It takes effect a moment later.
func grant(t *testing.T, s suite, namespace, kind, name string, rules ...string) {
	t.Helper()
	made := s.create(t, namespace, `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {generateName: grant-}
rules: [%s]`, strings.Join(rules, ", "))
	s.create(t, namespace, `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: %[1]s}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %[1]s}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: %[2]s, name: %[3]q}]`, made.GetName(), kind, name)
}

// forbidden is nil where the error is a 403.
func forbidden(err error) error {
	switch {
	case err == nil:
		return errors.New("it is allowed")
	case !apierrors.IsForbidden(err):
		return err
	}
	return nil
}

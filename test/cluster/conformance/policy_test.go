package conformance

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

const configMap = "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, labels: {tier: %q}}, data: {size: %q}}"

// testValidatingPolicy: a policy in CEL whose limit comes from a ConfigMap, for the namespaces that a
// binding selects.
func testValidatingPolicy(t *testing.T, s suite) {
	params := s.namespace(t)
	inside, outside := s.namespace(t, "conformance-policy=deny"), s.namespace(t)
	s.create(t, params, "{apiVersion: v1, kind: ConfigMap, metadata: {name: limit}, data: {most: '10'}}")
	s.create(t, "", `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: conformance-size}
spec:
  failurePolicy: Fail
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}]
  matchConditions: [{name: not-free, expression: "object.metadata.?labels['tier'].orValue('') != 'free'"}]
  variables: [{name: size, expression: "int(object.data.?size.orValue('0'))"}]
  validations:
  - expression: variables.size <= int(params.data.most)
    messageExpression: "'size ' + string(variables.size) + ' is over ' + params.data.most"
    reason: Invalid`)
	binding := `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: conformance-size-%[1]s}
spec:
  policyName: conformance-size
  validationActions: [%[2]s]
  paramRef: {name: limit, namespace: %[3]s, parameterNotFoundAction: Deny}
  matchResources: {namespaceSelector: {matchLabels: {conformance-policy: %[1]s}}}`
	s.create(t, "", binding, "deny", "Deny", params)
	denied := func(what, size, message string) {
		t.Helper()
		eventually(t, what, func(context.Context) error {
			_, err := s.dry(t, inside, configMap, "probe", "", size)
			if err == nil {
				return errors.New("it is allowed")
			}
			if !strings.Contains(err.Error(), message) {
				return err
			}
			return nil
		})
	}
	denied("too big", "11", "size 11 is over 10")
	_, err := s.try(t, s.objects, inside, configMap, "big", "", "11")
	refused(t, "too big", err, apierrors.IsInvalid, "conformance-size", "size 11 is over 10")
	for what, try := range map[string][3]string{
		"as big as may be": {inside, "", "10"}, "left out by a condition": {inside, "free", "11"}, "another namespace": {outside, "", "11"},
	} {
		if _, err := s.try(t, s.objects, try[0], configMap, "fits"+strings.ReplaceAll(try[1], "free", "-free"), try[1], try[2]); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	// What evaluates to an error fails as the policy says.
	_, err = s.dry(t, inside, configMap, "odd", "", "many")
	refused(t, "not a number", err, apierrors.IsInvalid, "resulted in error")

	// Parameters are watched, not read once.
	if _, err := s.admin.CoreV1().ConfigMaps(params).Patch(t.Context(), "limit", "application/merge-patch+json", []byte(`{"data": {"most": "5"}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	denied("too big for the new limit", "6", "size 6 is over 5")
	if err := s.admin.CoreV1().ConfigMaps(params).Delete(t.Context(), "limit", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	denied("no limit is no licence", "1", "no params found")

	t.Run("warning", func(t *testing.T) {
		inside := s.namespace(t, "conformance-policy=warn")
		s.create(t, params, "{apiVersion: v1, kind: ConfigMap, metadata: {name: limit}, data: {most: '1'}}")
		s.create(t, "", binding, "warn", "Warn", params)
		var heard warnings
		config := rest.CopyConfig(s.config)
		config.WarningHandler = &heard
		by := dynamic.NewForConfigOrDie(config)
		eventually(t, "a warning", func(context.Context) error {
			if _, err := create(t, by, inside, metav1.CreateOptions{DryRun: []string{"All"}}, configMap, "big", "", "2"); err != nil {
				return err
			}
			if !strings.Contains(heard.String(), "size 2 is over 1") {
				return errors.New("heard: " + heard.String())
			}
			return nil
		})
	})
	t.Run("types", func(t *testing.T) { testTypeCheck(t, s) })
}

// testTypeCheck needs the validatingadmissionpolicy-status controller, which reads the API's schemas.
func testTypeCheck(t *testing.T, s suite) {
	policy := `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: conformance-types-%s}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
  validations: [{expression: object.spec.%s > 3}]`
	for name, want := range map[string]string{"replicas": "", "replica": "undefined field 'replica'"} {
		made := s.create(t, "", policy, name, name)
		eventually(t, "the types of "+name+" are checked", func(ctx context.Context) error {
			got, err := s.admin.AdmissionregistrationV1().ValidatingAdmissionPolicies().Get(ctx, made.GetName(), metav1.GetOptions{})
			if err != nil {
				return err
			}
			if got.Status.ObservedGeneration != got.Generation || got.Status.TypeChecking == nil {
				return errors.New("not yet")
			}
			found := ""
			for _, warning := range got.Status.TypeChecking.ExpressionWarnings {
				found += warning.FieldRef + ": " + warning.Warning
			}
			if (want == "") != (found == "") || !strings.Contains(found, want) {
				t.Errorf("the warnings about %s are %q, want %q", name, found, want)
			}
			return nil
		})
	}
}

// testMutatingPolicy: two mutations, of which the second sees what the first did, where the release has them.
func testMutatingPolicy(t *testing.T, s suite) {
	const policy = `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: conformance-stamp}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
  failurePolicy: Fail
  reinvocationPolicy: Never
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration: {expression: "Object{metadata: Object.metadata{labels: {'stamp': namespaceObject.metadata.labels['conformance-stamp']}}}"}
  - patchType: JSONPatch
    jsonPatch: {expression: "[JSONPatch{op: 'add', path: '/data', value: {'size': '7'}}]"}`
	if s.minor(t) < mutatingPolicies {
		_, err := s.try(t, s.objects, "", policy)
		refused(t, "the policy", err, apierrors.IsNotFound)
		return
	}
	namespace := s.namespace(t, "conformance-stamp=blue")
	s.create(t, "", policy)
	s.create(t, "", `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: conformance-stamp}
spec:
  policyName: conformance-stamp
  matchResources: {namespaceSelector: {matchLabels: {conformance-stamp: blue}}}`)
	eventually(t, "both mutations", func(context.Context) error {
		got, err := s.dry(t, namespace, configMap, "probe", "paid", "1")
		if err != nil {
			return err
		}
		if labels, data := field(got, "metadata", "labels"), field(got, "data"); labels != `{"stamp":"blue","tier":"paid"}` || data != `{"size":"7"}` {
			return errors.New(labels + " " + data)
		}
		return nil
	})
}

// warnings collects what a server warns of.
type warnings struct {
	mu   sync.Mutex
	said []string
}

func (w *warnings) HandleWarningHeader(_ int, _, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, text)
}

func (w *warnings) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.said, "\n")
}

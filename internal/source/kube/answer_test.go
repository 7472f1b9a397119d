package kube

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"polygraph/internal/evidence"
)

func TestClass(t *testing.T) {
	for text, f := range map[string]struct {
		reason metav1.StatusReason
		want   Class
	}{
		`Deployment.apps "web" is invalid: spec.selector: Invalid value: {}: field is immutable`:                                                       {metav1.StatusReasonInvalid, Refused},
		`deployments.apps "web" is forbidden: User "bob" cannot patch resource "deployments" in API group "apps" in the namespace "shop"`:              {metav1.StatusReasonForbidden, NotAllowed},
		`namespaces "a" is forbidden: User "bob" cannot get resource "namespaces" in API group "" at the cluster scope: RBAC: clusterrole "x" unknown`: {metav1.StatusReasonForbidden, NotAllowed},
		`pods "web" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1`:                                                 {metav1.StatusReasonForbidden, Refused},
		`pods "web" is forbidden: violates PodSecurity "restricted:latest"`:                                                                            {metav1.StatusReasonForbidden, Refused},
		`deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`:                                       {metav1.StatusReasonInvalid, Refused},
		`admission webhook "w.example.com" denied the request: User "x" cannot patch resource "y" in API group ""`:                                     {metav1.StatusReasonForbidden, Refused},
		`admission webhook "w.example.com" denied the request: come back later`:                                                                        {"", Refused},
		`admission webhook "w.example.com" does not support dry run`:                                                                                   {metav1.StatusReasonBadRequest, Unproven},
		`Internal error occurred: failed calling webhook "w.example.com": connection refused`:                                                          {metav1.StatusReasonInternalError, Unproven},
		`pods "web" is forbidden: error looking up service account shop/web: serviceaccount "web" not found`:                                           {metav1.StatusReasonForbidden, Unproven},
		`pods "web" is forbidden: no PriorityClass with name high was found`:                                                                           {metav1.StatusReasonForbidden, Unproven},
		`strict decoding error: unknown field "spec.foo"`:                                                                                              {metav1.StatusReasonBadRequest, Refused},
		`Apply failed with 1 conflict: conflict with "hpa"`:                                                                                            {metav1.StatusReasonConflict, Refused},
		`failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.x: field not declared in schema`:                              {"", Refused},
		`namespaces "new" not found`:                       {metav1.StatusReasonNotFound, Unproven},
		`configmaps "a" already exists`:                    {metav1.StatusReasonAlreadyExists, Unproven},
		`etcdserver: request timed out`:                    {"", Unproven},
		`the server is currently unable to handle request`: {metav1.StatusReasonServiceUnavailable, Unproven},
		`Unauthorized`:                                     {metav1.StatusReasonUnauthorized, Unproven},
		``:                                                 {"", Unproven},
	} {
		if got := class(metav1.Status{Reason: f.reason, Message: text}); got != f.want {
			t.Errorf("%s: %s, want %s", text, got, f.want)
		}
	}
}

func TestValuesAreLeftOut(t *testing.T) {
	long := strings.Repeat("secret ", 20)
	for text, want := range map[string]string{
		`spec.replicas: Invalid value: -1: must be 0 or more`:                                                       `spec.replicas: Invalid value: -1: must be 0 or more`,
		`"" is invalid: patch: Invalid value: "map[data:map[a:` + long + `\"quoted\"]]": strict decoding error: x`:  `"" is invalid: patch: Invalid value: (left out): strict decoding error: x`,
		`[a: Invalid value: {"x":"` + long + `"}: field is immutable, b: Duplicate value: "two"]`:                   `[a: Invalid value: (left out): field is immutable, b: Duplicate value: "two"]`,
		`a: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"x":"` + long + `"}}: field is immutable`: `a: Invalid value: (left out): field is immutable`,
		`a: Invalid value: "` + long:                                  `a: Invalid value: (left out)`,
		`a: Invalid value: {"` + long:                                 `a: Invalid value: (left out)`,
		`a: Unsupported value: "` + long + `": supported values: "x"`: `a: Unsupported value: (left out): supported values: "x"`,
		`a: Invalid value: `:                                          `a: Invalid value: `,
		`nothing to see`:                                              `nothing to see`,
	} {
		if got := unquoted(text, shortValue); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
	s := metav1.Status{
		Message: `Secret "s" is invalid: data[a]: Invalid value: "pw": no`,
		Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{Field: "data[a]", Message: `Invalid value: "pw": no`}}},
	}
	if got := encoded(t, withoutValues(s, true)); strings.Contains(got, "pw") || !strings.Contains(got, leftOut) {
		t.Errorf("a Secret's: %s", got)
	}
	if !strings.Contains(s.Details.Causes[0].Message, "pw") {
		t.Error("the caller's Status was changed")
	}
}

func FuzzValuesAreLeftOut(f *testing.F) {
	f.Add(`a: Invalid value: {"x":1}: no`)
	f.Add(`a: Invalid value: "\"": Not found: v1.X{}: `)
	f.Add(`Duplicate value: [`)
	f.Fuzz(func(t *testing.T, text string) {
		out := unquoted(text, 0)
		if !strings.Contains(text, "value: ") && !strings.Contains(text, "Not found: ") && out != text {
			t.Errorf("%q became %q", text, out)
		}
		if len(out) > len(text)+len(leftOut)*(strings.Count(text, "alue: ")+strings.Count(text, "found: ")) {
			t.Errorf("%q grew to %q", text, out)
		}
		if m := message(text); len(m) > maxMessage+3 || !utf8.ValidString(m) || strings.ContainsAny(m, "\n\r") {
			t.Errorf("message %q", m)
		}
	})
}

func TestVerbs(t *testing.T) {
	for verb, want := range map[string]manner{
		DryRunApply:              {manager: "kubectl-client-side-apply"},
		DryRunApply + " as helm": {manager: "helm"},
		DryRunServerSideApply:    {serverSide: true, manager: "kubectl"},
		DryRunServerSideApply + " as argocd-controller":  {serverSide: true, manager: "argocd-controller"},
		DryRunServerSideApply + " by force":              {serverSide: true, manager: "kubectl", force: true},
		DryRunServerSideApply + " as flux as x by force": {serverSide: true, manager: "flux as x", force: true},
	} {
		if got, err := parseVerb(verb); err != nil || got != want {
			t.Errorf("%s: %+v, %v", verb, got, err)
		}
	}
	for _, verb := range []string{"", "apply", DryRunApply + "ing", DryRunApply + " as ", DryRunApply + " by force", "server-side apply"} {
		if _, err := parseVerb(verb); err == nil {
			t.Errorf("%q is taken", verb)
		}
	}
}

func TestDeclaresDryRun(t *testing.T) {
	const with = `{"parameters":[{"name":"dryRun","in":"query"}]}`
	for text, want := range map[string]bool{
		`{"paths":{"/a":{"patch":` + with + `}}}`:                                              true,
		`{"paths":{"/a":{"get":{},"parameters":[{"name":"dryRun","in":"query"}],"patch":{}}}}`: true,
		`{"paths":{"/a":{"patch":` + with + `},"/b":{"patch":{}}}}`:                            false,
		`{"paths":{"/a":{"get":` + with + `}}}`:                                                false,
		`{"paths":{"/a":{"patch":{"parameters":[{"name":"dryRun","in":"header"}]}}}}`:          false,
		`{}`: false, `[]`: false, `{"paths":`: false, ``: false,
	} {
		if got := declaresDryRun([]byte(text)); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}

func TestWithhold(t *testing.T) {
	for name, text := range map[string]string{
		"values":               `{"apiVersion":"v1","kind":"Secret","data":{"a":"c2VjcmV0","b":null},"stringData":{"c":"secret"}}`,
		"no map":               `{"apiVersion":"v1","kind":"Secret","data":["secret"]}`,
		"applied":              `{"apiVersion":"v1","kind":"Secret","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"a\":\"c2VjcmV0\"},\"stringData\":{\"a\":\"secret\"},\"metadata\":{\"annotations\":{\"x\":\"secret\"}}}"}}}`,
		"applied and no JSON":  `{"apiVersion":"v1","kind":"Secret","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"data: {a: secret}"}}}`,
		"applied and a list":   `{"apiVersion":"v1","kind":"Secret","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"[\"secret\"]"}}}`,
		"applied, data no map": `{"apiVersion":"v1","kind":"Secret","metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":\"secret\"}"}}}`,
	} {
		var u unstructured.Unstructured
		if err := json.Unmarshal([]byte(text), &u.Object); err != nil {
			t.Fatal(err)
		}
		p, err := newPiece(&u)
		if err != nil {
			t.Fatal(err)
		}
		if s := string(p.saved); s == "" || strings.Contains(s, "secret") || strings.Contains(s, "c2VjcmV0") {
			t.Errorf("%s: saved %s", name, s)
		}
		if s := string(p.data); !strings.Contains(s, "secret") && !strings.Contains(s, "c2VjcmV0") {
			t.Errorf("%s: the evidence lacks the value: %s", name, s)
		}
		if name == "values" && (strings.Count(string(p.saved), evidence.Redacted) != 3 || !strings.Contains(string(p.saved), `"b"`)) {
			t.Errorf("the keys are to stay: %s", p.saved)
		}
	}
}

func TestWarningsAreBounded(t *testing.T) {
	w := newWarnings()
	for i := range 2 * maxWarnings {
		w.HandleWarningHeaderWithContext(about(t.Context(), "Pod/a"), 299, "", strings.Repeat("x", i+1)+"\nY")
		w.HandleWarningHeaderWithContext(t.Context(), 299, "", "the same")
		w.HandleWarningHeaderWithContext(t.Context(), 199, "", "of a proxy")
	}
	all := w.list()
	if len(all) != maxWarnings+1 || all[0] != "Pod/a: x Y" || all[1] != "the same" || all[maxWarnings] != "101 more warnings of the server" {
		t.Errorf("%d: %q", len(all), all[maxWarnings])
	}
}

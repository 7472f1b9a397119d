package conformance

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// testWebhook: a server of the test's own decides about objects. The API server reaches it on loopback and
// trusts it because the cluster's authority signed its certificate.
func testWebhook(t *testing.T, s suite) {
	pair, err := s.Authority().Server("webhook", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(decide))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)

	configuration := `
apiVersion: admissionregistration.k8s.io/v1
kind: %[1]sWebhookConfiguration
metadata: {name: conformance-webhook}
webhooks:
- name: %[2]s.conformance.example.org
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Fail
  clientConfig: {url: "%[3]s/%[2]s", caBundle: %[4]s}
  namespaceSelector: {matchLabels: {conformance-webhook: "yes"}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]`
	bundle := base64.StdEncoding.EncodeToString(s.Authority().Certificate)
	s.create(t, "", configuration, "Mutating", "mutate", server.URL, bundle)
	s.create(t, "", configuration, "Validating", "validate", server.URL, bundle)
	namespace := s.namespace(t, "conformance-webhook=yes")
	eventually(t, "both webhooks are asked", func(context.Context) error {
		_, err := s.dry(t, namespace, configMap, "probe", "refuse", "1")
		if err == nil || !strings.Contains(err.Error(), "validate saw mutated") {
			return errors.Join(err, errors.New("not yet"))
		}
		return nil
	})
	_, err = s.try(t, s.objects, namespace, configMap, "one", "refuse", "1")
	refused(t, "what the webhook refuses", err, apierrors.IsForbidden, `admission webhook "validate.conformance.example.org" denied the request`)
	made := s.create(t, namespace, configMap, "one", "accept", "1")
	if data := field(made, "data", "size"); data != `"mutated"` {
		t.Errorf("the size is %s", data)
	}
	if _, err := s.try(t, s.objects, s.namespace(t), configMap, "one", "refuse", "1"); err != nil {
		t.Errorf("a namespace that is not selected: %v", err)
	}
	server.Close()
	_, err = s.dry(t, namespace, configMap, "two", "accept", "1")
	refused(t, "what nobody can decide about", err, apierrors.IsInternalError, "failed calling webhook")
}

// decide changes the size of what goes to /mutate and refuses the tier "refuse" of what goes to /validate.
func decide(w http.ResponseWriter, r *http.Request) {
	var review admissionv1.AdmissionReview
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var object struct {
		Metadata metav1.ObjectMeta
		Data     map[string]string
	}
	if err := json.Unmarshal(review.Request.Object.Raw, &object); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := &admissionv1.AdmissionResponse{UID: review.Request.UID, Allowed: true}
	switch {
	case r.URL.Path == "/mutate" && object.Metadata.Labels["tier"] != "":
		kind := admissionv1.PatchTypeJSONPatch
		answer.PatchType, answer.Patch = &kind, []byte(`[{"op": "replace", "path": "/data/size", "value": "mutated"}]`)
	case r.URL.Path == "/validate" && object.Metadata.Labels["tier"] == "refuse":
		answer.Allowed, answer.Result = false, &metav1.Status{Code: http.StatusForbidden, Reason: metav1.StatusReasonForbidden, Message: "validate saw " + object.Data["size"]}
	}
	review.Response, review.Request = answer, nil
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(review)
}

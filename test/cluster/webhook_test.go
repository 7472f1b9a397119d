package cluster

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	registrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The API server calls a webhook in this process, which it trusts for the authority of the cluster.
func TestAWebhookOnLoopback(t *testing.T) {
	t.Parallel()
	c := shared.Cluster(t)
	namespace := c.Namespace(t)
	client := adminOf(t, c)

	pair, err := c.Authority().Server("webhook", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(judge))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	defer server.Close()

	url := server.URL + "/judge"
	failure, none := registrationv1.Fail, registrationv1.SideEffectClassNone
	_, err = client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Create(t.Context(), &registrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "judge"},
		Webhooks: []registrationv1.ValidatingWebhook{{
			Name:         "judge.example.test",
			ClientConfig: registrationv1.WebhookClientConfig{URL: &url, CABundle: c.Authority().Certificate},
			Rules: []registrationv1.RuleWithOperations{{
				Operations: []registrationv1.OperationType{registrationv1.Create},
				Rule:       registrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"configmaps"}},
			}},
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": namespace}},
			FailurePolicy:     &failure, SideEffects: &none, AdmissionReviewVersions: []string{"v1"},
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Delete(context.Background(), "judge", metav1.DeleteOptions{})
	})
	// The API server learns of it through a watch.
	eventually(t, "the webhook is asked", func(ctx context.Context) (bool, error) {
		_, err := client.CoreV1().ConfigMaps(namespace).Create(ctx, configMap("bad"), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err != nil && strings.Contains(err.Error(), "alice would not like bad"), nil
	})
	if _, err := client.CoreV1().ConfigMaps(namespace).Create(t.Context(), configMap("good"), metav1.CreateOptions{}); err != nil {
		t.Errorf("what it allows is refused: %v", err)
	}
}

// judge refuses what is called bad.
func judge(w http.ResponseWriter, r *http.Request) {
	var review admissionv1.AdmissionReview
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil || review.Request == nil {
		http.Error(w, "no review", http.StatusBadRequest)
		return
	}
	review.Response = &admissionv1.AdmissionResponse{UID: review.Request.UID, Allowed: review.Request.Name != "bad"}
	if !review.Response.Allowed {
		review.Response.Result = &metav1.Status{Message: "alice would not like bad"}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(review)
}

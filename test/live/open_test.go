package live

import (
	"context"
	"errors"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"polygraph/internal/evidence"
	"polygraph/internal/source/kube"
	"polygraph/test/cluster"
	"polygraph/test/cluster/pki"
)

// TestWhoIsNotLetIn: what a real API server answers to credentials that are not its
// own, and what is said of a server that is not the kubeconfig's.
func TestWhoIsNotLetIn(t *testing.T) {
	w := newWorld(t)
	strange, err := pki.NewAuthority("strange")
	if err != nil {
		t.Fatal(err)
	}
	forged, err := strange.Client("admin", cluster.Administrators)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]struct {
		change func(*api.Cluster, *api.AuthInfo)
		want   string
	}{
		"a certificate of another authority": {func(_ *api.Cluster, a *api.AuthInfo) {
			a.ClientCertificateData, a.ClientKeyData = forged.Certificate, forged.Key
		}, "does not accept the credentials of admin: they are wrong or have expired"},
		"a token of nobody": {func(_ *api.Cluster, a *api.AuthInfo) {
			*a = api.AuthInfo{Token: "none"}
		}, "does not accept the credentials of admin"},
		"another authority": {func(c *api.Cluster, _ *api.AuthInfo) { c.CertificateAuthorityData = strange.Certificate }, "is not signed by the authority that the kubeconfig names"},
		"half a key": {
			func(_ *api.Cluster, a *api.AuthInfo) { a.ClientKeyData = a.ClientKeyData[:40] },
			"the client certificate or key of admin in context polygraph cannot be read",
		},
	} {
		path := w.kubeconfig("admin", cluster.Administrators)
		config, err := clientcmd.LoadFromFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f.change(config.Clusters["polygraph"], config.AuthInfos["admin"])
		if err := clientcmd.WriteToFile(*config, path); err != nil {
			t.Fatal(err)
		}
		_, err = kube.Open(t.Context(), kube.Options{Kubeconfig: path})
		var p *evidence.Problem
		if !errors.As(err, &p) || p.Do == "" || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAServiceThatDoesNotAnswer: of the kinds of an aggregated API whose server is
// gone nothing is known; they are not taken for unknown ones, and the others go on.
func TestAServiceThatDoesNotAnswer(t *testing.T) {
	w := newWorld(t)
	w.make(object(t, `
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.dead.example.com}
spec: {group: dead.example.com, version: v1, groupPriorityMinimum: 100, versionPriority: 10, insecureSkipTLSVerify: true, service: {name: none, namespace: %s}}`, w.namespace))
	there := w.make(object(t, kinds[0], 1))
	gone := object(t, "{apiVersion: dead.example.com/v1, kind: Ghost, metadata: {name: g}}")
	w.eventually("discovery tells that it does not answer", func(context.Context) bool {
		_, _, err := w.admin.Discovery().ServerGroupsAndResources()
		return err != nil && strings.Contains(err.Error(), "dead.example.com")
	})
	c := w.openAdmin()
	s := w.live(c, gone, there)
	if s.Found != 1 || len(s.New) > 0 || len(s.Skips) != 1 || !strings.Contains(s.Skips[0].Reason, "nothing is known of Ghost of dead.example.com/v1") {
		t.Errorf("%d found, new %v, skips %+v", s.Found, s.New, s.Skips)
	}
	if _, err := dry(t, c, kube.DryRunApply, gone); err == nil || err.Class != kube.Unproven {
		t.Errorf("a dry run of it: %v", err)
	}
}

// TestAServerThatGoesAway: what was reached and then is not ends the run with one
// clear error, and no object is taken for new.
func TestAServerThatGoesAway(t *testing.T) {
	c := cluster.Test(t, cluster.Options{Controllers: []string{}})
	w := &world{Cluster: c, t: t, namespace: "default"}
	client := w.openAdmin()
	if err := c.Kill(cluster.APIServer); err != nil {
		t.Fatal(err)
	}
	_, err := client.Live(t.Context(), nil, nil)
	var p *evidence.Problem
	if !errors.As(err, &p) || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("got %v", err)
	}
	_, err = client.Ask(t.Context(), evidence.Request{Verb: kube.DryRunApply, Body: toJSON(t, &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": metav1.ObjectMeta{Name: "a"},
	}})})
	var a *kube.Answered
	if !errors.As(err, &a) && !errors.As(err, &p) || errors.As(err, &a) && a.Class != kube.Unproven {
		t.Errorf("a dry run: %v", err)
	}
}

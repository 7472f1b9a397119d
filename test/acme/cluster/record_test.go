package cluster

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var record = flag.Bool("record", false, "record examples/*/cluster.yaml anew")

// TestRecord writes what kubectl get prints of the cluster before today's release.
func TestRecord(t *testing.T) {
	if !*record {
		t.Skip("only with -record")
	}
	for name, folder := range examples {
		t.Run(name, func(t *testing.T) {
			s := open(t, name)
			s.stage()
			text := s.dump()
			if err := os.WriteFile(filepath.Join(folder, "cluster.yaml"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes", len(text))
		})
	}
}

// dump is what is in the cluster, in one List: what the house put there and what the controllers made of
// it. Of the pods only those of the media are kept, whose images are two.
func (s *shop) dump() string {
	s.Helper()
	var items []string
	for _, what := range [][]string{
		{"namespace/shop", "storageclass/fast", "customresourcedefinition/pricelists.pricing.acme.example.com", "clusterrolebinding/shop-deployer"},
		{"deployments,statefulsets,daemonsets,jobs,cronjobs,services,ingresses,horizontalpodautoscalers,poddisruptionbudgets"},
		{"configmaps", "--field-selector=metadata.name!=kube-root-ca.crt"},
		{"secrets,persistentvolumeclaims,roles,rolebindings,pricelists"},
		{"serviceaccounts", "--field-selector=metadata.name!=default"},
		{"--namespace=argocd", "applications"},
		{"replicasets,pods", "--selector=app=media"},
	} {
		text := s.run(append([]string{"get", "--output=yaml", "--show-managed-fields"}, what...)...)
		text, ok := strings.CutPrefix(text, "apiVersion: v1\nitems:\n")
		if !ok {
			s.Fatalf("kubectl get %s prints no List:\n%s", what, text)
		}
		list, _, ok := strings.Cut(text, "\nkind: List\n")
		if !ok {
			s.Fatalf("kubectl get %s prints no List:\n%s", what, text)
		}
		items = append(items, list)
	}
	return "apiVersion: v1\nitems:\n" + strings.Join(items, "\n") + "\nkind: List\nmetadata:\n  resourceVersion: \"\"\n"
}

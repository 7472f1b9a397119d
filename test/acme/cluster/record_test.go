package cluster

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var record = flag.Bool("record", false, "record examples/*/cluster.yaml and platform.yaml anew")

// TestRecord writes what kubectl get prints of the cluster before today's release.
func TestRecord(t *testing.T) {
	if !*record {
		t.Skip("only with -record")
	}
	for name, folder := range examples {
		t.Run(name, func(t *testing.T) {
			s := open(t, name)
			s.stage()
			for name, text := range map[string]string{"cluster.yaml": s.dump(), "platform.yaml": s.platform()} {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				t.Logf("%s: %d bytes", name, len(text))
			}
		})
	}
}

// dump is what is in the cluster, in one List: what the house put there and what the controllers made of
// it. Of the pods only those of the media are kept, whose images are two.
func (s *shop) dump() string {
	s.Helper()
	return s.list([]string{"--show-managed-fields"}, [][]string{
		{"namespace/shop", "namespace/monitoring", "storageclass/fast", "customresourcedefinition/pricelists.pricing.acme.example.com", "clusterrolebinding/shop-deployer"},
		{"clusternetworkpolicies"},
		{"deployments,statefulsets,daemonsets,jobs,cronjobs,services,ingresses,networkpolicies,horizontalpodautoscalers,poddisruptionbudgets"},
		{"configmaps", "--field-selector=metadata.name!=kube-root-ca.crt"},
		{"secrets,persistentvolumeclaims,roles,rolebindings,pricelists"},
		{"serviceaccounts", "--field-selector=metadata.name!=default"},
		{"--namespace=argocd", "applications"},
		{"--namespace=monitoring", "deployments,networkpolicies"},
		{"replicasets,pods", "--selector=app=media"},
	})
}

// switches are the ConfigMaps that the engine of network policies reads.
var switches = map[string]string{"acme": "amazon-vpc-cni", "twin": "cilium-config"}

// platform is what else of the cluster decides about its network, in one List: its nodes, the other
// namespaces, and what runs there.
func (s *shop) platform() string {
	s.Helper()
	return s.list(nil, [][]string{
		{"nodes"},
		{"namespaces", "--field-selector=metadata.name!=shop,metadata.name!=monitoring"},
		{"daemonsets,deployments", "--all-namespaces", "--field-selector=metadata.namespace!=shop,metadata.namespace!=monitoring"},
		{"--namespace=kube-system", "services"},
		{"--namespace=kube-system", "configmaps", "--field-selector=metadata.name=" + switches[s.name]},
	})
}

// list is one List of what kubectl get prints of each.
func (s *shop) list(flags []string, each [][]string) string {
	s.Helper()
	var items []string
	for _, what := range each {
		text := s.run(append(append([]string{"get", "--output=yaml"}, flags...), what...)...)
		text, ok := strings.CutPrefix(text, "apiVersion: v1\nitems:\n")
		if !ok {
			if strings.HasPrefix(text, "apiVersion: v1\nitems: []\n") {
				continue
			}
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

package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// apps are the pods of the house, by the label that they have before the release.
var apps = []string{
	"cart", "catalog", "checkout-api", "invoices", "log-agent", "media", "orders", "orders-db", "payments",
	"recommendations", "returns", "search", "sessions", "storefront", "webhooks",
}

// played is a shop with the release of today applied.
type played struct {
	*shop
	before, after map[string]map[types.UID]bool // pods by app
	address       string                        // of the Service cart before
	written       int64                         // how often the spec of checkout-api was written before
}

// play applies the release as a dry run and for real: the server refuses the same objects, and these are the
// ones that somebody has read.
func play(t *testing.T, name string) *played {
	p := &played{shop: open(t, name), before: map[string]map[types.UID]bool{}, after: map[string]map[types.UID]bool{}}
	p.stage()
	for _, app := range apps {
		p.before[app] = p.uids(app)
		if len(p.before[app]) == 0 {
			t.Fatalf("no pod of %s", app)
		}
	}
	p.address, p.written = p.service("cart").Spec.ClusterIP, p.generation()
	want := golden(t, name)
	for _, flags := range [][]string{{"--dry-run=server"}, nil} {
		if got := p.release(flags...); !slices.Equal(got, want) {
			t.Errorf("kubectl apply %s: refused\n%s\nin refused/%s.txt:\n%s", flags, strings.Join(got, "\n"), name, strings.Join(want, "\n"))
		}
	}
	p.settled()
	for _, app := range apps {
		p.after[app] = p.uids(app)
	}
	return p
}

// kept: the pods are the ones of before, and as many.
func (p *played) kept(why string, apps ...string) {
	p.Helper()
	for _, app := range apps {
		if n := common(p.before[app], p.after[app]); n != len(p.before[app]) || n != len(p.after[app]) {
			p.Errorf("%s: %s: %d pods before, %d after, %d of them the same", why, app, len(p.before[app]), len(p.after[app]), n)
		}
	}
}

// replaced: as many pods as before, none of them the same.
func (p *played) replaced(why string, apps ...string) {
	p.Helper()
	for _, app := range apps {
		if n := common(p.before[app], p.after[app]); n != 0 || len(p.before[app]) != len(p.after[app]) {
			p.Errorf("%s: %s: %d pods before, %d after, %d of them the same", why, app, len(p.before[app]), len(p.after[app]), n)
		}
	}
}

func TestAcme(t *testing.T) {
	t.Parallel()
	p := play(t, "acme")
	p.replaced("CHG101: only a label of the template", "catalog")
	p.kept("CHG102: the Secret is another one, and nobody was restarted", "invoices")
	if got := p.say("secret/payments-provider", "{.data['provider\\.key']}"); got != "YWNtZS1leGFtcGxlLW5ldy1ub3QtYS1zZWNyZXQ=" {
		t.Errorf("the Secret has %s", got)
	}
	// The manifest wrote 2, the autoscaler 3 again. Whether a pod went in between is a matter of who was
	// faster; a new one has the new configuration and the others have the old one.
	if n := p.generation() - p.written; n < 2 {
		t.Errorf("CHG104: replicas of checkout-api were written %d times", n)
	}
	if n := common(p.before["checkout-api"], p.after["checkout-api"]); n < 2 || len(p.after["checkout-api"]) != 3 {
		t.Errorf("CHG102: checkout-api has %d pods, %d of them as before", len(p.after["checkout-api"]), n)
	}
	p.replaced("CHG111: the limit that was raised by hand", "payments")
	p.says("CHG111", "deployment/payments", "{.spec.template.spec.containers[0].resources.limits.memory}", "512Mi")
	p.says("what the manifest never said is kept", "deployment/payments", "{.spec.template.spec.containers[0].env[0].value}", "20")
	p.says("CHG108", "service/cart", "{.spec.type} {.spec.clusterIP}", "ExternalName ")
	p.serves("CHG109", "recommendations", 0)
	p.kept("CHG112: a paused Deployment, a partition, OnDelete", "returns", "sessions", "log-agent")
	for object, version := range map[string]string{"deployment/returns": "returns:2026.11.0", "statefulset/sessions": "sessions:8.0.4", "daemonset/log-agent": "log-agent:1.9.3"} {
		if image := p.say(object, "{.spec.template.spec.containers[0].image}"); !strings.Contains(image, "/"+version+"@") {
			t.Errorf("CHG112: %s does not store %s, but %s", object, version, image)
		}
	}
	p.replaced("the image of today", "webhooks")
	p.says("CHG113: misspelt", "deployment/webhooks", "{.spec.template.spec.containers[0].livenessProbe}{.spec.template.spec.containers[0].livenesProbe}", "")
	p.says("CHG113: the gate is off", "deployment/webhooks", "{.spec.template.spec.containers[0].lifecycle}", `{"preStop":{"sleep":{"seconds":5}}}`)
	// CHG100: what was refused is as it was, also in the fields that would have been fine; the Service beside
	// it went through, and selects nobody.
	p.kept("CHG100", "storefront", "search")
	p.serves("CHG100", "storefront", 0)
	p.says("CHG100", "clusterrolebinding/shop-deployer", "{.roleRef.name}", "view")
	p.says("CHG100", "pricelist/winter", "{.spec.currency} {.spec.discountPercent}", "EUR 10")
	p.kept("nothing of theirs was edited", "cart", "media", "orders", "orders-db")
	p.says("NET001: what nobody reads is stored", "clusternetworkpolicy/shop-internals", "{.spec.priority}", "20")
	p.says("NET006: a port that no container has is stored", "networkpolicy/sessions", "{.spec.ingress[0].ports[0].port}", "redis")
	if n := len(p.uids("resizer")); n != 0 || p.say("networkpolicy/resizer-stays-in", "{.spec.podSelector.matchLabels.app}") != "resizer" {
		p.Errorf("NET007: the policy selects %d pods", n)
	}
	p.says("NET009: two rules", "networkpolicy/orders-db", "{.spec.ingress[*].from[*].podSelector.matchLabels.app} {.spec.ingress[1].ports[0].port}", "orders 5432")

	// The usual way around, CHG107: the set says 20Gi, the disks are as large as they were.
	p.run("delete", "statefulset", "search", "--cascade=orphan")
	p.run("apply", "-f", filepath.Join(p.today, "search.yaml"))
	p.settled()
	p.says("CHG107", "statefulset/search", "{.spec.volumeClaimTemplates[0].spec.resources.requests.storage}", "20Gi")
	for _, claim := range []string{"data-search-0", "data-search-1"} {
		p.says("CHG107", "persistentvolumeclaim/"+claim, "{.spec.resources.requests.storage} {.status.capacity.storage}", "10Gi 10Gi")
	}
}

func TestTwin(t *testing.T) {
	t.Parallel()
	p := play(t, "twin")
	p.kept("CHG101: the chart's version is a label of the Deployment only; CHG102: the volume follows by itself", "catalog")
	p.replaced("CHG102: the checksums changed", "checkout-api", "invoices")
	p.says("CHG104: the autoscaler's", "deployment/checkout-api", "{.spec.replicas}", "3")
	p.kept("CHG111: taken over", "payments")
	p.says("CHG108", "service/cart", "{.spec.type} {.spec.clusterIP}", "ClusterIP "+p.address)
	p.serves("CHG109", "recommendations", 1)
	p.replaced("CHG112: they are rolled out", "returns", "sessions", "log-agent")
	p.replaced("the image of today", "webhooks", "storefront", "search")
	p.serves("the selector is the old one", "storefront", 1)
	p.says("CHG113", "deployment/webhooks", "{.spec.template.spec.containers[0].livenessProbe.httpGet.path}", "/alive")
	for _, claim := range []string{"data-search-0", "data-search-1"} {
		p.says("CHG107", "persistentvolumeclaim/"+claim, "{.spec.resources.requests.storage}", "20Gi")
	}
	p.says("a claim that may grow", "persistentvolumeclaim/catalog-images", "{.spec.resources.requests.storage}", "8Gi")
	p.says("CHG100", "clusterrolebinding/shop-deployer-edit", "{.roleRef.name}", "edit")
	p.says("CHG100", "pricelist/winter", "{.spec.currency} {.spec.discountPercent}", "EUR 15")
	p.kept("nothing of theirs was edited", "cart", "media", "orders", "orders-db")
	p.says("NET009: one rule", "networkpolicy/orders-db", "{.spec.ingress[*].from[*].podSelector.matchLabels.app} {.spec.ingress[0].ports[0].port}", "orders 5432")
}

// say is a field of a live object, by a JSONPath of kubectl.
func (s *shop) say(object, field string) string {
	s.Helper()
	return s.run("get", object, "--output=jsonpath="+field)
}

func (s *shop) says(why, object, field, want string) {
	s.Helper()
	if got := s.say(object, field); got != want {
		s.Errorf("%s: %s %s is %q, want %q", why, object, field, got, want)
	}
}

func (s *shop) service(name string) *corev1.Service {
	s.Helper()
	service, err := s.CoreV1().Services("shop").Get(s.Context(), name, metav1.GetOptions{})
	if err != nil {
		s.Fatal(err)
	}
	return service
}

func (s *shop) generation() int64 {
	s.Helper()
	d, err := s.AppsV1().Deployments("shop").Get(s.Context(), "checkout-api", metav1.GetOptions{})
	if err != nil {
		s.Fatal(err)
	}
	return d.Generation
}

// serves: so many endpoints has a Service. They follow the pods with a delay.
func (s *shop) serves(why, service string, want int) {
	s.Helper()
	s.eventually(fmt.Sprintf("%s: service %s has %d endpoints", why, service, want), func(ctx context.Context) error {
		list, err := s.DiscoveryV1().EndpointSlices("shop").List(ctx, metav1.ListOptions{LabelSelector: "kubernetes.io/service-name=" + service})
		if err != nil {
			return err
		}
		n := 0
		for _, slice := range list.Items {
			n += len(slice.Endpoints)
		}
		if n != want {
			return fmt.Errorf("%d", n)
		}
		return nil
	})
}

// TestBeforeIsAnotherDay: what is laid over the manifests of today differs from them.
func TestBeforeIsAnotherDay(t *testing.T) {
	for name, folder := range examples {
		paths, err := filepath.Glob(filepath.Join("before", name, "*.yaml"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("before/%s is empty: %v", name, err)
		}
		for _, path := range paths {
			was, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			is, err := os.ReadFile(filepath.Join(folder, "kubernetes", filepath.Base(path)))
			if err != nil {
				t.Fatal(err)
			}
			if string(was) == string(is) {
				t.Errorf("%s is today's", path)
			}
		}
	}
}

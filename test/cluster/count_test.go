package cluster

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"polygraph/test/cluster/audit"
)

// counted is a client that counts what it sends, repetitions too.
type counted struct {
	kubernetes.Interface
	agent string
	sent  *atomic.Int64
}

func countedClient(t *testing.T, c *Cluster, agent string) counted {
	config := c.UserConfig(t, "user-of-"+agent, Administrators)
	config.UserAgent = agent
	sent := new(atomic.Int64)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return sender{next, sent} })
	return counted{kubernetes.NewForConfigOrDie(config), agent, sent}
}

type sender struct {
	http.RoundTripper
	sent *atomic.Int64
}

func (s sender) RoundTrip(r *http.Request) (*http.Response, error) {
	s.sent.Add(1)
	return s.RoundTripper.RoundTrip(r)
}

// A call is in the log when its caller has the answer: right after each phase, without waiting, the log has
// what the clients have sent, no more and no less.
func TestAuditHasEachCallWhenItIsAnswered(t *testing.T) {
	c := shared.Cluster(t)
	namespace := c.Namespace(t)
	const clients, calls = 8, 100
	var all []counted
	for i := range clients {
		all = append(all, countedClient(t, c, fmt.Sprintf("counted-%d", i)))
	}
	for _, phase := range []struct {
		name string
		want map[string]int // by verb, of one client
		do   func(k counted, i int) error
	}{
		{"create", map[string]int{"create": calls}, func(k counted, i int) error {
			_, err := k.CoreV1().ConfigMaps(namespace).Create(t.Context(), configMap(fmt.Sprintf("%s-%d", k.agent, i)), metav1.CreateOptions{})
			return err
		}},
		{"get", map[string]int{"get": calls}, func(k counted, i int) error {
			_, err := k.CoreV1().ConfigMaps(namespace).Get(t.Context(), fmt.Sprintf("%s-%d", k.agent, i), metav1.GetOptions{})
			return err
		}},
		// An answer of many frames, compressed: its end counts.
		{"list", map[string]int{"list": calls / 50}, func(k counted, i int) error {
			if i%50 > 0 {
				return nil
			}
			list, err := k.CoreV1().ConfigMaps(namespace).List(t.Context(), metav1.ListOptions{})
			if err == nil && len(list.Items) < clients*calls {
				return fmt.Errorf("%d items", len(list.Items))
			}
			return err
		}},
		{"refused", map[string]int{"get": calls}, func(k counted, i int) error {
			_, err := k.CoreV1().ConfigMaps(namespace).Get(t.Context(), "missing", metav1.GetOptions{})
			if !apierrors.IsNotFound(err) {
				return fmt.Errorf("got %w", err)
			}
			return nil
		}},
	} {
		mark := c.Audit().Mark()
		before := sentBy(all)
		var wait sync.WaitGroup
		for _, client := range all {
			wait.Go(func() {
				for i := range calls {
					if err := phase.do(client, i); err != nil {
						t.Errorf("%s: %v", phase.name, err)
						return
					}
				}
			})
		}
		wait.Wait()
		logged, err := c.Audit().Since(mark)
		if err != nil {
			t.Fatal(err)
		}
		for i, sent := range sentBy(all) {
			of := logged.Where(func(call audit.Call) bool { return call.UserAgent == all[i].agent })
			if verbs := of.Count(func(call audit.Call) string { return call.Verb }); !maps.Equal(verbs, phase.want) || int64(len(of)) != sent-before[i] {
				t.Errorf("%s: %s has sent %d, the log says %v", phase.name, all[i].agent, sent-before[i], verbs)
			}
			users := of.Count(func(call audit.Call) string { return call.User + " " + strings.Join(call.Groups, ",") })
			if want := "user-of-" + all[i].agent + " " + Administrators + ",system:authenticated"; users[want] != len(of) {
				t.Errorf("%s: users %v", phase.name, users)
			}
		}
	}
}

func sentBy(all []counted) []int64 {
	var counts []int64
	for _, c := range all {
		counts = append(counts, c.sent.Load())
	}
	return counts
}

// What a server says of dry runs, evictions, watches and reviews is what the parser makes of it.
func TestAuditTellsWritesFromOtherCalls(t *testing.T) {
	c := shared.Cluster(t)
	namespace := c.Namespace(t)
	const agent = "writer"
	k := countedClient(t, c, agent)
	maps, pods := k.CoreV1().ConfigMaps(namespace), k.CoreV1().Pods(namespace)
	dry := []string{metav1.DryRunAll}
	check := func(what string, want int, do func() error) {
		t.Helper()
		mark, sent := c.Audit().Mark(), k.sent.Load()
		if err := do(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		calls, err := c.Audit().Since(mark)
		if err != nil {
			t.Fatal(err)
		}
		calls = calls.Agent(agent)
		if writes := calls.Writes(); len(writes) != want || int64(len(calls)) != k.sent.Load()-sent {
			t.Errorf("%s: %d writes of %d calls, want %d of %d:\n%s", what, len(writes), len(calls), want, k.sent.Load()-sent, calls)
		}
	}
	patch := []byte(`{"data":{"key":"other"}}`)
	check("a dry creation", 0, func() error {
		_, err := maps.Create(t.Context(), configMap("one"), metav1.CreateOptions{DryRun: dry})
		return err
	})
	check("creation", 1, func() error {
		_, err := maps.Create(t.Context(), configMap("one"), metav1.CreateOptions{})
		return err
	})
	check("creation by the server's name", 1, func() error {
		unnamed := configMap("")
		unnamed.GenerateName = "some-"
		_, err := maps.Create(t.Context(), unnamed, metav1.CreateOptions{})
		return err
	})
	check("a dry patch", 0, func() error {
		_, err := maps.Patch(t.Context(), "one", types.MergePatchType, patch, metav1.PatchOptions{DryRun: dry})
		return err
	})
	check("patch", 1, func() error {
		_, err := maps.Patch(t.Context(), "one", types.MergePatchType, patch, metav1.PatchOptions{})
		return err
	})
	check("update", 1, func() error {
		_, err := maps.Update(t.Context(), configMap("one"), metav1.UpdateOptions{})
		return err
	})
	check("a dry deletion", 0, func() error { return maps.Delete(t.Context(), "one", metav1.DeleteOptions{DryRun: dry}) })
	check("a dry deletion of all", 0, func() error {
		return maps.DeleteCollection(t.Context(), metav1.DeleteOptions{DryRun: dry}, metav1.ListOptions{})
	})
	check("a watch that begins and ends", 0, func() error {
		watch, err := maps.Watch(t.Context(), metav1.ListOptions{})
		if err != nil {
			return err
		}
		<-watch.ResultChan()
		watch.Stop()
		return nil
	})
	check("a pod", 1, func() error {
		_, err := pods.Create(t.Context(), pod("one", ""), metav1.CreateOptions{})
		return err
	})
	check("a dry eviction", 0, func() error {
		return k.PolicyV1().Evictions(namespace).Evict(t.Context(), &policyv1.Eviction{
			ObjectMeta: metav1.ObjectMeta{Name: "one", Namespace: namespace}, DeleteOptions: &metav1.DeleteOptions{DryRun: dry},
		})
	})
	check("eviction", 1, func() error {
		return k.PolicyV1().Evictions(namespace).Evict(t.Context(), &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "one", Namespace: namespace}})
	})
	check("who am I", 0, func() error {
		_, err := whoAmI(t.Context(), k)
		return err
	})
	check("deletion", 1, func() error { return maps.Delete(t.Context(), "one", metav1.DeleteOptions{}) })
	check("deletion of all", 1, func() error {
		return maps.DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{})
	})
}

// Who is not known is in the log too.
func TestAuditHasWhoIsRefused(t *testing.T) {
	c := shared.Cluster(t)
	config := rest.AnonymousClientConfig(c.AdminConfig(t))
	config.UserAgent, config.BearerToken = "stranger", "made-up"
	mark := c.Audit().Mark()
	_, err := kubernetes.NewForConfigOrDie(config).CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	if !apierrors.IsUnauthorized(err) {
		t.Fatalf("got %v", err)
	}
	calls, err := c.Audit().Since(mark)
	if err != nil {
		t.Fatal(err)
	}
	if calls = calls.Agent("stranger"); len(calls) != 1 || calls[0].Code != http.StatusUnauthorized || calls[0].OK() {
		t.Errorf("got %s", calls)
	}
}

package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"polygraph/test/cluster/audit"
)

// One cluster goes through all of them, and is whole again after each.
func TestFaults(t *testing.T) {
	t.Parallel()
	c := Test(t, Options{Scheduler: true})
	for _, fault := range []struct {
		name string
		test func(*testing.T, *Cluster)
	}{
		{"etcd is killed", etcdIsKilled},
		{"the API server is killed", apiServerIsKilled},
		{"the API server is paused", apiServerIsPaused},
		{"the controllers are paused", controllersArePaused},
		{"each part is stopped", eachPartIsStopped},
		{"many do many things", manyAtOnce},
	} {
		t.Run(fault.name, func(t *testing.T) {
			fault.test(t, c)
			if err := c.Ready(t.Context()); err != nil {
				t.Fatalf("the next test has no whole cluster: %v", err)
			}
		})
	}
}

func create(ctx context.Context, client kubernetes.Interface, namespace, name string) error {
	_, err := client.CoreV1().ConfigMaps(namespace).Create(ctx, configMap(name), metav1.CreateOptions{})
	return err
}

func etcdIsKilled(t *testing.T, c *Cluster) {
	namespace, client := c.Namespace(t), adminOf(t, c)
	if err := create(t.Context(), client, namespace, "before"); err != nil {
		t.Fatal(err)
	}
	if err := c.Kill(Etcd); err != nil {
		t.Fatal(err)
	}
	brief, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := create(brief, client, namespace, "meanwhile"); err == nil {
		t.Error("a write succeeds without etcd")
	}
	if err := c.Died(); err != nil {
		t.Errorf("what was killed on purpose is told: %v", err)
	}
	if err := c.Run(t.Context(), Etcd); err != nil {
		t.Fatal(err)
	}
	if err := c.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a write succeeds again", func(ctx context.Context) (bool, error) {
		err := create(ctx, client, namespace, "after")
		return err == nil || apierrors.IsAlreadyExists(err), nil
	})
	if _, err := client.CoreV1().ConfigMaps(namespace).Get(t.Context(), "before", metav1.GetOptions{}); err != nil {
		t.Errorf("what was written before the crash: %v", err)
	}
}

// The same address, the same clients, and a log that goes on.
func apiServerIsKilled(t *testing.T, c *Cluster) {
	namespace, client := c.Namespace(t), countedClient(t, c, "survivor")
	mark := c.Audit().Mark()
	for _, name := range []string{"one", "two"} {
		if err := create(t.Context(), client, namespace, name); err != nil {
			t.Fatal(err)
		}
	}
	url := c.URL()
	if err := c.Kill(APIServer); err != nil {
		t.Fatal(err)
	}
	if err := create(t.Context(), client, namespace, "meanwhile"); err == nil {
		t.Error("a write succeeds without an API server")
	}
	if err := c.Run(t.Context(), APIServer); err != nil {
		t.Fatal(err)
	}
	if err := create(t.Context(), client, namespace, "three"); err != nil || c.URL() != url {
		t.Errorf("at %s, before at %s: %v", c.URL(), url, err)
	}
	calls, err := c.Audit().Since(mark)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]int{}
	for _, call := range calls.Agent("survivor").Writes().Where(audit.Call.OK) {
		names[call.Name]++
	}
	if fmt.Sprint(names) != "map[one:1 three:1 two:1]" {
		t.Errorf("the log has %v", names)
	}
	if err := c.Run(t.Context(), APIServer); err == nil || !strings.Contains(err.Error(), "runs already") {
		t.Errorf("run while it runs: %v", err)
	}
}

func apiServerIsPaused(t *testing.T, c *Cluster) {
	client := adminOf(t, c)
	if _, err := whoAmI(t.Context(), client); err != nil { // the connection is there
		t.Fatal(err)
	}
	if err := c.Pause(APIServer); err != nil {
		t.Fatal(err)
	}
	brief, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := whoAmI(brief, client); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a paused API server: %v", err)
	}
	enough := errors.New("long enough")
	unready, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, enough)
	defer cancel()
	if err := c.Ready(unready); !errors.Is(err, enough) {
		t.Errorf("ready while it is paused: %v", err)
	}
	if err := c.Resume(APIServer); err != nil {
		t.Fatal(err)
	}
	if _, err := whoAmI(t.Context(), client); err != nil {
		t.Errorf("resumed: %v", err)
	}
}

func controllersArePaused(t *testing.T, c *Cluster) {
	client := adminOf(t, c)
	if err := c.Pause(ControllerManager); err != nil {
		t.Fatal(err)
	}
	made, err := client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "waits-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// They would need milliseconds.
	accounts := client.CoreV1().ServiceAccounts(made.Name)
	for range 20 {
		if _, err := accounts.Get(t.Context(), "default", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			t.Fatalf("a namespace gets its service account while the controllers are paused: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := c.Resume(ControllerManager); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the service account comes", func(ctx context.Context) (bool, error) {
		_, err := accounts.Get(ctx, "default", metav1.GetOptions{})
		return err == nil, nil
	})
	if err := client.CoreV1().Namespaces().Delete(t.Context(), made.Name, metav1.DeleteOptions{}); err != nil {
		t.Error(err)
	}
}

// A part that is asked to end does so by itself, the API server while controllers watch it.
func eachPartIsStopped(t *testing.T, c *Cluster) {
	for _, part := range c.Parts() {
		begin := time.Now()
		if err := c.Stop(t.Context(), part); err != nil {
			t.Errorf("stop %s: %v", part, err)
		}
		t.Logf("%s took %s to stop", part, time.Since(begin).Round(time.Millisecond))
		if err := c.Stop(t.Context(), part); err != nil {
			t.Errorf("stop %s again: %v", part, err)
		}
		for _, do := range []func(Part) error{c.Pause, c.Resume} {
			if err := do(part); err == nil || !strings.Contains(err.Error(), "does not run") {
				t.Errorf("pause or resume %s, which is stopped: %v", part, err)
			}
		}
		if err := c.Run(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	// Who is paused cannot end; it is woken.
	if err := c.Pause(Scheduler); err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(t.Context(), Scheduler); err != nil {
		t.Errorf("stop a paused part: %v", err)
	}
	if err := c.Run(t.Context(), Scheduler); err != nil {
		t.Fatal(err)
	}
	if err := c.Kill(Kwok); err == nil || !strings.Contains(err.Error(), `no part "kwok"`) {
		t.Errorf("kill what is not there: %v", err)
	}
}

// The race detector judges; the cluster has to be whole afterwards.
func manyAtOnce(t *testing.T, c *Cluster) {
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Go(func() {
			client := adminOf(t, c)
			for j := range 5 {
				if _, err := whoAmI(t.Context(), client); err != nil {
					t.Error(err)
				}
				_, _ = c.Pause(Scheduler), c.Resume(Scheduler) // the others undo it at any time
				if i == 0 && j == 2 {
					if err := errors.Join(c.Kill(Scheduler), c.Run(t.Context(), Scheduler)); err != nil {
						t.Error(err)
					}
				}
				_, err := c.Memory()
				if err != nil && c.processes[Scheduler].pid() != 0 && !strings.Contains(err.Error(), string(Scheduler)) {
					t.Error(err)
				}
				if _, err := c.Audit().Since(c.Audit().Mark()); err != nil {
					t.Error(err)
				}
				if err := c.Died(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

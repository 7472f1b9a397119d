package cluster

import (
	"cmp"
	"context"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// Namespace makes a namespace for a test alone, in which pods can be created, and asks for its deletion at
// the end. Its name tells the test's.
func (c *Cluster) Namespace(t testing.TB) string {
	t.Helper()
	client, err := c.client()
	if err != nil {
		t.Fatal(err)
	}
	made, err := client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{GenerateName: label(t.Name()) + "-"},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test's own context has ended. A cluster whose API a test has taken away keeps the namespace.
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = client.CoreV1().Namespaces().Delete(ctx, made.Name, metav1.DeleteOptions{})
	})
	if !c.options.makesServiceAccounts() {
		return made.Name
	}
	// Admission refuses pods before.
	var last error
	err = wait.PollUntilContextTimeout(t.Context(), 10*time.Millisecond, readyLimit, true, func(ctx context.Context) (bool, error) {
		_, last = client.CoreV1().ServiceAccounts(made.Name).Get(ctx, "default", metav1.GetOptions{})
		return last == nil, nil
	})
	if err != nil {
		t.Fatalf("the default service account of namespace %s: %v; %v", made.Name, err, last)
	}
	return made.Name
}

// label makes of a test's name what a namespace may be called, short enough for a suffix.
func label(name string) string {
	clean := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
	return cmp.Or(strings.Trim(clean[:min(len(clean), 40)], "-"), "test")
}

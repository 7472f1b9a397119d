package cluster

import (
	"context"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// shared serves the tests that break nothing.
var shared Shared

// childVariable makes of the test program the process that a test lets crash.
const childVariable = "POLYGRAPH_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(child())
	}
	os.Exit(shared.Main(m))
}

// child starts a cluster, tells its folder, and waits to be killed.
func child() int {
	c, err := Start(context.Background(), Options{Controllers: []string{}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(c.Folder())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// clients of an administrator; a call that nobody answers ends.
func adminOf(t testing.TB, c *Cluster) kubernetes.Interface {
	t.Helper()
	config := c.AdminConfig(t)
	config.Timeout = 10 * time.Second
	return kubernetes.NewForConfigOrDie(config)
}

func configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"key": "value"}}
}

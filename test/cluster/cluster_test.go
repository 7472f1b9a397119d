package cluster

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

func TestStart(t *testing.T) {
	begin := time.Now()
	c := Test(t, Options{})
	t.Log(time.Since(begin))
	client := kubernetes.NewForConfigOrDie(c.AdminConfig(t))
	list, err := client.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range list.Items {
		t.Log(n.Name)
	}
}

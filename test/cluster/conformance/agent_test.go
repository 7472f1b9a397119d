package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"polygraph/test/cluster"
	"polygraph/test/cluster/audit"
)

// testAgents: the log of calls tells programs apart by their user agent and controllers by the account
// that each has, as rules about who wrote an object do.
func testAgents(t *testing.T, s suite) {
	release := "/v" + string(s.version) + " ("
	for who, by := range map[string]struct{ agent, user string }{
		"the API server about itself": {string(cluster.APIServer), "system:apiserver"},
		"the controller manager":      {string(cluster.ControllerManager), "system:kube-controller-manager"},
		"the namespace controller":    {string(cluster.ControllerManager), "system:serviceaccount:kube-system:namespace-controller"},
		"the publisher of the roots":  {string(cluster.ControllerManager), "system:serviceaccount:kube-system:root-ca-cert-publisher"},
	} {
		eventually(t, who+" called", func(context.Context) error {
			calls, err := s.Audit().Since(audit.Mark{})
			if err != nil {
				return err
			}
			mine := calls.Where(func(c audit.Call) bool { return c.User == by.user })
			if len(mine.Agent(by.agent+release)) == 0 {
				return fmt.Errorf("by %s from %s%s; there is %v", by.user, by.agent, release, mine.Count(func(c audit.Call) string { return c.UserAgent }))
			}
			return nil
		})
	}

	mark, namespace := s.Audit().Mark(), s.namespace(t)
	config := rest.CopyConfig(s.config)
	config.UserAgent = "conformance-agent"
	_, err := kubernetes.NewForConfigOrDie(config).CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	calls, err := s.Audit().Since(mark)
	if err != nil {
		t.Fatal(err)
	}
	if mine := calls.Agent("conformance-agent"); len(mine) != 1 || mine[0].Verb != "list" || mine[0].Resource != "pods" || mine[0].Namespace != namespace || mine[0].Code != 200 {
		t.Errorf("one list of pods is in the log as\n%s", mine)
	}

	// The first part of the agent names the manager of the fields that a program writes.
	eventually(t, "the fields have managers", func(ctx context.Context) error {
		got, err := s.admin.CoreV1().ConfigMaps(namespace).Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
		if err != nil {
			return err
		}
		var managers []string
		for _, entry := range got.ManagedFields {
			managers = append(managers, entry.Manager)
		}
		if strings.Join(managers, " ") != string(cluster.ControllerManager) {
			return errors.New("the managers of kube-root-ca.crt are " + strings.Join(managers, ", "))
		}
		return nil
	})
}

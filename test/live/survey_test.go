package live

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	rbac "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"polygraph/internal/kubeobj"
	"polygraph/internal/run"
	"polygraph/internal/source/kube"
	"polygraph/test/cluster/audit"
)

// townsfolk are the objects of each of two namespaces.
var townsfolk = []string{
	"{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {nodeName: survey-node, containers: [{name: web, image: web, ports: [{containerPort: 8080, name: http}]}]}}",
	"{apiVersion: v1, kind: Pod, metadata: {name: db, labels: {app: db}}, spec: {containers: [{name: db, image: db}]}}",
	"{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}}",
	"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}, addressType: IPv4, endpoints: [{addresses: [10.0.0.1]}], ports: [{port: 8080}]}",
	"{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}}}",
	"{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web-1}, spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}}}",
	"{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, spec: {serviceName: db, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: db}]}}}}",
	"{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: agent}, spec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {hostNetwork: true, containers: [{name: agent, image: agent}]}}}}",
	"{apiVersion: batch/v1, kind: Job, metadata: {name: once}, spec: {template: {spec: {restartPolicy: Never, containers: [{name: job, image: job}]}}}}",
	"{apiVersion: batch/v1, kind: CronJob, metadata: {name: nightly}, spec: {schedule: '0 0 * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: job, image: job}]}}}}}}",
	"{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: default-deny}, spec: {podSelector: {}, policyTypes: [Ingress, Egress]}}",
	"{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: db-from-web}, spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}}",
	"{apiVersion: v1, kind: ConfigMap, metadata: {name: cilium-config}, data: {enable-policy: never}}", // of another namespace
	"{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {password: hunter2}}",
}

const clusterPolicies = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: clusternetworkpolicies.policy.networking.k8s.io
  annotations: {api-approved.kubernetes.io: 'unapproved, a part of it for a test'}
spec:
  group: policy.networking.k8s.io
  scope: Cluster
  names: {kind: ClusterNetworkPolicy, plural: clusternetworkpolicies}
  versions:
  - name: v1alpha2
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}}}`

// TestSurvey holds what a survey has against what was made, for who may see all
// and for who may not list nodes, and the calls against what it may do.
func TestSurvey(t *testing.T) {
	w := newWorld(t)
	second := *w
	second.namespace = w.Namespace(t)
	made := map[string]string{} // UIDs
	put := func(in *world, u *unstructured.Unstructured) {
		got := in.make(u)
		if got.GetKind() != "Secret" && (got.GetKind() != "ConfigMap" || got.GetNamespace() == metav1.NamespaceSystem) {
			made[identity(got, got.GetNamespace())] = string(got.GetUID())
		}
	}
	// The controller makes the kind of the CRD known after some moments.
	w.make(object(t, clusterPolicies))
	w.eventually("the kind is served", func(context.Context) bool {
		_, err := w.admin.Discovery().ServerResourcesForGroupVersion("policy.networking.k8s.io/v1alpha2")
		return err == nil
	})
	put(w, object(t, "{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: survey}, spec: {tier: Admin, priority: 10, subject: {namespaces: {}}}}"))
	put(w, object(t, "{apiVersion: v1, kind: Node, metadata: {name: survey-node, labels: {kubernetes.io/os: linux}}}"))
	for _, in := range []*world{w, &second} {
		for _, text := range townsfolk {
			put(in, object(t, "%s", text))
		}
	}
	for i := range 260 { // more than a page
		put(w, object(t, "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a%d}}", i))
	}
	system := *w
	system.namespace = metav1.NamespaceSystem
	put(&system, object(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: cilium-config}, data: {enable-policy: default}}"))
	t.Cleanup(func() {
		_ = w.admin.CoreV1().ConfigMaps(metav1.NamespaceSystem).Delete(context.Background(), "cilium-config", metav1.DeleteOptions{})
	})
	for _, in := range []*world{w, &second} { // made by the server
		n, err := w.admin.CoreV1().Namespaces().Get(t.Context(), in.namespace, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		made["Namespace/"+n.Name] = string(n.UID)
		a, err := w.admin.CoreV1().ServiceAccounts(n.Name).Get(t.Context(), "default", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		made["ServiceAccount/"+n.Name+"/default"] = string(a.UID)
	}
	ours := func(name string, o *kubeobj.Object) bool {
		return made[name] != "" || o.Namespace == w.namespace || o.Namespace == second.namespace ||
			o.Kind == "ConfigMap" && o.Name != "kube-root-ca.crt" || // that every namespace has, and a survey asks for one
			o.Kind == "ClusterNetworkPolicy" || o.Kind == "Node"
	}
	compare := func(s *kube.Snapshot, want map[string]string) {
		t.Helper()
		got := map[string]string{}
		for name, o := range names(t, s.Data) {
			if !o.Live || o.Get("metadata", "managedFields") != nil {
				t.Errorf("%s: live %t", name, o.Live)
			}
			if o.Kind == "Secret" {
				t.Errorf("%s is held", name)
			}
			if ours(name, o) {
				got[name] = o.Get("metadata", "uid").Str()
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%d objects, want %d: %s", len(got), len(want), difference(got, want))
		}
		if !slices.Equal(s.New, []string{"ConfigMap/kube-system/amazon-vpc-cni"}) || bytes.Contains(s.Data, []byte("aHVudGVy")) {
			t.Errorf("not there: %q", s.New)
		}
	}

	mark := w.Audit().Mark()
	s := survey(t, w.openAdmin())
	compare(s, made)
	if len(s.Skips) > 0 {
		t.Errorf("an administrator may not see %+v", s.Skips)
	}
	var saved bytes.Buffer
	if err := s.Save(&saved); err != nil || !bytes.Equal(saved.Bytes(), s.Data) {
		t.Errorf("the file is another: %v", err)
	}

	w.surveyor("surveyor")
	s = survey(t, w.open("surveyor"))
	want := maps.Clone(made)
	delete(want, "Node/survey-node")
	compare(s, want)
	if len(s.Skips) != 1 || s.Skips[0].Reason != "surveyor may not list nodes of the cluster" || s.Skips[0].Count != 1 || !s.Skips[0].Named || s.Skips[0].Kind != "kubernetes-live" {
		t.Errorf("skips: %+v", s.Skips)
	}
	saved.Reset()
	if err := s.Save(&saved); err != nil {
		t.Fatal(err)
	}
	if f, problem := kubeobj.Parse("survey.json", saved.Bytes()); problem != nil || len(f.Unread) != 1 || f.Unread[0].Reason != "the cluster did not show it: surveyor may not list nodes of the cluster" {
		t.Errorf("the file does not say what was not shown: %v", problem)
	}
	// Who may see nothing: one skip for each kind that is served, each ConfigMap.
	nothing := survey(t, w.open("survey-nobody"))
	if nothing.Found != 0 || len(nothing.Skips) != 13+1+2 || len(nothing.New) > 0 {
		t.Errorf("%d found, new %v, skips %+v", nothing.Found, nothing.New, nothing.Skips)
	}

	calls, err := w.Audit().Since(mark)
	if err != nil {
		t.Fatal(err)
	}
	calls = calls.Agent("polygraph")
	if writes := calls.Writes(); len(writes) > 0 || len(calls.Verbs("list")) < 3*14 {
		t.Errorf("of %d calls these write:\n%s", len(calls), writes)
	}
	for _, call := range calls {
		line := call.String()
		if strings.Contains(line, "secrets") || call.Verb == "watch" || strings.Contains(line, "configmaps") && call.Verb != "get" {
			t.Errorf("it asked: %s", line)
		}
	}
	accounts := calls.Verbs("list").Where(func(c audit.Call) bool { return strings.Contains(c.String(), "serviceaccounts") })
	if len(accounts) < 2*2+1 {
		t.Errorf("262 accounts in one page:\n%s", accounts)
	}
}

func survey(t *testing.T, c *kube.Cluster) *kube.Snapshot {
	t.Helper()
	var last run.Progress
	s, err := c.Survey(t.Context(), func(p run.Progress) { last = p })
	if err != nil {
		t.Fatal(err)
	}
	if last.Done != last.Total || last.Total == 0 {
		t.Errorf("the progress ended with %+v", last)
	}
	return s
}

// surveyor lets a user list all that a survey asks for but nodes, and waits until
// it holds.
func (w *world) surveyor(user string) {
	w.t.Helper()
	list := func(group string, resources ...string) rbac.PolicyRule {
		return rbac.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{group}, Resources: resources}
	}
	role := &rbac.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: user}, Rules: []rbac.PolicyRule{
		list("", "namespaces", "pods", "serviceaccounts", "services"), list("discovery.k8s.io", "endpointslices"),
		list("apps", "deployments", "replicasets", "statefulsets", "daemonsets"), list("batch", "jobs", "cronjobs"),
		list("networking.k8s.io", "networkpolicies"), list("policy.networking.k8s.io", "clusternetworkpolicies"),
		{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"configmaps"}, ResourceNames: []string{"amazon-vpc-cni", "cilium-config"}},
	}}
	binding := &rbac.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: user}, Subjects: []rbac.Subject{{APIGroup: rbac.GroupName, Kind: rbac.UserKind, Name: user}},
		RoleRef: rbac.RoleRef{APIGroup: rbac.GroupName, Kind: "ClusterRole", Name: user},
	}
	ctx := w.t.Context()
	if _, err := w.admin.RbacV1().ClusterRoles().Create(ctx, role, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.admin.RbacV1().ClusterRoleBindings().Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = w.admin.RbacV1().ClusterRoleBindings().Delete(context.Background(), user, metav1.DeleteOptions{})
		_ = w.admin.RbacV1().ClusterRoles().Delete(context.Background(), user, metav1.DeleteOptions{})
	})
	c := w.open(user)
	w.eventually(user+" may list pods", func(ctx context.Context) bool {
		return strings.Contains(string(ask(ctx, c, kube.CanI, "Pod/"+w.namespace+"/", "list")), `"allowed":true`)
	})
}

// difference names what two sets of objects do not share.
func difference(got, want map[string]string) string {
	var out []string
	for name, uid := range got {
		if want[name] != uid {
			out = append(out, "+"+name)
		}
	}
	for name, uid := range want {
		if got[name] != uid {
			out = append(out, "-"+name)
		}
	}
	slices.Sort(out)
	return fmt.Sprint(out)
}

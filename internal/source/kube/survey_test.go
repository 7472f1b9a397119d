package kube

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"polygraph/internal/evidence"
	"polygraph/internal/kubeobj"
	"polygraph/internal/run"
)

// survey is what the fake server shows, each object parsed.
func (f *fakeServer) survey(t *testing.T) (*Snapshot, map[string]*kubeobj.Object) {
	t.Helper()
	var last run.Progress
	s, err := f.open(t).Survey(t.Context(), func(p run.Progress) { last = p })
	if err != nil {
		t.Fatal(err)
	}
	if last.Done != last.Total || last.Total != int64(len(surveyedKinds())+1) || last.Unit != "kinds" {
		t.Errorf("the progress ended with %+v", last)
	}
	for _, k := range s.Skips {
		if !k.Named || k.Kind != evidence.KubernetesLive().Name || k.Path != "kube:good" || k.Do == "" || k.Count == 0 {
			t.Errorf("the skip %+v", k)
		}
	}
	var saved bytes.Buffer
	if err := s.Save(&saved); err != nil || !bytes.Equal(saved.Bytes(), s.Data) {
		t.Errorf("the file is not the evidence: %v", err)
	}
	if s.Found == 0 {
		return s, nil
	}
	return s, parsed(t, s.Data)
}

func parsed(t *testing.T, data []byte) map[string]*kubeobj.Object {
	t.Helper()
	f, problem := kubeobj.Parse("kube.json", data)
	if problem != nil {
		t.Fatal(problem)
	}
	out := map[string]*kubeobj.Object{}
	for _, o := range f.Objects {
		key := o.Identity() + "@" + o.Version
		if out[key] != nil || !o.Live {
			t.Errorf("%s is there twice, or is not live: %t", key, o.Live)
		}
		out[key] = o
	}
	return out
}

func reasons(s *Snapshot) string {
	var out []string
	for _, k := range s.Skips {
		out = append(out, k.Reason)
	}
	return strings.Join(out, "; ")
}

// TestSurvey: all that is served comes, page by page, and nothing else is asked for.
func TestSurvey(t *testing.T) {
	f := newFakeServer(surveyedKinds()...)
	const each = 620 // three pages
	want := 0
	for _, s := range surveyedKinds() {
		n := 3
		switch {
		case s.Kind == "Pod":
			n = each
		case s.sign:
			want -= n - 1
		}
		f.fill(s, n)
		want += n
	}
	f.put("configmaps", "kube-system", "cilium-config")
	f.put("configmaps", "kube-system", "other")
	f.put("secrets", "kube-system", "amazon-vpc-cni")
	s, got := f.survey(t)
	if len(got) != want+1 || s.Found != len(got) || s.Wanted+s.Neighbours != 0 || len(s.Skips) > 0 {
		t.Errorf("%d objects, %d found, want %d; skips: %s", len(got), s.Found, want+1, reasons(s))
	}
	if !slices.Equal(s.New, []string{"ConfigMap/kube-system/amazon-vpc-cni"}) {
		t.Errorf("not there: %q", s.New)
	}
	pages := 0
	for _, asked := range f.requests() {
		if strings.HasPrefix(asked, "GET /api/v1/pods?") {
			pages++
		}
		if strings.Contains(asked, "secret") || strings.Contains(asked, "configmaps") && !strings.Contains(asked, "/namespaces/kube-system/configmaps/") ||
			!strings.HasPrefix(asked, "GET ") || strings.Contains(asked, "watch=") {
			t.Errorf("it asked %s", asked)
		}
	}
	if pages != 3 {
		t.Errorf("%d pods in %d pages", each, pages)
	}
	if s.Path() != "kube:good" || s.Item(time.Time{}).Blob.Size() != int64(len(s.Data)) {
		t.Errorf("the path is %s", s.Path())
	}
	if again, _ := f.survey(t); !bytes.Equal(again.Data, s.Data) {
		t.Error("the same cluster, another evidence")
	}
}

// TestSurveyedKinds: each kind that decides is asked for, by group and in the
// version that is read.
func TestSurveyedKinds(t *testing.T) {
	calico := "NetworkPolicy GlobalNetworkPolicy StagedNetworkPolicy StagedGlobalNetworkPolicy StagedKubernetesNetworkPolicy Tier NetworkSet GlobalNetworkSet HostEndpoint KubeControllersConfiguration"
	want := map[string]string{
		"v1":                                "Namespace Node Pod Service ServiceAccount",
		"discovery.k8s.io/v1":               "EndpointSlice",
		"apps/v1":                           "DaemonSet Deployment ReplicaSet StatefulSet",
		"batch/v1":                          "CronJob Job",
		"networking.k8s.io/v1":              "NetworkPolicy",
		"policy.networking.k8s.io/v1alpha1": "AdminNetworkPolicy BaselineAdminNetworkPolicy",
		"policy.networking.k8s.io/v1alpha2": "ClusterNetworkPolicy",
		"networking.k8s.aws/v1alpha1":       "ApplicationNetworkPolicy ClusterNetworkPolicy",
		"cilium.io/v2":                      "CiliumCIDRGroup CiliumClusterwideNetworkPolicy CiliumEndpoint CiliumNetworkPolicy CiliumNode CiliumNodeConfig",
		"projectcalico.org/v3":              calico,
		"crd.projectcalico.org/v1":          calico,
		"operator.tigera.io/v1":             "Installation",
		"crd.antrea.io/v1beta1":             "AntreaAgentInfo",
		"eks.amazonaws.com/v1":              "NodeClass",
		"karpenter.sh/v1":                   "NodePool",
	}
	got := map[string][]string{}
	for _, s := range surveyedKinds() {
		got[s.GroupVersion().String()] = append(got[s.GroupVersion().String()], s.Kind)
	}
	if len(got) != len(want) {
		t.Errorf("%d groups, want %d", len(got), len(want))
	}
	for group, kinds := range want {
		wanted := strings.Fields(kinds)
		slices.Sort(wanted)
		slices.Sort(got[group])
		if !slices.Equal(got[group], wanted) {
			t.Errorf("of %s: %q", group, got[group])
		}
	}
}

// TestSurveyLeavesOutWhatItSays and nothing else.
func TestSurveyLeavesOutWhatItSays(t *testing.T) {
	f := newFakeServer(surveyedKinds()...)
	add := func(resource, kind, apiVersion, name, rest string) {
		f.add(resource, fmt.Sprintf(`{"apiVersion":%q,"kind":%q,"metadata":{"name":%q,"namespace":"a","uid":%[3]q,"resourceVersion":"7",
			"managedFields":[{"manager":"m"}],"annotations":{%q:"{}","b":"c"}%s}`, apiVersion, kind, name, applied, rest))
	}
	add("pods", "Pod", "v1", "p", `},"status":{"phase":"Running","conditions":[{"type":"Ready"}],"containerStatuses":[{}],"initContainerStatuses":[{}],"podIPs":[{"ip":"10.0.0.1"}]}`)
	add("nodes", "Node", "v1", "n", `},"status":{"images":[{"names":["big"]}],"nodeInfo":{"kubeletVersion":"v1.37.2"}}`)
	const by = `,"ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"d","uid":"d","controller":true}]}`
	add("replicasets.apps", "ReplicaSet", "apps/v1", "old", by+`,"spec":{"replicas":0},"status":{"replicas":0}`)
	add("replicasets.apps", "ReplicaSet", "apps/v1", "going", by+`,"spec":{"replicas":0},"status":{"replicas":1}`)
	add("replicasets.apps", "ReplicaSet", "apps/v1", "now", by+`,"spec":{"replicas":1}`)
	add("replicasets.apps", "ReplicaSet", "apps/v1", "free", `},"spec":{"replicas":0}`)
	s, got := f.survey(t)
	if bytes.Contains(s.Data, []byte("managedFields")) {
		t.Error("managedFields are held")
	}
	for name, there := range map[string]bool{"old": false, "going": true, "now": true, "free": true} {
		if o := got["ReplicaSet.apps/a/"+name+"@v1"]; (o != nil) != there {
			t.Errorf("ReplicaSet %s: %t", name, o != nil)
		} else if o != nil && o.Annotation(applied) != "{}" {
			t.Errorf("ReplicaSet %s without what was applied last", name)
		}
	}
	pod, node := got["Pod/a/p@v1"], got["Node/a/n@v1"]
	if pod == nil || node == nil {
		t.Fatalf("got %s", s.Data)
	}
	for _, gone := range []*kubeobj.Value{pod.Get("metadata", "annotations", applied), pod.Get("status", "containerStatuses"), pod.Get("status", "initContainerStatuses"), node.Get("status", "images")} {
		if gone != nil {
			t.Errorf("%s is held", gone.Name)
		}
	}
	if pod.Annotation("b") != "c" || pod.Get("status", "podIPs").Empty() || pod.Get("status", "conditions").Empty() || pod.Get("status", "phase").Str() != "Running" || node.Get("status", "nodeInfo", "kubeletVersion").Str() == "" {
		t.Errorf("too little is left:\n%s", s.Data)
	}
}

func TestSurveySaysWhatItMayNotSee(t *testing.T) {
	f := newFakeServer(surveyedKinds()...)
	for _, s := range surveyedKinds() {
		f.fill(s, 2)
	}
	f.put("configmaps", "kube-system", "amazon-vpc-cni")
	for _, resource := range []string{"nodes", "pods", "networkpolicies.crd.projectcalico.org", "ciliumendpoints.cilium.io", "configmaps/cilium-config"} {
		f.refuse[resource] = http.StatusForbidden
	}
	f.refuse["services"] = http.StatusInternalServerError
	s, got := f.survey(t)
	want := []string{
		"me may not get the ConfigMap kube-system/cilium-config",
		"me may not list ciliumendpoints.cilium.io in all namespaces",
		"me may not list networkpolicies.crd.projectcalico.org in all namespaces",
		"me may not list nodes of the cluster",
		"me may not list pods in all namespaces",
		"the server did not answer for services in all namespaces: no",
	}
	if reasons(s) != strings.Join(want, "; ") {
		t.Errorf("skips:\n%s\nwant\n%s", strings.ReplaceAll(reasons(s), "; ", "\n"), strings.Join(want, "\n"))
	}
	if len(s.New) > 0 || got["ConfigMap/kube-system/amazon-vpc-cni@v1"] == nil || got["Namespace/o0@v1"] == nil || got["Pod/n0/o0@v1"] != nil {
		t.Errorf("new %v, %d objects", s.New, len(got))
	}
	file, problem := kubeobj.Parse("kube.json", s.Data)
	if problem != nil || len(file.Objects) != len(got) || len(file.Unread) != len(want) {
		t.Fatalf("%v: %d objects and %d that are not known", problem, len(file.Objects), len(file.Unread))
	}
	for i, u := range file.Unread {
		if u.Reason != "the cluster did not show it: "+want[i] || u.Do != s.Skips[i].Do {
			t.Errorf("%+v", u)
		}
	}
}

// TestSurveyOfWhatIsNotServed: a custom kind that is not there has no objects; one
// whose API service is silent may have some; the Kubernetes API without its own
// kinds is not whole.
func TestSurveyOfWhatIsNotServed(t *testing.T) {
	f := newFakeServer(builtInKinds()...)
	s, _ := f.survey(t)
	if len(s.Skips) > 0 {
		t.Errorf("skips of custom kinds: %s", reasons(s))
	}
	f = newFakeServer(slices.DeleteFunc(builtInKinds(), func(s surveyed) bool { return s.Kind == "EndpointSlice" })...)
	if s, _ = f.survey(t); reasons(s) != "the server knows no EndpointSlice of discovery.k8s.io/v1" {
		t.Errorf("skips: %s", reasons(s))
	}

	f = newFakeServer(surveyedKinds()...)
	f.silent = "projectcalico.org/v3"
	s, _ = f.survey(t)
	if n := strings.Count(reasons(s), "of projectcalico.org/v3: the API service of the group does not answer"); n != 10 || len(s.Skips) != n {
		t.Errorf("%d of\n%s", n, strings.ReplaceAll(reasons(s), "; ", "\n"))
	}
}

// TestSurveyTakesTheVersionThatIsServed: the known one where it is among several.
func TestSurveyTakesTheVersionThatIsServed(t *testing.T) {
	of := func(version string) surveyed {
		var s surveyed
		s.Group, s.Version, s.Kind = "policy.networking.k8s.io", version, "ClusterNetworkPolicy"
		return s
	}
	for want, versions := range map[string][]surveyed{
		"v1alpha2": {of("v1"), of("v1alpha2")},
		"v1":       {of("v1"), of("v1beta1")},
	} {
		f := newFakeServer(append(builtInKinds(), versions...)...)
		f.fill(of(want), 1)
		if s, got := f.survey(t); got["ClusterNetworkPolicy.policy.networking.k8s.io/o0@"+want] == nil || len(got) != 1 || len(s.Skips) > 0 {
			t.Errorf("%s: %s %s", want, s.Data, reasons(s))
		}
	}
}

func TestSurveyIsBounded(t *testing.T) {
	f := newFakeServer(builtInKinds()...)
	for _, s := range builtInKinds() {
		f.fill(s, map[string]int{"Pod": 600, "Namespace": 5}[s.Kind])
	}
	c := f.open(t)
	c.maxData = 40_000
	s, err := c.Survey(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := parsed(t, s.Data)
	if len(s.Data) > 40_000+1_000 || len(s.Data) < 39_000 || len(got) != s.Found || s.Found < 100 || s.Found >= 605 {
		t.Fatalf("%d bytes, %d objects", len(s.Data), s.Found)
	}
	for i := range 5 {
		if got["Namespace/o"+strconv.Itoa(i)+"@v1"] == nil {
			t.Error("a namespace had to give way to a pod")
		}
	}
	if len(s.Skips) != 1 || s.Skips[0].Count != 605-s.Found || !strings.HasSuffix(s.Skips[0].Reason, "some of kind Pod are left out") || !s.Skips[0].Named {
		t.Errorf("%d found, skips %+v", s.Found, s.Skips)
	}
}

// TestSurveyOfAListThatExpires: the pages of a long list are of one moment, which
// the server forgets. Then it begins anew, and what it has is not held twice.
func TestSurveyOfAListThatExpires(t *testing.T) {
	f := newFakeServer(builtInKinds()...)
	f.fill(surveyedKind(t, "Pod"), 600)
	f.expire = 1
	if s, got := f.survey(t); len(got) != 600 || len(s.Skips) > 0 {
		t.Errorf("%d of 600, %s", len(got), reasons(s))
	}
	f.expire = 1 << 30
	s, got := f.survey(t)
	if len(got) != pageSize || !strings.HasPrefix(reasons(s), "the server did not answer for pods in all namespaces: ") {
		t.Errorf("%d of 600, %s", len(got), reasons(s))
	}
}

// TestSurveyOfTiersThatCalicoHides: its API server leaves policies out silently.
func TestSurveyOfTiersThatCalicoHides(t *testing.T) {
	for allowed, want := range map[string]string{
		`{"allowed":true}`:  "",
		`{"allowed":false}`: "me may not get all tiers.projectcalico.org: Calico may leave out the policies of the others",
	} {
		f := newFakeServer(slices.DeleteFunc(surveyedKinds(), func(s surveyed) bool { return s.Group == "crd.projectcalico.org" })...)
		f.review = allowed
		if s, _ := f.survey(t); reasons(s) != want {
			t.Errorf("%s: %s", allowed, reasons(s))
		}
	}
}

func TestSurveyThatCannotBe(t *testing.T) {
	f := newFakeServer(builtInKinds()...)
	c := f.open(t)
	f.refuse["namespaces"] = http.StatusUnauthorized
	if _, err := c.Survey(t.Context(), nil); !errors.As(err, new(*evidence.Problem)) || !strings.Contains(err.Error(), "does not accept the credentials of me") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.open(t).Survey(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

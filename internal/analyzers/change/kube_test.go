package change_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers/change"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

const (
	deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  replicas: 2\n  selector: {matchLabels: {app: web}}\n" +
		"  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: \"web@sha256:" + digest + "\"}]}\n"
	digest = "0123456789012345678901234567890123456789012345678901234567890123"
	ids    = "uid: u, resourceVersion: \"1\""
)

// judged is what a run said.
type judged struct {
	findings []finding.Finding
	rows     []string       // object mechanism field
	held     map[string]int // by rule
	said     []string       // the rows, all of them
}

func (j *judged) of(rule string) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(j.findings), func(f finding.Finding) bool { return f.Rule != rule })
}

// said is a server that says the same of each Deployment, and takes the rest.
type said struct{ err string }

func (said) Name() string { return "kube" }

func (s said) Ask(_ context.Context, r evidence.Request) ([]byte, error) {
	if s.err == "" || !strings.HasPrefix(r.Object, "Deployment") {
		return []byte("{}"), nil
	}
	return nil, errors.New(s.err)
}

// judgeObjects runs the analyzer over files: old/NAME, live/NAME, the rest is NEW.
func judgeObjects(t testing.TB, o change.Options, server *said, files map[string]string) *judged {
	t.Helper()
	var in analysis.Evidence
	for name, text := range files {
		kind := evidence.KubernetesManifest()
		switch {
		case strings.HasPrefix(name, "old/"):
			kind = evidence.KubernetesBefore()
		case strings.HasPrefix(name, "live/"):
			kind = evidence.KubernetesLive()
		}
		in.Items = append(in.Items, &evidence.Item{Kind: kind, Path: name, Blob: evidence.Bytes([]byte(text))})
	}
	slices.SortFunc(in.Items, func(a, b *evidence.Item) int { return strings.Compare(a.Path, b.Path) })
	r := analysis.Runner{Analyzers: []*analysis.Analyzer{change.At(&o)}, Clock: time.Now, Parallel: 1, Tables: true}
	if server != nil {
		o.DryRun, r.Sources = true, []evidence.Source{server}
	}
	out := &judged{held: map[string]int{}}
	sum, err := r.Run(t.Context(), in, func(m *run.Message) error {
		if m.Finding != nil && m.Finding.Verdict != finding.Holds {
			out.findings = append(out.findings, *m.Finding)
		}
		if m.Row != nil && m.Row.Table == change.EditsTable {
			out.rows = append(out.rows, strings.TrimSpace(m.Row.Cells[0].Value+" "+m.Row.Cells[1].Value+" "+m.Row.Cells[2].Value))
			for _, c := range m.Row.Cells {
				out.said = append(out.said, c.Value)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range sum.Rules {
		out.held[rule.Rule] = rule.Held
	}
	return out
}

func edited(from, to string) string { return strings.ReplaceAll(deployment, from, to) }

// TestWhatKustomizeMakes: a file that a Kustomization changes is not what is
// applied, so nothing about it is false; its patches are no objects.
func TestWhatKustomizeMakes(t *testing.T) {
	bare := edited("@sha256:"+digest, ":1")
	for name, c := range map[string]struct {
		kustomization string
		want          finding.Verdict
	}{
		"lists files":    {"resources: [web.yaml]\n", finding.Refuted},
		"sets images":    {"resources: [web.yaml]\nimages: [{name: web, digest: \"sha256:" + digest + "\"}]\n", finding.Unproven},
		"sets names":     {"resources: [web.yaml]\nnamePrefix: a-\n", finding.Refuted},
		"is of a folder": {"resources: [../new]\npatches: [{patch: \"x\"}]\n", finding.Unproven},
		"is of others":   {"resources: [other.yaml]\nimages: [{name: web, newTag: \"2\"}]\n", finding.Refuted},
	} {
		t.Run(name, func(t *testing.T) {
			j := judgeObjects(t, change.Options{}, nil, map[string]string{
				"new/web.yaml": bare, "new/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n" + c.kustomization,
			})
			got := j.of("CHG110")
			if len(got) != 1 || got[0].Verdict != c.want || c.want == finding.Unproven && !strings.Contains(got[0].Missing[0].Get, "kustomize build new") {
				t.Errorf("%+v", got)
			}
			open := len(j.of("CHG100")) == 1
			if changes := name != "lists files"; changes != open {
				t.Errorf("the Kustomization is unproven: %v", open)
			}
		})
	}
	j := judgeObjects(t, change.Options{}, nil, map[string]string{
		"new/web.yaml": deployment, "new/patch.yaml": edited("@sha256:"+digest, ":1"), "old/web.yaml": deployment,
		"new/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [web.yaml]\npatches: [{path: patch.yaml}]\n",
	})
	if len(j.of("CHG110")) > 0 || len(j.rows) > 0 {
		t.Errorf("the patch is taken for an object: %v %v", j.of("CHG110"), j.rows)
	}
}

// TestWhatIsNotShown: what OLD or NEW does not show is neither created nor left
// behind.
func TestWhatIsNotShown(t *testing.T) {
	other := edited("name: web, namespace", "name: other, namespace")
	status := "---\napiVersion: v1\nkind: Status\nmetadata: {}\nstatus: Failure\nmessage: you may not list deployments\n"
	for name, c := range map[string]struct {
		options change.Options
		files   map[string]string
		rows    []string
		open    int
	}{
		"all of it": {
			change.Options{},
			map[string]string{"old/a": deployment, "new/a": other},
			[]string{"Deployment.apps/shop/other created", "Deployment.apps/shop/web left behind"},
			0,
		},
		"a template in NEW": {
			change.Options{},
			map[string]string{"old/a": deployment, "new/a": other + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"{{ .Values.name }}\"}\n"},
			[]string{"Deployment.apps/shop/other created", "Deployment.apps/shop/web unknown"},
			1,
		},
		"a refusal in OLD": {
			change.Options{},
			map[string]string{"live/a": edited("namespace: shop", "namespace: shop, "+ids) + status, "new/a": other},
			[]string{"Deployment.apps/shop/other unknown"},
			1,
		},
		"asked and absent": {
			change.Options{Asked: true, Absent: []string{"Deployment.apps/shop/other"}},
			map[string]string{"live/a": edited("namespace: shop", "namespace: shop, "+ids), "new/a": other},
			[]string{"Deployment.apps/shop/other created"},
			0,
		},
		"asked and not shown": {
			change.Options{Asked: true},
			map[string]string{"live/a": edited("namespace: shop", "namespace: shop, "+ids), "new/a": other},
			[]string{"Deployment.apps/shop/other unknown"},
			0,
		},
		"absent by the namespace of the context": {
			change.Options{Asked: true, Namespace: "shop", Absent: []string{"Deployment.apps/shop/other"}},
			map[string]string{"live/a": edited("namespace: shop", "namespace: shop, "+ids), "new/a": strings.ReplaceAll(other, ", namespace: shop", "")},
			[]string{"Deployment.apps/other created"},
			0,
		},
		"twice in NEW": {
			change.Options{},
			map[string]string{"old/a": deployment, "new/a": edited("replicas: 2", "replicas: 3"), "new/b": edited("replicas: 2", "replicas: 4")},
			[]string{"Deployment.apps/shop/web overwritten", "Deployment.apps/shop/web scaled spec.replicas"},
			0,
		},
		"a name that the server makes": {
			change.Options{},
			map[string]string{"old/a": deployment, "new/a": deployment, "new/b": "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: run-, namespace: shop}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}\n"},
			[]string{"Job.batch/shop/run-* created"},
			0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			j := judgeObjects(t, c.options, nil, c.files)
			if !slices.Equal(j.rows, c.rows) {
				t.Errorf("rows %q, want %q", j.rows, c.rows)
			}
			if got := j.of("CHG100"); len(got) != c.open {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestPairs: an object without a namespace goes where its applier says, and is
// nobody else's.
func TestPairs(t *testing.T) {
	at := func(namespace string) string { return edited(", namespace: shop", namespace) }
	live := func(namespace string) string { return edited("namespace: shop", "namespace: "+namespace+", "+ids) }
	three := func(text string) string { return strings.Replace(text, "replicas: 2", "replicas: 3", 1) }
	for name, c := range map[string]struct {
		options change.Options
		old     string
		new     string
		rows    []string
	}{
		"the only one":        {change.Options{}, at(", namespace: shop"), three(at("")), []string{"Deployment.apps/web scaled spec.replicas"}},
		"exact before loose":  {change.Options{}, at(", namespace: shop"), at("") + "---\n" + three(at(", namespace: shop")), []string{"Deployment.apps/web unknown", "Deployment.apps/shop/web scaled spec.replicas"}},
		"two that it may be":  {change.Options{}, at(", namespace: a") + "---\n" + at(", namespace: b"), three(at("")), []string{"Deployment.apps/web unknown", "Deployment.apps/a/web left behind", "Deployment.apps/b/web left behind"}},
		"two that may be it":  {change.Options{}, at(""), at(", namespace: a") + "---\n" + three(at(", namespace: b")), []string{"Deployment.apps/a/web unknown", "Deployment.apps/b/web unknown", "Deployment.apps/web left behind"}},
		"another namespace":   {change.Options{Asked: true, Namespace: "default", Absent: []string{"Deployment.apps/default/web"}}, live("other"), at(""), []string{"Deployment.apps/web created"}},
		"that of the context": {change.Options{Asked: true, Namespace: "shop"}, live("shop"), three(at("")), []string{"Deployment.apps/web scaled spec.replicas"}},
	} {
		t.Run(name, func(t *testing.T) {
			side := "old/a"
			if strings.Contains(c.old, "uid: u") {
				side = "live/a"
			}
			j := judgeObjects(t, c.options, nil, map[string]string{side: c.old, "new/a": c.new})
			if !slices.Equal(j.rows, c.rows) {
				t.Errorf("rows %q, want %q", j.rows, c.rows)
			}
		})
	}
}

// TestSavedSecrets: a saved cluster has no values of Secrets, so nothing is said
// about their edits.
func TestSavedSecrets(t *testing.T) {
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\ndata: {password: "
	j := judgeObjects(t, change.Options{}, nil, map[string]string{
		"live/s": strings.ReplaceAll(secret, "shop}", "shop, "+ids+"}") + "\"(sensitive)\"}\n", "new/s": secret + "aHVudGVyMg==}\n",
		"live/w": strings.ReplaceAll(reading, "shop}", "shop, "+ids+"}"), "new/w": reading,
	})
	if want := []string{"Secret/shop/s unknown data.password"}; !slices.Equal(j.rows, want) {
		t.Errorf("%q", j.rows)
	}
	if got := j.of("CHG102"); len(got) != 1 || got[0].Verdict != finding.Unproven {
		t.Errorf("whether running pods see it: %+v", got)
	}
}

const reading = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {matchLabels: {app: web}}\n" +
	"  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: a, envFrom: [{secretRef: {name: s}}]}]}\n"

// TestMisplacedSecrets: a value at the wrong depth of a Secret is one too.
func TestMisplacedSecrets(t *testing.T) {
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop, annotations: {copy: COPY}, labels: {team: TEAM}}\npassword: MISPLACED\nmetadatum: {deep: MISPLACED}\n"
	put := func(n string) string {
		return strings.NewReplacer("COPY", "copy-"+n, "TEAM", "team-"+n, "MISPLACED", "misplaced-"+n).Replace(secret)
	}
	j := judgeObjects(t, change.Options{}, nil, map[string]string{"old/s": put("one"), "new/s": put("two")})
	if len(j.rows) < 3 || !slices.Contains(j.rows, "Secret/shop/s in place metadata.labels.team") {
		t.Errorf("%q", j.rows)
	}
	all := strings.Join(j.said, "\n")
	for i := range j.findings {
		all += fmt.Sprintf("%+v", j.findings[i])
	}
	if !strings.Contains(all, "team-one -> team-two") || strings.Contains(all, "misplaced-") || strings.Contains(all, "copy-") {
		t.Errorf("a value is printed:\n%s", all)
	}
}

// TestRecreated: a hook that its tool deletes before it makes it again is not
// refused.
func TestRecreated(t *testing.T) {
	job := "apiVersion: batch/v1\nkind: Job\nmetadata: {name: m, namespace: shop, annotations: {helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: POLICY}}\n" +
		"spec: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: \"m@sha256:" + digest + "\", command: [COMMAND]}]}}}\n"
	for policy, want := range map[string]string{"before-hook-creation": "recreated by Helm", "hook-succeeded": "refused"} {
		put := func(command string) string {
			return strings.NewReplacer("POLICY", policy, "COMMAND", command).Replace(job)
		}
		j := judgeObjects(t, change.Options{}, nil, map[string]string{"old/j": put("one"), "new/j": put("two")})
		if len(j.rows) != 1 || !strings.Contains(j.rows[0], want) || len(j.of("CHG100")) == 1 != (want == "refused") {
			t.Errorf("%s: %q %+v", policy, j.rows, j.of("CHG100"))
		}
	}
}

// TestWhatAVersionCannotSay: fields that only one version of the API has are not
// compared, and that is said.
func TestWhatAVersionCannotSay(t *testing.T) {
	old := "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata: {name: w, namespace: shop}\nspec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: w}, maxReplicas: 3, targetCPUUtilizationPercentage: 80}\n"
	now := "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: w, namespace: shop}\nspec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: w}, maxReplicas: 3, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 5}}}]}\n"
	j := judgeObjects(t, change.Options{Version: 37}, nil, map[string]string{"old/h": old, "new/h": now})
	if got := j.of("CHG100"); len(got) != 1 || got[0].Verdict != finding.Unproven || len(j.rows) != 1 || !strings.Contains(j.rows[0], "unknown") {
		t.Errorf("%q %+v", j.rows, got)
	}
}

// TestServices: both edits, the one refused: the Service waits for labels that
// never come.
func TestServices(t *testing.T) {
	service := "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: APP}, ports: [{port: 80}]}\n"
	put := func(text, app string) string { return text + strings.ReplaceAll(service, "APP", app) }
	for name, c := range map[string]struct {
		new  string
		want []finding.Verdict
	}{
		"nothing of it":                     {put(edited("replicas: 2", "replicas: 3"), "web"), nil},
		"a selector that nothing has":       {put(deployment, "shop"), []finding.Verdict{finding.Unproven}},
		"a selector of what is refused":     {put(edited("app: web", "app: shop"), "shop"), []finding.Verdict{finding.Refuted}},
		"a refused edit and no other":       {put(edited("app: web", "app: shop"), "web"), nil},
		"turned over to another Deployment": {put(deployment+"---\n"+strings.NewReplacer("app: web", "app: green", "name: web, namespace", "name: green, namespace").Replace(deployment), "green"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			j := judgeObjects(t, change.Options{}, nil, map[string]string{"old/a": put(deployment, "web"), "new/a": c.new})
			var got []finding.Verdict
			for _, f := range j.of("CHG114") {
				got = append(got, f.Verdict)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v: %+v", got, c.want, j.of("CHG114"))
			}
		})
	}
}

// TestDryRun: the server's word stands, unless NEW changes what it goes by.
func TestDryRun(t *testing.T) {
	live := edited("namespace: shop", "namespace: shop, "+ids)
	quota := "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q, namespace: shop}\nspec: {hard: {pods: \"9\"}}\n"
	elsewhere := strings.ReplaceAll(quota, "shop", "other")
	for name, c := range map[string]struct {
		server   said
		new      string
		verdict  finding.Verdict
		contains string
	}{
		"accepted":                       {said{}, edited("app: web", "app: shop"), finding.Holds, ""},
		"refused":                        {said{"refused: exceeded quota"}, edited("replicas: 2", "replicas: 9"), finding.Refuted, "exceeded quota"},
		"refused, as we say":             {said{"refused: immutable"}, edited("app: web", "app: shop"), finding.Refuted, "spec.selector"},
		"refused, and the quota changes": {said{"refused: exceeded quota"}, edited("replicas: 2", "replicas: 9") + quota, finding.Unproven, "as things stand"},
		"refused, and another changes":   {said{"refused: exceeded quota"}, edited("replicas: 2", "replicas: 9") + elsewhere, finding.Refuted, "exceeded quota"},
		"not allowed to ask":             {said{"not allowed: to patch"}, edited("app: web", "app: shop"), finding.Refuted, "immutable"},
	} {
		t.Run(name, func(t *testing.T) {
			j := judgeObjects(t, change.Options{}, &c.server, map[string]string{"live/a": live, "new/a": c.new})
			got := j.of("CHG100")
			if c.verdict == finding.Holds {
				if len(got) > 0 || j.held["CHG100"] != 1 {
					t.Errorf("%+v", got)
				}
				return
			}
			text := ""
			for i := range got {
				text += got[i].Title
				for _, p := range got[i].Proof {
					text += "\n" + p.Text
				}
			}
			if len(got) != 1 || got[0].Verdict != c.verdict || !strings.Contains(text, c.contains) {
				t.Errorf("%s: %+v", text, got)
			}
		})
	}
}

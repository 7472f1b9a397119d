package fields

import (
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

func parseOne(t testing.TB, text string) *kubeobj.Object {
	t.Helper()
	f, problem := kubeobj.Parse("a.yaml", []byte(text))
	if problem != nil || len(f.Objects) != 1 {
		t.Fatalf("%v\n%s", problem, text)
	}
	return f.Objects[0]
}

// judge is what becomes of the edits that lead from one manifest to the other.
func judge(t testing.TB, v kubeschema.Version, old, new string) ([]Edit, []Outcome) {
	t.Helper()
	was, now := parseOne(t, old), parseOne(t, new)
	edits := Compare(was, now, Options{Version: v, Live: was.Live}).Edits
	return edits, Judge(v, was, now, edits)
}

const (
	live           = "metadata: {name: a, namespace: b, uid: u, resourceVersion: \"1\"}\n"
	written        = "metadata: {name: a, namespace: b}\n"
	deploymentHead = "apiVersion: apps/v1\nkind: Deployment\n" + written
	stateful       = "apiVersion: apps/v1\nkind: StatefulSet\n" + written
	daemon         = "apiVersion: apps/v1\nkind: DaemonSet\n" + written
	template       = "selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: \"i:1\"}]}}"
)

// Effects are argued from controllers, so they have no oracle but test/cluster;
// here stands what each strategy is said to do.
func TestEffects(t *testing.T) {
	image := strings.Replace(template, "i:1", "i:2", 1)
	for name, c := range map[string]struct {
		old, new string
		want     Mechanism
		because  string // a part of it, or of who runs the old
	}{
		"template":              {deploymentHead + "spec: {" + template + "}", deploymentHead + "spec: {" + image + "}", Replaced, "a few at a time"},
		"template, recreate":    {deploymentHead + "spec: {strategy: {type: Recreate}, " + template + "}", deploymentHead + "spec: {strategy: {type: Recreate}, " + image + "}", Replaced, "nothing runs in between"},
		"template, paused":      {deploymentHead + "spec: {paused: true, " + template + "}", deploymentHead + "spec: {paused: true, " + image + "}", Stored, "until spec.paused is false"},
		"replicas":              {deploymentHead + "spec: {replicas: 2, " + template + "}", deploymentHead + "spec: {replicas: 3, " + template + "}", Scaled, ""},
		"own label":             {deploymentHead + "spec: {" + template + "}", strings.Replace(deploymentHead, "namespace: b", "namespace: b, labels: {x: z}", 1) + "spec: {" + template + "}", InPlace, ""},
		"own annotation":        {deploymentHead + "spec: {" + template + "}", strings.Replace(deploymentHead, "namespace: b", "namespace: b, annotations: {x: z}", 1) + "spec: {" + template + "}", InPlace, ""},
		"restartedAt":           {deploymentHead + "spec: {" + template + "}", deploymentHead + "spec: {" + strings.Replace(template, "{labels", "{annotations: {kubectl.kubernetes.io/restartedAt: \"2026\"}, labels", 1) + "}", Replaced, ""},
		"history":               {deploymentHead + "spec: {" + template + "}", deploymentHead + "spec: {revisionHistoryLimit: 2, " + template + "}", InPlace, "rolled back"},
		"set":                   {stateful + "spec: {" + template + "}", stateful + "spec: {" + image + "}", Replaced, "highest ordinal"},
		"set, OnDelete":         {stateful + "spec: {updateStrategy: {type: OnDelete}, " + template + "}", stateful + "spec: {updateStrategy: {type: OnDelete}, " + image + "}", Stored, "deletes it"},
		"set, partition":        {stateful + "spec: {replicas: 3, updateStrategy: {rollingUpdate: {partition: 2}}, " + template + "}", stateful + "spec: {replicas: 3, updateStrategy: {rollingUpdate: {partition: 2}}, " + image + "}", Partly, "ordinals below 2"},
		"set, partition all":    {stateful + "spec: {replicas: 3, updateStrategy: {rollingUpdate: {partition: 3}}, " + template + "}", stateful + "spec: {replicas: 3, updateStrategy: {rollingUpdate: {partition: 3}}, " + image + "}", Stored, "until partition is lowered"},
		"daemon":                {daemon + "spec: {" + template + "}", daemon + "spec: {" + image + "}", Replaced, "each node"},
		"daemon, OnDelete":      {daemon + "spec: {updateStrategy: {type: OnDelete}, " + template + "}", daemon + "spec: {updateStrategy: {type: OnDelete}, " + image + "}", Stored, "deletes it"},
		"namespace security":    {"apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {pod-security.kubernetes.io/enforce: restricted}}\n", Stored, "until they are replaced"},
		"namespace label":       {"apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {x: z}}\n", InPlace, ""},
		"config":                {"apiVersion: v1\nkind: ConfigMap\n" + written + "data: {a: b}", "apiVersion: v1\nkind: ConfigMap\n" + written + "data: {a: c}", InPlace, ""},
		"pod image":             {"apiVersion: v1\nkind: Pod\n" + live + "spec: {containers: [{name: c, image: \"i:1\"}]}", "apiVersion: v1\nkind: Pod\n" + written + "spec: {containers: [{name: c, image: \"i:2\"}]}", Restarted, ""},
		"pod resources":         {"apiVersion: v1\nkind: Pod\n" + live + "spec: {containers: [{name: c, image: \"i:1\"}]}", "apiVersion: v1\nkind: Pod\n" + written + "spec: {containers: [{name: c, image: \"i:1\", resources: {requests: {cpu: 1}}}]}", Refused, "resize"},
		"claim, bound":          {"apiVersion: v1\nkind: PersistentVolumeClaim\n" + live + "spec: {volumeName: v, resources: {requests: {storage: 1Gi}}}\nstatus: {phase: Bound, capacity: {storage: 1Gi}}", "apiVersion: v1\nkind: PersistentVolumeClaim\n" + written + "spec: {resources: {requests: {storage: 2Gi}}}", InPlace, "file system"},
		"class description":     {"apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: a}\nvalue: 1\ndescription: b\n", "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: a}\nvalue: 1\ndescription: c\n", InPlace, "read"},
		"class of all":          {"apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: a}\nvalue: 1\n", "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: a}\nvalue: 1\nglobalDefault: true\n", Stored, "made"},
		"claim, unknown":        {"apiVersion: v1\nkind: PersistentVolumeClaim\n" + written + "spec: {resources: {requests: {storage: 1Gi}}}", "apiVersion: v1\nkind: PersistentVolumeClaim\n" + written + "spec: {resources: {requests: {storage: 2Gi}}}", Unknown, "not bound"},
		"service to headless":   {"apiVersion: v1\nkind: Service\n" + written + "spec: {ports: [{port: 80}]}", "apiVersion: v1\nkind: Service\n" + written + "spec: {clusterIP: None, ports: [{port: 80}]}", Refused, ""},
		"service selector":      {"apiVersion: v1\nkind: Service\n" + written + "spec: {selector: {a: b}, ports: [{port: 80}]}", "apiVersion: v1\nkind: Service\n" + written + "spec: {selector: {a: c}, ports: [{port: 80}]}", InPlace, "at once"},
		"unknown kind":          {"apiVersion: a.io/v1\nkind: Thing\n" + written + "spec: {a: 1}", "apiVersion: a.io/v1\nkind: Thing\n" + written + "spec: {a: 2}", Unknown, "Kubernetes' own"},
		"unknown field":         {deploymentHead + "spec: {" + template + "}", deploymentHead + "spec: {replica: 2, " + template + "}", Dropped, "no such field"},
		"mistyped":              {deploymentHead + "spec: {" + template + "}", deploymentHead + "spec: {replicas: many, " + template + "}", Refused, ""},
		"on delete, defaulted":  {"apiVersion: apps/v1\nkind: StatefulSet\n" + written + "spec: {serviceName: s, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}", "apiVersion: apps/v1\nkind: StatefulSet\n" + written + "spec: {updateStrategy: {type: OnDelete}, serviceName: s, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}", Refused, "set it to null"},
		"on delete, written":    {"apiVersion: apps/v1\nkind: StatefulSet\n" + written + "spec: {updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}, serviceName: s, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}", "apiVersion: apps/v1\nkind: StatefulSet\n" + written + "spec: {updateStrategy: {type: OnDelete}, serviceName: s, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}", InPlace, ""},
		"claim, foreign source": {"apiVersion: v1\nkind: PersistentVolumeClaim\n" + live + "spec: {resources: {requests: {storage: 1Gi}}}", "apiVersion: v1\nkind: PersistentVolumeClaim\n" + written + "spec: {dataSource: {apiGroup: a.io, kind: B, name: c}, resources: {requests: {storage: 1Gi}}}", Dropped, "dataSourceRef"},
		"claim, a snapshot":     {"apiVersion: v1\nkind: PersistentVolumeClaim\n" + live + "spec: {resources: {requests: {storage: 1Gi}}}", "apiVersion: v1\nkind: PersistentVolumeClaim\n" + written + "spec: {dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: c}, resources: {requests: {storage: 1Gi}}}", Refused, ""},
		"policy of a name":      {"apiVersion: v1\nkind: Service\n" + written + "spec: {type: ExternalName, externalName: a.b}", "apiVersion: v1\nkind: Service\n" + written + "spec: {type: ExternalName, externalName: a.b, internalTrafficPolicy: Local}", Dropped, ""},
		"ordinals, all":         {"apiVersion: apps/v1\nkind: StatefulSet\n" + written + "spec: {replicas: 2, serviceName: s, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}", "apiVersion: apps/v1\nkind: StatefulSet\n" + written + "spec: {replicas: 2, ordinals: {start: 2}, serviceName: s, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}", Replaced, "another ordinal"},
		"ordinals, some":        {"apiVersion: apps/v1\nkind: StatefulSet\n" + written + "spec: {replicas: 2, serviceName: s, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}", "apiVersion: apps/v1\nkind: StatefulSet\n" + written + "spec: {replicas: 2, ordinals: {start: 1}, serviceName: s, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}", Scaled, "outside the new range"},
		"health port given":     {"apiVersion: v1\nkind: Service\n" + written + "spec: {type: LoadBalancer, externalTrafficPolicy: Local, ports: [{port: 80}]}", "apiVersion: v1\nkind: Service\n" + written + "spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 32000, ports: [{port: 80}]}", Unknown, ""},
		"cron":                  {"apiVersion: batch/v1\nkind: CronJob\n" + written + "spec: {schedule: \"* * * * *\", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: \"i:1\"}]}}}}}", "apiVersion: batch/v1\nkind: CronJob\n" + written + "spec: {schedule: \"* * * * *\", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: \"i:2\"}]}}}}}", InPlace, "the next Job"},
	} {
		t.Run(name, func(t *testing.T) {
			edits, out := judge(t, 37, c.old, c.new)
			if len(edits) == 0 {
				t.Fatal("no edit")
			}
			// An image may bring another edit with it, by a default.
			if got := out[0]; got.Mechanism != c.want || !strings.Contains(got.Because+got.Still, c.because) {
				t.Errorf("%s %+v", edits[0].Path, got)
			}
			for i := range out {
				if out[i].Because == "" || out[i].Mechanism != Unknown && out[i].Source == "" {
					t.Errorf("%s says nothing: %+v", edits[i].Path, out[i])
				}
			}
		})
	}
}

// Each reason for which a claim keeps its size has the server's own words.
func TestClaimSizes(t *testing.T) {
	claim := func(meta, requests, status string) string {
		return "apiVersion: v1\nkind: PersistentVolumeClaim\n" + meta + "spec: {resources: {requests: {" + requests + "}}}\n" + status
	}
	const boundTo = "status: {phase: Bound, capacity: {storage: 4Gi}}\n"
	for name, c := range map[string]struct {
		version kubeschema.Version
		meta    string
		status  string
		new     string
		want    Mechanism
		rule    string
	}{
		"grows":                    {37, live, boundTo, "storage: 20Gi", InPlace, ""},
		"grows, not bound":         {37, live, "status: {phase: Pending}\n", "storage: 20Gi", Refused, claimSays},
		"grows, not told":          {37, written, "", "storage: 20Gi", Unknown, claimSays},
		"shrinks":                  {37, live, boundTo, "storage: 5Gi", InPlace, ""},
		"shrinks, before 1.32":     {31, live, boundTo, "storage: 5Gi", Refused, "field can not be less than previous value"},
		"shrinks below its volume": {37, live, boundTo, "storage: 4Gi", Refused, "field can not be less than status.capacity"},
		"shrinks, not bound":       {37, live, "status: {phase: Pending}\n", "storage: 5Gi", Refused, claimSays},
		"shrinks, not told":        {37, written, "", "storage: 5Gi", Unknown, "field can not be less than status.capacity"},
		"requests more":            {37, live, boundTo, "storage: 10Gi, cpu: 1", Refused, claimSays},
	} {
		t.Run(name, func(t *testing.T) {
			edits, out := judge(t, c.version, claim(c.meta, "storage: 10Gi", c.status), claim(written, c.new, ""))
			if len(out) != 1 || out[0].Mechanism != c.want || out[0].Rule != c.rule {
				t.Errorf("%v %+v", edits, out)
			}
		})
	}
}

// What the status decides is not guessed where OLD is what somebody wrote.
func TestAManifestLeavesOpenWhatTheClusterDecides(t *testing.T) {
	const job = "apiVersion: batch/v1\nkind: Job\n%spec: {suspend: true, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {nodeSelector: {x: %v}, restartPolicy: Never, containers: [{name: c, image: i}]}}}"
	fill := func(meta, value string) string {
		return strings.NewReplacer("%spec", meta+"spec", "%v", value).Replace(job)
	}
	if _, out := judge(t, 37, fill(written, "w"), fill(written, "z")); out[0].Mechanism != Unknown || !strings.Contains(out[0].Because, "suspended") {
		t.Errorf("%+v", out)
	}
	if _, out := judge(t, 37, fill(live, "w"), fill(written, "z")); out[0].Mechanism != InPlace {
		t.Errorf("%+v", out)
	}
	if _, out := judge(t, 37, strings.Replace(fill(live, "w"), "suspend: true", "suspend: false", 1), strings.Replace(fill(written, "z"), "suspend: true", "suspend: false", 1)); out[0].Mechanism != Refused {
		t.Errorf("%+v", out)
	}
}

// Each rule says why and where from, and is about kinds and fields that exist:
// a misspelt one would never apply.
func TestRulesAreAboutWhatExists(t *testing.T) {
	n := 0
	check := func(r *rule, about, because, source string) {
		n++
		if because == "" || source == "" || (r.when == nil) != (r.asks == "") {
			t.Errorf("%s: because %q, source %q, asks %q", about, because, source, r.asks)
		}
		for f := range strings.FieldsSeq(r.fields + " " + r.but) {
			exists := false
			for _, k := range kinds() {
				if !r.covers(k.name) {
					continue
				}
				for v := max(r.from, kubeschema.Oldest); v <= kubeschema.Newest; v++ {
					if typ := k.typeIn(v); typ != nil {
						if _, ok := fieldNamed(typ, f, v); ok {
							exists = true
						}
					}
				}
			}
			if !exists {
				t.Errorf("%s: no field %s of %s", about, f, r.kinds)
			}
		}
		for k := range strings.FieldsSeq(r.kinds) {
			if rulings()[k] == nil {
				t.Errorf("%s: no kind %s", about, k)
			}
		}
	}
	for i := range refusals {
		r := &refusals[i]
		check(&r.rule, "refusal "+r.kinds+" "+r.fields, r.because, r.source)
		if r.says == "" {
			t.Errorf("refusal %s %s without a message", r.kinds, r.fields)
		}
	}
	for i := range effects {
		r := &effects[i]
		check(&r.rule, "effect "+r.kinds+" "+r.fields, r.Because, r.Source)
	}
	for i := range keptFields {
		r := &keptFields[i]
		check(&r.rule, "kept "+r.kinds+" "+r.fields, r.because, r.source)
	}
	for i := range gates {
		g := &gates[i]
		for kind, b := range rulings() {
			for _, f := range b.gated {
				if f.gated != g {
					continue
				}
				k, _ := kindNamed(kind)
				for _, v := range []kubeschema.Version{max(g.from, kubeschema.Oldest), max(g.from, kubeschema.Oldest) - 1} {
					typ := k.typeIn(v)
					if typ == nil || v < kubeschema.Oldest {
						continue
					}
					if _, ok := fieldNamed(typ, f.field, v); ok != (v >= g.from) && !strings.Contains("GenericWorkload ContainerRestartRules VolumeAttributesClass CRDValidationRatcheting", g.gate) {
						t.Errorf("gate %s: %s %s on %s: there is %v", g.gate, kind, f.field, v, ok)
					}
				}
			}
		}
	}
	t.Log(n, "rules and", len(gates), "gates")
}

func FuzzJudge(f *testing.F) {
	f.Add(deploymentHead+"spec: {"+template+"}", deploymentHead+"spec: {replicas: 2}")
	f.Add("apiVersion: v1\nkind: Service\n"+live+"spec: {clusterIPs: [a]}", "apiVersion: v1\nkind: Service\n"+live+"spec: {clusterIPs: [], ports: [{}, 1, null]}")
	f.Add("apiVersion: v1\nkind: PersistentVolumeClaim\n"+live+"spec: {resources: {requests: {storage: x}}}", "apiVersion: v1\nkind: PersistentVolumeClaim\n"+live+"spec: 1")
	f.Add("apiVersion: batch/v1\nkind: Job\n"+live+"spec: {suspend: true}", "apiVersion: batch/v1\nkind: Job\n"+live+"spec: {template: [a]}")
	f.Fuzz(func(t *testing.T, old, new string) {
		was, problem := kubeobj.Parse("a.yaml", []byte(old))
		now, also := kubeobj.Parse("b.yaml", []byte(new))
		if problem != nil || also != nil || len(was.Objects) == 0 || len(now.Objects) == 0 {
			return
		}
		for v := kubeschema.Oldest; v <= kubeschema.Newest; v += 4 {
			edits := Compare(was.Objects[0], now.Objects[0], Options{Version: v}).Edits
			out := Judge(v, was.Objects[0], now.Objects[0], edits)
			if len(out) != len(edits) {
				t.Fatal(len(out), len(edits))
			}
			for i := range out {
				if out[i].Mechanism == Refused && out[i].Rule == "" || out[i].Because == "" {
					t.Fatalf("%s: %+v", edits[i].Path, out[i])
				}
			}
		}
	})
}

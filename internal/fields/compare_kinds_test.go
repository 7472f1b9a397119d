package fields

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
)

func manifest(apiVersion, kind, rest string) string {
	return "apiVersion: " + apiVersion + "\nkind: " + kind + "\nmetadata: {name: a}\n" + rest
}

// The defaults of the kinds that people write, each beside the field that shows
// its value; test/oracle holds all of them against Kubernetes.
func TestDefaultsOfKinds(t *testing.T) {
	for _, c := range []struct{ apiVersion, kind, old, now string }{
		{"v1", "Service", "spec: {ports: [{port: 80}]}", "spec: {type: ClusterIP, sessionAffinity: None, internalTrafficPolicy: Cluster, ports: [{port: 80, protocol: TCP, targetPort: 80}]}"},
		{"v1", "Service", "spec: {type: LoadBalancer, ports: [{port: 80}]}", "spec: {type: LoadBalancer, externalTrafficPolicy: Cluster, allocateLoadBalancerNodePorts: true, ports: [{port: 80}]}"},
		{"v1", "Service", "spec: {clusterIP: 10.0.0.7, clusterIPs: [10.0.0.7], ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, ports: [{port: 80}]}", "spec: {ports: [{port: 80}]}"},
		{"v1", "Service", "spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}", "spec: {type: NodePort, ports: [{port: 80}]}"},
		{"v1", "Service", "spec: {sessionAffinity: ClientIP, ports: [{port: 80}]}", "spec: {sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 10800}}, ports: [{port: 80}]}"},
		{"apps/v1", "StatefulSet", "spec: {volumeClaimTemplates: [{metadata: {name: d}}]}", "spec: {replicas: 1, podManagementPolicy: OrderedReady, revisionHistoryLimit: 10, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}, persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, whenScaled: Retain}, volumeClaimTemplates: [{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: d, creationTimestamp: null}, spec: {volumeMode: Filesystem}, status: {phase: Pending}}]}"},
		{"apps/v1", "DaemonSet", "spec: {}", "spec: {revisionHistoryLimit: 10, updateStrategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}}"},
		{"batch/v1", "Job", "spec: {template: {metadata: {labels: {a: b}}}}", "spec: {completions: 1, parallelism: 1, backoffLimit: 6, completionMode: NonIndexed, suspend: false, manualSelector: false, podReplacementPolicy: TerminatingOrFailed, template: {metadata: {labels: {a: b}}}}"},
		{"batch/v1", "CronJob", "spec: {schedule: '@daily'}", "spec: {schedule: '@daily', concurrencyPolicy: Allow, suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1, jobTemplate: {spec: {template: {spec: {restartPolicy: Always}}}}}"},
		{"autoscaling/v2", "HorizontalPodAutoscaler", "spec: {maxReplicas: 3, behavior: {scaleDown: {stabilizationWindowSeconds: 60}}}", "spec: {minReplicas: 1, maxReplicas: 3, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}], behavior: {scaleUp: {stabilizationWindowSeconds: 0, selectPolicy: Max, policies: [{type: Pods, value: 4, periodSeconds: 15}, {type: Percent, value: 100, periodSeconds: 15}]}, scaleDown: {stabilizationWindowSeconds: 60, selectPolicy: Max, policies: [{type: Percent, value: 100, periodSeconds: 15}]}}}"},
		{"autoscaling/v1", "HorizontalPodAutoscaler", "spec: {maxReplicas: 3}", "spec: {minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 80}"},
		{"networking.k8s.io/v1", "NetworkPolicy", "spec: {egress: [{ports: [{port: 53}]}]}", "spec: {podSelector: {}, policyTypes: [Ingress, Egress], ingress: [], egress: [{ports: [{port: 53, protocol: TCP}]}]}"},
		{"rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef: {kind: Role, name: a}\nsubjects: [{kind: User, name: u}]", "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: a}\nsubjects: [{kind: User, name: u, apiGroup: rbac.authorization.k8s.io}]"},
		{"storage.k8s.io/v1", "StorageClass", "provisioner: p", "provisioner: p\nreclaimPolicy: Delete\nvolumeBindingMode: Immediate"},
		{"v1", "PersistentVolumeClaim", "spec: {resources: {requests: {storage: 1Gi}}}", "spec: {volumeMode: Filesystem, resources: {requests: {storage: 1024Mi}}}"},
		{"v1", "Secret", "stringData: {a: b}", "data: {a: Yg==}\ntype: Opaque"},
		{"v1", "Secret", "data: {a: eA==}\nstringData: {a: b}", "data: {a: Yg==}"},
		{"v1", "Namespace", "", "spec: {finalizers: [kubernetes]}"},
		{"v1", "Pod", "spec: {hostNetwork: true, containers: [{name: a, image: i, ports: [{containerPort: 80}], resources: {limits: {cpu: 1}}}]}", "spec: {enableServiceLinks: true, hostNetwork: true, containers: [{name: a, image: i, imagePullPolicy: Always, ports: [{containerPort: 80, hostPort: 80}], resources: {limits: {cpu: 1}, requests: {cpu: 1000m}}}]}"},
		{"v1", "Pod", "spec: {serviceAccountName: s}", "spec: {serviceAccount: s}"},
		{"v1", "Pod", "spec: {volumes: [{name: s, secret: {secretName: s}}, {name: h, hostPath: {path: /}}]}", "spec: {volumes: [{name: s, secret: {secretName: s, defaultMode: 0644}}, {name: h, hostPath: {path: /, type: ''}}]}"},
		{"apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec: {names: {kind: Widget, plural: widgets}}", "spec: {conversion: {strategy: None}, names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}}"},
		{"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "webhooks: [{name: a, rules: [{resources: [pods]}], clientConfig: {service: {name: s, namespace: n}}}]", "webhooks: [{name: a, failurePolicy: Fail, matchPolicy: Equivalent, namespaceSelector: {}, objectSelector: {}, timeoutSeconds: 10, rules: [{resources: [pods], scope: '*'}], clientConfig: {service: {name: s, namespace: n, port: 443}}}]"},
		{"scheduling.k8s.io/v1", "PriorityClass", "value: 5", "value: 5\npreemptionPolicy: PreemptLowerPriority"},
		{"v1", "Event", "firstTimestamp: 2026-01-02T03:04:05Z", "firstTimestamp: '2026-01-02T04:04:05+01:00'"},
	} {
		old, now := manifest(c.apiVersion, c.kind, c.old), manifest(c.apiVersion, c.kind, c.now)
		wantEdits(t, old, now, Options{})
		if c.kind != "Service" || !strings.Contains(c.old, "clusterIP") && !strings.Contains(c.old, "nodePort") {
			wantEdits(t, now, old, Options{})
		}
	}
}

func TestEditsOfKinds(t *testing.T) {
	for _, c := range []struct {
		apiVersion, kind, old, now string
		want                       []string
	}{
		{"v1", "Secret", "data: {a: eA==}", "stringData: {a: b}", []string{"data.a: eA== -> b secret"}},
		{"v1", "Secret", "data: {tls.crt: eA==}", "data: {tls.crt: '!'}", []string{"data[tls.crt]: eA== -> ! secret mistyped: no valid value"}},
		{"v1", "ConfigMap", "data: {a: b}", "data: {c: d}", []string{"data.a: b -> -", "data.c: - -> d"}},
		{"v1", "Service", "spec: {ports: [{name: http, port: 80}]}", "spec: {ports: [{name: http, port: 8080}]}", []string{
			"spec.ports[port=80,protocol=TCP].port: 80 -> 8080", "spec.ports[port=80,protocol=TCP].targetPort: (80) -> (8080)",
		}},
		{"v1", "Service", "spec: {type: LoadBalancer, ports: [{port: 80, nodePort: 30080}]}", "spec: {ports: [{port: 80}]}", []string{"spec.type: LoadBalancer -> (ClusterIP)"}},
		{"v1", "Service", "spec: {clusterIP: None, ports: [{port: 80}]}", "spec: {clusterIP: 10.0.0.1, ports: [{port: 80}]}", []string{"spec.clusterIP: None -> 10.0.0.1"}},
		{"networking.k8s.io/v1", "NetworkPolicy", "spec: {ingress: [{}]}", "spec: {ingress: [{}], egress: [{}]}", []string{"spec.egress: - -> []", "spec.policyTypes[1]: - -> (Egress)"}},
		{"rbac.authorization.k8s.io/v1", "Role", "rules: [{verbs: [get, list, watch]}]", "rules: [{verbs: [get, create, list, watch]}]", []string{"rules[0].verbs[1]: - -> create"}},
		{"v1", "Pod", "spec: {containers: [{name: a, args: [x, p]}]}", "spec: {containers: [{name: a, args: [x, z]}, {name: b, imagepullpolicy: Always}]}", []string{
			"spec.containers[name=a].args[1]: p -> z", "spec.containers[name=b]: - -> {}", "spec.containers[name=b].imagepullpolicy: - -> Always unknown",
		}},
		{"v1", "Pod", "spec: {activeDeadlineSeconds: 5}", "spec: {activeDeadlineSeconds: 5.5}", []string{"spec.activeDeadlineSeconds: 5 -> 5.5 mistyped: no whole number of 64 bits"}},
		{"v1", "Pod", "spec: {containers: [{name: a}]}", "spec: {containers: {name: a}}", []string{"spec.containers: [] -> {} mistyped: an object where a list is wanted"}},
		{"v1", "Pod", "spec: {nodeName: a}", "spec: [a]", []string{"spec: {} -> [] mistyped: a list where an object is wanted"}},
		{"apps/v1", "StatefulSet", "spec: {updateStrategy: {type: RollingUpdate}}", "spec: {}", []string{"spec.updateStrategy.rollingUpdate: - -> ({maxUnavailable: 1, partition: 0})"}},
		{"example.com/v1", "Widget", "spec: {size: 1, parts: [{name: a}]}", "spec: {size: 1.0, parts: [{name: b}], empty: {}}", []string{"spec.empty: - -> {}", "spec.parts[0].name: a -> b"}},
	} {
		wantEdits(t, manifest(c.apiVersion, c.kind, c.old), manifest(c.apiVersion, c.kind, c.now), Options{}, c.want...)
	}
}

func TestVersionsDecideWhichFieldsExist(t *testing.T) {
	old, now := manifest("v1", "Pod", "spec: {hostname: a}"), manifest("v1", "Pod", "spec: {hostname: a, hostnameOverride: b}")
	wantEdits(t, old, now, Options{Version: 33}, "spec.hostnameOverride: - -> b unknown")
	wantEdits(t, old, now, Options{Version: 34}, "spec.hostnameOverride: - -> b")
}

func TestAnotherVersionOfTheAPI(t *testing.T) {
	c := Compare(parseObject(t, manifest("autoscaling/v1", "HorizontalPodAutoscaler", "spec: {maxReplicas: 3, targetCPUUtilizationPercentage: 50}")),
		parseObject(t, manifest("autoscaling/v2", "HorizontalPodAutoscaler", "spec: {maxReplicas: 4, metrics: [{type: Resource}]}")), Options{})
	if len(c.Edits) != 1 || c.Edits[0].Path != "spec.maxReplicas" || len(c.Notes) != 2 || !strings.Contains(c.Notes[1], "2 of the fields") {
		t.Errorf("%+v %q", c.Edits, c.Notes)
	}
	old := parseObject(t, manifest("policy/v1beta1", "PodDisruptionBudget", "spec: {minAvailable: 1}"))
	c = Compare(old, parseObject(t, manifest("policy/v1beta1", "PodDisruptionBudget", "spec: {minAvailable: 2}")), Options{})
	if len(c.Edits) != 1 || c.Edits[0].Unknown || len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "not served by 1.37") {
		t.Errorf("%+v %q", c.Edits, c.Notes)
	}
	c = Compare(parseObject(t, manifest("example.com/v1", "Widget", "a: 1")), parseObject(t, manifest("example.com/v1", "Widget", "a: 2")), Options{})
	if len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "no built-in kind") {
		t.Errorf("%q", c.Notes)
	}
}

// shuffled puts the fields of maps in another order; lists stay.
func shuffled(r *rand.Rand, v kubeobj.Value) kubeobj.Value {
	v.Items = slices.Clone(v.Items)
	for i := range v.Items {
		v.Items[i] = shuffled(r, v.Items[i])
	}
	if v.Kind == kubeobj.Map {
		r.Shuffle(len(v.Items), func(i, j int) { v.Items[i], v.Items[j] = v.Items[j], v.Items[i] })
	}
	return v
}

// The order of fields is nothing; and what goes one way comes back the other.
func TestOrderAndDirection(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	o := parseObject(t, deployment)
	for _, text := range []string{"replicas: 1", "replicas: 2"} {
		other := parseObject(t, swap("spec:\n  selector", "spec:\n  "+text+"\n  selector"))
		want := len(Compare(o, other, Options{}).Edits)
		for range 50 {
			a, b := *o, *other
			a.Root, b.Root = shuffled(r, o.Root), shuffled(r, other.Root)
			if n := len(Compare(&a, &b, Options{}).Edits); n != want {
				t.Fatalf("%d edits, want %d", n, want)
			}
			if n := len(Compare(&b, &a, Options{}).Edits); n != want {
				t.Fatalf("%d edits back, want %d", n, want)
			}
		}
	}
}

func TestQuantitiesOfAnySize(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"1e3", "1000", true},
		{"1k", "1000", true},
		{"0.5", "500m", true},
		{"1Ki", "1024", true},
		{"0", "0m", true},
		{"-1", "-1000m", true},
		{"1", "2", false},
		{"1Mi", "1M", false},
		{"100n", "1m", true},
		{"9223372036854775808", "9223372036854775808", true},
		{"1e999999999", "1e99999999", false},
	} {
		text := func(q string) string {
			return manifest("v1", "ResourceQuota", "spec: {hard: {cpu: '"+q+"'}}")
		}
		if got := len(compareTexts(t, text(c.a), text(c.b), Options{})) == 0; got != c.same {
			t.Errorf("%s and %s: same %v", c.a, c.b, got)
		}
	}
}

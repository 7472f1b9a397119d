package edits

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"polygraph/internal/kubeschema"
)

// aside are fields that a walk leaves alone: who an object is, and what would make
// one edit disturb others or keep its pods from starting, where an edit of them
// says nothing (people.yaml has such edits on purpose).
var aside = []string{
	"apiVersion", "kind", "name", "namespace", "status", "ownerReferences", "finalizers", "managedFields", "generateName", "uid",
	"resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink",
	"globalDefault", "clusterName",
	// Its pods would wait: for a node, a class, an account, a claim, a port, another scheduler.
	"nodeName", "nodeSelector", "affinity", "schedulerName", "priorityClassName", "priority", "runtimeClassName", "overhead",
	"serviceAccountName", "serviceAccount", "nodePort", "hostPort", "hostNetwork", "volumes", "volumeMounts", "volumeDevices", "resourceClaims", "claims",
	"schedulingGates", "readinessGates", "topologySpreadConstraints", "os", "workloadRef", "schedulingGroup", "resources", "minReadySeconds",
	"activeDeadlineSeconds", "schedule", "template", "jobTemplate", "data", "binaryData", "restartPolicy",
	"preemptionPolicy", // must be the one of the class
}

// but are those of aside that are walked all the same, where they are another
// thing.
var but = map[string][]string{
	"template":  {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "PodTemplate"},
	"resources": {"PersistentVolumeClaim"}, "preemptionPolicy": {"PriorityClass"},
	"data": {"ConfigMap", "Secret"}, "binaryData": {"ConfigMap"}, "jobTemplate": {"CronJob"},
}

// words are values that fields of these names take; others take any.
var words = map[string][]string{
	"imagePullPolicy": {"Always", "IfNotPresent", "Never"}, "protocol": {"TCP", "UDP", "SCTP"}, "dnsPolicy": {"Default", "ClusterFirst", "ClusterFirstWithHostNet"},
	"operator": {"Exists"}, "effect": {"NoSchedule", "PreferNoSchedule"}, "terminationMessagePolicy": {"File", "FallbackToLogsOnError"},
	"sessionAffinity": {"None", "ClientIP"}, "internalTrafficPolicy": {"Cluster", "Local"}, "externalTrafficPolicy": {"Cluster", "Local"},
	"ipFamilyPolicy": {"SingleStack", "PreferDualStack"}, "pathType": {"Exact", "Prefix", "ImplementationSpecific"},
	"podManagementPolicy": {"OrderedReady", "Parallel"}, "concurrencyPolicy": {"Allow", "Forbid", "Replace"}, "completionMode": {"NonIndexed", "Indexed"},
	"podReplacementPolicy": {"Failed", "TerminatingOrFailed"}, "preemptionPolicy": {"Never", "PreemptLowerPriority"},
	"reclaimPolicy": {"Delete", "Retain"}, "persistentVolumeReclaimPolicy": {"Delete", "Retain"}, "volumeBindingMode": {"Immediate", "WaitForFirstConsumer"},
	"accessModes": {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"}, "volumeMode": {"Filesystem", "Block"}, "policyTypes": {"Ingress", "Egress"},
	"fsGroupPolicy": {"File", "None", "ReadWriteOnceWithFSType"}, "volumeLifecycleModes": {"Persistent", "Ephemeral"}, "timeZone": {"Europe/Berlin", "Etc/UTC"},
	"unhealthyPodEvictionPolicy": {"IfHealthyBudget", "AlwaysAllow"}, "whenDeleted": {"Retain", "Delete"}, "whenScaled": {"Retain", "Delete"},
	"addressType": {"IPv4", "IPv6", "FQDN"}, "selectPolicy": {"Max", "Min", "Disabled"}, "trafficDistribution": {"PreferClose", "PreferSameNode"},
	"mode": {"auto", "manual"}, "verbs": {"get", "list", "watch", "update"}, "externalName": {"a.example.com", "b.example.com"},
	"clusterIP": {"None"}, "loadBalancerIP": {"198.51.100.1"}, "externalIPs": {"198.51.100.1"}, "loadBalancerSourceRanges": {"198.51.100.0/24"},
	"ip": {"198.51.100.1"}, "procMount": {"Default"}, "fsGroupChangePolicy": {"Always", "OnRootMismatch"}, "supplementalGroupsPolicy": {"Merge", "Strict"},
	"scheme": {"HTTP", "HTTPS"}, "path": {"/", "/ready", "/live"}, "mountPath": {"/a", "/b"}, "strategy": {}, "type": {"RollingUpdate", "OnDelete", "Recreate"},
	"restartPolicy": {"Always"}, "key": {"spot", "example.com/key"}, "name": {"more", "other"},
}

// walk are the changes of one field each that the type of an object offers: each
// field that there is gets another value and goes away, each that there is not
// comes, lists and maps grow and shrink.
type walk struct {
	random  *rand.Rand
	version kubeschema.Version
	kind    string
	out     []change
}

func walked(random *rand.Rand, v kubeschema.Version, u *unstructured.Unstructured) []change {
	gvk := u.GroupVersionKind()
	t, ok := kubeschema.Lookup(gvk.Group, gvk.Version, gvk.Kind)
	if !ok {
		return nil
	}
	w := &walk{random: random, version: v, kind: gvk.Kind}
	w.object(t, u.Object, "")
	return w.out
}

func (w *walk) add(at string, v any) { w.out = append(w.out, change{at: v}) }

func (w *walk) leaves(name string) bool {
	return slices.Contains(aside, name) && !slices.Contains(but[name], w.kind)
}

func (w *walk) object(t *kubeschema.Type, have map[string]any, at string) {
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Since > w.version || f.Until < w.version || w.leaves(f.Name) {
			continue
		}
		path := at + "/" + f.Name
		old, ok := have[f.Name]
		if !ok {
			if v := w.value(f.Type, f.Name, 0); v != nil {
				w.add(path, v)
			}
			continue
		}
		if at != "" {
			w.add(path, nil)
		}
		w.present(f.Type, f.Name, old, path)
	}
}

func (w *walk) present(t *kubeschema.Type, name string, old any, at string) {
	switch have := old.(type) {
	case map[string]any:
		if t.Shape == kubeschema.Struct {
			w.object(t, have, at)
			return
		}
		if t.Elem != nil {
			w.add(at+"/added", w.value(t.Elem, name, 1))
		}
		for _, key := range slices.Sorted(maps.Keys(have)) {
			path := at + "/" + strings.ReplaceAll(key, "/", "~1")
			w.add(path, nil)
			if t.Elem != nil {
				w.present(t.Elem, key, have[key], path)
			}
		}
	case []any:
		if t.Elem == nil {
			return
		}
		w.add(at+"/-", w.value(t.Elem, name, 1))
		for i := range have {
			path := at + "/" + strconv.Itoa(i)
			w.add(path, nil)
			w.present(t.Elem, name, have[i], path)
		}
	default:
		if v := w.other(t, name, old); v != nil {
			w.add(at, v)
		}
	}
}

// other is another value than the old one.
func (w *walk) other(t *kubeschema.Type, name string, old any) any {
	switch old := old.(type) {
	case bool:
		return !old
	case int64:
		return old + 1
	case string:
		if choice := slices.DeleteFunc(slices.Clone(words[name]), func(s string) bool { return s == old }); len(choice) > 0 {
			return choice[w.random.IntN(len(choice))]
		}
		switch t.Shape {
		case kubeschema.Quantity:
			return "2" + old
		case kubeschema.Bytes:
			return "b3RoZXI="
		}
		return old + "x"
	}
	return w.value(t, name, 0)
}

// value is one that fits a field that is not there.
func (w *walk) value(t *kubeschema.Type, name string, depth int) any {
	switch t.Shape {
	case kubeschema.Scalar:
		switch {
		case t.Basic == "bool":
			return w.random.IntN(2) == 0
		case t.Basic != "string":
			return int64(1 + w.random.IntN(3))
		}
		if choice := words[name]; len(choice) > 0 {
			return choice[w.random.IntN(len(choice))]
		}
		return "added"
	case kubeschema.Quantity:
		return "1Mi"
	case kubeschema.IntOrString:
		return int64(1)
	case kubeschema.Time, kubeschema.MicroTime:
		return "2026-01-01T00:00:00Z"
	case kubeschema.Duration:
		return "5s"
	case kubeschema.Bytes:
		return "YWRkZWQ="
	case kubeschema.Raw:
		return map[string]any{"added": "yes"}
	case kubeschema.Map:
		return map[string]any{"added": w.value(t.Elem, name, depth+1)}
	case kubeschema.List:
		return []any{w.value(t.Elem, name, depth+1)}
	}
	return w.structure(t, depth)
}

// structure has what it must have, and one thing more.
func (w *walk) structure(t *kubeschema.Type, depth int) any {
	out := map[string]any{}
	if depth > 4 {
		return out
	}
	var may []*kubeschema.Field
	for i := range t.Fields {
		f := &t.Fields[i]
		switch {
		case f.Since > w.version || f.Until < w.version:
		case f.Required || slices.Contains(t.Keys, f.Name):
			out[f.Name] = w.value(f.Type, f.Name, depth+1)
		case !w.leaves(f.Name):
			may = append(may, f)
		}
	}
	if len(may) > 0 {
		f := may[w.random.IntN(len(may))]
		out[f.Name] = w.value(f.Type, f.Name, depth+1)
	}
	return out
}

// key is the same for the same change.
func (c change) key() string { return c.String() }

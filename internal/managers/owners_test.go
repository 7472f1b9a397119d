package managers

import "testing"

func TestOwners(t *testing.T) {
	x := Read(object(t, realFields))
	const container = "spec.template.spec.containers[name=web]"
	for _, c := range []struct {
		path, owned string
		want        Relation
	}{
		{"spec.replicas", "spec.replicas", Exact},
		{"spec.strategy", "spec.strategy.rollingUpdate", Inside},
		{"spec.strategy.rollingUpdate", "spec.strategy.rollingUpdate", Exact},
		{"spec.template", container, Inside},
		{container, container, Exact},
		{container + ".image", container + ".image", Exact},
		{container + ".image.name", container + ".image", Around},
		{container + ".ports[containerPort=80,protocol=TCP].containerPort", container + ".ports[containerPort=80,protocol=TCP].containerPort", Exact},
		{container + ".ports[protocol=TCP,containerPort=80]", container + ".ports[containerPort=80,protocol=TCP]", Exact},
		{"metadata.annotations[deployment.kubernetes.io/revision]", "metadata.annotations[deployment.kubernetes.io/revision]", Exact},
		{"metadata.finalizers[=a/b]", "metadata.finalizers[=a/b]", Exact},
		{"status.conditions[type=Ready].status", "status.conditions[type=Ready]", Around},
	} {
		owners := x.Owners(c.path)
		if len(owners) != 1 || owners[0].Relation != c.want || owners[0].Owned != c.owned || owners[0].At == nil {
			t.Errorf("%s: %+v", c.path, owners)
		}
	}
	for _, path := range []string{"", "spec.replica", "spec.replicasx", "spec.paused", "metadata.annotations[deployment]", container + ".ports[containerPort=81,protocol=TCP]", "[", ".", "]"} {
		if owners := x.Owners(path); len(owners) != 0 {
			t.Errorf("%q: %+v", path, owners)
		}
	}
	if len(x.Others("spec.replicas", "m")) != 0 || len(x.Others("spec.replicas", "n")) != 1 {
		t.Error("a manager is not its own other")
	}
}

// TestOwnersOfOneValue: what is replaced as a whole belongs to its owner with all
// that is in it; an empty object does not.
func TestOwnersOfOneValue(t *testing.T) {
	x := Read(object(t, `{"f:spec":{"f:selector":{},"f:template":{"f:spec":{"f:nodeSelector":{},"f:tolerations":{},"f:securityContext":{}}}}}`))
	for path, want := range map[string]Relation{
		"spec.selector.matchLabels.app":                     Whole,
		"spec.template.spec.nodeSelector[example.com/disk]": Whole,
		"spec.template.spec.tolerations[0].key":             Whole,
		"spec.template.spec.securityContext.runAsUser":      Around,
	} {
		if owners := x.Owners(path); len(owners) != 1 || owners[0].Relation != want {
			t.Errorf("%s: %+v", path, owners)
		}
	}
	// The schema of a custom resource may say otherwise.
	x.builtIn = false
	if owners := x.Owners("spec.selector.matchLabels.app"); len(owners) != 1 || owners[0].Relation != Around {
		t.Errorf("custom resource: %+v", owners)
	}
}

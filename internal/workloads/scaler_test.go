package workloads

import "testing"

// TestLeastOfEvents: the triggers cpu and memory alone never scale to none.
func TestLeastOfEvents(t *testing.T) {
	for _, c := range []struct {
		spec  string
		least int
		known bool
	}{
		{"triggers: [{type: cpu}]", 1, true},
		{"triggers: [{type: cpu}, {type: memory}]", 1, true},
		{"triggers: [{type: cpu}], minReplicaCount: 0", 1, true},
		{"triggers: [{type: memory}], minReplicaCount: 3", 3, true},
		{"triggers: [{type: memory}], minReplicaCount: 3, idleReplicaCount: 0", 3, true},
		{"triggers: [{type: cpu}], minReplicaCount: \"${MIN}\"", 0, false},
		{"triggers: [{type: cpu}, {type: kafka}]", 0, true},
		{"triggers: [{type: kafka}]", 0, true},
		{"triggers: [{type: kafka}], minReplicaCount: 2", 2, true},
		{"triggers: [{type: kafka}], minReplicaCount: 2, idleReplicaCount: 0", 0, true},
		{"triggers: []", 0, false},
		{"minReplicaCount: 2", 2, true},
		{"minReplicaCount: 2, idleReplicaCount: 0", 0, false},
		{"minReplicaCount: 0", 0, false},
		{"triggers: [{metadata: {value: \"50\"}}]", 0, false},
	} {
		_, by := graph(t, "{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: web}, spec: {scaleTargetRef: {name: web}, "+c.spec+"}}\n")
		s := Scaler{Object: by["ScaledObject/web"], Scaling: Event}
		s.bounds(s.Object, "minReplicaCount", "maxReplicaCount")
		if least, known := s.Least(); known != c.known || known && least != c.least {
			t.Errorf("%s: %d %v, want %d %v", c.spec, least, known, c.least, c.known)
		}
	}
}

package crd

import (
	"encoding/json"

	"polygraph/internal/kubeobj"
)

// lastApplied is where kubectl apply keeps what it applied.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// applied is what the server is asked to store when the manifest is applied to
// the live object: what the manifest leaves out stays, unless it had been applied
// before; lists are replaced (k8s.io/apimachinery/pkg/util/jsonmergepatch,
// CreateThreeWayJSONMergePatch). Without the annotation nobody knows what had
// been applied: sure is false.
func applied(manifest, live map[string]any, o *kubeobj.Object) (merged map[string]any, sure bool) {
	var before map[string]any
	text := o.Annotation(lastApplied)
	sure = text != "" && json.Unmarshal([]byte(text), &before) == nil
	return merge(manifest, live, before), sure
}

func merge(manifest, live, before map[string]any) map[string]any {
	out := make(map[string]any, len(live))
	for key, v := range live {
		if _, had := before[key]; !had {
			out[key] = v
		}
	}
	for key, v := range manifest {
		if v == nil {
			delete(out, key)
			continue
		}
		wanted, isMap := v.(map[string]any)
		there, wasMap := live[key].(map[string]any)
		if !isMap || !wasMap {
			out[key] = v
			continue
		}
		had, _ := before[key].(map[string]any)
		out[key] = merge(wanted, there, had)
	}
	return out
}

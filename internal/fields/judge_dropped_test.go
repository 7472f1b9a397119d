package fields

import (
	"strings"
	"testing"

	"polygraph/internal/kubeschema"
)

// Before 1.35 a server drops image volumes with their mounts, and with them a
// volume that was of another kind.
func TestImageVolumes(t *testing.T) {
	spec := func(mounts, volumes string) string {
		return deploymentHead + "spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: \"i:1\", volumeMounts: [" +
			mounts + "]}], volumes: [" + volumes + "]}}}"
	}
	const (
		disk  = "{name: d, emptyDir: {}}"
		image = "{name: v, image: {reference: \"data:1\"}}"
		at    = "{name: d, mountPath: /d}"
	)
	for name, c := range map[string]struct {
		old, new string
		off, on  Mechanism
		because  string // without the gate
	}{
		"a new volume and its mount": {spec(at, disk), spec(at+", {name: v, mountPath: /v}", disk+", "+image), Dropped, Replaced, "ImageVolume is off before 1.35"},
		"a new volume":               {spec(at, disk), spec(at, disk+", "+image), Dropped, Replaced, "ImageVolume is off before 1.35"},
		"another mount":              {spec(at, disk), spec(at+", {name: d, mountPath: /v}", disk), Replaced, Replaced, ""},
		"instead of another":         {spec(at, disk), spec(at, strings.Replace(image, "name: v", "name: d", 1)), Replaced, Replaced, "the volume goes, and its mounts"},
		"there already":              {spec(at, disk+", "+image), spec(at, disk+", "+strings.Replace(image, "data:1", "data:2", 1)), Replaced, Replaced, ""},
	} {
		said := false
		for v, want := range map[kubeschema.Version]Mechanism{34: c.off, 35: c.on} {
			edits, outcomes := judge(t, v, c.old, c.new)
			for i, o := range outcomes {
				if o.Mechanism != want {
					t.Errorf("%s on %s: %s is %s: %s", name, v, edits[i].Path, o.Mechanism, o.Because)
				}
				said = said || v == 34 && strings.Contains(o.Because, c.because)
			}
		}
		if !said {
			t.Errorf("%s: nothing says %q", name, c.because)
		}
	}
}

// A behavior that comes with a field that is dropped is stored all the same: the
// server fills in the rest of it.
func TestDroppedInWhatIsFilledIn(t *testing.T) {
	head := "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n" + written + "spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}"
	_, outcomes := judge(t, 33, head+"}", head+", behavior: {scaleUp: {tolerance: 0.2}}}")
	if len(outcomes) != 1 || outcomes[0].Mechanism != InPlace || !strings.Contains(outcomes[0].Because, "scaleUp.tolerance in it is dropped") {
		t.Errorf("%+v", outcomes)
	}
}

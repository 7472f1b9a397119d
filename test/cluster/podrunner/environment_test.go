package podrunner

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestExpand(t *testing.T) {
	variables := map[string]string{"A": "a", "B": "$(A)", "EMPTY": ""}
	for text, want := range map[string]string{
		"":              "",
		"plain":         "plain",
		"$(A)":          "a",
		"x$(A)$(A)y":    "xaay",
		"$(B)":          "$(A)", // what is put in is not looked at again
		"$(EMPTY)":      "",
		"$(UNKNOWN)":    "$(UNKNOWN)",
		"$$(A)":         "$(A)",
		"$$$(A)":        "$a",
		"$$":            "$",
		"$":             "$",
		"$A":            "$A",
		"$(A":           "$(A",
		"$($(A))":       "$($(A))",
		"$()":           "$()",
		"cost: 5$ $(A)": "cost: 5$ a",
	} {
		if got, err := expand(text, lookup(variables)); err != nil || got != want {
			t.Errorf("%q becomes %q (%v), want %q", text, got, err, want)
		}
	}
}

// A pod of a few lines could ask for more than the machine has.
func TestExpansionHasAnEnd(t *testing.T) {
	pod := &corev1.Pod{}
	c := corev1.Container{Env: []corev1.EnvVar{{Name: "V0", Value: strings.Repeat("x", 1000)}}}
	for i := range 20 {
		c.Env = append(c.Env, corev1.EnvVar{Name: fmt.Sprint("V", i+1), Value: strings.Repeat(fmt.Sprintf("$(V%d)", i), 2)})
	}
	if _, err := environment(pod, &c, sources{}, placement{}); err == nil || !strings.Contains(err.Error(), "environment variable V8") {
		t.Errorf("variables that double twenty times: %v", err)
	}
	many := corev1.Container{Env: []corev1.EnvVar{{Name: "V", Value: strings.Repeat("x", maxText)}}}
	for i := range 100 {
		many.Env = append(many.Env, corev1.EnvVar{Name: fmt.Sprint("W", i), Value: "$(V)"})
	}
	if _, err := environment(pod, &many, sources{}, placement{}); err == nil || !strings.Contains(err.Error(), "with it there are more than") {
		t.Errorf("a hundred variables of the longest kind: %v", err)
	}
	if _, err := expandAll(strings.Fields(strings.Repeat("$(V) ", 100)), map[string]string{"V": many.Env[0].Value}); !errors.Is(err, errTooLong) {
		t.Errorf("a hundred arguments of the longest kind: %v", err)
	}
}

func FuzzExpand(f *testing.F) {
	for _, seed := range []string{"$(A)", "$$(A)", "$(", "$", "\xff$(A)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		nothing := func(string) (string, bool) { return "", false }
		if got, err := expand(text, nothing); err == nil && !strings.Contains(text, "$$") && got != text {
			t.Errorf("%q becomes %q although nothing is known", text, got)
		}
		escaped := strings.ReplaceAll(text, "$", "$$")
		if got, err := expand(escaped, func(string) (string, bool) { return "known", true }); err == nil && got != text {
			t.Errorf("%q, escaped, becomes %q", text, got)
		}
	})
}

// shelf has one ConfigMap and one Secret.
func shelf() sources {
	missing := func(name string) error { return apierrors.NewNotFound(schema.GroupResource{Resource: "things"}, name) }
	return sources{
		configMap: func(name string) (*corev1.ConfigMap, error) {
			if name != "settings" {
				return nil, missing(name)
			}
			return &corev1.ConfigMap{Data: map[string]string{"colour": "green", "size": "9"}}, nil
		},
		secret: func(name string) (*corev1.Secret, error) {
			if name != "keys" {
				return nil, missing(name)
			}
			return &corev1.Secret{Data: map[string][]byte{"token": []byte("hush"), "bad": {'a', 0}}}, nil
		},
	}
}

func TestEnvironment(t *testing.T) {
	yes := true
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "n", UID: "u", Labels: map[string]string{"app.kubernetes.io/name": "shop"}, Annotations: map[string]string{"a": "b"}},
		Spec:       corev1.PodSpec{NodeName: "node", ServiceAccountName: "account"},
	}
	at := placement{podIP: "198.18.0.7", hostIP: "198.18.0.1", allocatable: corev1.ResourceList{"memory": resource.MustParse("8Gi")}}
	named := func(name string) corev1.LocalObjectReference { return corev1.LocalObjectReference{Name: name} }
	value := func(name, text string) corev1.EnvVar { return corev1.EnvVar{Name: name, Value: text} }
	from := func(source corev1.EnvVarSource) corev1.EnvVar { return corev1.EnvVar{Name: "X", ValueFrom: &source} }
	path := func(path string) corev1.EnvVar {
		return from(corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: path}})
	}
	setting := func(object, key string, optional *bool) corev1.EnvVar {
		return from(corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{LocalObjectReference: named(object), Key: key, Optional: optional}})
	}
	secret := func(object, key string, optional *bool) corev1.EnvVar {
		return from(corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: named(object), Key: key, Optional: optional}})
	}
	amount := func(what, divisor string) corev1.EnvVar {
		return from(corev1.EnvVarSource{ResourceFieldRef: &corev1.ResourceFieldSelector{Resource: what, Divisor: resource.MustParse(divisor)}})
	}
	whole := corev1.EnvFromSource{Prefix: "S_", ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: named("settings")}}
	for name, c := range map[string]struct {
		from []corev1.EnvFromSource
		env  []corev1.EnvVar
		want map[string]string // nil: an error that says the following
		says string
	}{
		"nothing":              {want: map[string]string{}},
		"earlier ones":         {env: []corev1.EnvVar{value("A", "1"), value("B", "$(A)2"), value("C", "$(D)"), value("D", "x")}, want: map[string]string{"A": "1", "B": "12", "C": "$(D)", "D": "x"}},
		"empty":                {env: []corev1.EnvVar{value("A", "")}, want: map[string]string{"A": ""}},
		"a whole ConfigMap":    {from: []corev1.EnvFromSource{whole}, env: []corev1.EnvVar{value("A", "$(S_colour)"), value("S_size", "10")}, want: map[string]string{"S_colour": "green", "S_size": "10", "A": "green"}},
		"a missing one":        {from: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: named("none")}}}, says: `"none" not found`},
		"an optional one":      {from: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: named("none"), Optional: &yes}}}, want: map[string]string{}},
		"name":                 {env: []corev1.EnvVar{path("metadata.name")}, want: map[string]string{"X": "p"}},
		"namespace":            {env: []corev1.EnvVar{path("metadata.namespace")}, want: map[string]string{"X": "n"}},
		"uid":                  {env: []corev1.EnvVar{path("metadata.uid")}, want: map[string]string{"X": "u"}},
		"label":                {env: []corev1.EnvVar{path("metadata.labels['app.kubernetes.io/name']")}, want: map[string]string{"X": "shop"}},
		"annotation":           {env: []corev1.EnvVar{path("metadata.annotations['a']")}, want: map[string]string{"X": "b"}},
		"no such label":        {env: []corev1.EnvVar{path("metadata.labels['a']")}, want: map[string]string{"X": ""}},
		"node":                 {env: []corev1.EnvVar{path("spec.nodeName")}, want: map[string]string{"X": "node"}},
		"account":              {env: []corev1.EnvVar{path("spec.serviceAccountName")}, want: map[string]string{"X": "account"}},
		"address":              {env: []corev1.EnvVar{path("status.podIP")}, want: map[string]string{"X": "198.18.0.7"}},
		"addresses":            {env: []corev1.EnvVar{path("status.podIPs")}, want: map[string]string{"X": "198.18.0.7"}},
		"host":                 {env: []corev1.EnvVar{path("status.hostIP")}, want: map[string]string{"X": "198.18.0.1"}},
		"unknown field":        {env: []corev1.EnvVar{path("status.phase")}, says: "fieldRef status.phase is not known"},
		"key":                  {env: []corev1.EnvVar{setting("settings", "size", nil)}, want: map[string]string{"X": "9"}},
		"missing key":          {env: []corev1.EnvVar{setting("settings", "no", nil)}, says: "no key no in ConfigMap n/settings"},
		"optional key":         {env: []corev1.EnvVar{setting("settings", "no", &yes)}, want: map[string]string{}},
		"optional map":         {env: []corev1.EnvVar{setting("none", "no", &yes)}, want: map[string]string{}},
		"missing map":          {env: []corev1.EnvVar{setting("none", "no", nil)}, says: `"none" not found`},
		"secret":               {env: []corev1.EnvVar{secret("keys", "token", nil)}, want: map[string]string{"X": "hush"}},
		"missing secret key":   {env: []corev1.EnvVar{secret("keys", "no", nil)}, says: "no key no in Secret n/keys"},
		"NUL":                  {env: []corev1.EnvVar{secret("keys", "bad", nil)}, says: "NUL"},
		"CPU request":          {env: []corev1.EnvVar{amount("requests.cpu", "0")}, want: map[string]string{"X": "2"}}, // 1500m, rounded up
		"CPU in thousandths":   {env: []corev1.EnvVar{amount("requests.cpu", "1m")}, want: map[string]string{"X": "1500"}},
		"memory request":       {env: []corev1.EnvVar{amount("requests.memory", "1Mi")}, want: map[string]string{"X": "3"}}, // 2.5Mi
		"limit of the node":    {env: []corev1.EnvVar{amount("limits.memory", "1Gi")}, want: map[string]string{"X": "8"}},
		"neither":              {env: []corev1.EnvVar{amount("memory", "1")}, says: "neither"},
		"a file, which is not": {env: []corev1.EnvVar{from(corev1.EnvVarSource{})}, says: "none of"},
	} {
		container := &corev1.Container{EnvFrom: c.from, Env: c.env, Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{"cpu": resource.MustParse("1500m"), "memory": resource.MustParse("2560Ki")},
		}}
		got, err := environment(pod, container, shelf(), at)
		switch {
		case c.want == nil && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v, %v; want an error that says %q", name, got, err, c.says)
		case c.want != nil && (err != nil || !maps.Equal(got, c.want)):
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
}

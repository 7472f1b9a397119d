package fields

import (
	"slices"
	"testing"

	"polygraph/internal/kubeschema"
)

func TestMutable(t *testing.T) {
	for _, c := range []struct {
		kind, field string
		version     kubeschema.Version
		absent      bool
		want        []Mechanism
	}{
		{"Deployment", "spec.selector", 33, false, []Mechanism{Refused}},
		{"deploy", "spec.template.spec.containers[*].image", 37, false, []Mechanism{Stored, Replaced, Replaced}},
		{"STS", "spec.revisionHistoryLimit", 32, false, []Mechanism{Refused}},
		{"statefulsets.apps", "spec.revisionHistoryLimit", 33, false, []Mechanism{InPlace}},
		{"sts", "spec.volumeClaimTemplates", 37, false, []Mechanism{Refused}},
		{"Pod", "spec.containers[name=web].resources.requests.cpu", 37, false, []Mechanism{Refused}},
		{"Job", "spec.successPolicy", 29, true, nil},
		{"Job", "spec.successPolicy", 30, false, []Mechanism{Dropped, Refused}},
		{"Job", "spec.successPolicy", 31, false, []Mechanism{Refused}},
		{"secret", "data[tls.crt]", 37, false, []Mechanism{Refused, Refused, InPlace}},
		{"pvc", "spec.volumeAttributesClassName", 33, false, []Mechanism{Dropped, Refused}},
		{"pvc", "spec.volumeAttributesClassName", 34, false, []Mechanism{Refused, InPlace}},
		{"ValidatingAdmissionPolicy", "spec.failurePolicy", 29, false, []Mechanism{InPlace}},
		{"ing", "spec.rules.host", 37, false, []Mechanism{InPlace}},
		{"hpa", "status.currentReplicas", 37, false, []Mechanism{Dropped}},
		{"Service", "metadata.labels[app.kubernetes.io/name]", 37, false, []Mechanism{Refused, InPlace}},
	} {
		cells, err := Mutable(c.kind, c.field)
		if err != nil {
			t.Errorf("%s %s: %v", c.kind, c.field, err)
			continue
		}
		cell := cells[c.version-kubeschema.Oldest]
		var got []Mechanism
		for _, o := range cell.Cases {
			got = append(got, o.Mechanism)
		}
		if cell.Version != c.version || cell.Absent != c.absent || !slices.Equal(got, c.want) {
			t.Errorf("%s %s on %s: %v %+v", c.kind, c.field, c.version, cell.Absent, cell.Cases)
		}
	}
	for _, c := range [][2]string{{"Widget", "spec"}, {"Pod", "spec.contaners"}, {"Pod", "spec"}, {"Pod", ""}, {"", "spec.a"}} {
		if _, err := Mutable(c[0], c[1]); err == nil {
			t.Errorf("%v was answered", c)
		}
	}
}

// Every field of every kind is answered, and the last case depends on nothing.
func TestEveryFieldHasAnAnswer(t *testing.T) {
	n := 0
	for _, kind := range KindsKnown() {
		for _, top := range FieldsOf(kind, "") {
			fields := append(FieldsOf(kind, top), top)
			for _, f := range fields {
				if f == "spec" || f == "metadata" || f == "template" {
					continue
				}
				cells, err := Mutable(kind, f)
				if err != nil {
					t.Errorf("%s %s: %v", kind, f, err)
					continue
				}
				for _, c := range cells {
					if c.Absent {
						continue
					}
					n++
					if len(c.Cases) == 0 || c.Cases[len(c.Cases)-1].If != "" || c.Cases[len(c.Cases)-1].Mechanism == Unknown {
						t.Errorf("%s %s on %s: %+v", kind, f, c.Version, c.Cases)
					}
				}
			}
		}
	}
	t.Log(len(KindsKnown()), "kinds,", n, "cells")
}

func TestSplit(t *testing.T) {
	for in, want := range map[string][2]string{
		"Deployment.spec.selector":             {"Deployment", "spec.selector"},
		"deploy.spec.replicas":                 {"deploy", "spec.replicas"},
		"Deployment.apps.spec.selector":        {"Deployment.apps", "spec.selector"},
		"Ingress.networking.k8s.io.spec.rules": {"Ingress.networking.k8s.io", "spec.rules"},
		"pvc.spec.resources.requests[storage]": {"pvc", "spec.resources.requests[storage]"},
		"Secret.type":                          {"Secret", "type"},
		"Widget.spec":                          {"", ""},
		"Deployment":                           {"", ""},
		"":                                     {"", ""},
	} {
		kind, field, ok := Split(in)
		if kind != want[0] || field != want[1] || ok != (want[0] != "") {
			t.Errorf("%s: %s %s %v", in, kind, field, ok)
		}
	}
}

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
		{"pvc", "spec.volumeAttributesClassName", 34, false, []Mechanism{Refused, Refused, Refused, InPlace}},
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

// What is proven is proven on the releases that were asked, and interpolated on
// the others.
func TestProven(t *testing.T) {
	for _, argument := range []string{
		"Deployment.spec.selector", "deploy.spec.template.spec.containers[*].image", "Service.spec.clusterIP", "StatefulSet.spec.volumeClaimTemplates",
		"ConfigMap.data", "Secret.data", "Job.spec.template", "Pod.spec.containers[*].resources", "PersistentVolumeClaim.spec.resources.requests",
		"StorageClass.parameters", "Deployment.metadata.labels[app]", "CronJob.spec.schedule", "DaemonSet.spec.updateStrategy.type",
	} {
		kind, field, ok := Split(argument)
		if !ok {
			t.Errorf("%s has no kind", argument)
			continue
		}
		cells, err := Mutable(kind, field)
		if err != nil {
			t.Errorf("%s: %v", argument, err)
		}
		for _, c := range cells {
			if want := Releases()[c.Version]; c.Proven != want || c.Absent {
				t.Errorf("%s on %s: proven %q, want %q", argument, c.Version, c.Proven, want)
			}
		}
	}
	if r := Releases(); len(r) != 4 || r[29] != "1.29.6" || r[33] != "1.33.13" || r[35] != "1.35.4" || r[37] != "1.37.2" {
		t.Errorf("asked were %v", r)
	}
}

// What no code of Kubernetes was asked about is not called proven.
func TestUnproven(t *testing.T) {
	p := parseProofs("! a 1.37.2\n! b 1.35.4\nK Pod ab\n\tspec -\n\t\tnodeName a\n\t\thostname\n\tstatus -\n\n\t\t\t\ttoo deep\nK\n! x\n")
	spec := p.kinds["Pod"].fields["spec"]
	for what, is := range map[string]bool{
		"a field":                     spec.fields["nodeName"].has("a"),
		"a field on another release":  !spec.fields["nodeName"].has("b"),
		"a struct by a field in it":   spec.has("a") && !spec.has("b"),
		"a struct without any field":  !p.kinds["Pod"].fields["status"].has("a"),
		"like the line above, nobody": !spec.fields["hostname"].has("a"),
		"releases":                    len(p.releases) == 2,
	} {
		if !is {
			t.Error(what)
		}
	}
	for _, c := range [][2]string{{"Pod", "spec.nothing"}, {"Widget", "spec"}, {"Pod", ""}} {
		if got := proven(37, c[0], c[1]); got != "" && c[1] != "" {
			t.Errorf("%v is proven on %s", c, got)
		}
	}
}

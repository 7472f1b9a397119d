package tfplan

import (
	"context"
	"strings"
	"testing"

	"polygraph/internal/evidence"
)

const handed = `{"resource_changes":[{"address":"aws_sqs_queue.orders","mode":"managed","type":"aws_sqs_queue","name":"orders",` +
	`"change":{"actions":["update"],"before":{"delay_seconds":0},"after":{"delay_seconds":5}}}],"terraform_version":"1.11.4"}`

// TestHandOffs: a plan that another tool hands on inside a document of its own.
func TestHandOffs(t *testing.T) {
	for name, c := range map[string]struct{ text, inside string }{
		"terraform show -json":        {handed, ""},
		"Spacelift plan policy":       {`{"cloudformation":null,"spacelift":{"run":{"changes":[{"plan":{"x":1}}]}},"terraform":` + handed + `}`, "/terraform"},
		"HCP Terraform, OPA":          {`{"plan":` + handed + `,"run":{"id":"run-1","workspace":{"name":"acme"}}}`, "/plan"},
		"Scalr":                       {`{"tfplan":` + handed + `,"tfrun":{"source":"vcs"}}`, "/tfplan"},
		"HCP Terraform, redacted":     {`{"plan_format_version":"1.2",` + handed[1:], ""},
		"a plan with such a variable": {`{"format_version":"1.2","variables":{"plan":{"value":1}},` + handed[1:], ""},
	} {
		t.Run(name, func(t *testing.T) {
			if kind, problem := Detect("x.json", []byte(c.text)); kind != Kind() || problem != nil {
				t.Fatalf("detected as %v, %v", kind, problem)
			}
			p, err := Read(context.Background(), &evidence.Item{Path: "x.json", Blob: evidence.Bytes([]byte(c.text))}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Changes) != 1 || p.Inside != c.inside || p.Terraform != "1.11.4" {
				t.Fatalf("%d changes inside %q, Terraform %q", len(p.Changes), p.Inside, p.Terraform)
			}
			change := &p.Changes[0]
			if got, want := p.Pointer(change, "/change/after"), c.inside+"/resource_changes/0/change/after"; got != want {
				t.Errorf("pointer %s, want %s", got, want)
			}
			d, err := p.Detail(change)
			if err != nil || d.After["delay_seconds"] == nil {
				t.Errorf("read again: %v, %v", d, err)
			}
		})
	}
}

// TestWhatIsNoHandOff: documents with a member of such a name and no plan in it.
func TestWhatIsNoHandOff(t *testing.T) {
	for name, text := range map[string]string{
		"a run task":        `{"plan":{"id":"plan-1"},"run":{"id":"run-1"}}`,
		"package settings":  `{"terraform":{"version":"1.11"}}`,
		"a plan in a plan":  `{"plan":{"plan":` + handed + `}}`,
		"a list":            `{"plan":[` + handed + `]}`,
		"deep inside":       `{"a":{"terraform":` + handed + `}}`,
		"the log of a plan": `{"@level":"info","@message":"Terraform 1.11.4","@module":"terraform.ui","type":"version"}` + "\n" + `{"@level":"info"}`,
	} {
		t.Run(name, func(t *testing.T) {
			kind, problem := Detect("x.json", []byte(text))
			if kind != nil {
				t.Errorf("taken for a plan")
			}
			if logged := strings.Contains(name, "log"); logged != (problem != nil) {
				t.Errorf("problem: %v", problem)
			}
			if p, err := Read(context.Background(), &evidence.Item{Path: "x.json", Blob: evidence.Bytes([]byte(text))}, Options{}); err == nil {
				t.Errorf("read as a plan of %d changes", len(p.Changes))
			}
		})
	}
}

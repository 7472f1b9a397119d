package change

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// workers is a plan that sets back an autoscaling group, or makes it again.
func workers(drift, change string) []byte {
	const arn = `"id":"acme-prod-workers","arn":"arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:7f:autoScalingGroupName/acme-prod-workers",`
	fill := func(s string) string { return strings.ReplaceAll(s, "{@", "{"+arn) }
	entry := func(body string) string {
		return `{"address":"aws_autoscaling_group.w","mode":"managed","type":"aws_autoscaling_group","name":"w","change":` + fill(body) + `}`
	}
	return []byte(`{"format_version":"1.2","timestamp":"2026-01-01T00:00:00Z","planned_values":{"root_module":{}},"resource_changes":[` + entry(change) + `],"resource_drift":[` + entry(drift) + `],"configuration":{"root_module":{}}}`)
}

func call(when, who, name, agent, params string) string {
	return fmt.Sprintf(`{"eventID":%q,"eventTime":%q,"eventSource":"autoscaling.amazonaws.com","eventName":%q,"awsRegion":"eu-west-1","userAgent":%q,"readOnly":false,"userIdentity":{"type":"IAMUser","userName":%q},"requestParameters":{"autoScalingGroupName":"acme-prod-workers"%s}}`,
		when+who, when, name, agent, who, params)
}

// judged examines a plan beside events and returns what CHG004 says, and the
// rows of the table of drift.
func judged(t *testing.T, plan []byte, events ...string) (found []finding.Finding, rows []string) {
	t.Helper()
	items := []*evidence.Item{{Kind: evidence.TerraformPlan(), Path: "plan.json", Blob: evidence.Bytes(plan)}}
	if events != nil {
		text := `{"Records":[` + strings.Join(events, ",") + `]}`
		items = append(items, &evidence.Item{Kind: evidence.CloudTrail(), Path: "cloudtrail.json", Blob: evidence.Bytes([]byte(text))})
	}
	r := analysis.Runner{Analyzers: []*analysis.Analyzer{Analyzer()}, Clock: time.Now, Tables: true}
	_, err := r.Run(context.Background(), analysis.Evidence{Items: items}, func(m *run.Message) error {
		switch {
		case m.Finding != nil && m.Finding.Rule == "CHG004":
			found = append(found, *m.Finding)
		case m.Row != nil && m.Row.Table == DriftTable:
			var cells []string
			for _, c := range m.Row.Cells[1:] {
				cells = append(cells, c.Value)
			}
			rows = append(rows, strings.Join(cells, " | "))
		case m.Skip != nil:
			t.Fatalf("not examined: %+v", *m.Skip)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, rows
}

const twelve = `,"maxSize":12`

func TestDriftSaysByWhom(t *testing.T) {
	plan := workers(update(`{@"max_size":4}`, `{@"max_size":12}`, `{}`), update(`{@"max_size":12}`, `{@"max_size":4}`, `{}`))
	alice := call("2025-12-30T02:00:00Z", "alice", "UpdateAutoScalingGroup", "console.amazonaws.com", twelve)
	const terraform = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-aws/6.25.0"
	for name, c := range map[string]struct {
		events             []string
		title, proof, text string
		row                string
	}{
		"nothing given": {
			nil, "it sets back `max_size`", "",
			"Unknown writer: no CloudTrail event was given (polygraph collect aws --for drift plan.json). Find out who changed it and why.",
			"max_size | reverted | unknown | ",
		},
		"one writer": {
			[]string{alice},
			"it sets back `max_size`, by alice (console)", "wrote max_size: UpdateAutoScalingGroup of 2025-12-30 02:00:00 UTC, by alice, console",
			"Ask alice (console) why.", "max_size | reverted | alice (console) | 2025-12-30 02:00:00 UTC",
		},
		"the newest of two": {
			[]string{alice, call("2025-12-30T03:00:00Z", "bob", "UpdateAutoScalingGroup", "aws-cli/2", twelve)},
			"it sets back `max_size`, by bob (CLI)", "by alice, console", "Ask bob (CLI) why.", "max_size | reverted | bob (CLI) | 2025-12-30 03:00:00 UTC",
		},
		"another attribute": {
			[]string{call("2025-12-30T03:00:00Z", "bob", "UpdateAutoScalingGroup", "aws-cli/2", `,"healthCheckType":"ELB"`)},
			"it sets back `max_size`", "names the object, and is not known to write max_size: UpdateAutoScalingGroup", "Ask first: bob.", "max_size | reverted | perhaps bob | 2025-12-30 03:00:00 UTC",
		},
		"Terraform was last": {
			[]string{alice, call("2025-12-31T02:00:00Z", "ci", "UpdateAutoScalingGroup", terraform, twelve)},
			"it sets back `max_size`", "unknown writer: Terraform's own UpdateAutoScalingGroup of 2025-12-31", "Unknown writer: the last event", "max_size | reverted | unknown (last: Terraform) | 2025-12-31 02:00:00 UTC",
		},
		"after the plan": {
			[]string{call("2026-01-02T02:00:00Z", "alice", "UpdateAutoScalingGroup", "console.amazonaws.com", twelve)},
			"it sets back `max_size`", "", "Unknown writer: no event before the plan names the object", "max_size | reverted | unknown | ",
		},
	} {
		found, rows := judged(t, plan, c.events...)
		if len(found) != 1 || found[0].Verdict != finding.Refuted {
			t.Errorf("%s: the verdict depends on who: %+v", name, found)
			continue
		}
		f := found[0]
		if f.Title != c.title || !strings.HasPrefix(f.Remedy.Text, c.text) && !strings.Contains(f.Remedy.Text, c.text) {
			t.Errorf("%s: %q, %q", name, f.Title, f.Remedy.Text)
		}
		cited := ""
		for _, s := range f.Proof {
			if s.At.File == "cloudtrail.json" {
				cited += s.Text + " at " + s.At.Pointer + "\n"
			}
		}
		if !strings.Contains(cited, c.proof) || c.proof == "" && cited != "" || c.proof != "" && !strings.Contains(cited, "at /Records/") {
			t.Errorf("%s: the proof cites %q", name, cited)
		}
		if len(rows) != 1 || rows[0] != c.row {
			t.Errorf("%s: rows %q", name, rows)
		}
	}
}

func TestDeletedByWhom(t *testing.T) {
	plan := workers(`{"actions":["delete"],"before":{@"a":1},"after":null,"before_sensitive":{},"after_sensitive":false}`,
		`{"actions":["create"],"before":null,"after":{"a":1},"after_unknown":{"id":true},"before_sensitive":false,"after_sensitive":{}}`)
	found, rows := judged(t, plan, call("2025-12-30T02:00:00Z", "alice", "DeleteAutoScalingGroup", "aws-cli/2", ""))
	if len(found) != 1 || found[0].Title != "it was deleted outside of Terraform, by alice (CLI), and this plan creates it again" || len(rows) != 1 || rows[0] != "(the object) | created again | alice (CLI) | 2025-12-30 02:00:00 UTC" {
		t.Errorf("%+v\n%q", found, rows)
	}
}

// TestDriftTable: what the plan does with each drifted attribute, and whether
// the configuration took it over or ignores it.
func TestDriftTable(t *testing.T) {
	for name, c := range map[string]struct{ drift, change, expressions, want string }{
		"reverted":     {update(`{"a":1}`, `{"a":2}`, `{}`), update(`{"a":2}`, `{"a":1}`, `{}`), `"a":{"constant_value":1}`, "a | reverted"},
		"adopted":      {update(`{"a":1}`, `{"a":2}`, `{}`), `{"actions":["no-op"],"before":{"a":2},"after":{"a":2},"before_sensitive":{},"after_sensitive":{}}`, `"a":{"constant_value":2}`, "a | adopted"},
		"ignored":      {update(`{"a":1}`, `{"a":2}`, `{}`), `{"actions":["no-op"],"before":{"a":2},"after":{"a":2},"before_sensitive":{},"after_sensitive":{}}`, `"a":{"constant_value":1}`, "a | ignored (ignore_changes)"},
		"a reference":  {update(`{"a":1}`, `{"a":2}`, `{}`), `{"actions":["no-op"],"before":{"a":2},"after":{"a":2},"before_sensitive":{},"after_sensitive":{}}`, `"a":{"references":["var.a"]}`, "a | kept"},
		"unconfigured": {update(`{"a":1}`, `{"a":2}`, `{}`), `{"actions":["no-op"],"before":{"a":2},"after":{"a":2},"before_sensitive":{},"after_sensitive":{}}`, ``, "a | kept: not configured"},
		"a tag":        {update(`{"tags":{"x":"1"}}`, `{"tags":{"x":"2"}}`, `{}`), update(`{"tags":{"x":"2"},"b":1}`, `{"tags":{"x":"2"},"b":2}`, `{}`), `"tags":{"constant_value":{"x":"2"}}`, "tags.x | adopted"},
		"a third":      {update(`{"a":1}`, `{"a":2}`, `{}`), update(`{"a":2}`, `{"a":3}`, `{}`), `"a":{"constant_value":3}`, "a | set to a third value"},
		"unknown":      {update(`{"a":1}`, `{"a":2}`, `{}`), update(`{"a":2}`, `{}`, `{"a":true}`), `"a":{"references":["t.m.id","t.m"]}`, "a | not known until apply"},
		"computed":     {update(`{"a":1}`, `{"a":2}`, `{}`), update(`{"a":2}`, `{}`, `{"a":true}`), ``, "a | computed by the provider"},
		"destroyed":    {update(`{"a":1}`, `{"a":2}`, `{}`), `{"actions":["delete"],"before":{"a":2},"after":null,"before_sensitive":{},"after_sensitive":false}`, ``, "a | destroyed with the object"},
		"two fates":    {update(`{"a":1,"b":1}`, `{"a":2,"b":2}`, `{}`), update(`{"a":2,"b":2}`, `{"a":1,"b":2}`, `{}`), `"a":{"constant_value":1},"b":{"constant_value":2}`, "a | reverted\nb | adopted"},
		"masked":       {strings.Replace(update(`{"a":1}`, `{"a":2}`, `{}`), `"before_sensitive":{}`, `"before_sensitive":{"a":true}`, 1), update(`{"a":2}`, `{"a":1}`, `{}`), ``, "a | reverted"},
		"deleted":      {`{"actions":["delete"],"before":{"a":1},"after":null}`, `{"actions":["create"],"before":null,"after":{"a":1},"after_unknown":{"id":true}}`, ``, "(the object) | created again"},
	} {
		_, rows := judged(t, driftPlan(c.drift, c.change, c.expressions))
		want := strings.Split(c.want, "\n")
		for i := range want {
			want[i] += " | unknown | "
		}
		if strings.Join(rows, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: %q, want %q", name, rows, want)
		}
	}
}

// TestDriftTableInside: in a module, and in a plan that is a part of a document.
func TestDriftTableInside(t *testing.T) {
	entry := func(change string) string {
		return `{"address":"module.a[\"x\"].module.b.t.n[0]","module_address":"module.a[\"x\"].module.b","mode":"managed","type":"t","name":"n","index":0,"change":` + change + `}`
	}
	const conf = `"configuration":{"root_module":{"resources":[{"address":"t.n","type":"t","name":"n","expressions":{"a":{"constant_value":1}}}],"module_calls":{"a":{"source":"./a","module":{"module_calls":{"b":{"module":{"resources":[{"address":"t.n","mode":"managed","type":"t","name":"n","expressions":{"a":{"constant_value":2},"block":[{"c":{"constant_value":1}}]}}]}}}}}}}}`
	noop := `{"actions":["no-op"],"before":{"a":2},"after":{"a":2},"before_sensitive":{},"after_sensitive":{}}`
	plan := `{"format_version":"1.2",` + conf + `,"planned_values":{"root_module":{}},"resource_changes":[` + entry(noop) + `],"resource_drift":[` + entry(update(`{"a":1}`, `{"a":2}`, `{}`)) + `]}`
	for _, text := range []string{plan, `{"plan":` + plan + `}`} {
		if _, rows := judged(t, []byte(text)); len(rows) != 1 || rows[0] != "a | adopted | unknown | " {
			t.Errorf("%q", rows)
		}
	}
}

// TestEventsShowNoParameters: a request may hold secrets; names and times are
// all that is said of it.
func TestEventsShowNoParameters(t *testing.T) {
	plan := workers(update(`{@"max_size":4}`, `{@"max_size":12}`, `{}`), update(`{@"max_size":12}`, `{@"max_size":4}`, `{}`))
	found, rows := judged(t, plan, call("2025-12-30T02:00:00Z", "alice", "UpdateAutoScalingGroup", "CANARY", twelve+`,"password":"CANARY","id":"CANARY-1","tags":{"CANARY":"CANARY"}`))
	text, err := json.Marshal(found)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if strings.Contains(string(text)+strings.Join(rows, ""), "CANARY") {
		t.Errorf("%s\n%q", text, rows)
	}
}

// TestOnlyWhatSomebodyWrote: of two attributes, the one that nobody is known to
// have written is nobody's.
func TestOnlyWhatSomebodyWrote(t *testing.T) {
	plan := workers(update(`{@"max_size":4,"health_check_type":"EC2"}`, `{@"max_size":12,"health_check_type":"ELB"}`, `{}`), update(`{@"max_size":12,"health_check_type":"ELB"}`, `{@"max_size":4,"health_check_type":"EC2"}`, `{}`))
	found, rows := judged(t, plan, call("2025-12-30T02:00:00Z", "alice", "UpdateAutoScalingGroup", "console.amazonaws.com", twelve))
	if len(found) != 1 || found[0].Title != "it sets back `health_check_type`, `max_size`; `max_size` by alice (console)" {
		t.Errorf("%+v", found)
	}
	if len(rows) != 1 || rows[0] != "health_check_type, max_size | reverted | max_size: alice (console) | 2025-12-30 02:00:00 UTC" {
		t.Errorf("%q", rows)
	}
	one := workers(update(`{@"max_size":4}`, `{@"max_size":12}`, `{}`), update(`{@"max_size":12}`, `{@"max_size":4}`, `{}`))
	found, rows = judged(t, one, call("2025-12-30T02:00:00Z", "alice", "UpdateAutoScalingGroup", "console.amazonaws.com", twelve),
		call("2025-12-30T03:00:00Z", "bob", "UpdateAutoScalingGroup", "aws-cli/2", `,"maxSize":4`))
	if len(found) != 1 || found[0].Title != "it sets back `max_size`" || !strings.Contains(found[0].Remedy.Text, "another value than it has now") || !strings.Contains(rows[0], "perhaps bob") {
		t.Errorf("bob set it back, and somebody is named: %+v %q", found, rows)
	}
	found, rows = judged(t, plan, call("2025-12-30T02:00:00Z", "alice", "UpdateAutoScalingGroup", "console.amazonaws.com", twelve),
		call("2025-12-30T03:00:00Z", "", "UpdateAutoScalingGroup", "", twelve))
	if len(found) != 1 || strings.Contains(found[0].Title, "alice") || strings.Contains(rows[0], "| alice") {
		t.Errorf("the newest writer is not known, and alice is named: %+v %q", found, rows)
	}
}

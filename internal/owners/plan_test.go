package owners

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/effect"
	"polygraph/internal/evidence"
	"polygraph/internal/tfplan"
)

// change writes one entry of resource_changes.
func change(address, action, before, after, unknown string) string {
	typ, name, _ := strings.Cut(address, ".")
	return fmt.Sprintf(`{"address":%q,"mode":"managed","type":%q,"name":%q,"change":{"actions":[%q],"before":%s,"after":%s,"after_unknown":%s,"before_sensitive":{},"after_sensitive":{}}}`,
		address, typ, name, action, before, after, unknown)
}

func outcomes(t *testing.T, c effect.Case, changes ...string) []effect.Outcome {
	t.Helper()
	text := `{"format_version":"1.2","planned_values":{},"resource_changes":[` + strings.Join(changes, ",") + `],"configuration":{"root_module":{"resources":[
		{"address":"aws_security_group.g","mode":"managed","type":"aws_security_group","name":"g"},
		{"address":"aws_security_group_rule.r","mode":"managed","type":"aws_security_group_rule","name":"r","expressions":{"security_group_id":{"references":["aws_security_group.g.id","aws_security_group.g"]}}}]}}}`
	p, err := tfplan.Read(context.Background(), &evidence.Item{Path: "p", Blob: evidence.Bytes([]byte(text))}, tfplan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := effect.Over(p)
	var out []effect.Outcome
	for _, o := range w.Of(c.Types...) {
		out = append(out, c.Judge(w, o)...)
	}
	return out
}

func verdicts(out []effect.Outcome) string {
	var s []string
	for _, o := range out {
		s = append(s, o.Discriminator+" "+map[effect.Verdict]string{effect.Unknown: "unknown", effect.InEffect: "holds", effect.NotInEffect: "refuted"}[o.Verdict])
	}
	return strings.Join(s, ", ")
}

func TestCapacity(t *testing.T) {
	service := func(action string, from, to string) string {
		v := `{"name":"s","cluster":"arn:aws:ecs:r:1:cluster/c","desired_count":%s}`
		return change("aws_ecs_service.s", action, fmt.Sprintf(v, from), fmt.Sprintf(v, to), `{}`)
	}
	scale := func(typ, action, resource, more string) string {
		v := `{"resource_id":"` + resource + `","scalable_dimension":"ecs:service:DesiredCount"` + more + `}`
		return change(typ+".x", action, v, v, `{}`)
	}
	target, policy := scale("aws_appautoscaling_target", "no-op", "service/c/s", ""), scale("aws_appautoscaling_policy", "no-op", "service/c/s", "")
	off := `,"suspended_state":[{"dynamic_scaling_in_suspended":true,"dynamic_scaling_out_suspended":true,"scheduled_scaling_suspended":true}]`
	group := func(from, to string) string {
		return change("aws_autoscaling_group.g", "update", `{"name":"g","desired_capacity":`+from+`}`, `{"name":"g","desired_capacity":`+to+`}`, `{}`)
	}
	table := func(billing string) string {
		return change("aws_dynamodb_table.t", "update", `{"name":"t","billing_mode":"PROVISIONED","read_capacity":9}`, `{"name":"t","billing_mode":"`+billing+`","read_capacity":5}`, `{}`)
	}
	read := strings.ReplaceAll(target, "ecs:service:DesiredCount", "dynamodb:table:ReadCapacityUnits")
	read = strings.ReplaceAll(read, "service/c/s", "table/t")
	readPolicy := strings.ReplaceAll(strings.ReplaceAll(policy, "ecs:service:DesiredCount", "dynamodb:table:ReadCapacityUnits"), "service/c/s", "table/t")
	asg := change("aws_autoscaling_policy.p", "no-op", `{"autoscaling_group_name":"g"}`, `{"autoscaling_group_name":"g"}`, `{}`)
	disabled := change("aws_autoscaling_policy.p", "no-op", `{}`, `{"autoscaling_group_name":"g","enabled":false}`, `{}`)
	schedule := func(recurrence, desired string) string {
		v := `{"autoscaling_group_name":"g","recurrence":` + recurrence + `,"desired_capacity":` + desired + `}`
		return change("aws_autoscaling_schedule.s", "no-op", v, v, `{}`)
	}
	for name, c := range map[string]struct {
		changes []string
		want    string
	}{
		"a group, by the clock":             {[]string{group("9", "2"), schedule(`"0 8 * * *"`, "9")}, "desired_capacity refuted"},
		"a group, once":                     {[]string{group("9", "2"), schedule("null", "9")}, ""},
		"a group, only its limits by clock": {[]string{group("9", "2"), schedule(`"0 8 * * *"`, "-1")}, ""},
		"set back":                          {[]string{service("update", "9", "2"), target, policy}, "desired_count refuted"},
		"left alone":                        {[]string{service("no-op", "9", "9"), target, policy}, "desired_count holds"},
		"something else":                    {[]string{service("update", "9", "9"), target, policy}, "desired_count holds"},
		"first value":                       {[]string{service("create", "0", "2"), target, policy}, ""},
		"nobody scales":                     {[]string{service("update", "9", "2")}, ""},
		"no policy in sight":                {[]string{service("update", "9", "2"), target}, "desired_count unknown"},
		"another service":                   {[]string{service("update", "9", "2"), scale("aws_appautoscaling_target", "no-op", "service/c/other", ""), policy}, ""},
		"the scaler goes":                   {[]string{service("update", "9", "2"), scale("aws_appautoscaling_target", "delete", "service/c/s", ""), policy}, ""},
		"the scaler sleeps":                 {[]string{service("update", "9", "2"), scale("aws_appautoscaling_target", "no-op", "service/c/s", off), policy}, ""},
		"the scaler comes":                  {[]string{service("update", "9", "2"), scale("aws_appautoscaling_target", "create", "service/c/s", ""), policy}, "desired_count refuted"},
		"a group":                           {[]string{group("9", "2"), asg}, "desired_capacity refuted"},
		"a group, no policy":                {[]string{group("9", "2")}, ""},
		"a group, policy off":               {[]string{group("9", "2"), disabled}, ""},
		"a table":                           {[]string{table("PROVISIONED"), read, readPolicy}, "read_capacity refuted"},
		"a table to on demand":              {[]string{table("PAY_PER_REQUEST"), read, readPolicy}, ""},
	} {
		if got := verdicts(outcomes(t, Capacity(), c.changes...)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestCollections(t *testing.T) {
	sg := func(action, before, after, unknown string) string {
		return change("aws_security_group.g", action, before, after, unknown)
	}
	rule := func(action, id, unknown string) string {
		v := `{"type":"ingress"` + id + `}`
		return change("aws_security_group_rule.r", action, v, v, unknown)
	}
	known := rule("no-op", `,"security_group_id":"sg-1"`, `{}`)
	made := rule("create", "", `{"security_group_id":true}`)
	role := func(action, before, after string) string {
		return change("aws_iam_role.r", action, before, after, `{}`)
	}
	attachment := func(arn, unknown string) string {
		v := `{"role":"r"` + arn + `}`
		return change("aws_iam_role_policy_attachment.a", "no-op", v, v, unknown)
	}
	inline := change("aws_iam_role_policy.p", "no-op", `{"role":"r","name":"p"}`, `{"role":"r","name":"p"}`, `{}`)
	asg := func(attribute, before, after string) string {
		v := `{"id":"g","name":"g","` + attribute + `":%s}`
		return change("aws_autoscaling_group.g", "update", fmt.Sprintf(v, before), fmt.Sprintf(v, after), `{}`)
	}
	target := change("aws_autoscaling_attachment.t", "no-op", `{"autoscaling_group_name":"g","lb_target_group_arn":"t"}`, `{"autoscaling_group_name":"g","lb_target_group_arn":"t","elb":null}`, `{}`)
	for name, c := range map[string]struct {
		changes []string
		want    string
	}{
		"a role detaches":        {[]string{role("update", `{"name":"r","managed_policy_arns":["a","b"]}`, `{"name":"r","managed_policy_arns":["a"]}`), attachment(`,"policy_arn":"b"`, `{}`)}, "managed_policy_arns refuted"},
		"a role lists it too":    {[]string{role("update", `{"name":"r","managed_policy_arns":["a"]}`, `{"name":"r","managed_policy_arns":["a","b"]}`), attachment(`,"policy_arn":"b"`, `{}`)}, ""},
		"what is attached, open": {[]string{role("update", `{"name":"r","managed_policy_arns":["a","b"]}`, `{"name":"r","managed_policy_arns":["a"]}`), attachment("", `{"policy_arn":true}`)}, "managed_policy_arns unknown"},
		"a role left alone":      {[]string{role("no-op", `{"name":"r","managed_policy_arns":["a"]}`, `{"name":"r","managed_policy_arns":["a"]}`), attachment(`,"policy_arn":"b"`, `{}`)}, "managed_policy_arns holds"},
		"a role made with both":  {[]string{role("create", `null`, `{"name":"r","managed_policy_arns":["a"]}`), attachment(`,"policy_arn":"b"`, `{}`)}, "managed_policy_arns unknown"},
		"a role drops a policy":  {[]string{role("update", `{"name":"r","inline_policy":[{"name":"p"},{"name":"q"}]}`, `{"name":"r","inline_policy":[{"name":"q"}]}`), inline}, "inline_policy refuted"},
		"a role writes it too":   {[]string{role("update", `{"name":"r","inline_policy":[{"name":"q"}]}`, `{"name":"r","inline_policy":[{"name":"p"}]}`), inline}, ""},
		"a group detaches":       {[]string{asg("target_group_arns", `["t","u"]`, `["u"]`), target}, "target_group_arns refuted"},
		"a group, classic":       {[]string{asg("load_balancers", `["t","u"]`, `["u"]`), target}, "target_group_arns holds"},
		"the fight":              {[]string{sg("update", `{"id":"sg-1","ingress":[{"p":1},{"p":2}]}`, `{"id":"sg-1","ingress":[{"p":1}]}`, `{}`), known}, "ingress refuted"},
		"written empty":          {[]string{sg("update", `{"id":"sg-1","ingress":[{"p":1}]}`, `{"id":"sg-1","ingress":[]}`, `{}`), known}, "ingress refuted"},
		"left out":               {[]string{sg("no-op", `{"id":"sg-1","ingress":[{"p":1}]}`, `{"id":"sg-1","ingress":[{"p":1}]}`, `{}`), known}, "ingress holds"},
		"other edits":            {[]string{sg("update", `{"id":"sg-1","ingress":[{"p":1}],"tags":{}}`, `{"id":"sg-1","ingress":[{"p":1}],"tags":{"a":"b"}}`, `{}`), known}, "ingress holds"},
		"another group":          {[]string{sg("update", `{"id":"sg-2","ingress":[{"p":1}]}`, `{"id":"sg-2","ingress":[]}`, `{}`), known}, ""},
		"both made":              {[]string{sg("create", `null`, `{"ingress":[{"p":1}]}`, `{"id":true}`), made}, "ingress unknown"},
		"both made, left out":    {[]string{sg("create", `null`, `{}`, `{"id":true,"ingress":true}`), made}, "ingress holds"},
		"a first member":         {[]string{sg("no-op", `{"id":"sg-1","ingress":[{"p":1}]}`, `{"id":"sg-1","ingress":[{"p":1}]}`, `{}`), rule("create", `,"security_group_id":"sg-1"`, `{}`)}, "ingress unknown"},
		"the member goes":        {[]string{sg("update", `{"id":"sg-1","ingress":[{"p":1}]}`, `{"id":"sg-1","ingress":[]}`, `{}`), rule("delete", `,"security_group_id":"sg-1"`, `{}`)}, ""},
		"nothing of its own":     {[]string{sg("update", `{"id":"sg-1","ingress":[{"p":1}]}`, `{"id":"sg-1","ingress":[]}`, `{}`)}, ""},
	} {
		if got := verdicts(outcomes(t, Collections(), c.changes...)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

package effect

import (
	"context"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/tfplan"
)

// in puts an entry into a region and account: names are equal there, ARNs are not.
func in(arn, entry string) string {
	for _, side := range []string{`"before":{`, `"after":{`} {
		entry = strings.Replace(entry, side, side+`"arn":"`+arn+`",`, 1)
	}
	return strings.Replace(entry, ",}", "}", 2)
}

// TestNamesMeanOnePlace: a plan of several regions has the same names in each.
func TestNamesMeanOnePlace(t *testing.T) {
	const eu, us = "arn:aws:x:eu-west-1:1:x", "arn:aws:x:us-east-1:1:x"
	group := `{"id":"pg","name":"pg","parameter":[{"name":"max_connections","value":"1","apply_method":"pending-reboot"}]}`
	grown := `{"id":"pg","name":"pg","parameter":[{"name":"max_connections","value":"2","apply_method":"pending-reboot"}]}`
	parameters := does("aws_db_parameter_group.pg", "update", group, grown)
	database := keeps("aws_db_instance.d", `{"identifier":"d","parameter_group_name":"pg"}`)
	function := strings.ReplaceAll(code("true", "3"), functionARN, "arn:aws:lambda:us-east-1:1:function:pay")
	document := does("aws_ssm_document.d", "update", `{"name":"doc","content":"a","latest_version":"3"}`, `{"name":"doc","content":"b"}`)
	association := keeps("aws_ssm_association.a", `{"name":"doc","document_version":"3"}`)
	secrets := does("aws_ssm_parameter.p", "update", `{"name":"/pay/mode","value":"a"}`, `{"name":"/pay/mode","value":"b"}`)
	tasks := keeps("aws_ecs_task_definition.pay", `{"arn":"`+taskARN+`:7","family":"pay","container_definitions":"[{\"secrets\":[{\"valueFrom\":\"/pay/mode\"}]}]"}`)
	service := keeps("aws_ecs_service.pay", `{"id":"arn:aws:ecs:eu-west-1:1:service/c/pay","name":"pay","cluster":"c","desired_count":2,"task_definition":"`+taskARN+`:7"}`)
	judgeAll(t, []row{
		{"a cluster here", NodesBehind(), []string{in(eu, upgrade("1.31", "1.32")), in(eu, keeps("aws_eks_node_group.n", `{"cluster_name":"c","version":"1.31"}`))}, []string{"old: nodes stay"}},
		{"a cluster of another region", NodesBehind(), []string{in(us, upgrade("1.31", "1.32")), in(eu, keeps("aws_eks_node_group.n", `{"cluster_name":"c","version":"1.31"}`))}, nil},
		{"a cluster of another account", NodesBehind(), []string{in("arn:aws:x:eu-west-1:2:x", upgrade("1.31", "1.32")), in(eu, keeps("aws_eks_node_group.n", `{"cluster_name":"c","version":"1.31"}`))}, nil},
		{"a region by the attribute of provider 6", AddonsBehind(), []string{
			does("aws_eks_cluster.c", "update", `{"name":"c","region":"us-east-1","version":"1.31"}`, `{"name":"c","region":"us-east-1","version":"1.32"}`),
			keeps("aws_eks_addon.a", `{"cluster_name":"c","region":"eu-west-1","addon_name":"kube-proxy","addon_version":"v1.31.2-eksbuild.3"}`),
		}, nil},
		{"a function here", AliasOfPublished(), []string{function, in("arn:aws:lambda:us-east-1:1:function:pay:live", alias("3"))}, []string{"old: version 3"}},
		{"a function of another region", AliasOfPublished(), []string{function, in("arn:aws:lambda:eu-west-1:1:function:pay:live", alias("3"))}, nil},
		{"a function of another region, by its ARN", CallersOfVersion(), []string{function, in("arn:aws:sns:eu-west-1:1:t:s", keeps("aws_sns_topic_subscription.s", `{"endpoint":"arn:aws:lambda:us-east-1:1:function:pay:3"}`))}, []string{"old: version 3"}},
		{"a template of the same name", PinnedTemplate(), []string{newTemplate(), keeps("aws_autoscaling_group.w", `{"id":"w","launch_template":[{"id":"lt-2","name":"w","version":"3"}]}`)}, nil},
		{"a parameter group here", PendingReboot(), []string{in(eu, parameters), in(eu, database)}, []string{"old: max_connections"}},
		{"a parameter group of another region", PendingReboot(), []string{in(us, parameters), in(eu, database)}, nil},
		{"a document of another region", VersionNamed(), []string{in(us, document), in(eu, association)}, nil},
		{"a parameter of another region", SecretOfTask(), []string{in(us, secrets), tasks, service}, nil},
		{"a parameter here", SecretOfTask(), []string{in(eu, secrets), tasks, service}, []string{"old: keep the old value"}},
	})
}

// TestSeveralConfigurations: where no ARN tells, several regions are a doubt.
func TestSeveralConfigurations(t *testing.T) {
	plan := func(second string) string {
		return `{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{"root_module":{}},"resource_changes":[` +
			strings.ReplaceAll(upgrade("1.31", "1.32")+","+keeps("aws_eks_node_group.n", `{"cluster_name":"c","version":"1.31"}`), `"mode":`, `"provider_name":"aws","mode":`) +
			`],"configuration":{"root_module":{},"provider_config":{"aws":{"name":"aws","full_name":"aws"}` + second + `}}}`
	}
	for second, want := range map[string]Verdict{"": NotInEffect, `,"aws.us":{"name":"aws","full_name":"aws","alias":"us"}`: Unknown} {
		p, err := tfplan.Read(context.Background(), &evidence.Item{Kind: tfplan.Kind(), Path: "plan.json", Blob: evidence.Bytes([]byte(plan(second)))}, tfplan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w := Over(p)
		out := NodesBehind().Ask(w, w.Of("aws_eks_node_group")[0])
		if len(out) != 1 || out[0].Verdict != want {
			t.Errorf("with %q: %v", second, titles(out))
		}
		for _, o := range out {
			sound(t, o)
		}
	}
}

// TestCommandsOfTheApply: what a command after the change brings into effect is
// no accusation while the plan runs commands.
func TestCommandsOfTheApply(t *testing.T) {
	ask := func(extra, resources, changes string) []Outcome {
		t.Helper()
		text := `{"format_version":"1.2","terraform_version":"1.14.0","planned_values":{"root_module":{}}` + extra + `,"resource_changes":[` +
			newTemplate() + "," + asgOf(noRefresh, noRefresh) + changes + `],"configuration":{"root_module":{"resources":[` + resources + `]}}}`
		p, err := tfplan.Read(context.Background(), &evidence.Item{Kind: tfplan.Kind(), Path: "plan.json", Blob: evidence.Bytes([]byte(text))}, tfplan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w := Over(p)
		return TemplateWithoutRefresh().Ask(w, w.Of("aws_autoscaling_group")[0])
	}
	const idle = `{"address":"null_resource.r","mode":"managed","type":"null_resource","name":"r","expressions":{}}`
	const runs = `{"address":"null_resource.r","mode":"managed","type":"null_resource","name":"r","expressions":{},"provisioners":[{"type":"local-exec"}]}`
	made := "," + does("null_resource.r", "delete+create", `{"id":"1"}`, `{}`, `{"id":true}`)
	for name, c := range map[string]struct {
		extra, resources, changes string
		want                      Verdict
	}{
		"nothing runs":                     {"", "", "", NotInEffect},
		"an action":                        {`,"action_invocations":[{"address":"action.aws_lambda_invoke.x"}]`, "", "", Unknown},
		"an action that is deferred":       {`,"deferred_action_invocations":[{"reason":"x"}]`, "", "", Unknown},
		"no action":                        {`,"action_invocations":[]`, "", "", NotInEffect},
		"a provisioner":                    {"", runs, made, Unknown},
		"a provisioner that does not run":  {"", runs, "," + keeps("null_resource.r", `{"id":"1"}`), NotInEffect},
		"a resource without provisioners":  {"", idle, made, NotInEffect},
		"a resource that is not described": {"", "", made, Unknown},
	} {
		out := ask(c.extra, c.resources, c.changes)
		if len(out) != 1 || out[0].Verdict != c.want {
			t.Errorf("%s: %v", name, titles(out))
		}
		for _, o := range out {
			sound(t, o)
		}
	}
}

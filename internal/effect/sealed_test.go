package effect

import (
	"fmt"
	"strings"
	"testing"
)

// TestNoValueWithoutMarks: a plan without marks does not say which of its values
// are secret: the rules about what serves show none either.
func TestNoValueWithoutMarks(t *testing.T) {
	const v = "hidden7777"
	rows := []string{
		does("aws_launch_template.w", "update", `{"id":"hidden7777","name":"w","image_id":"old","latest_version":3,"default_version":1,"update_default_version":false}`,
			`{"id":"hidden7777","name":"w","image_id":"new","default_version":1,"update_default_version":false}`, `{"latest_version":true}`),
		keeps("aws_autoscaling_group.pinned", `{"id":"p","name":"hidden7777","launch_template":[{"id":"hidden7777","version":"3"}],"suspended_processes":[]}`),
		keeps("aws_autoscaling_group.idle", `{"id":"i","name":"hidden7777","launch_template":[{"id":"hidden7777","version":"$Latest"}],"instance_refresh":[],"suspended_processes":[]}`),
		does("aws_lambda_function.pay", "update", `{"function_name":"hidden7777","handler":"hidden7777a","version":"3","publish":true}`, `{"function_name":"hidden7777","handler":"hidden7777b","publish":true}`, `{"version":true}`),
		keeps("aws_lambda_alias.live", `{"name":"hidden7777","function_name":"hidden7777","function_version":"3"}`),
		does("aws_ecs_task_definition.pay", "create+delete", `{"arn":"hidden7777:7","family":"hidden7777","revision":7}`, `{"family":"hidden7777"}`, `{"arn":true,"revision":true}`),
		keeps("aws_ecs_service.pay", `{"name":"hidden7777","cluster":"hidden7777","task_definition":"hidden7777:7"}`),
		does("aws_api_gateway_integration.i", "update", `{"rest_api_id":"hidden7777","uri":"x"}`, `{"rest_api_id":"hidden7777","uri":"y"}`),
		keeps("aws_api_gateway_stage.s", `{"rest_api_id":"hidden7777","stage_name":"hidden7777","deployment_id":"hidden7777"}`),
		does("aws_eks_cluster.c", "update", `{"name":"hidden7777","version":"1.31"}`, `{"name":"hidden7777","version":"1.32"}`),
		keeps("aws_eks_node_group.n", `{"cluster_name":"hidden7777","version":"1.31.hidden7777"}`),
		does("aws_sfn_state_machine.m", "update", `{"arn":"hidden7777","definition":"a"}`, `{"arn":"hidden7777","definition":"b"}`),
		keeps("aws_sfn_alias.a", `{"name":"hidden7777","routing_configuration":[{"state_machine_version_arn":"hidden7777:3"}]}`),
	}
	for i := range rows {
		rows[i] = strings.Replace(rows[i], `,"before_sensitive":{},"after_sensitive":{}`, "", 1)
	}
	w := worldOf(t, rows...)
	refuted := 0
	for _, c := range []Case{
		TemplateWithoutRefresh(), PinnedTemplate(), AliasOfPublished(), TaskDefinitionKept(), UndeployedREST(), NodesBehind(), VersionNamed(),
	} {
		for _, o := range w.Of(c.Types...) {
			for _, out := range c.Ask(w, o) {
				text := fmt.Sprint(out.Title, out.Missing, out.Remedy)
				for _, f := range out.Proof {
					text += f.Text
				}
				if strings.Contains(text, v) {
					t.Errorf("%s: %s", o.Address, text)
				}
				if out.Verdict == NotInEffect {
					refuted++
				}
			}
		}
	}
	if refuted != 7 {
		t.Errorf("%d are refuted, want one of each case", refuted)
	}
}

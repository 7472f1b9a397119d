package effect

import (
	"fmt"
	"testing"
)

// TestKnownAfterApply: what is known only after apply may be what it was. It
// accuses nobody of serving the old.
func TestKnownAfterApply(t *testing.T) {
	template := does("aws_launch_template.w", "update",
		`{"id":"lt-1","name":"w","image_id":"old","latest_version":3,"default_version":1,"update_default_version":false}`,
		`{"id":"lt-1","name":"w","default_version":1,"update_default_version":false}`, `{"image_id":true,"latest_version":true}`)
	function := func(publish string) string {
		return does("aws_lambda_function.pay", "update", fmt.Sprintf(`{"arn":%q,"function_name":"pay","source_code_hash":"a","version":"3","publish":%s}`, functionARN, publish),
			fmt.Sprintf(`{"arn":%q,"function_name":"pay","publish":%s}`, functionARN, publish), `{"source_code_hash":true,"version":true}`)
	}
	environment := func(after, unknown string) string {
		return does("aws_lambda_function.pay", "update", fmt.Sprintf(`{"arn":%q,"function_name":"pay","environment":[{"variables":{"A":"1"}}],"version":"3","publish":true}`, functionARN),
			fmt.Sprintf(`{"arn":%q,"function_name":"pay","environment":[{"variables":{"A":%s}}],"publish":true}`, functionARN, after), unknown)
	}
	imported := func(rest string) string {
		return does("aws_lambda_function.pay", "update", fmt.Sprintf(`{"arn":%q,"function_name":"pay","version":"3","publish":true,"memory_size":128}`, functionARN),
			fmt.Sprintf(`{"arn":%q,"function_name":"pay","source_code_hash":"a","publish":true,%s}`, functionARN, rest), `{"version":true}`)
	}
	secret := does("aws_ssm_parameter.p", "update", `{"name":"/m","arn":"arn:p","value":"a"}`, `{"name":"/m","arn":"arn:p"}`, `{"value":true}`)
	tasks := keeps("aws_ecs_task_definition.pay", `{"arn":"`+taskARN+`:7","family":"pay","container_definitions":"[{\"secrets\":[{\"valueFrom\":\"/m\"}]}]"}`)
	integration := does("aws_api_gateway_integration.i", "update", `{"rest_api_id":"a","uri":"x","type":"HTTP"}`, `{"rest_api_id":"a","type":"HTTP"}`, `{"uri":true}`)
	both := does("aws_api_gateway_integration.i", "update", `{"rest_api_id":"a","uri":"x","type":"HTTP"}`, `{"rest_api_id":"a","type":"MOCK"}`, `{"uri":true}`)
	stage := keeps("aws_api_gateway_stage.s", `{"rest_api_id":"a","stage_name":"live","deployment_id":"d"}`)
	route := does("aws_apigatewayv2_route.r", "update", `{"api_id":"a","target":"x"}`, `{"api_id":"a"}`, `{"target":true}`)
	http := keeps("aws_apigatewayv2_stage.s", `{"name":"live","api_id":"a","auto_deploy":false,"deployment_id":"d"}`)
	machine := does("aws_sfn_state_machine.m", "update", `{"arn":"arn:m","definition":"a"}`, `{"arn":"arn:m"}`, `{"definition":true}`)
	starts := keeps("aws_sfn_alias.a", `{"name":"a","routing_configuration":[{"state_machine_version_arn":"arn:m:3"}]}`)
	document := does("aws_ssm_document.d", "update", `{"name":"doc","content":"a","latest_version":"3"}`, `{"name":"doc"}`, `{"content":true}`)
	const later = "unproven: not known until apply"
	judgeAll(t, []row{
		{"the image of a pinned template", PinnedTemplate(), []string{template, keeps("aws_autoscaling_group.w", `{"id":"w",`+spec3+`}`)}, []string{later}},
		{"the image of a template", TemplateWithoutRefresh(), []string{template, asgOf(noRefresh, noRefresh)}, []string{later}},
		{"the image of a configuration", TemplateWithoutRefresh(), []string{
			does("aws_launch_configuration.b", "create+delete", `{"id":"b-1","name":"b-1","image_id":"old"}`, `{}`, `{"id":true,"name":true,"image_id":true}`),
			does("aws_autoscaling_group.b", "update", `{"id":"b","launch_configuration":"b-1"}`, `{"id":"b",`+noRefresh+`}`, `{"launch_configuration":true}`),
		}, []string{later}},
		{"the code of a function", AliasOfPublished(), []string{function("true"), alias("3")}, []string{later}},
		{"the code of a function that does not publish", UnpublishedFunction(), []string{function("false"), alias("3")}, []string{later}},
		{"the code of a function that is called", CallersOfVersion(), []string{function("true"), keeps("aws_sns_topic_subscription.s", `{"endpoint":"`+functionARN+`:3"}`)}, []string{later}},
		{"a part of a block", AliasOfPublished(), []string{environment("null", `{"version":true,"environment":[{"variables":{"A":true}}]}`), alias("3")}, []string{later}},
		{"the known part of a block", AliasOfPublished(), []string{environment(`"2","B":null`, `{"version":true,"environment":[{"variables":{"B":true}}]}`), alias("3")}, []string{"old: version 3"}},
		{"a hash of the code that is there", AliasOfPublished(), []string{
			does("aws_lambda_function.pay", "update", `{"function_name":"pay","source_code_hash":"md5","code_sha256":"a","version":"3","publish":true}`, `{"function_name":"pay","source_code_hash":"a","code_sha256":"a","publish":true}`, `{"version":true}`), alias("3"),
		}, nil},
		{"an imported function", AliasOfPublished(), []string{imported(`"memory_size":128`), alias("3")}, []string{"unproven: if its code differs"}},
		{"an imported function that grows", AliasOfPublished(), []string{imported(`"memory_size":256`), alias("3")}, []string{"old: version 3"}},
		{"a secret", SecretOfTask(), []string{secret, tasks, ecsService(taskARN + ":7")}, []string{later}},
		{"an integration", UndeployedREST(), []string{integration, stage}, []string{later}},
		{"an integration that changes anyway", UndeployedREST(), []string{both, stage}, []string{"old: stage live"}},
		{"a route", UndeployedHTTP(), []string{route, http}, []string{later}},
		{"a state machine", VersionNamed(), []string{machine, starts}, []string{later}},
		{"a document", VersionNamed(), []string{document, keeps("aws_ssm_association.a", `{"name":"doc","document_version":"3"}`)}, []string{later}},
	})
}

// TestRollouts: what one step of a rollout leaves behind is not old by mistake,
// for all that the plan shows.
func TestRollouts(t *testing.T) {
	follows := does("aws_lambda_alias.canary", "update", `{"name":"canary","function_name":"pay","function_version":"3"}`, `{"name":"canary","function_name":"pay"}`, `{"function_version":true}`)
	deploy := func(platform string) string {
		return keeps("aws_codedeploy_app.d", `{"name":"d","compute_platform":"`+platform+`"}`)
	}
	edit := does("aws_api_gateway_integration.i", "update", `{"rest_api_id":"a","uri":"x"}`, `{"rest_api_id":"a","uri":"y"}`)
	live := keeps("aws_api_gateway_stage.live", `{"rest_api_id":"a","stage_name":"live","deployment_id":"d"}`)
	test := func(api string) string {
		return does("aws_api_gateway_stage.test", "update", `{"rest_api_id":"`+api+`","stage_name":"test","deployment_id":"d"}`, `{"rest_api_id":"`+api+`","stage_name":"test"}`, `{"deployment_id":true}`)
	}
	twice := func(arn string) string {
		return keeps("aws_ecs_task_definition.green", `{"arn":"`+arn+`","family":"pay","revision":9}`)
	}
	group := does("aws_db_instance.d", "update", `{"identifier":"d","parameter_group_name":"a","blue_green_update":[{"enabled":true}]}`, `{"identifier":"d","parameter_group_name":"b","blue_green_update":[{"enabled":true}]}`)
	plain := does("aws_db_instance.d", "update", `{"identifier":"d","parameter_group_name":"a","blue_green_update":[]}`, `{"identifier":"d","parameter_group_name":"b","blue_green_update":[]}`)
	cluster := func(mode string) string {
		return keeps("aws_rds_cluster.c", `{"cluster_identifier":"c","engine_mode":"`+mode+`","db_cluster_parameter_group_name":"pg"}`)
	}
	parameters := does("aws_rds_cluster_parameter_group.pg", "update", `{"name":"pg","parameter":[]}`, `{"name":"pg","parameter":[{"name":"max_connections","value":"2","apply_method":"pending-reboot"}]}`)
	judgeAll(t, []row{
		{"another alias takes the version", AliasOfPublished(), []string{code("true", "3"), alias("3"), follows}, []string{"unproven: aws_lambda_alias.canary gets the new one", "holds"}},
		{"CodeDeploy shifts calls", AliasOfPublished(), []string{code("true", "3"), alias("3"), deploy("Lambda")}, []string{"unproven: unless CodeDeploy"}},
		{"CodeDeploy for something else", AliasOfPublished(), []string{code("true", "3"), alias("3"), deploy("Server")}, []string{"old: version 3"}},
		{"another stage is deployed", UndeployedREST(), []string{edit, live, test("a")}, []string{"unproven: aws_api_gateway_stage.test gets the new one", "holds"}},
		{"a stage of another API is deployed", UndeployedREST(), []string{edit, live, test("b")}, []string{"old: stage live"}},
		{"a family in two blocks", TaskDefinitionKept(), []string{newRevision(), twice(taskARN + ":9"), ecsService(taskARN + ":9")}, nil},
		{"a family in two blocks, the other service", TaskDefinitionKept(), []string{newRevision(), twice(taskARN + ":9"), ecsService(taskARN + ":7")}, []string{"old: revision 7"}},
		{"a group by a blue/green update", AnotherGroup(), []string{group}, []string{"holds"}},
		{"a group without one", AnotherGroup(), []string{plain}, []string{"old: until it is rebooted"}},
		{"parameters of Aurora Serverless v1", PendingReboot(), []string{parameters, cluster("serverless")}, []string{"holds"}},
		{"parameters of Aurora", PendingReboot(), []string{parameters, cluster("provisioned")}, []string{"old: max_connections"}},
	})
}

package effect

import (
	"slices"
	"testing"
)

func TestScaledToZero(t *testing.T) {
	c := ScaledToZero()
	asg := func(before, after string, unknown ...string) string {
		return does("aws_autoscaling_group.w", "update", `{"id":"w","name":"w",`+before+`}`, `{"id":"w","name":"w",`+after+`}`, unknown...)
	}
	const behind, alone = `"target_group_arns":["tg"],"load_balancers":[]`, `"target_group_arns":[],"load_balancers":[]`
	ecs := func(count, balancer string) string {
		return does("aws_ecs_service.s", "update", `{"name":"s","cluster":"arn:aws:ecs:eu-west-1:1:cluster/c","desired_count":2}`, `{"name":"s","cluster":"arn:aws:ecs:eu-west-1:1:cluster/c","desired_count":`+count+`,`+balancer+`}`)
	}
	const balanced = `"load_balancer":[{"container_port":80}]`
	idle := keeps("aws_ecs_service.s", `{"name":"s","cluster":"c","desired_count":2,`+balanced+`}`)
	target := func(n string) string {
		return does("aws_appautoscaling_target.t", "update", `{"service_namespace":"ecs","resource_id":"service/c/s","min_capacity":2}`, `{"service_namespace":"ecs","resource_id":"service/c/s","min_capacity":`+n+`}`)
	}
	lambda := func(before, after string) string {
		return does("aws_lambda_function.f", "update", `{"function_name":"f","reserved_concurrent_executions":`+before+`}`, `{"function_name":"f","reserved_concurrent_executions":`+after+`}`)
	}
	url := keeps("aws_lambda_function_url.u", `{"function_name":"f"}`)
	pods := func(n string) string {
		const spec = `{"metadata":[{"namespace":"shop"}],"spec":[{"template":[{"metadata":[{"labels":{"app":"x","tier":"y"}}]}],"replicas":`
		return does("kubernetes_deployment_v1.d", "update", spec+`"3"}]}`, spec+n+`}]}`)
	}
	service := func(namespace, app string) string {
		return keeps("kubernetes_service_v1.s", `{"metadata":[{"namespace":"`+namespace+`"}],"spec":[{"selector":{"app":"`+app+`"}}]}`)
	}
	knative := func(n string) string {
		return `{"template":[{"metadata":[{"annotations":{"autoscaling.knative.dev/minScale":"` + n + `"}}]}]}`
	}
	run := func(n string) string { return `{"template":[{"scaling":[{"min_instance_count":` + n + `}]}]}` }
	vmss := func(n, pools string) string {
		return `{"instances":` + n + `,"network_interface":[{"ip_configuration":[{"load_balancer_backend_address_pool_ids":[` + pools + `]}]}]}`
	}
	judgeAll(t, []row{
		{"the minimum of a group", c, []string{asg(`"min_size":2`, `"min_size":0,`+behind)}, []string{"old: may be scaled to nothing"}},
		{"the capacity of a group", c, []string{asg(`"desired_capacity":2`, `"desired_capacity":0,`+behind)}, []string{"old: nothing of it runs"}},
		{"both", c, []string{asg(`"desired_capacity":2,"min_size":1`, `"desired_capacity":0,"min_size":0,`+behind)}, []string{"old: desired_capacity", "old: min_size"}},
		{"one is kept", c, []string{asg(`"min_size":2`, `"min_size":1,`+behind)}, []string{"holds"}},
		{"a group that serves none", c, []string{asg(`"min_size":2`, `"min_size":0,`+alone)}, nil},
		{"a group that is attached", c, []string{asg(`"min_size":2`, `"min_size":0,`+alone), keeps("aws_autoscaling_attachment.a", `{"autoscaling_group_name":"w"}`)}, []string{"old: min_size"}},
		{"a group of a cut plan", c, []string{asg(`"min_size":2`, `"min_size":0`)}, []string{"unproven: not shown"}},
		{"a minimum that is known later", c, []string{asg(`"min_size":2`, behind, `{"min_size":true}`)}, []string{"unproven: not known until apply"}},
		{"there was none before", c, []string{asg(`"min_size":0,"desired_capacity":0`, `"min_size":0,"desired_capacity":0,`+behind)}, nil},
		{"nothing is edited", c, []string{keeps("aws_autoscaling_group.w", `{"min_size":0,`+behind+`}`)}, nil},
		{"blue goes, green comes", c, []string{asg(`"desired_capacity":2`, `"desired_capacity":0,`+behind), does("aws_autoscaling_group.green", "create", "null", `{"name":"g","desired_capacity":2,`+behind+`}`)}, []string{"unproven: aws_autoscaling_group.green may take its place"}},
		{"blue goes, green comes up", c, []string{asg(`"desired_capacity":2`, `"desired_capacity":0,`+behind), does("aws_autoscaling_group.green", "update", `{"name":"g","desired_capacity":0}`, `{"name":"g","desired_capacity":2,`+behind+`}`)}, []string{"unproven: may take its place"}},
		{"green was there", c, []string{asg(`"desired_capacity":2`, `"desired_capacity":0,`+behind), keeps("aws_autoscaling_group.green", `{"name":"g","desired_capacity":2,`+behind+`}`)}, []string{"old: nothing of it runs"}},
		{"one that serves nobody comes", c, []string{asg(`"desired_capacity":2`, `"desired_capacity":0,`+behind), does("aws_autoscaling_group.jobs", "create", "null", `{"name":"g","desired_capacity":2,`+alone+`}`)}, []string{"old: nothing of it runs"}},
		{"a new group", c, []string{does("aws_autoscaling_group.w", "create", "null", `{"min_size":0,`+behind+`}`)}, nil},

		{"tasks", c, []string{ecs("0", balanced)}, []string{"old: desired_count"}},
		{"tasks of a worker", c, []string{ecs("0", `"load_balancer":[]`)}, nil},
		{"tasks that are scaled", c, []string{ecs("0", balanced), keeps("aws_appautoscaling_target.t", `{"service_namespace":"ecs","resource_id":"service/c/s","min_capacity":1}`)}, []string{"unproven: may raise it"}},
		{"the floor of tasks", c, []string{target("0"), idle}, []string{"old: min_capacity"}},
		{"the floor of tasks elsewhere", c, []string{target("0")}, []string{"unproven: not shown"}},
		{"the floor of tasks is one", c, []string{target("1"), idle}, []string{"holds"}},
		{"the floor of a table", c, []string{does("aws_appautoscaling_target.t", "update", `{"service_namespace":"dynamodb","min_capacity":5}`, `{"service_namespace":"dynamodb","min_capacity":0}`)}, nil},

		{"a function with a URL", c, []string{lambda("5", "0"), url}, []string{"old: throttled"}},
		{"a function that was not limited", c, []string{lambda("-1", "0"), url}, []string{"old: throttled"}},
		{"a function that is not limited any more", c, []string{lambda("5", "-1"), url}, []string{"holds"}},
		{"a function behind an API", c, []string{lambda("5", "0"), keeps("aws_lambda_permission.p", `{"function_name":"f","principal":"apigateway.amazonaws.com"}`)}, []string{"old: throttled"}},
		{"a function of a queue", c, []string{lambda("5", "0"), keeps("aws_lambda_permission.p", `{"function_name":"f","principal":"s3.amazonaws.com"}`)}, []string{"unproven: not shown"}},

		{"pods", c, []string{pods(`"0"`), service("shop", "x")}, []string{"old: replicas"}},
		{"pods of another namespace", c, []string{pods(`"0"`), service("other", "x")}, []string{"unproven: not shown"}},
		{"pods that are not selected", c, []string{pods(`"0"`), service("shop", "z")}, []string{"unproven: not shown"}},
		{"one pod", c, []string{pods(`"1"`), service("shop", "x")}, []string{"holds"}},

		{"Cloud Run", c, []string{does("google_cloud_run_v2_service.s", "update", run("2"), run("0"))}, []string{"old: min_instance_count"}},
		{"Cloud Run without a minimum", c, []string{does("google_cloud_run_v2_service.s", "update", run("2"), run("null"))}, []string{"old: min_instance_count"}},
		{"Cloud Run, moved to the service", c, []string{does("google_cloud_run_v2_service.s", "update", `{"template":[{"scaling":[{"min_instance_count":2}]}],"scaling":[]}`, `{"template":[{"scaling":[]}],"scaling":[{"min_instance_count":2}]}`)}, []string{"holds"}},
		{"Cloud Run, by annotation", c, []string{does("google_cloud_run_service.s", "update", knative("1"), knative("0"))}, []string{"old: scaled to nothing"}},
		{"Cloud Run, by annotation, kept", c, []string{does("google_cloud_run_service.s", "update", knative("2"), knative("1"))}, []string{"holds"}},
		{"a function of events", c, []string{does("google_cloudfunctions2_function.f", "update", `{"service_config":[{"min_instance_count":1}]}`, `{"service_config":[{"min_instance_count":0}],"event_trigger":[{}]}`)}, nil},
		{"a container app", c, []string{does("azurerm_container_app.a", "update", `{"template":[{"min_replicas":1}]}`, `{"template":[{"min_replicas":0}],"ingress":[{}]}`)}, []string{"old: min_replicas"}},
		{"a container app without ingress", c, []string{does("azurerm_container_app.a", "update", `{"template":[{"min_replicas":1}]}`, `{"template":[{"min_replicas":0}],"ingress":[]}`)}, nil},
		{"a scale set", c, []string{does("azurerm_linux_virtual_machine_scale_set.v", "update", vmss("2", `"p"`), vmss("0", `"p"`))}, []string{"old: instances"}},
		{"a scale set behind nothing", c, []string{does("azurerm_linux_virtual_machine_scale_set.v", "update", vmss("2", ""), vmss("0", ""))}, nil},
	})
}

func TestEveryScaledTypeHasMinimums(t *testing.T) {
	types := scaledTypes()
	for typ := range minimums {
		if !slices.Contains(types, typ) {
			t.Errorf("%s is never asked", typ)
		}
	}
	if len(types) != len(minimums) {
		t.Errorf("%d types, %d with minimums", len(types), len(minimums))
	}
}

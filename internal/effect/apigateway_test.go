package effect

import "testing"

func TestUndeployedREST(t *testing.T) {
	c := UndeployedREST()
	edit := does("aws_api_gateway_integration.i", "update", `{"rest_api_id":"a","uri":"x"}`, `{"rest_api_id":"a","uri":"y"}`)
	const serves1 = `{"stage_name":"live","rest_api_id":"a","deployment_id":"d"}`
	stage := keeps("aws_api_gateway_stage.s", serves1)
	to := func(after, unknown string) string {
		return does("aws_api_gateway_stage.s", "update", serves1, `{"stage_name":"live","rest_api_id":"a"`+after+`}`, unknown)
	}
	judgeAll(t, []row{
		{"a changed integration", c, []string{edit, stage}, []string{"old: a change of the API is not deployed"}},
		{"the deployment is in the plan", c, []string{edit, stage, keeps("aws_api_gateway_deployment.d", `{"id":"d","rest_api_id":"a"}`)}, []string{"old: not deployed"}},
		{"three changes", c, []string{
			edit, stage,
			does("aws_api_gateway_method.m", "create", "null", `{"rest_api_id":"a","http_method":"GET"}`),
			does("aws_api_gateway_model.m", "delete", `{"rest_api_id":"a","name":"x"}`, "null"),
		}, []string{"old: 3 changes of the API are not deployed"}},
		{"the body", c, []string{does("aws_api_gateway_rest_api.a", "update", `{"id":"a","body":"x"}`, `{"id":"a","body":"y"}`), stage}, []string{"old: live"}},
		{"the name of the API", c, []string{does("aws_api_gateway_rest_api.a", "update", `{"id":"a","name":"x"}`, `{"id":"a","name":"y"}`), stage}, nil},
		{"a description", c, []string{does("aws_api_gateway_model.m", "update", `{"rest_api_id":"a","description":"x"}`, `{"rest_api_id":"a","description":"y"}`), stage}, nil},
		{"a new deployment", c, []string{edit, to("", `{"deployment_id":true}`)}, []string{"holds"}},
		{"a deployment that moves the stage", c, []string{edit, stage, does("aws_api_gateway_deployment.d", "create+delete", `{"id":"d"}`, `{"rest_api_id":"a","stage_name":"live"}`, `{"id":true}`)}, []string{"holds"}},
		{"another known deployment", c, []string{edit, to(`,"deployment_id":"e"`, "{}")}, []string{"unproven: not shown"}},
		{"the plan is cut", c, []string{edit, to("", "{}")}, []string{"unproven: not shown"}},
		{"a provisioner may deploy", c, []string{edit, stage, does("null_resource.deploy", "delete+create", `{"triggers":{}}`, `{"triggers":{"a":"b"}}`)}, []string{"unproven: unless a command"}},
		{"another API", c, []string{does("aws_api_gateway_integration.i", "update", `{"rest_api_id":"b","uri":"x"}`, `{"rest_api_id":"b","uri":"y"}`), stage}, nil},
		{"nothing is edited", c, []string{keeps("aws_api_gateway_integration.i", `{"rest_api_id":"a","uri":"x"}`), stage}, nil},
		{"a new stage", c, []string{edit, does("aws_api_gateway_stage.s", "create", "null", serves1)}, nil},
	})
}

func TestUndeployedHTTP(t *testing.T) {
	c := UndeployedHTTP()
	edit := does("aws_apigatewayv2_route.r", "update", `{"api_id":"a","authorization_type":"NONE"}`, `{"api_id":"a","authorization_type":"JWT"}`)
	stage := func(before, after string, unknown ...string) string {
		return does("aws_apigatewayv2_stage.s", "update", `{"name":"live","api_id":"a",`+before+`}`, `{"name":"live","api_id":"a",`+after+`}`, unknown...)
	}
	const off, on = `"auto_deploy":false,"deployment_id":"d"`, `"auto_deploy":true,"deployment_id":"d"`
	judgeAll(t, []row{
		{"no auto_deploy", c, []string{edit, stage(off, off)}, []string{"old: a change of the API is not deployed"}},
		{"null is false", c, []string{edit, stage(off, `"auto_deploy":null,"deployment_id":"d"`)}, []string{"old: live"}},
		{"auto_deploy", c, []string{edit, stage(on, on)}, []string{"holds"}},
		{"auto_deploy from now on", c, []string{edit, stage(off, on)}, []string{"unproven: this very apply"}},
		{"a new deployment", c, []string{edit, stage(off, `"auto_deploy":false`, `{"deployment_id":true}`)}, []string{"holds"}},
		{"auto_deploy is not shown", c, []string{edit, stage(`"x":1`, `"x":1`)}, []string{"unproven: not shown"}},
		{"the deployment is not shown", c, []string{edit, stage(`"auto_deploy":false`, `"auto_deploy":false`)}, []string{"unproven: not shown"}},
		{"a provisioner may deploy", c, []string{edit, stage(off, off), does("terraform_data.d", "create", "null", "{}")}, []string{"unproven: unless a command"}},
		{"the body", c, []string{does("aws_apigatewayv2_api.a", "update", `{"id":"a","body":"x"}`, `{"id":"a","body":"y"}`), stage(off, off)}, []string{"old: live"}},
		{"another API", c, []string{does("aws_apigatewayv2_route.r", "delete", `{"api_id":"b"}`, "null"), stage(off, off)}, nil},
	})
}

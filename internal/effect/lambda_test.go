package effect

import (
	"fmt"
	"testing"
)

const functionARN = "arn:aws:lambda:eu-west-1:1:function:pay"

// code changes the code of a function; publish is a JSON value, "" leaves it out.
func code(publish, version string) string {
	before, after, unknown := "", "", ""
	if publish != "" {
		before, after = `,"publish":`+publish, `,"publish":`+publish
	}
	if publish == "true" {
		unknown = `"version":true,"qualified_arn":true`
	}
	return does("aws_lambda_function.pay", "update",
		fmt.Sprintf(`{"arn":%q,"function_name":"pay","source_code_hash":"a","version":%q%s}`, functionARN, version, before),
		fmt.Sprintf(`{"arn":%q,"function_name":"pay","source_code_hash":"b"%s}`, functionARN, after), "{"+unknown+"}")
}

func alias(version string) string {
	return keeps("aws_lambda_alias.live", fmt.Sprintf(`{"name":"live","function_name":"pay","function_version":%q,"routing_config":[]}`, version))
}

func TestAliasOfPublished(t *testing.T) {
	c := AliasOfPublished()
	to := func(after, unknown string) string {
		return does("aws_lambda_alias.live", "update", `{"name":"live","function_name":"pay","function_version":"3"}`, `{"name":"live","function_name":"pay"`+after+`}`, unknown)
	}
	judgeAll(t, []row{
		{"it names a number", c, []string{code("true", "3"), alias("3")}, []string{"old: alias live still names version 3"}},
		{"by the ARN", c, []string{code("true", "3"), keeps("aws_lambda_alias.live", `{"name":"live","function_name":"`+functionARN+`","function_version":"2"}`)}, []string{"old: version 2"}},
		{"it follows", c, []string{code("true", "3"), to("", `{"function_version":true}`)}, []string{"holds"}},
		{"$LATEST", c, []string{code("true", "3"), alias("$LATEST")}, []string{"holds"}},
		{"it moves to an older one", c, []string{code("true", "3"), to(`,"function_version":"2"`, "{}")}, []string{"old: version 2"}},
		{"it moves to one that is to come", c, []string{code("true", "3"), to(`,"function_version":"4"`, "{}")}, []string{"holds"}},
		{"it moves, and the newest one is not known", c, []string{code("true", "$LATEST"), to(`,"function_version":"4"`, "{}")}, []string{"unproven: not shown"}},
		{"the weights are known later", c, []string{code("true", "3"), to(`,"function_version":"3"`, `{"routing_config":true}`)}, []string{"unproven: not known until apply"}},
		{"a part goes to one that is to come", c, []string{code("true", "3"), to(`,"function_version":"3","routing_config":[{"additional_version_weights":{"4":0.1}}]`, "{}")}, []string{"unproven: a part of its calls"}},
		{"a part goes to an older one", c, []string{code("true", "3"), to(`,"function_version":"3","routing_config":[{"additional_version_weights":{"2":0.1}}]`, "{}")}, []string{"old: version 3"}},
		{"the plan is cut", c, []string{code("true", "3"), to("", "{}")}, []string{"unproven: not shown"}},
		{"another function", c, []string{code("true", "3"), keeps("aws_lambda_alias.live", `{"function_name":"pay-2","function_version":"3"}`)}, nil},
		{"a new alias", c, []string{code("true", "3"), does("aws_lambda_alias.live", "create", "null", `{"function_name":"pay","function_version":"3"}`)}, nil},
		{"unpublished is CHG015's", c, []string{code("false", "$LATEST"), alias("3")}, nil},
		{"tags only", c, []string{does("aws_lambda_function.pay", "update", `{"function_name":"pay","publish":true,"tags":{}}`, `{"function_name":"pay","publish":true,"tags":{"a":"b"}}`), alias("3")}, nil},
		{"nothing that makes a version", c, []string{does("aws_lambda_function.pay", "update", `{"function_name":"pay","publish":true,"version":"3","vpc_config":[]}`, `{"function_name":"pay","publish":true,"version":"3","vpc_config":[{}]}`), alias("3")}, nil},
		{"a new function", c, []string{does("aws_lambda_function.pay", "delete+create", `{"function_name":"pay","publish":true,"handler":"a"}`, `{"function_name":"pay","publish":true,"handler":"b"}`), alias("3")}, nil},
	})
}

func TestUnpublishedFunction(t *testing.T) {
	c := UnpublishedFunction()
	queue := func(name string) string {
		return keeps("aws_lambda_event_source_mapping.q", fmt.Sprintf(`{"function_name":%q}`, name))
	}
	judgeAll(t, []row{
		{"an alias", c, []string{code("false", "$LATEST"), alias("3")}, []string{"old: no version is made"}},
		{"null is false", c, []string{code("null", "$LATEST"), alias("3")}, []string{"old: no version is made"}},
		{"an alias of $LATEST", c, []string{code("false", "$LATEST"), alias("$LATEST")}, []string{"holds"}},
		{"a caller", c, []string{code("false", "$LATEST"), queue(functionARN + ":3")}, []string{"old: no version is made"}},
		{"a caller by name", c, []string{code("false", "$LATEST"), queue("pay:3")}, []string{"old: version 3"}},
		{"a caller of the function", c, []string{code("false", "$LATEST"), queue(functionARN)}, nil},
		{"a caller of an alias", c, []string{code("false", "$LATEST"), queue(functionARN + ":live")}, nil},
		{"publish is not shown", c, []string{code("", "$LATEST"), alias("3"), queue("pay:3")}, []string{"unproven: not shown", "unproven: not shown"}},
		{"an alias that is known later", c, []string{code("false", "$LATEST"), does("aws_lambda_alias.live", "update", `{"function_name":"pay","function_version":"3"}`, `{"function_name":"pay"}`, `{"function_version":true}`)}, []string{"unproven: not known until apply"}},
		{"a caller that is known later", c, []string{code("false", "$LATEST"), does("aws_lambda_event_source_mapping.q", "update", `{"function_name":"pay:3"}`, `{}`, `{"function_name":true}`)}, []string{"unproven: not known until apply"}},
		{"published is CHG014's", c, []string{code("true", "3"), alias("3")}, nil},
	})
}

func TestCallersOfVersion(t *testing.T) {
	c := CallersOfVersion()
	permission := func(before, after, unknown string) string {
		return does("aws_lambda_permission.p", "update", `{"function_name":"pay","qualifier":"`+before+`"}`, `{"function_name":"pay"`+after+`}`, unknown)
	}
	uri := "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/" + functionARN + ":3/invocations"
	judgeAll(t, []row{
		{"an integration", c, []string{code("true", "3"), keeps("aws_api_gateway_integration.i", `{"uri":"`+uri+`"}`)}, []string{"old: version 3"}},
		{"an edge function", c, []string{code("true", "3"), keeps("aws_cloudfront_distribution.d",
			`{"ordered_cache_behavior":[{"lambda_function_association":[]},{"lambda_function_association":[{"lambda_arn":"`+functionARN+`:3"}]}]}`)}, []string{"old: version 3"}},
		{"an edge function that follows", c, []string{code("true", "3"), does("aws_cloudfront_distribution.d", "update",
			`{"default_cache_behavior":[{"lambda_function_association":[{"lambda_arn":"`+functionARN+`:3"}]}]}`,
			`{"default_cache_behavior":[{"lambda_function_association":[{}]}],"ordered_cache_behavior":[]}`,
			`{"default_cache_behavior":[{"lambda_function_association":[{"lambda_arn":true}]}]}`)}, []string{"holds"}},
		{"a bucket", c, []string{code("true", "3"), keeps("aws_s3_bucket_notification.b", `{"lambda_function":[{"lambda_function_arn":"`+functionARN+`:2"}]}`)}, []string{"old: version 2"}},
		{"a permission", c, []string{code("true", "3"), permission("3", `,"qualifier":"3"`, "{}")}, []string{"old: version 3"}},
		{"a permission that follows", c, []string{code("true", "3"), permission("3", "", `{"qualifier":true}`)}, []string{"holds"}},
		{"a permission that is cut", c, []string{code("true", "3"), permission("3", "", "{}")}, []string{"unproven: not shown"}},
		{"a permission for an alias", c, []string{code("true", "3"), permission("live", `,"qualifier":"live"`, "{}")}, nil},
		{"it moves to an alias", c, []string{code("true", "3"), does("aws_sns_topic_subscription.s", "update", `{"endpoint":"`+functionARN+`:3"}`, `{"endpoint":"`+functionARN+`:live"}`)}, []string{"holds"}},
		{"the plan is cut", c, []string{code("true", "3"), does("aws_sns_topic_subscription.s", "update", `{"endpoint":"`+functionARN+`:3"}`, `{"x":1}`)}, []string{"unproven: not shown"}},
		{"a function of a longer name", c, []string{code("true", "3"), keeps("aws_sns_topic_subscription.s", `{"endpoint":"`+functionARN+`-2:3"}`)}, nil},
		{"unpublished is CHG015's", c, []string{code("false", "$LATEST"), keeps("aws_sns_topic_subscription.s", `{"endpoint":"`+functionARN+`:3"}`)}, nil},
		{"a caller that is replaced", c, []string{code("true", "3"), does("aws_sns_topic_subscription.s", "delete+create", `{"endpoint":"`+functionARN+`:3"}`, `{"endpoint":"x"}`)}, nil},
	})
}

func TestEveryCallerHasPaths(t *testing.T) {
	types := callerTypes()
	for _, typ := range types {
		if _, ok := callers[typ]; !ok {
			t.Errorf("%s has no paths", typ)
		}
	}
	if len(types) != len(callers) {
		t.Errorf("%d types, %d with paths", len(types), len(callers))
	}
}

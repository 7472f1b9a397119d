package effect

import (
	"fmt"
	"strings"
)

// callers are the types that invoke a function, and where they name it. A star
// stands for each element of a list.
var callers = map[string][]string{
	"aws_lambda_event_source_mapping":        {"function_name"},
	"aws_api_gateway_integration":            {"uri"},
	"aws_api_gateway_authorizer":             {"authorizer_uri"},
	"aws_apigatewayv2_integration":           {"integration_uri"},
	"aws_apigatewayv2_authorizer":            {"authorizer_uri"},
	"aws_lb_target_group_attachment":         {"target_id"},
	"aws_cloudwatch_event_target":            {"arn"},
	"aws_cloudwatch_log_subscription_filter": {"destination_arn"},
	"aws_sns_topic_subscription":             {"endpoint"},
	"aws_secretsmanager_secret_rotation":     {"rotation_lambda_arn"},
	"aws_s3_bucket_notification":             {"lambda_function.*.lambda_function_arn"},
	"aws_iot_topic_rule":                     {"lambda.*.function_arn"},
	"aws_appsync_datasource":                 {"lambda_config.*.function_arn"},
	"aws_cloudfront_distribution": {
		"default_cache_behavior.*.lambda_function_association.*.lambda_arn",
		"ordered_cache_behavior.*.lambda_function_association.*.lambda_arn",
	},
	"aws_lambda_permission":                     nil, // function_name and qualifier
	"aws_lambda_provisioned_concurrency_config": nil,
}

func callerTypes() []string {
	return []string{
		"aws_lambda_event_source_mapping", "aws_lambda_permission", "aws_lambda_provisioned_concurrency_config",
		"aws_api_gateway_integration", "aws_api_gateway_authorizer", "aws_apigatewayv2_integration", "aws_apigatewayv2_authorizer",
		"aws_lb_target_group_attachment", "aws_cloudwatch_event_target", "aws_cloudwatch_log_subscription_filter",
		"aws_sns_topic_subscription", "aws_secretsmanager_secret_rotation", "aws_s3_bucket_notification", "aws_iot_topic_rule",
		"aws_appsync_datasource", "aws_cloudfront_distribution",
	}
}

// UnpublishedFunction: without a new version, whoever names a number runs what
// was published before.
func UnpublishedFunction() Case {
	return Case{ByCommand: true, Types: append([]string{"aws_lambda_alias"}, callerTypes()...), Judge: func(w *World, o *Object) []Outcome {
		if o.TypeName() == "aws_lambda_alias" {
			return aliases(w, o, publishesNot)
		}
		return numbered(w, o, publishesNot)
	}}
}

// CallersOfVersion: event sources, permissions and integrations that name a
// version by its number go on with it after a newer one is published.
func CallersOfVersion() Case {
	return Case{Types: callerTypes(), Judge: func(w *World, o *Object) []Outcome { return numbered(w, o, publishes) }}
}

// numbered judges one caller of the functions that publish, or do not.
func numbered(w *World, caller *Object, which publishing) []Outcome {
	if !caller.Runs() || len(changedFunctions(w)) == 0 {
		return nil
	}
	var out []Outcome
	for _, f := range called(w, caller) {
		if f.publish == publishes != (which == publishes) {
			continue
		}
		if o, ok := judgeCaller(caller, f); ok {
			o.Discriminator = f.Address
			if out = append(out, ifNewCode(o, f)); enough(out) {
				break
			}
		}
	}
	return out
}

// called lists the changed functions that a caller may name now, each once.
func called(w *World, caller *Object) []function {
	paths := callers[caller.TypeName()]
	if paths == nil {
		paths = []string{"function_name"}
	}
	var out []function
	told := map[*Object]bool{}
	for _, p := range paths {
		for _, v := range spread(caller, false, p) {
			for _, f := range functionsIn(w, caller, Text(v.value)) {
				if !told[f.Object] {
					told[f.Object] = true
					out = append(out, f)
				}
			}
		}
	}
	return out
}

func judgeCaller(caller *Object, f function) (Outcome, bool) {
	paths := callers[caller.TypeName()]
	if paths == nil {
		return judgeQualifier(caller, f)
	}
	var was string
	for _, p := range paths {
		for _, v := range spread(caller, false, p) {
			if q := f.qualifier(Text(v.value)); digits(q) {
				was = q
			}
		}
	}
	if was == "" {
		return Outcome{}, false // it names no number now
	}
	for _, p := range paths {
		for _, v := range spread(caller, true, p) {
			if q := f.qualifier(Text(v.value)); digits(q) && f.old(q) {
				return stillCalls(caller, f, v.path, q), true
			}
		}
	}
	for _, p := range paths {
		root, _, _ := strings.Cut(p, ".")
		if !caller.Unknown(root) && !caller.Says(root) {
			return notShown(caller, root, "which version it calls is not shown", f.changes()), true
		}
		if caller.Unknown(root) && f.publish != publishes {
			return knownLater(caller, root, "which version it calls is not known until apply", f.changes()), true
		}
	}
	return Outcome{Verdict: InEffect}, true
}

// judgeQualifier is for types that name the function and the version apart.
func judgeQualifier(caller *Object, f function) (Outcome, bool) {
	if !f.named(Text(caller.Before("function_name"))) || !digits(Text(caller.Before("qualifier"))) {
		return Outcome{}, false
	}
	switch q := Text(caller.After("qualifier")); {
	case caller.Unknown("qualifier"):
		if f.publish == publishesNot {
			return knownLater(caller, "qualifier", "which version it is for is not known until apply", f.changes()), true
		}
		return Outcome{Verdict: InEffect}, true
	case !caller.Says("qualifier"):
		return notShown(caller, "qualifier", "which version it is for is not shown", f.changes()), true
	case digits(q) && f.old(q):
		return stillCalls(caller, f, "qualifier", q), true
	}
	return Outcome{Verdict: InEffect}, true
}

func stillCalls(caller *Object, f function, path, version string) Outcome {
	if f.publish == publishUnknown {
		return notShown(f.Object, "publish", "whether a version is made of the change is not shown", f.changes())
	}
	o := Outcome{
		Verdict: NotInEffect,
		Proof:   []Fact{fact(caller, path, "%s names version %s", caller.Address, version), f.changes()},
	}
	if f.publish == publishesNot {
		o.Title = fmt.Sprintf("it goes on with version %s: no version is made of the change", version)
		o.Proof = append(o.Proof, fact(f.Object, "publish", "%s does not publish a version", f.Address))
		o.Remedy = Remedy{Text: "Publish a version with each change, and let its callers name it, or an alias.", Patch: "publish = true"}
		return o
	}
	o.Title = fmt.Sprintf("it goes on with version %s; the change is in a newer one", version)
	o.Proof = append(o.Proof, fact(f.Object, "publish", "%s publishes a new version", f.Address))
	o.Remedy = Remedy{Text: fmt.Sprintf("Name %s.qualified_arn (or .version) instead of the number, or an alias.", local(f.Address))}
	return o
}

// placed is a value and where it stands.
type placed struct {
	path  string
	value any
}

// spread lists the values at a path in which stars stand for the elements of
// lists, of the planned values or of those in the state.
func spread(o *Object, planned bool, path string) []placed {
	get := o.Before
	if planned {
		get = o.After
	}
	head, rest, more := strings.Cut(path, ".*.")
	if !more {
		return []placed{{path, get(path)}}
	}
	var out []placed
	for i := range elements(get(head)) {
		out = append(out, spread(o, planned, fmt.Sprintf("%s.%d.%s", head, i, rest))...)
	}
	return out
}

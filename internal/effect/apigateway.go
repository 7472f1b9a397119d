package effect

import (
	"fmt"
	"slices"

	"polygraph/internal/tfplan"
)

// restParts are what a deployment of a REST API takes a snapshot of.
var restParts = []string{
	"aws_api_gateway_method", "aws_api_gateway_integration", "aws_api_gateway_resource", "aws_api_gateway_method_response",
	"aws_api_gateway_integration_response", "aws_api_gateway_model", "aws_api_gateway_authorizer", "aws_api_gateway_request_validator",
	"aws_api_gateway_gateway_response", "aws_api_gateway_rest_api_policy", "aws_api_gateway_rest_api_put",
}

// restSettings are those of the API itself that a deployment takes a snapshot of.
var restSettings = []string{"body", "policy", "binary_media_types", "minimum_compression_size", "api_key_source"}

var httpParts = []string{
	"aws_apigatewayv2_route", "aws_apigatewayv2_integration", "aws_apigatewayv2_authorizer", "aws_apigatewayv2_model",
	"aws_apigatewayv2_integration_response", "aws_apigatewayv2_route_response",
}

// UndeployedREST: a stage of a REST API serves the snapshot that its deployment
// made. What is changed after that needs another deployment.
func UndeployedREST() Case {
	return Case{ByCommand: true, Types: []string{"aws_api_gateway_stage"}, Judge: func(w *World, stage *Object) []Outcome {
		if !stage.Runs() {
			return nil
		}
		api := Text(stage.Before("rest_api_id"))
		changes := once(w, "REST APIs", func() map[string][]Fact {
			return apiChanges(w, "rest_api_id", restParts, "aws_api_gateway_rest_api", restSettings)
		})[api]
		if len(changes) == 0 {
			return nil
		}
		if stage.Unknown("deployment_id") {
			return []Outcome{{Verdict: InEffect}}
		}
		if !stage.Stays("deployment_id") || Text(stage.After("deployment_id")) == "" {
			return []Outcome{notShown(stage, "deployment_id", "which deployment the stage serves is not shown", changes[:1]...)}
		}
		for _, d := range w.Of("aws_api_gateway_deployment") {
			// Older providers let a deployment move a stage by its name.
			if !d.Runs() && Text(d.After("rest_api_id")) == api && Text(d.After("stage_name")) != "" &&
				Text(d.After("stage_name")) == Text(stage.Before("stage_name")) {
				return []Outcome{{Verdict: InEffect}}
			}
		}
		proof := []Fact{fact(stage, "deployment_id", "the stage goes on serving deployment %s", Text(stage.After("deployment_id")))}
		proof = append(proof, changes[:min(3, len(changes))]...)
		if d := deploymentOf(w, "aws_api_gateway_deployment", stage); d != nil && d.Action == tfplan.NoOp {
			proof = append(proof, Fact{Text: "the plan leaves " + d.Address + " as it is", Object: d, Path: "/actions"})
		}
		return []Outcome{snapshot(w, stage, changes, Outcome{
			Verdict: NotInEffect, Proof: proof,
			Title: fmt.Sprintf("stage %s serves the old deployment: %s not deployed", Text(stage.Before("stage_name")), areMany(len(changes))),
			Remedy: Remedy{
				Text:     "Let `triggers` of the deployment hash everything that it takes a snapshot of; until then deploy by hand after the apply.",
				Commands: []string{fmt.Sprintf("aws apigateway create-deployment --rest-api-id %s --stage-name %s", shell(api), shell(Text(stage.Before("stage_name"))))},
			},
		})}
	}}
}

// UndeployedHTTP: a stage of an HTTP or WebSocket API without auto_deploy serves
// the deployment that it names.
func UndeployedHTTP() Case {
	return Case{ByCommand: true, Types: []string{"aws_apigatewayv2_stage"}, Judge: func(w *World, stage *Object) []Outcome {
		if !stage.Runs() {
			return nil
		}
		api := Text(stage.Before("api_id"))
		changes := once(w, "HTTP APIs", func() map[string][]Fact {
			return apiChanges(w, "api_id", httpParts, "aws_apigatewayv2_api", []string{"body"})
		})[api]
		if len(changes) == 0 {
			return nil
		}
		switch {
		case stage.Unknown("auto_deploy") || !stage.Says("auto_deploy"):
			return []Outcome{notShown(stage, "auto_deploy", "whether the stage deploys by itself is not shown", changes[:1]...)}
		case isTrue(stage.After("auto_deploy")) && isTrue(stage.Before("auto_deploy")):
			return []Outcome{{Verdict: InEffect}}
		case isTrue(stage.After("auto_deploy")):
			return []Outcome{{
				Title: "the stage learns to deploy by itself in this very apply", Proof: append([]Fact{editedHow(stage, "auto_deploy")}, changes[:1]...),
				Missing: []Gap{{
					Evidence: "whether the changes were deployed",
					Get:      fmt.Sprintf("aws apigatewayv2 get-stage --api-id %s --stage-name %s", shell(api), shell(Text(stage.Before("name")))),
				}},
			}}
		case stage.Unknown("deployment_id"):
			return []Outcome{{Verdict: InEffect}}
		case !stage.Stays("deployment_id"):
			return []Outcome{notShown(stage, "deployment_id", "which deployment the stage serves is not shown", changes[:1]...)}
		}
		proof := []Fact{
			fact(stage, "auto_deploy", "the stage does not deploy by itself"),
			fact(stage, "deployment_id", "it goes on serving the deployment that it names"),
		}
		proof = append(proof, changes[:min(3, len(changes))]...)
		return []Outcome{snapshot(w, stage, changes, Outcome{
			Verdict: NotInEffect, Proof: proof,
			Title: fmt.Sprintf("stage %s serves the old deployment: %s not deployed", Text(stage.Before("name")), areMany(len(changes))),
			Remedy: Remedy{
				Text:  "Let the stage deploy by itself (HTTP APIs), or make a deployment with each change.",
				Patch: "auto_deploy = true",
			},
		})}
	}}
}

// snapshot takes an accusation back where all that changes may stay as it is, or
// where another stage of the API gets the new deployment: then this one may be
// the next to which it is promoted.
func snapshot(w *World, stage *Object, changes []Fact, out Outcome) Outcome {
	if changes[0].open {
		first := changes[0]
		return Outcome{
			Title: "whether the API changes is not known until apply", Proof: out.Proof,
			Missing: []Gap{{Evidence: "the new values of " + first.Object.Address, Get: "apply first what they are computed from, and plan again"}},
		}
	}
	key := "api_id"
	if stage.TypeName() == "aws_api_gateway_stage" {
		key = "rest_api_id"
	}
	deployed := once(w, "deployed "+stage.TypeName(), func() map[string]*Object {
		found := map[string]*Object{}
		for _, s := range w.Of(stage.TypeName()) {
			if w.Has(s.Change.Unknown, w.Sym("deployment_id")) {
				found[Text(s.After(key))] = s
			}
		}
		return found
	})
	if other := deployed[Text(stage.Before(key))]; other != nil {
		return doubted(out, "; "+other.Address+" gets the new one", Gap{
			Evidence: "whether " + stage.Address + " is meant to stay behind " + other.Address,
			Get:      "let both name the deployment, if not",
		})
	}
	return out
}

func areMany(n int) string {
	if n == 1 {
		return "a change of the API is"
	}
	return fmt.Sprintf("%d changes of the API are", n)
}

// apiChanges lists what the plan changes of each API that exists, by its id.
func apiChanges(w *World, key string, parts []string, whole string, settings []string) map[string][]Fact {
	out := map[string][]Fact{}
	tell := func(api string, f Fact) {
		if api != "" {
			out[api] = append(out[api], f)
		}
	}
	for _, a := range w.Of(whole) {
		if a.Action != tfplan.Update {
			continue
		}
		if edited := a.EditedOf(settings...); len(edited) > 0 {
			tell(Text(a.Before("id")), partEdited(a, edited))
		}
	}
	for _, o := range w.Of(parts...) {
		switch {
		case o.Action == tfplan.Create:
			tell(Text(o.After(key)), Fact{Text: o.Address + " is created", Object: o, Path: "/actions"})
		case o.Action == tfplan.Delete:
			tell(Text(o.Before(key)), Fact{Text: o.Address + " is destroyed", Object: o, Path: "/actions"})
		case o.Touched():
			if edited := partEdits(o); len(edited) > 0 {
				tell(Text(o.Before(key)), partEdited(o, edited))
			}
		}
	}
	for _, changes := range out { // what is sure says more
		slices.SortStableFunc(changes, func(a, b Fact) int { return rank(a.open) - rank(b.open) })
	}
	return out
}

// partEdits are the edits of a part of an API that its callers can see.
func partEdits(o *Object) []string {
	d, err := o.Detail()
	if err != nil {
		return nil
	}
	var names []string
	for _, m := range []map[string]any{d.Before, d.After, d.AfterUnknown} {
		for n := range m {
			if n != "id" && n != "description" && n != "region" && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	slices.Sort(names)
	return o.EditedOf(names...)
}

// partEdited is the fact that an object is edited, by what is surest.
func partEdited(o *Object, edited []string) Fact {
	edited, sure := certain(o, edited)
	f := editedHow(o, edited[0])
	f.open = !sure
	return f
}

func rank(open bool) int {
	if open {
		return 1
	}
	return 0
}

// deploymentOf is the deployment that a stage serves now.
func deploymentOf(w *World, typ string, stage *Object) *Object {
	for _, d := range w.Of(typ) {
		if stage.Names("deployment_id", d, "id") {
			return d
		}
	}
	return nil
}

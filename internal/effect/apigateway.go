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
	return Case{Types: []string{"aws_api_gateway_stage"}, Judge: func(w *World, stage *Object) []Outcome {
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
		if o, unsure := provisionersOf(w, proof); unsure {
			return []Outcome{o}
		}
		return []Outcome{{
			Verdict: NotInEffect, Proof: proof,
			Title: fmt.Sprintf("stage %s serves the old deployment: %s not deployed", Text(stage.Before("stage_name")), areMany(len(changes))),
			Remedy: Remedy{
				Text:     "Let `triggers` of the deployment hash everything that it takes a snapshot of; until then deploy by hand after the apply.",
				Commands: []string{fmt.Sprintf("aws apigateway create-deployment --rest-api-id %s --stage-name %s", shell(api), shell(Text(stage.Before("stage_name"))))},
			},
		}}
	}}
}

// UndeployedHTTP: a stage of an HTTP or WebSocket API without auto_deploy serves
// the deployment that it names.
func UndeployedHTTP() Case {
	return Case{Types: []string{"aws_apigatewayv2_stage"}, Judge: func(w *World, stage *Object) []Outcome {
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
		if o, unsure := provisionersOf(w, proof); unsure {
			return []Outcome{o}
		}
		return []Outcome{{
			Verdict: NotInEffect, Proof: proof,
			Title: fmt.Sprintf("stage %s serves the old deployment: %s not deployed", Text(stage.Before("name")), areMany(len(changes))),
			Remedy: Remedy{
				Text:  "Let the stage deploy by itself (HTTP APIs), or make a deployment with each change.",
				Patch: "auto_deploy = true",
			},
		}}
	}}
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
			tell(Text(a.Before("id")), editedHow(a, edited[0]))
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
				tell(Text(o.Before(key)), editedHow(o, edited[0]))
			}
		}
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
	known := o.EditedOf(names...)
	// A known new value says more than one that the apply will tell.
	slices.SortStableFunc(known, func(a, b string) int { return rank(o.Unknown(a)) - rank(o.Unknown(b)) })
	return known
}

func rank(unknown bool) int {
	if unknown {
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

// provisionersOf tells whether the plan runs something whose provisioners may deploy:
// its values do not show what they do.
func provisionersOf(w *World, proof []Fact) (Outcome, bool) {
	for _, o := range w.Of("null_resource", "terraform_data") {
		if o.Action == tfplan.Create || o.Action.Replaces() {
			return Outcome{
				Title: "whether a provisioner of this plan deploys the changes is not shown", Proof: proof,
				Missing: []Gap{{Evidence: "what the provisioners of " + o.Address + " run", Get: "read the block " + local(o.Address) + " in the configuration"}},
			}, true
		}
	}
	return Outcome{}, false
}

package effect

import (
	"fmt"
	"slices"

	"polygraph/internal/tfplan"
)

// Undeployed: a new version of a hosted configuration is stored; an environment
// gets it by a deployment.
func Undeployed() Case {
	return Case{ByCommand: true, Types: []string{"aws_appconfig_deployment", "aws_appconfig_hosted_configuration_version"}, Judge: func(w *World, o *Object) []Outcome {
		if o.TypeName() == "aws_appconfig_deployment" {
			return judgeDeployment(w, o)
		}
		return judgeVersion(w, o)
	}}
}

// newVersion tells whether the apply stores a version of this profile.
func newVersion(w *World, application, profile string) *Object {
	for _, v := range w.By("aws_appconfig_hosted_configuration_version", "configuration_profile_id", profile) {
		if made(v) && Text(v.After("configuration_profile_id")) == profile && Text(v.After("application_id")) == application {
			return v
		}
	}
	return nil
}

func made(v *Object) bool { return v.Action == tfplan.Create || v.Action.Replaces() }

func judgeDeployment(w *World, d *Object) []Outcome {
	if d.Action == tfplan.Delete || d.Action == tfplan.Create {
		return nil
	}
	v := newVersion(w, Text(d.Before("application_id")), Text(d.Before("configuration_profile_id")))
	if v == nil {
		return nil
	}
	before := Text(d.Before("configuration_version"))
	proof := []Fact{
		{Text: v.Address + " stores a new version", Object: v, Path: "/after/configuration_profile_id"},
		{Text: fmt.Sprintf("%s deployed version %s of this profile", d.Address, shown(d, before)), Object: d, Path: "/before/configuration_version"},
	}
	switch {
	case d.Action.Replaces() && (d.Unknown("configuration_version") || Text(d.After("configuration_version")) != before):
		return []Outcome{{Verdict: InEffect}}
	case !d.Runs(), before == "":
		return []Outcome{{
			Title: "which version it deploys is not in the plan", Proof: proof, Missing: []Gap{gap("configuration_version", d)},
		}}
	case another(w, d):
		return nil // a deployment that is made now follows it
	}
	stays := Outcome{
		Verdict: NotInEffect, Proof: proof,
		Title: fmt.Sprintf("the environment stays on version %s: the new one is not deployed", shown(d, before)),
		Remedy: Remedy{
			Text:  "Deploy the version that the apply stores.",
			Patch: fmt.Sprintf("configuration_version = %s.version_number", reference(v)),
		},
	}
	for _, o := range deployments(w)[Text(d.Before("configuration_profile_id"))] {
		if Text(o.After("environment_id")) != "" {
			stays = doubted(stays, "; "+o.Address+" deploys to another environment", Gap{
				Evidence: "whether " + d.Address + " is meant to stay behind " + o.Address, Get: "let both name the version, if not",
			})
			break
		}
	}
	return []Outcome{stays}
}

// another tells whether the plan makes a deployment for the same environment and
// profile.
func another(w *World, d *Object) bool {
	return slices.ContainsFunc(deployments(w)[Text(d.Before("configuration_profile_id"))], func(o *Object) bool {
		return Text(o.After("environment_id")) == Text(d.Before("environment_id"))
	})
}

// deployments are those that the plan makes, by their profile.
func deployments(w *World) map[string][]*Object {
	return once(w, "deployments", func() map[string][]*Object {
		found := map[string][]*Object{}
		for _, o := range w.Of("aws_appconfig_deployment") {
			if made(o) {
				profile := Text(o.After("configuration_profile_id"))
				found[profile] = append(found[profile], o)
			}
		}
		return found
	})
}

// judgeVersion answers for a version that nobody in the plan deploys. One whose
// profile has a deployment is that one's matter.
func judgeVersion(w *World, v *Object) []Outcome {
	if !made(v) {
		return nil
	}
	profile := Text(v.After("configuration_profile_id"))
	for _, d := range w.Of("aws_appconfig_deployment") {
		same := profile != "" && Text(d.After("configuration_profile_id")) == profile
		if made(d) && (same && d.Unknown("configuration_version") || follows(w, d, "configuration_version", v, "version_number")) {
			return []Outcome{{Verdict: InEffect}}
		}
		if d.Action != tfplan.Delete && (same || profile != "" && Text(d.Before("configuration_profile_id")) == profile) {
			return nil
		}
	}
	return []Outcome{{
		Title:   "the new version is stored, and the plan shows no deployment of it",
		Proof:   []Fact{{Text: v.Address + " stores a new version", Object: v, Path: "/actions"}},
		Missing: []Gap{{Evidence: "who deploys " + v.Address, Get: "aws appconfig list-deployments --application-id ID --environment-id ID"}},
	}}
}

package effect

import (
	"fmt"
	"strings"

	"polygraph/internal/tfplan"
)

// templateUsers are the types that name a version of a launch template.
var templateUsers = []string{
	"aws_autoscaling_group", "aws_ec2_fleet", "aws_spot_fleet_request", "aws_eks_node_group",
	"aws_batch_compute_environment", "aws_instance",
}

// What an instance sees of a launch template: each of them makes a new version.
var (
	templateSettings = []string{
		"image_id", "instance_type", "user_data", "block_device_mappings", "iam_instance_profile", "key_name", "network_interfaces",
		"vpc_security_group_ids", "security_group_names", "ebs_optimized", "monitoring", "placement", "tag_specifications",
		"instance_requirements", "instance_market_options", "cpu_options", "credit_specification", "enclave_options",
		"hibernation_options", "license_specification", "capacity_reservation_specification", "private_dns_name_options",
		"disable_api_stop", "disable_api_termination", "instance_initiated_shutdown_behavior", "kernel_id", "ram_disk_id",
		"maintenance_options",
	}
	templateComputed = []string{"metadata_options"}
)

// launchSpec is a place where an object names a launch template.
type launchSpec struct{ path, id, name string }

type takes uint8

const (
	takesUnknown takes = iota
	takesNew           // it launches from the version that the plan makes
	takesOld           // it names an older one
)

// templateUse is one launch template that the plan changes, and who names it.
type templateUse struct {
	template *Object
	edited   []string // what an instance sees of the change
	spec     launchSpec
	takes    takes
	why      string // of takesOld: which version it names
}

// templatesOf lists the changed launch templates that an object names now, each
// once.
func templatesOf(w *World, user *Object) []templateUse {
	templates := once(w, "launch templates", func() map[string][]*Object {
		return byName(those(w.Of("aws_launch_template"), (*Object).Touched), "id", "name")
	})
	if len(templates) == 0 {
		return nil
	}
	var out []templateUse
	told := map[*Object]bool{}
	named := func(path string) string { return Text(user.Before(path)) }
	if user.TypeName() == "aws_instance" { // of these there are many
		named = user.Now
	}
	for _, spec := range specsOf(user) {
		for _, name := range []string{spec.id, spec.name} {
			for _, t := range templates[named(spec.path+"."+name)] {
				if told[t] || namesOther(user, spec) {
					continue
				}
				if Text(t.Before("id")) != Text(user.Before(spec.path+"."+spec.id)) && Text(user.Before(spec.path+"."+spec.id)) != "" || together(user, t) == no {
					continue // one of the same name, elsewhere
				}
				told[t] = true
				u := templateUse{template: t, edited: notOverridden(user, t, newVersionOf(w, t)), spec: spec}
				u.takes, u.why = versionTaken(user, spec, t)
				if out = append(out, u); len(out) > MostOutcomes {
					return out
				}
			}
		}
	}
	return out
}

// newVersionOf lists what an instance sees of the change of a template, what is
// sure first.
func newVersionOf(w *World, t *Object) []string {
	known := once(w, "new versions", func() map[*Object][]string { return map[*Object][]string{} })
	edited, told := known[t]
	if !told {
		edited, _ = certain(t, seen(t, templateSettings, templateComputed))
		known[t] = edited
	}
	return edited
}

// namesOther tells whether the plan gives an object another template at this
// place, or none.
func namesOther(user *Object, spec launchSpec) bool {
	root, _, _ := strings.Cut(spec.path, ".")
	if !user.Says(root) || user.Unknown(spec.path) {
		return false
	}
	for _, name := range []string{spec.id, spec.name} {
		p := spec.path + "." + name
		if Text(user.After(p)) != "" && Text(user.After(p)) == Text(user.Before(p)) {
			return false
		}
	}
	return true
}

// ofInstance are settings that an instance has under a name of its own. It may
// be given another value than its template says.
var ofInstance = map[string]string{"image_id": "ami", "instance_type": "instance_type", "key_name": "key_name"}

// notOverridden leaves out what the user of a template does not take from it.
func notOverridden(user, t *Object, edited []string) []string {
	if overridden(user, edited) {
		return nil
	}
	if user.TypeName() != "aws_instance" {
		return edited
	}
	var out []string
	for _, e := range edited {
		own := Text(user.Before(ofInstance[e]))
		if ofInstance[e] == "" || own == "" || own == Text(t.Before(e)) {
			out = append(out, e)
		}
	}
	return out
}

// overridden tells whether the only edit is the instance type, which a group of
// mixed instances takes from its overrides.
func overridden(user *Object, edited []string) bool {
	if len(edited) != 1 || edited[0] != "instance_type" {
		return false
	}
	overrides := elements(user.Before("mixed_instances_policy.0.launch_template.0.override"))
	for _, o := range overrides {
		m, ok := o.(map[string]any)
		if !ok || Text(m["instance_type"]) == "" && !nonEmptyList(m["instance_requirements"]) {
			return false
		}
	}
	return len(overrides) > 0
}

func specsOf(o *Object) []launchSpec {
	switch o.TypeName() {
	case "aws_autoscaling_group":
		mixed := "mixed_instances_policy.0.launch_template.0"
		out := []launchSpec{
			{"launch_template.0", "id", "name"},
			{mixed + ".launch_template_specification.0", "launch_template_id", "launch_template_name"},
		}
		for i := range elements(o.Before(mixed + ".override")) {
			out = append(out, launchSpec{fmt.Sprintf("%s.override.%d.launch_template_specification.0", mixed, i), "launch_template_id", "launch_template_name"})
		}
		return out
	case "aws_ec2_fleet", "aws_spot_fleet_request":
		id, name := "launch_template_id", "launch_template_name"
		if o.TypeName() == "aws_spot_fleet_request" {
			id, name = "id", "name"
		}
		var out []launchSpec
		for i := range elements(o.Before("launch_template_config")) {
			out = append(out, launchSpec{fmt.Sprintf("launch_template_config.%d.launch_template_specification.0", i), id, name})
		}
		return out
	case "aws_batch_compute_environment":
		return []launchSpec{{"compute_resources.0.launch_template.0", "launch_template_id", "launch_template_name"}}
	}
	return []launchSpec{{"launch_template.0", "id", "name"}}
}

// versionTaken tells which version of a changed template an object launches from
// after the apply.
func versionTaken(user *Object, spec launchSpec, t *Object) (takes, string) {
	path := spec.path + ".version"
	if t.Action.Replaces() || user.Unknown(path) {
		return takesNew, "" // another template, or the version that the apply makes
	}
	if _, ok := user.After(spec.path).(map[string]any); !ok {
		return takesUnknown, ""
	}
	latest, known := Number(t.Before("latest_version"))
	switch v := Text(user.After(path)); v {
	case "$Latest":
		return takesNew, ""
	case "$Default", "":
		switch n, ok := Number(t.After("default_version")); {
		case t.Unknown("default_version") || isTrue(t.After("update_default_version")):
			return takesNew, ""
		case !t.Says("update_default_version") || !ok:
			return takesUnknown, ""
		case known && n > latest:
			return takesNew, ""
		default:
			return takesOld, fmt.Sprintf("the default version, and that stays %d", int(n))
		}
	default:
		n, ok := Number(v)
		switch {
		case ok && known && n <= latest, ok && user.Stays(path):
			return takesOld, "version " + v
		case ok && known && n == latest+1:
			return takesNew, ""
		}
		return takesUnknown, ""
	}
}

// PinnedTemplate: who names a version of a launch template by its number, or the
// default version that is not moved, launches the old one on.
func PinnedTemplate() Case {
	return Case{Types: templateUsers, Judge: func(w *World, user *Object) []Outcome {
		if !user.Runs() {
			return replacedWithTemplate(w, user)
		}
		var out []Outcome
		for _, u := range templatesOf(w, user) {
			if len(u.edited) > 0 {
				out = append(out, ifChanged(pinned(user, u), u.template, u.edited))
			}
		}
		return out
	}}
}

// replacedWithTemplate holds for an instance that is replaced together with the
// template it was launched from.
func replacedWithTemplate(w *World, user *Object) []Outcome {
	if user.TypeName() != "aws_instance" || !user.Action.Replaces() {
		return nil
	}
	for _, u := range templatesOf(w, user) {
		if len(u.edited) > 0 {
			return []Outcome{{Verdict: InEffect, Discriminator: u.template.Address}}
		}
	}
	return nil
}

func pinned(user *Object, u templateUse) Outcome {
	path := u.spec.path + ".version"
	o := Outcome{
		Discriminator: u.template.Address,
		Proof: []Fact{
			editedHow(u.template, u.edited[0]),
			was(user, u.spec.path, "%s launches from it", user.Address),
		},
	}
	switch {
	case user.TypeName() == "aws_instance":
		return pinnedInstance(user, u, o)
	case user.TypeName() == "aws_batch_compute_environment" && u.takes == takesNew && user.Action == tfplan.NoOp:
		o.Title = "whether the compute environment reads the new version is not shown: it does so when its infrastructure is updated"
		o.Missing = []Gap{{
			Evidence: "the version that " + user.Address + " launches from",
			Get:      "aws batch describe-compute-environments --compute-environments " + shell(Text(user.Before("id"))),
		}}
	case u.takes == takesNew:
		o.Verdict = InEffect
	case u.takes == takesUnknown:
		return withName(u.template.Address, notShown(user, path, "which version of the launch template it takes is not shown", o.Proof...))
	default:
		o.Verdict = NotInEffect
		o.Title = "it goes on launching " + u.why + " of the changed launch template"
		if strings.HasPrefix(u.why, "the default") {
			o.Proof = append([]Fact{fact(user, path, "it names %s", u.why)}, append(o.Proof, fact(u.template, "default_version", "the plan leaves the default version as it is"))...)
			o.Remedy = Remedy{Text: "Let the default version move with each change of the template.", Patch: "update_default_version = true"}
			break
		}
		o.Proof = append([]Fact{fact(user, path, "it names %s", u.why)}, o.Proof...)
		o.Remedy = Remedy{
			Text:  "Name the version that the template has.",
			Patch: versionPatch(u.spec.path, u.template),
		}
	}
	return o
}

// versionPatch names the version that a template has, where path names it now.
func versionPatch(path string, t *Object) string {
	block, id := "launch_template", "id     "
	if strings.Contains(path, "launch_template_specification") {
		block, id = "launch_template_specification", "launch_template_id"
	}
	version := "version" + strings.Repeat(" ", max(0, len(id)-len("version")))
	return fmt.Sprintf("%s {\n  %s = %s.id\n  %s = %[3]s.latest_version\n}", block, id, local(t.Address), version)
}

// pinnedInstance: an instance reads its template when it is launched, whatever
// version it names.
func pinnedInstance(user *Object, u templateUse, o Outcome) Outcome {
	path := u.spec.path + ".version"
	if user.Unknown(path) {
		return withName(u.template.Address, knownLater(user, path, "whether the instance is replaced is not known until apply", o.Proof...))
	}
	o.Verdict = NotInEffect
	o.Title = "the instance keeps the launch template it was launched from: the plan does not replace it"
	o.Proof = append([]Fact{{Text: "it is launched already, and goes on", Object: user, Path: "/actions"}}, o.Proof...)
	o.Remedy = Remedy{
		Text:     "Replace the instance: what a template says is read at launch.",
		Commands: []string{"terraform plan -replace=" + shell(user.Address) + " -out=tfplan"},
	}
	return o
}

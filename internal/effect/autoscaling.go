package effect

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/tfplan"
)

// TemplateWithoutRefresh: a group takes a new launch template or configuration
// for instances that it launches from then on; those that run keep the old one
// unless an instance refresh replaces them. A template whose version the group
// pins is PinnedTemplate's.
func TemplateWithoutRefresh() Case {
	return Case{ByCommand: true, Types: []string{"aws_autoscaling_group"}, Judge: func(w *World, group *Object) []Outcome {
		if !group.Runs() || withoutInstances(group) {
			return nil
		}
		var out []Outcome
		for _, l := range launchedFrom(w, group) {
			o := withoutRefresh(group, l)
			if l.from != group {
				o = ifChanged(o, l.from, l.edited)
			}
			out = append(out, o)
		}
		return out
	}}
}

// launched is what a group launches from now and that the plan changes.
type launched struct {
	from   *Object
	edited []string
	path   string // where the group names it
}

func withoutRefresh(group *Object, l launched) Outcome {
	proof := []Fact{editedHow(l.from, l.edited[0])}
	if l.from != group {
		proof = append(proof, was(group, l.path, "%s launches from it", group.Address))
	}
	r := refreshOf(group)
	o := Outcome{Verdict: NotInEffect, Discriminator: l.from.Address, Proof: append(proof, r.proof...), Missing: r.missing}
	switch r.state {
	case refreshStarts:
		o.Verdict = InEffect
	case refreshUnknown:
		o.Verdict, o.Title = Unknown, "whether its instances are replaced cannot be told: "+r.why
	case refreshNone:
		o.Title = "its instances keep the launch settings they were launched with: nothing replaces them"
		if s, ok := Number(group.After("max_instance_lifetime")); ok && s > 0 {
			o.Title = fmt.Sprintf("its instances keep the launch settings they were launched with until they are %d days old", int(s)/86400)
		}
		o.Remedy = Remedy{
			Text:  "Let the group replace its instances when the template changes.",
			Patch: "instance_refresh {\n  strategy = \"Rolling\"\n\n  preferences {\n    min_healthy_percentage = 90\n  }\n}",
		}
	case refreshIdle:
		o.Title = "its instances keep the launch settings they were launched with: the instance refresh does not start"
		o.Remedy = Remedy{
			Text:  "Let the group name the version that the template has: the change of the group is what starts the refresh.",
			Patch: versionPatch(l.path, l.from),
		}
	case refreshBlocked:
		o.Title = "its instances keep the launch settings they were launched with: " + r.why
		o.Remedy = Remedy{
			Text: "Resume the processes, then start the refresh.",
			Commands: []string{
				"aws autoscaling resume-processes --auto-scaling-group-name " + shell(groupName(group)),
				"aws autoscaling start-instance-refresh --auto-scaling-group-name " + shell(groupName(group)),
			},
		}
	}
	return o
}

// launchedFrom lists the templates and the configuration that a group launches
// from now, that the plan edits and whose new version the group takes.
func launchedFrom(w *World, group *Object) []launched {
	var out []launched
	for _, u := range templatesOf(w, group) {
		if u.takes == takesNew && len(u.edited) > 0 {
			out = append(out, launched{u.template, u.edited, u.spec.path})
		}
	}
	configurations := once(w, "launch configurations", func() map[string][]*Object {
		replaced := func(c *Object) bool { return c.Action.Replaces() }
		return byName(those(w.Of("aws_launch_configuration"), replaced), "id", "name")
	})
	for _, c := range near(group, configurations[Text(group.Before("launch_configuration"))]) {
		if !group.Edited("launch_configuration") || len(out) > MostOutcomes {
			break
		}
		if edited := seen(c, configurationSettings, configurationComputed); len(edited) > 0 {
			edited, _ = certain(c, edited)
			out = append(out, launched{c, edited, "launch_configuration"})
		}
	}
	if len(out) == 0 {
		return moved(group)
	}
	return out
}

// moved is the group itself, where the plan lets it name another template,
// configuration or number. Between names such as $Latest and numbers nothing can
// be told.
func moved(group *Object) []launched {
	mixed := "mixed_instances_policy.0.launch_template.0.launch_template_specification.0."
	for _, p := range []string{
		"launch_configuration", "launch_template.0.id", "launch_template.0.version", mixed + "launch_template_id", mixed + "version",
	} {
		before, after := Text(group.Before(p)), Text(group.After(p))
		if before == "" || after == "" || !group.Edited(p) || group.Unknown(p) || strings.HasPrefix(before, "$") || strings.HasPrefix(after, "$") {
			continue
		}
		return []launched{{group, []string{p}, p}}
	}
	return nil
}

// What an instance sees of a launch configuration. The second list may be filled
// in by the provider: of a new object it is known only after apply.
var (
	configurationSettings = []string{
		"image_id", "instance_type", "user_data", "user_data_base64", "iam_instance_profile", "security_groups",
		"spot_price", "placement_tenancy",
	}
	configurationComputed = []string{
		"key_name", "associate_public_ip_address", "ebs_optimized", "enable_monitoring", "metadata_options",
		"root_block_device", "ebs_block_device", "ephemeral_block_device",
	}
)

// seen lists which of these attributes the plan edits. Of those that the
// provider may fill in itself, an unknown value of a new object says nothing.
func seen(o *Object, settings, computed []string) []string {
	out := o.EditedOf(settings...)
	for _, p := range computed {
		if o.Edited(p) && !(o.Action.Replaces() && o.Unknown(p)) {
			out = append(out, p)
		}
	}
	return out
}

// withoutInstances tells whether a group has no instance that is old and goes on.
func withoutInstances(group *Object) bool {
	if nonEmptyList(group.Before("warm_pool")) {
		return false
	}
	for _, p := range []string{"max_size", "desired_capacity"} {
		before, ok1 := Number(group.Before(p))
		after, ok2 := Number(group.After(p))
		if ok1 && before == 0 || ok2 && after == 0 {
			return true
		}
	}
	return false
}

func groupName(group *Object) string {
	if n := Text(group.Before("name")); n != "" {
		return n
	}
	return Text(group.Before("id"))
}

// TagsAtLaunch: tags that propagate at launch, and a placement group, reach
// instances when they are launched.
func TagsAtLaunch() Case {
	return Case{ByCommand: true, Types: []string{"aws_autoscaling_group"}, Judge: func(_ *World, group *Object) []Outcome {
		if group.Action != tfplan.Update || withoutInstances(group) {
			return nil
		}
		var out []Outcome
		for _, path := range []string{"tag", "tags"} { // older providers have both
			if group.Edited(path) {
				out = append(out, tagsAtLaunch(group, path)...)
			}
		}
		if group.Edited("placement_group") {
			out = append(out, atLaunch(group, "placement_group", "its instances stay outside of the placement group: it is used at launch", editedHow(group, "placement_group")))
		}
		return out
	}}
}

func tagsAtLaunch(group *Object, path string) []Outcome {
	const title = "its instances keep the tags they were launched with"
	if group.Unknown(path) {
		return []Outcome{withName(path, knownLater(group, path, "which tags of its instances stay old is not known until apply"))}
	}
	before, after := propagated(group.Before(path)), propagated(group.After(path))
	var keys []string
	for k, v := range after {
		if w, had := before[k]; !had || !tfplan.Equal(v, w) {
			keys = append(keys, k)
		}
	}
	for k := range before {
		if _, has := after[k]; !has {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil // none that propagates
	}
	slices.Sort(keys)
	return []Outcome{atLaunch(group, path, title, fact(group, path, "%s changes tags that propagate at launch: %s", group.Address, listed(keys)))}
}

// propagated are the tags of a group that its instances get, by key.
func propagated(v any) map[string]any {
	out := map[string]any{}
	for _, e := range elements(v) {
		if m, ok := e.(map[string]any); ok && (isTrue(m["propagate_at_launch"]) || Text(m["propagate_at_launch"]) == "true") {
			out[Text(m["key"])] = m["value"]
		}
	}
	return out
}

// atLaunch is the outcome for what is read when an instance is launched.
func atLaunch(group *Object, name, title string, proof Fact) Outcome {
	r := refreshOf(group)
	o := Outcome{Discriminator: name, Proof: append([]Fact{proof}, r.proof...), Missing: r.missing}
	switch r.state {
	case refreshStarts:
		o.Verdict = InEffect
	case refreshUnknown:
		o.Title = "whether its instances are replaced cannot be told: " + r.why
	default:
		o.Verdict, o.Title = NotInEffect, title
		o.Remedy = Remedy{
			Text:     "Replace the instances after the apply, or name the attribute in `triggers` of `instance_refresh`.",
			Commands: []string{"aws autoscaling start-instance-refresh --auto-scaling-group-name " + shell(groupName(group))},
		}
	}
	return o
}

func withName(name string, o Outcome) Outcome {
	o.Discriminator = name
	return o
}

// SuspendedCapacity: a group whose process Launch is suspended does not grow,
// and one whose process Terminate is suspended does not shrink.
func SuspendedCapacity() Case {
	return Case{Types: []string{"aws_autoscaling_group"}, Judge: func(_ *World, group *Object) []Outcome {
		edited := group.EditedOf("desired_capacity", "min_size", "max_size")
		if group.Action != tfplan.Update || len(edited) == 0 {
			return nil
		}
		now, ok := Number(group.Before("desired_capacity"))
		if !ok {
			return nil
		}
		for _, p := range edited {
			if group.Unknown(p) {
				return suspendedUnknown(group, p)
			}
		}
		want := wanted(group, now)
		process := "Launch"
		switch {
		case want == now:
			return nil
		case want < now:
			process = "Terminate"
		}
		if group.Unknown("suspended_processes") || !group.Says("suspended_processes") {
			return []Outcome{notShown(group, "suspended_processes", "whether the group can change its capacity is not shown", editedHow(group, edited[0]))}
		}
		before := slices.Contains(words(group.Before("suspended_processes")), process)
		after := slices.Contains(words(group.After("suspended_processes")), process)
		proof := []Fact{
			editedHow(group, edited[0]),
			fact(group, "suspended_processes", "the process %s is suspended", process),
			was(group, "desired_capacity", "its desired capacity is %d and is to be %d", int(now), int(want)),
		}
		switch {
		case !after:
			return []Outcome{{Verdict: InEffect}}
		case !before:
			return []Outcome{{
				Title: "it is asked for another capacity and its process " + process + " is suspended in the same apply", Proof: proof,
				Missing: []Gap{{
					Evidence: "how many instances " + group.Address + " has after the apply",
					Get:      "aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names " + shell(groupName(group)),
				}},
			}}
		}
		return []Outcome{{
			Verdict: NotInEffect, Proof: proof,
			Title: fmt.Sprintf("it stays at %d instances: its process %s is suspended", int(now), process),
			Remedy: Remedy{
				Text:     "Resume the process, or take it out of `suspended_processes`.",
				Commands: []string{fmt.Sprintf("aws autoscaling resume-processes --auto-scaling-group-name %s --scaling-processes %s", shell(groupName(group)), process)},
			},
		}}
	}}
}

// suspendedUnknown speaks only where something is suspended.
func suspendedUnknown(group *Object, path string) []Outcome {
	p := words(group.After("suspended_processes"))
	if !slices.Contains(p, "Launch") && !slices.Contains(p, "Terminate") {
		return nil
	}
	return []Outcome{knownLater(group, path, "whether the group can reach its new capacity is not known until apply")}
}

// wanted is the capacity that a group is to have: the desired one within its
// bounds.
func wanted(group *Object, now float64) float64 {
	want := now
	if n, ok := Number(group.After("desired_capacity")); ok && !group.Unknown("desired_capacity") {
		want = n
	}
	if n, ok := Number(group.After("max_size")); ok {
		want = min(want, n)
	}
	if n, ok := Number(group.After("min_size")); ok {
		want = max(want, n)
	}
	return want
}

func nonEmptyList(v any) bool {
	list, ok := v.([]any)
	return ok && len(list) > 0
}

package effect

import "fmt"

// TemplateWithoutRefresh: a group takes a new launch template for instances that
// it launches from then on; those that run keep the old one unless an instance
// refresh replaces them.
func TemplateWithoutRefresh() Case {
	return Case{Types: []string{"aws_autoscaling_group"}, Judge: func(w *World, group *Object) []Outcome {
		if !group.Runs() {
			return nil
		}
		template, edited := templateOf(w, group)
		if template == nil || len(edited) == 0 {
			return nil
		}
		proof := []Fact{
			{Text: fmt.Sprintf("%s changes `%s`", template.Address, edited[0]), Object: template, Path: "/after/" + edited[0]},
			{Text: group.Address + " launches from it", Object: group, Path: "/before/launch_template"},
		}
		if group.Unknown("instance_refresh") {
			return []Outcome{{
				Title: "whether its instances are replaced is not known until apply", Proof: proof,
				Missing: []Gap{{Evidence: "`instance_refresh` of " + group.Address, Get: "plan again after what it is computed from was applied"}},
			}}
		}
		if refresh := group.After("instance_refresh"); nonEmptyList(refresh) {
			return []Outcome{{Verdict: InEffect}}
		}
		if max, ok := Number(group.Before("max_size")); ok && max == 0 {
			return nil // it has no instances
		}
		return []Outcome{{
			Verdict: NotInEffect,
			Title:   "its instances keep the launch template they were launched from: nothing replaces them",
			Proof:   append(proof, Fact{Text: "no instance_refresh", Object: group, Path: "/after"}),
			Remedy: Remedy{
				Text:  "Let the group replace its instances when the template changes.",
				Patch: "instance_refresh {\n  strategy = \"Rolling\"\n\n  preferences {\n    min_healthy_percentage = 90\n  }\n}",
			},
		}}
	}}
}

// templateOf is the launch template that a group launches from now, and what of
// it the plan edits that an instance sees.
func templateOf(w *World, group *Object) (*Object, []string) {
	for _, t := range w.Of("aws_launch_template") {
		if !t.Touched() {
			continue
		}
		if group.Names("launch_template.0.id", t, "id") || group.Names("launch_template.0.name", t, "name") ||
			group.Names("mixed_instances_policy.0.launch_template.0.launch_template_specification.0.launch_template_id", t, "id") {
			return t, t.EditedOf("image_id", "instance_type", "user_data", "block_device_mappings", "iam_instance_profile",
				"key_name", "metadata_options", "network_interfaces", "vpc_security_group_ids", "security_group_names", "ebs_optimized", "monitoring")
		}
	}
	return nil, nil
}

func nonEmptyList(v any) bool {
	list, ok := v.([]any)
	return ok && len(list) > 0
}

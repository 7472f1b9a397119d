package effect

import "testing"

func TestPinnedTemplate(t *testing.T) {
	c := PinnedTemplate()
	asg := func(spec string) string {
		return keeps("aws_autoscaling_group.w", `{"id":"w","launch_template":[{"id":"lt-1"`+spec+`}]}`)
	}
	moved := func(after, unknown string) string {
		return does("aws_launch_template.w", "update", `{"id":"lt-1","name":"w","image_id":"old","latest_version":3,"default_version":3}`,
			`{"id":"lt-1","name":"w","image_id":"new",`+after+`}`, unknown)
	}
	judgeAll(t, []row{
		{"a number", c, []string{newTemplate(), asg(`,"version":"3"`)}, []string{"old: version 3"}},
		{"an older number", c, []string{newTemplate(), does("aws_autoscaling_group.w", "update", `{"id":"w",`+spec3+`}`, `{"id":"w","launch_template":[{"id":"lt-1","version":"2"}]}`)}, []string{"old: version 2"}},
		{"the next number", c, []string{newTemplate(), does("aws_autoscaling_group.w", "update", `{"id":"w",`+spec3+`}`, `{"id":"w","launch_template":[{"id":"lt-1","version":"4"}]}`)}, []string{"holds"}},
		{"a number that is not there", c, []string{newTemplate(), does("aws_autoscaling_group.w", "update", `{"id":"w",`+spec3+`}`, `{"id":"w","launch_template":[{"id":"lt-1","version":"9"}]}`)}, []string{"unproven: not shown"}},
		{"the newest", c, []string{newTemplate(), asg(`,"version":"$Latest"`)}, []string{"holds"}},
		{"its latest_version", c, []string{newTemplate(), asgOf(noRefresh, noRefresh)}, []string{"holds"}},
		{"the default stays", c, []string{newTemplate(), asg(`,"version":"$Default"`)}, []string{"old: stays 1"}},
		{"no version is the default", c, []string{newTemplate(), asg(``)}, []string{"old: the default version"}},
		{"the default moves", c, []string{moved(`"update_default_version":true`, `{"latest_version":true,"default_version":true}`), asg(`,"version":"$Default"`)}, []string{"holds"}},
		{"the default is not shown", c, []string{moved(`"default_version":3`, `{"latest_version":true}`), asg(`,"version":"$Default"`)}, []string{"unproven: not shown"}},
		{"a node group", c, []string{newTemplate(), keeps("aws_eks_node_group.n", `{"id":"n",`+spec3+`}`)}, []string{"old: version 3"}},
		{"a fleet", c, []string{newTemplate(), keeps("aws_ec2_fleet.f", `{"id":"f","launch_template_config":[{"launch_template_specification":[{"launch_template_id":"lt-1","version":"3"}]}]}`)}, []string{"old: version 3"}},
		{"a spot fleet", c, []string{newTemplate(), keeps("aws_spot_fleet_request.f", `{"id":"f","launch_template_config":[{},{"launch_template_specification":[{"name":"w","version":"3"}]}]}`)}, []string{"old: version 3"}},
		{"a compute environment", c, []string{newTemplate(), keeps("aws_batch_compute_environment.b", `{"id":"b","compute_resources":[{"launch_template":[{"launch_template_id":"lt-1","version":"3"}]}]}`)}, []string{"old: version 3"}},
		{"a compute environment on $Latest", c, []string{newTemplate(), keeps("aws_batch_compute_environment.b", `{"id":"b","compute_resources":[{"launch_template":[{"launch_template_id":"lt-1","version":"$Latest"}]}]}`)}, []string{"unproven: infrastructure is updated"}},
		{"an instance", c, []string{newTemplate(), keeps("module.m[\"a.b\"].aws_instance.i", `{"id":"i","launch_template":[{"id":"lt-1","version":"$Latest"}]}`)}, []string{"old: does not replace it"}},
		{"an instance with a version that is known later", c, []string{newTemplate(), does("aws_instance.i", "update", `{"id":"i",`+spec3+`}`, `{"id":"i","launch_template":[{"id":"lt-1"}]}`, `{"launch_template":[{"version":true}]}`)}, []string{"unproven: not known until apply"}},
		{"an instance with an image of its own", c, []string{newTemplate(), keeps("aws_instance.i", `{"id":"i","ami":"mine","launch_template":[{"id":"lt-1","version":"$Latest"}]}`)}, nil},
		{"an instance with the image of the template", c, []string{newTemplate(), keeps("aws_instance.i", `{"id":"i","ami":"old","launch_template":[{"id":"lt-1","version":"$Latest"}]}`)}, []string{"old: does not replace it"}},
		{"an instance that is replaced", c, []string{newTemplate(), does("aws_instance.i", "delete+create", `{"id":"i",`+spec3+`}`, `{}`)}, []string{"holds"}},
		{"a group that goes to another template", c, []string{newTemplate(), does("aws_autoscaling_group.w", "update", `{"id":"w",`+spec3+`}`, `{"id":"w","launch_template":[{"id":"lt-2","version":"1"}]}`)}, nil},
		{"a group that goes to mixed instances", c, []string{newTemplate(), does("aws_autoscaling_group.w", "update", `{"id":"w",`+spec3+`}`, `{"id":"w","launch_template":[],"mixed_instances_policy":[{}]}`)}, nil},
		{"a group of another template", c, []string{newTemplate(), keeps("aws_autoscaling_group.w", `{"id":"w","launch_template":[{"id":"lt-2","version":"1"}]}`)}, nil},
		{"nothing is edited", c, []string{keeps("aws_launch_template.w", template4), asg(`,"version":"3"`)}, nil},
	})
}

func TestLocal(t *testing.T) {
	for address, want := range map[string]string{
		"aws_instance.a":                           "aws_instance.a",
		"module.m.aws_instance.a[0]":               "aws_instance.a[0]",
		`module.m["x.y"].module.n.aws_instance.a`:  "aws_instance.a",
		`module.m["a\"].b"].aws_instance.a["c.d"]`: `aws_instance.a["c.d"]`,
		"module.m": "module.m",
	} {
		if got := local(address); got != want {
			t.Errorf("local(%s) = %s, want %s", address, got, want)
		}
	}
}

func TestShell(t *testing.T) {
	for word, want := range map[string]string{
		"plain-1": "plain-1", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, `a["b"]`: `'a["b"]'`, "$(x)": "'$(x)'",
	} {
		if got := shell(word); got != want {
			t.Errorf("shell(%s) = %s, want %s", word, got, want)
		}
	}
}

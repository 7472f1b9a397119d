package owners

import (
	"fmt"
	"strings"

	"polygraph/internal/effect"
	"polygraph/internal/tfplan"
)

// Capacity is the case of a capacity that autoscaling owns: the plan writes the
// number that stands in the configuration over the one that autoscaling chose.
func Capacity() effect.Case {
	return effect.Case{
		Types: []string{"aws_ecs_service", "aws_autoscaling_group", "aws_dynamodb_table"},
		Judge: func(w *effect.World, o *effect.Object) []effect.Outcome {
			if !o.Runs() {
				return nil // a first value has to come from somewhere
			}
			if len(w.Of("aws_appautoscaling_target", "aws_autoscaling_policy", "aws_autoscaling_schedule")) == 0 {
				return nil // nobody in sight owns one
			}
			switch o.TypeName() {
			case "aws_ecs_service":
				cluster := effect.Text(o.Before("cluster"))
				cluster = cluster[strings.LastIndexByte(cluster, '/')+1:]
				name := effect.Text(o.Before("name"))
				if cluster == "" || name == "" {
					return nil
				}
				return scaled(w, o, "desired_count", "ecs:service:DesiredCount", "service/"+cluster+"/"+name)
			case "aws_dynamodb_table":
				name := effect.Text(o.Before("name"))
				if name == "" || o.Edited("billing_mode") || effect.Text(o.After("billing_mode")) == "PAY_PER_REQUEST" {
					return nil
				}
				return append(scaled(w, o, "read_capacity", "dynamodb:table:ReadCapacityUnits", "table/"+name),
					scaled(w, o, "write_capacity", "dynamodb:table:WriteCapacityUnits", "table/"+name)...)
			}
			return group(w, o)
		},
	}
}

// scaled judges a capacity that Application Auto Scaling may own: where a
// scalable target names it and a policy or a schedule acts on that target.
func scaled(w *effect.World, o *effect.Object, attribute, dimension, resource string) []effect.Outcome {
	type pair struct{ target, scaler *effect.Object }
	by := effect.Once(w, "owners "+dimension+" "+resource, func() pair {
		target := stays(w.By("aws_appautoscaling_target", "resource_id", resource), func(t *effect.Object) bool {
			return value(t, "scalable_dimension") == dimension && value(t, "resource_id") == resource && !suspended(t)
		})
		if target == nil {
			return pair{} // nobody in sight owns it
		}
		scaler := stays(w.By("aws_appautoscaling_policy", "resource_id", resource), func(p *effect.Object) bool {
			return value(p, "scalable_dimension") == dimension && value(p, "resource_id") == resource
		})
		if scaler == nil {
			scaler = stays(w.By("aws_appautoscaling_scheduled_action", "resource_id", resource), func(p *effect.Object) bool {
				return value(p, "scalable_dimension") == dimension && value(p, "resource_id") == resource
			})
		}
		return pair{target, scaler}
	})
	if by.target == nil {
		return nil
	}
	return owned(o, attribute, by.target, "resource_id", by.scaler)
}

func group(w *effect.World, o *effect.Object) []effect.Outcome {
	name := effect.Text(o.Before("name"))
	if name == "" {
		return nil
	}
	scaler := stays(w.By("aws_autoscaling_policy", "autoscaling_group_name", name), func(p *effect.Object) bool {
		on, isBool := p.After("enabled").(bool)
		return value(p, "autoscaling_group_name") == name && (!isBool || on)
	})
	if scaler == nil {
		// One that recurs: what happens once may be over. -1 leaves the number alone.
		scaler = stays(w.By("aws_autoscaling_schedule", "autoscaling_group_name", name), func(p *effect.Object) bool {
			desired, isSet := effect.Number(p.After("desired_capacity"))
			return value(p, "autoscaling_group_name") == name && value(p, "recurrence") != "" && isSet && desired >= 0
		})
	}
	if scaler == nil {
		return nil
	}
	return owned(o, "desired_capacity", scaler, "autoscaling_group_name", scaler)
}

// owned answers about a capacity that has an owner.
func owned(o *effect.Object, attribute string, owner *effect.Object, names string, scaler *effect.Object) []effect.Outcome {
	out := effect.Outcome{Discriminator: attribute}
	switch {
	case !o.Edited(attribute):
		out.Verdict = effect.InEffect
		return []effect.Outcome{out}
	case o.Unknown(attribute):
		out.Title = "whether its " + attribute + " is set is not known until apply"
		out.Missing = []effect.Gap{{Evidence: "`" + attribute + "` of " + o.Address, Get: "plan again after what it is computed from was applied"}}
		return []effect.Outcome{out}
	}
	out.Proof = []effect.Fact{
		{Text: o.Address + " is given another " + attribute, Object: o, Path: "/after/" + attribute},
		{Text: owner.Address + " scales it", Object: owner, Path: "/after/" + names},
	}
	if scaler == nil {
		out.Title = "whether autoscaling moves its " + attribute + " is not known: the target has no policy in this plan"
		out.Missing = []effect.Gap{{Evidence: "the scaling policies of " + owner.Address, Get: "aws application-autoscaling describe-scaling-policies --service-namespace " + namespace(owner)}}
		return []effect.Outcome{out}
	}
	if scaler != owner {
		out.Proof = append(out.Proof, effect.Fact{Text: scaler.Address + " decides when", Object: scaler, Path: "/after/" + names})
	}
	out.Verdict = effect.NotInEffect
	out.Title = fmt.Sprintf("the plan sets %s, which %s scales", attribute, owner.Address)
	out.Remedy = effect.Remedy{
		Text:  "Leave the number to its owner: the first value stays in the configuration and later ones are ignored.",
		Patch: "lifecycle {\n  ignore_changes = [" + attribute + "]\n}",
	}
	return []effect.Outcome{out}
}

func namespace(target *effect.Object) string {
	ns, _, _ := strings.Cut(value(target, "scalable_dimension"), ":")
	return ns
}

// stays finds one of the objects that is there after the apply.
func stays(candidates []*effect.Object, is func(*effect.Object) bool) *effect.Object {
	for _, o := range candidates {
		if o.Action != tfplan.Delete && o.Action != tfplan.Forget && o.Action != tfplan.UnknownAction && is(o) {
			return o
		}
	}
	return nil
}

// value is what an attribute is after the apply.
func value(o *effect.Object, path string) string { return effect.Text(o.After(path)) }

// suspended tells whether a target does not scale at all.
func suspended(t *effect.Object) bool {
	for _, s := range []string{"dynamic_scaling_in_suspended", "dynamic_scaling_out_suspended", "scheduled_scaling_suspended"} {
		if on, _ := t.After("suspended_state.0." + s).(bool); !on {
			return false
		}
	}
	return true
}

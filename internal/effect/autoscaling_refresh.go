package effect

import (
	"fmt"
	"strings"
)

type refreshState uint8

const (
	refreshUnknown refreshState = iota
	refreshNone                 // there is none
	refreshIdle                 // there is one, and this plan does not start it
	refreshBlocked              // it starts and replaces nothing
	refreshStarts
)

type refresh struct {
	state   refreshState
	why     string
	proof   []Fact
	missing []Gap
}

// refreshOf tells whether this plan makes a group replace its instances. The
// provider starts a refresh when it updates the group and one of the launch
// settings, or an attribute named in triggers, is another one.
func refreshOf(group *Object) refresh {
	switch {
	case group.Unknown("instance_refresh"):
		return refresh{why: "`instance_refresh` is known only after apply", missing: []Gap{{
			Evidence: "`instance_refresh` of " + group.Address, Get: "apply first what it is computed from, and plan again",
		}}}
	case !group.Says("instance_refresh"):
		return refresh{why: "the plan does not show `instance_refresh`", missing: []Gap{{
			Evidence: "`instance_refresh` of " + group.Address, Get: "terraform plan -out=tfplan && terraform show -json tfplan > plan.json",
		}}}
	case !nonEmptyList(group.After("instance_refresh")):
		return refresh{state: refreshNone, proof: []Fact{fact(group, "instance_refresh", "no instance_refresh")}}
	}
	triggers := append([]string{"launch_configuration", "launch_template", "mixed_instances_policy"},
		words(group.After("instance_refresh.0.triggers"))...)
	if len(group.EditedOf(triggers...)) == 0 {
		return refresh{state: refreshIdle, proof: []Fact{
			fact(group, "instance_refresh", "the instance refresh starts when the plan changes %s of the group; it changes none of them", strings.Join(triggers, ", ")),
		}}
	}
	if !group.Says("suspended_processes") || group.Unknown("suspended_processes") {
		return refresh{why: "the plan does not show `suspended_processes`", missing: []Gap{{
			Evidence: "`suspended_processes` of " + group.Address,
			Get:      "aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names " + shell(groupName(group)),
		}}}
	}
	for _, p := range words(group.After("suspended_processes")) {
		if p == "InstanceRefresh" || p == "Launch" || p == "Terminate" {
			return refresh{
				state: refreshBlocked, why: "the process " + p + " is suspended, so a refresh replaces nothing",
				proof: []Fact{fact(group, "suspended_processes", "the process %s is suspended", p)},
			}
		}
	}
	switch Text(group.After("instance_refresh.0.preferences.0.scale_in_protected_instances")) {
	case "", "Ignore":
		if isTrue(group.Before("protect_from_scale_in")) {
			return refresh{
				why:   "a refresh skips instances that are protected from scale-in",
				proof: []Fact{was(group, "protect_from_scale_in", "new instances of the group are protected from scale-in")},
				missing: []Gap{{
					Evidence: "which instances of " + group.Address + " are protected",
					Get:      "aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names " + shell(groupName(group)),
				}},
			}
		}
	}
	if steps := elements(group.After("instance_refresh.0.preferences.0.checkpoint_percentages")); len(steps) > 0 {
		if last, ok := Number(steps[len(steps)-1]); ok && last < 100 {
			return refresh{
				why:   fmt.Sprintf("the refresh ends at its last checkpoint, at %d %%", int(last)),
				proof: []Fact{fact(group, "instance_refresh", "the last of its checkpoints is no 100 %%")},
				missing: []Gap{{
					Evidence: "which instances of " + group.Address + " are replaced",
					Get:      "aws autoscaling describe-instance-refreshes --auto-scaling-group-name " + shell(groupName(group)),
				}},
			}
		}
	}
	return refresh{state: refreshStarts}
}

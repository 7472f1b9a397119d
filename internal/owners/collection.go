package owners

import (
	"fmt"

	"polygraph/internal/effect"
	"polygraph/internal/tfplan"
)

// collection is a collection that a resource can hold itself, and the resources
// that hold its members one by one.
type collection struct {
	attribute string
	members   []member
	// Where a member that the collection lists as well is no second manager,
	// because both write the same: key is what an element has in common with it,
	// "" for elements that are text.
	listed bool
	key    string
}

type member struct {
	typ  string
	by   string // its attribute that names the container
	only func(*effect.Object) bool
	is   string // its attribute that names what it adds
}

// namedBy is the attribute of a container by which its members name it.
func namedBy(typ string) string {
	if typ == "aws_iam_role" || typ == "aws_autoscaling_group" {
		return "name"
	}
	return "id"
}

// collections are the documented conflicts, by the type of the container.
func collections(typ string) []collection {
	direction := func(want string) func(*effect.Object) bool {
		return func(o *effect.Object) bool { return value(o, "type") == want }
	}
	egress := func(want bool) func(*effect.Object) bool {
		return func(o *effect.Object) bool {
			is, _ := o.After("egress").(bool)
			return is == want
		}
	}
	names := func(attribute string) func(*effect.Object) bool {
		return func(o *effect.Object) bool { return value(o, attribute) != "" || o.Unknown(attribute) }
	}
	switch typ {
	case "aws_security_group":
		return []collection{
			{attribute: "ingress", members: []member{
				{typ: "aws_vpc_security_group_ingress_rule", by: "security_group_id"}, {typ: "aws_security_group_rule", by: "security_group_id", only: direction("ingress")},
			}},
			{attribute: "egress", members: []member{
				{typ: "aws_vpc_security_group_egress_rule", by: "security_group_id"}, {typ: "aws_security_group_rule", by: "security_group_id", only: direction("egress")},
			}},
		}
	case "aws_route_table":
		return []collection{{attribute: "route", members: []member{{typ: "aws_route", by: "route_table_id"}}}}
	case "aws_network_acl":
		return []collection{
			{attribute: "ingress", members: []member{{typ: "aws_network_acl_rule", by: "network_acl_id", only: egress(false)}}},
			{attribute: "egress", members: []member{{typ: "aws_network_acl_rule", by: "network_acl_id", only: egress(true)}}},
		}
	case "aws_iam_role":
		return []collection{
			{attribute: "managed_policy_arns", listed: true, members: []member{{typ: "aws_iam_role_policy_attachment", by: "role", is: "policy_arn"}}},
			{attribute: "inline_policy", listed: true, key: "name", members: []member{{typ: "aws_iam_role_policy", by: "role", is: "name"}}},
		}
	case "aws_autoscaling_group":
		const by = "autoscaling_group_name"
		return []collection{
			{attribute: "target_group_arns", listed: true, members: []member{
				{typ: "aws_autoscaling_attachment", by: by, only: names("lb_target_group_arn"), is: "lb_target_group_arn"},
				{typ: "aws_autoscaling_attachment", by: by, only: names("alb_target_group_arn"), is: "alb_target_group_arn"},
			}},
			{attribute: "load_balancers", listed: true, members: []member{{typ: "aws_autoscaling_attachment", by: by, only: names("elb"), is: "elb"}}},
		}
	}
	return nil
}

// Collections is the case of a collection with two managers: the resource itself
// and resources of its own.
func Collections() effect.Case {
	return effect.Case{
		Types: []string{"aws_security_group", "aws_route_table", "aws_network_acl", "aws_iam_role", "aws_autoscaling_group"},
		Judge: func(w *effect.World, o *effect.Object) []effect.Outcome {
			if o.Action == tfplan.Delete || o.Action == tfplan.Forget || o.Action == tfplan.UnknownAction {
				return nil
			}
			var out []effect.Outcome
			for _, c := range collections(o.TypeName()) {
				if f := c.member(w, o); f.object != nil {
					out = append(out, c.judge(o, f))
				}
			}
			return out
		},
	}
}

// found is a resource that manages one member of a collection after the apply.
type found struct {
	object  *effect.Object
	via     string // the attribute by which it names the container
	settled bool   // one of the members was there when the plan was made
	open    bool   // what it adds is known only after apply
}

// member finds one, and rather one that the collection does not hold.
func (c collection) member(w *effect.World, o *effect.Object) found {
	named := namedBy(o.TypeName())
	name := o.Now(named)
	if name == "" && o.Action == tfplan.Create {
		name = value(o, named)
	}
	var f found
	held := c.holds(o)
	for _, m := range c.members {
		take := func(r candidate) {
			f.settled = f.settled || r.object.Runs()
			if c.listed && !r.open && held[r.is] {
				return
			}
			if f.object == nil || f.open && !r.open {
				f.object, f.via, f.open = r.object, m.by, r.open
			}
		}
		// Containers that share a name share its members: they are read once.
		key := fmt.Sprintf("owners %s %s %s %s %s", o.TypeName(), c.attribute, m.typ, m.is, name)
		for _, r := range effect.Once(w, key, func() []candidate { return c.candidates(m, w.Planned(m.typ, m.by, name)) }) {
			take(r)
		}
		for _, r := range c.candidates(m, o.Referring(m.typ, m.by)) {
			take(r)
		}
	}
	return f
}

// candidate is a member that is there after the apply.
type candidate struct {
	object *effect.Object
	open   bool   // what it adds is known only after apply
	is     string // what it adds
}

// candidates leaves out what is no member. Of those that tell nothing more than
// the ones before them, one is enough.
func (c collection) candidates(m member, list []*effect.Object) []candidate {
	type shape struct {
		open, runs bool
		is         string
	}
	var out []candidate
	told := map[shape]bool{}
	for _, r := range list {
		if r.Action == tfplan.Delete || r.Action == tfplan.Forget || r.Action == tfplan.UnknownAction {
			continue
		}
		if !c.listed && told[shape{runs: r.Runs()}] || m.only != nil && !m.only(r) {
			continue
		}
		x := candidate{object: r}
		if c.listed {
			if x.open = r.Unknown(m.is); !x.open {
				x.is = value(r, m.is)
			}
		}
		if s := (shape{x.open, r.Runs(), x.is}); !told[s] {
			told[s] = true
			out = append(out, x)
		}
	}
	return out
}

// holds are the members that the container writes itself.
func (c collection) holds(o *effect.Object) map[string]bool {
	if !c.listed {
		return nil
	}
	held := map[string]bool{}
	list, _ := o.After(c.attribute).([]any)
	for _, v := range list {
		if block, ok := v.(map[string]any); ok {
			v = block[c.key]
		}
		held[effect.Text(v)] = true
	}
	return held
}

// judge tells whether the container writes the collection itself. Its value does
// not say so by itself: a collection that is left out takes what the cloud has.
func (c collection) judge(o *effect.Object, f found) effect.Outcome {
	m, via := f.object, f.via
	out := effect.Outcome{Discriminator: c.attribute}
	value := o.After(c.attribute)
	list, isList := value.([]any)
	created := o.Action == tfplan.Create || o.Action.Replaces()
	switch {
	case f.open && len(list) > 0 && (created || o.Edited(c.attribute)):
		out.Title = "whether " + m.Address + " adds what its " + c.attribute + " does not list is not known until apply"
		out.Missing = []effect.Gap{{Evidence: "what " + m.Address + " adds", Get: "plan again after what it is computed from was applied"}}
	case isList && o.Action == tfplan.Update && o.Edited(c.attribute) && !o.Unknown(c.attribute):
		out.Verdict = effect.NotInEffect
		out.Title = fmt.Sprintf("its %s is written inline, and %s manages a member of it", c.attribute, m.Address)
		at := "/after/" + via
		if effect.Text(m.After(via)) == "" {
			at = "/after_unknown/" + via
		}
		out.Proof = []effect.Fact{
			{Text: fmt.Sprintf("%s sets all of its %s", o.Address, c.attribute), Object: o, Path: "/after/" + c.attribute},
			{Text: m.Address + " belongs to the same collection", Object: m, Path: at},
		}
		out.Remedy = effect.Remedy{Text: fmt.Sprintf("Take %s out of %s and write each member as a resource of its own, or write all of them inline.", c.attribute, o.Address)}
	case created && len(list) > 0:
		// Written inline, that is shown; ignore_changes, which leaves the
		// collection alone from then on, is in no plan.
		out.Title = fmt.Sprintf("its %s is written inline and %s manages a member of it; whether ignore_changes leaves it alone is not shown", c.attribute, m.Address)
		out.Missing = []effect.Gap{{Evidence: "the lifecycle block of " + o.Address, Get: "plan again after the apply: a plan shows the fight"}}
	case o.Action == tfplan.NoOp && !f.settled && len(list) > 0:
		out.Title = fmt.Sprintf("whether its %s is written inline is not shown, and %s adds a member to it", c.attribute, m.Address)
		out.Missing = []effect.Gap{{Evidence: "the block of " + o.Address + " in the configuration", Get: "plan again after the apply: a plan shows the fight"}}
	case o.Action == tfplan.Update && o.Edited(c.attribute) && o.Unknown(c.attribute):
		out.Title = "its " + c.attribute + " is not known until apply"
		out.Missing = []effect.Gap{{Evidence: "`" + c.attribute + "` of " + o.Address, Get: "plan again after what it is computed from was applied"}}
	default:
		out.Verdict = effect.InEffect
	}
	return out
}

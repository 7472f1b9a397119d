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
}

type member struct {
	typ  string
	by   string // its attribute that names the container's id
	only func(*effect.Object) bool
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
	switch typ {
	case "aws_security_group":
		return []collection{
			{"ingress", []member{{"aws_vpc_security_group_ingress_rule", "security_group_id", nil}, {"aws_security_group_rule", "security_group_id", direction("ingress")}}},
			{"egress", []member{{"aws_vpc_security_group_egress_rule", "security_group_id", nil}, {"aws_security_group_rule", "security_group_id", direction("egress")}}},
		}
	case "aws_route_table":
		return []collection{{"route", []member{{"aws_route", "route_table_id", nil}}}}
	case "aws_network_acl":
		return []collection{
			{"ingress", []member{{"aws_network_acl_rule", "network_acl_id", egress(false)}}},
			{"egress", []member{{"aws_network_acl_rule", "network_acl_id", egress(true)}}},
		}
	}
	return nil
}

// Collections is the case of a collection with two managers: the resource itself
// and resources of its own.
func Collections() effect.Case {
	return effect.Case{
		Types: []string{"aws_security_group", "aws_route_table", "aws_network_acl"},
		Judge: func(w *effect.World, o *effect.Object) []effect.Outcome {
			if o.Action == tfplan.Delete || o.Action == tfplan.Forget || o.Action == tfplan.UnknownAction {
				return nil
			}
			var out []effect.Outcome
			for _, c := range collections(o.TypeName()) {
				if m, via, settled := c.member(w, o); m != nil {
					out = append(out, c.judge(o, m, via, settled))
				}
			}
			return out
		},
	}
}

// member finds a resource that manages one member of the collection after the
// apply, the attribute by which it names the container, and whether one of them
// was there when the plan was made.
func (c collection) member(w *effect.World, o *effect.Object) (found *effect.Object, via string, settled bool) {
	id := effect.Text(o.Before("id"))
	for _, m := range c.members {
		take := func(r *effect.Object) {
			if r.Action == tfplan.Delete || r.Action == tfplan.Forget || r.Action == tfplan.UnknownAction || m.only != nil && !m.only(r) {
				return
			}
			if found == nil {
				found, via = r, m.by
			}
			settled = settled || r.Runs()
		}
		for _, r := range w.Planned(m.typ, m.by, id) {
			take(r)
		}
		for _, r := range w.Open(m.typ, m.by) {
			if refersTo(w, r, m.by, o) {
				take(r)
			}
		}
	}
	return found, via, settled
}

// refersTo tells whether a member whose value is known only after apply names the
// container: by the one reference of the configuration.
func refersTo(w *effect.World, r *effect.Object, by string, o *effect.Object) bool {
	if r.Node < 0 || o.Node < 0 {
		return false
	}
	s := w.Graph.Inputs(r.Node)[w.Sym(by)]
	if s == nil || s.Locals() || len(s.From) != 1 || s.From[0].Node != o.Node {
		return false
	}
	same := 0 // instances of the container: with several, the one that is meant is not known
	for _, x := range w.Of(o.TypeName()) {
		if x.Node == o.Node {
			same++
		}
	}
	return same == 1
}

// judge tells whether the container writes the collection itself. Its value does
// not say so by itself: a collection that is left out takes what the cloud has.
func (c collection) judge(o, m *effect.Object, via string, settled bool) effect.Outcome {
	out := effect.Outcome{Discriminator: c.attribute}
	value := o.After(c.attribute)
	list, isList := value.([]any)
	created := o.Action == tfplan.Create || o.Action.Replaces()
	switch {
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
		out.Remedy = effect.Remedy{Text: fmt.Sprintf("Take the %s blocks out of %s and write each member as a resource of its own, or write all of them inline.", c.attribute, o.Address)}
	case created && len(list) > 0:
		// Written inline, that is shown; ignore_changes, which leaves the
		// collection alone from then on, is in no plan.
		out.Title = fmt.Sprintf("its %s is written inline and %s manages a member of it; whether ignore_changes leaves it alone is not shown", c.attribute, m.Address)
		out.Missing = []effect.Gap{{Evidence: "the lifecycle block of " + o.Address, Get: "plan again after the apply: a plan shows the fight"}}
	case o.Action == tfplan.NoOp && !settled && len(list) > 0:
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

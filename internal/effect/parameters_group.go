package effect

import (
	"fmt"

	"polygraph/internal/tfplan"
)

// AnotherGroup: an instance that gets another parameter group is associated with
// it at once and reads it when it boots. A cluster reads the dynamic part of it
// at once.
func AnotherGroup() Case {
	c := Case{ByCommand: true, Judge: func(w *World, o *Object) []Outcome {
		for _, use := range groupUses() {
			if use.user == o.TypeName() {
				return use.judgeAssociation(w, o)
			}
		}
		return nil
	}}
	for _, use := range groupUses() {
		c.Types = append(c.Types, use.user)
	}
	return c
}

func (use groupUse) judgeAssociation(w *World, o *Object) []Outcome {
	known, open := edits(o, use.by)
	if o.Action != tfplan.Update || len(known)+len(open) == 0 {
		return nil
	}
	proof := changes(o, use.by)
	if len(open) > 0 {
		left := use.left(w, o)
		if left == nil {
			return []Outcome{{
				Title: "whether it gets another parameter group is not known until apply", Proof: proof, Missing: []Gap{gap(use.by, o)},
			}}
		}
		proof = append(proof, *left)
	}
	boots, some := use.booted(w, o)
	switch {
	case boots == yes:
		return []Outcome{{Verdict: InEffect}}
	case boots == maybe:
		return []Outcome{{
			Title: "whether this apply restarts it is not known", Proof: append(proof, some...),
			Missing: []Gap{{Evidence: "whether the change of " + o.Address + " restarts it", Get: use.ask()}},
		}}
	case !use.boots:
		static := use.static(w, o)
		if static == nil {
			return []Outcome{{
				Title: "which of the parameters of its new group wait for a reboot is not known", Proof: proof,
				Missing: []Gap{{Evidence: "in what the old and the new group differ, and which of that is static", Get: use.ask()}},
			}}
		}
		proof = append(proof, *static)
	}
	return []Outcome{{
		Verdict: NotInEffect, Proof: proof,
		Title:  "it runs with the parameters of its old group until it is rebooted",
		Remedy: use.remedy(w, o),
	}}
}

// left is the group that the user has now, when it goes away in this plan.
func (use groupUse) left(w *World, o *Object) *Fact {
	for _, g := range near(o, w.By(use.group, "name", Text(o.Before(use.by)))) {
		if o.Names(use.by, g, "name") && (g.Action.Replaces() || g.Action == tfplan.Delete) {
			return &Fact{Text: g.Address + ", the group that it has now, goes away", Object: g, Path: "/actions"}
		}
	}
	return nil
}

// static is a parameter of the new group that waits for a reboot and that the
// old one does not have like that; nil where the plan has not both groups.
func (use groupUse) static(w *World, o *Object) *Fact {
	old := map[string]any{}
	var prior, next *Object
	for _, g := range near(o, w.By(use.group, "name", Text(o.Before(use.by)))) {
		if o.Names(use.by, g, "name") {
			prior = g
			before, _ := g.Before("parameter").([]any)
			for _, p := range before {
				old[Text(at(p, "name"))] = at(p, "value")
			}
		}
	}
	for _, g := range near(o, w.By(use.group, "name", Text(o.After(use.by)))) {
		if Text(g.After("name")) == Text(o.After(use.by)) {
			next = g
		}
	}
	if prior == nil || next == nil {
		return nil
	}
	after, _ := next.After("parameter").([]any)
	for i, p := range after {
		parameter := Text(at(p, "name"))
		was, had := old[parameter]
		if Text(at(p, "apply_method")) == "pending-reboot" && parameter != "" && !(had && tfplan.Equal(was, at(p, "value"))) {
			return &Fact{
				Text:   fmt.Sprintf("parameter %s of %s is applied at the next reboot", shown(next, parameter), next.Address),
				Object: next, Path: fmt.Sprintf("/after/parameter/%d", i),
			}
		}
	}
	return nil
}

package effect

import (
	"fmt"
	"slices"

	"polygraph/internal/tfplan"
)

// groupUse is who reads the parameters of a parameter group.
type groupUse struct {
	group, user, by string
	// members is the type of the instances of a user that is a cluster.
	members string
	// boots: another group is read at the next boot, all of it.
	boots bool
	// reboot is the command that boots one instance.
	reboot string
}

func groupUses() []groupUse {
	const rds, neptune, docdb = "aws rds reboot-db-instance --db-instance-identifier ", "aws neptune reboot-db-instance --db-instance-identifier ",
		"aws docdb reboot-db-instance --db-instance-identifier "
	return []groupUse{
		{group: "aws_db_parameter_group", user: "aws_db_instance", by: "parameter_group_name", boots: true, reboot: rds},
		{group: "aws_db_parameter_group", user: "aws_rds_cluster_instance", by: "db_parameter_group_name", boots: true, reboot: rds},
		{group: "aws_rds_cluster_parameter_group", user: "aws_rds_cluster", by: "db_cluster_parameter_group_name", members: "aws_rds_cluster_instance", reboot: rds},
		{group: "aws_docdb_cluster_parameter_group", user: "aws_docdb_cluster", by: "db_cluster_parameter_group_name", members: "aws_docdb_cluster_instance", reboot: docdb},
		{group: "aws_neptune_cluster_parameter_group", user: "aws_neptune_cluster", by: "neptune_cluster_parameter_group_name", members: "aws_neptune_cluster_instance", reboot: neptune},
		{group: "aws_neptune_parameter_group", user: "aws_neptune_cluster_instance", by: "neptune_parameter_group_name", boots: true, reboot: neptune},
		{group: "aws_redshift_parameter_group", user: "aws_redshift_cluster", by: "cluster_parameter_group_name", boots: true, reboot: "aws redshift reboot-cluster --cluster-identifier "},
	}
}

// PendingReboot: a parameter that is applied at the next reboot is stored in the
// group at once, and an instance that runs goes on with the old value.
func PendingReboot() Case {
	c := Case{ByCommand: true, Judge: func(w *World, o *Object) []Outcome {
		for _, use := range groupUses() {
			if use.user == o.TypeName() {
				return use.judgeUser(w, o)
			}
		}
		return judgeUnused(w, o)
	}}
	for _, use := range groupUses() {
		c.Types = append(c.Types, use.user)
		if !slices.Contains(c.Types, use.group) {
			c.Types = append(c.Types, use.group)
		}
	}
	return c
}

func (use groupUse) judgeUser(w *World, o *Object) []Outcome {
	if !o.Runs() || o.Edited(use.by) {
		return nil // another group is another rule's matter
	}
	for _, g := range near(o, w.By(use.group, "name", Text(o.Before(use.by)))) {
		if g.Action != tfplan.Update || !o.Names(use.by, g, "name") {
			continue
		}
		read := parametersOf(g)
		if len(read.changed) == 0 && !read.open {
			return nil
		}
		proof := append(read.proof(g), Fact{Text: o.Address + " runs with this group", Object: o, Path: "/before/" + use.by})
		boots, some := use.booted(w, o)
		switch {
		case boots == yes && (after(w, o, use.by, g) || idle(o)):
			return []Outcome{{Verdict: InEffect}}
		case len(read.boot) > 0 && boots == yes:
			return []Outcome{{
				Title: "whether this apply restarts it before or after its parameters change is not known", Proof: proof,
				Missing: []Gap{{
					Evidence: "that " + o.Address + " is changed after " + g.Address,
					Get:      "let `" + use.by + "` refer to the group, which orders the two, and plan again",
				}},
			}}
		case len(read.boot) > 0 && boots == maybe:
			return []Outcome{{
				Title: "whether this apply restarts it is not known", Proof: append(proof, some...),
				Missing: []Gap{{Evidence: "whether the change of " + o.Address + " restarts it", Get: use.ask()}},
			}}
		case len(read.boot) > 0:
			return []Outcome{{
				Verdict: NotInEffect, Proof: proof,
				Title:  fmt.Sprintf("it keeps the old value of %s until it is rebooted", names(read.boot)),
				Remedy: use.remedy(w, o),
			}}
		case read.open || len(read.doubt) > 0:
			return []Outcome{{
				Title: "whether it has to be rebooted for its parameters is not known", Proof: proof,
				Missing: []Gap{{Evidence: "which parameters of " + g.Address + " wait for a reboot", Get: use.ask()}},
			}}
		}
		return []Outcome{{Verdict: InEffect}}
	}
	return nil
}

// judgeUnused answers for a group that nobody in the plan uses.
func judgeUnused(w *World, g *Object) []Outcome {
	if g.Action != tfplan.Update {
		return nil
	}
	read := parametersOf(g)
	if len(read.boot) == 0 {
		return nil
	}
	var ask groupUse
	for _, use := range groupUses() {
		if use.group != g.TypeName() {
			continue
		}
		ask = use
		if len(w.By(use.user, use.by, Text(g.Before("name")))) > 0 {
			return nil
		}
		for _, u := range w.Of(use.user) {
			if w.Has(u.Change.Unknown, w.Sym(use.by)) {
				return nil // a new one that may use it
			}
		}
	}
	return []Outcome{{
		Title: fmt.Sprintf("%s waits for a reboot of whoever uses the group", names(read.boot)), Proof: read.proof(g),
		Missing: []Gap{{Evidence: "who uses " + g.Address + ": the plan has nobody", Get: ask.ask()}},
	}}
}

// parameters is what a plan does to the parameters of a group.
type parameters struct {
	changed     []string // every changed or added one
	boot, doubt []string // those that wait for a reboot, and those that may
	at          []string // where the change of each of changed is
	open        bool     // some are known only after apply
}

func parametersOf(g *Object) parameters {
	r := parameters{open: g.Unknown("parameter")}
	old := map[string]any{}
	before, _ := g.Before("parameter").([]any)
	for _, p := range before {
		old[Text(at(p, "name"))] = at(p, "value")
	}
	after, ok := g.After("parameter").([]any)
	if !ok && g.Edited("parameter") {
		r.open = true // sealed, or cut out
	}
	for i, p := range after {
		name, value := Text(at(p, "name")), at(p, "value")
		was, had := old[name]
		if name == "" {
			r.open = true
		}
		if name == "" || had && tfplan.Equal(was, value) {
			continue
		}
		static := slices.Contains(redshiftStatic(), name)
		if word(g, name) == "" {
			name = "a parameter"
		}
		r.changed, r.at = append(r.changed, name), append(r.at, fmt.Sprintf("/after/parameter/%d", i))
		switch {
		case g.TypeName() == "aws_redshift_parameter_group":
			// Redshift has no apply_method: its parameters are static, but for
			// the workload management, some of which is dynamic.
			if static {
				r.boot = append(r.boot, name)
			} else {
				r.doubt = append(r.doubt, name)
			}
		case Text(at(p, "apply_method")) == "pending-reboot":
			r.boot = append(r.boot, name)
		case Text(at(p, "apply_method")) == "":
			r.doubt = append(r.doubt, name)
		}
	}
	return r
}

func redshiftStatic() []string {
	return []string{"datestyle", "enable_user_activity_logging", "extra_float_digits", "query_group", "require_ssl", "search_path", "statement_timeout"}
}

// proof puts what waits first.
func (r parameters) proof(g *Object) []Fact {
	var out, rest []Fact
	for i, name := range r.changed {
		f := Fact{Text: fmt.Sprintf("%s changes parameter %s", g.Address, name), Object: g, Path: r.at[i]}
		if slices.Contains(r.boot, name) {
			f.Text += ", which is applied at the next reboot"
			out = append(out, f)
		} else {
			rest = append(rest, f)
		}
	}
	if len(out) == 0 {
		out = rest
	}
	if len(out) == 0 {
		out = []Fact{{Text: g.Address + " has parameters that the plan does not show", Object: g, Path: "/after"}}
		if g.Unknown("parameter") {
			out[0].Path = "/after_unknown/parameter"
		}
	}
	return out
}

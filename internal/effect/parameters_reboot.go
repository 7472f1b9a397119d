package effect

import (
	"slices"

	"polygraph/internal/tfplan"
)

type answer uint8

const (
	no answer = iota
	maybe
	yes
)

// booted tells whether this apply restarts the user, and in doubt by what.
func (use groupUse) booted(w *World, o *Object) (answer, []Fact) {
	if use.members == "" {
		return restarts(o)
	}
	if idle(o) {
		return yes, nil
	}
	if known, _ := edits(o, "port"); len(known) > 0 && o.TypeName() == "aws_rds_cluster" {
		return yes, nil
	}
	if a, f := restarts(o); a != no {
		return maybe, f
	}
	members, least := 0, yes
	var doubt []Fact
	for _, m := range use.instances(w, o) {
		if m.Action == tfplan.Create {
			continue // the others go on
		}
		members++
		a := yes
		if m.Runs() {
			var f []Fact
			a, f = restarts(m)
			doubt = append(doubt, f...)
		}
		least = min(least, a)
	}
	if list, _ := o.Before("cluster_members").([]any); members == 0 || len(list) > members {
		return no, nil // those that the plan does not have go on
	}
	return least, doubt
}

// idle tells of a cluster that no instance runs in it, or that it is of Aurora
// Serverless v1, which takes another value at once.
func idle(o *Object) bool {
	if Text(o.Before("engine_mode")) == "serverless" {
		return true
	}
	list, ok := o.Before("cluster_members").([]any)
	return ok && len(list) == 0
}

// after tells whether an object is changed after another one: it refers to it.
func after(w *World, o *Object, attr string, other *Object) bool {
	return slices.ContainsFunc(sourcesOf(w, o, attr), func(s tfplan.Source) bool { return s.Node == other.Node && other.Node >= 0 })
}

// instances are those of a cluster.
func (use groupUse) instances(w *World, cluster *Object) []*Object {
	name := Text(cluster.Before("cluster_identifier"))
	out := slices.Clone(w.By(use.members, "cluster_identifier", name))
	if id := Text(cluster.Before("id")); id != name {
		out = append(out, w.By(use.members, "cluster_identifier", id)...)
	}
	return out
}

// restarts tells whether an update boots an instance: another class at once, or
// another port of an RDS instance at any time. An engine upgrade does so too,
// only when is not documented.
func restarts(o *Object) (answer, []Fact) {
	if o.Action != tfplan.Update {
		return no, nil
	}
	if known, _ := edits(o, "port"); len(known) > 0 && o.TypeName() == "aws_db_instance" {
		return yes, nil
	}
	if on, ok := o.After("blue_green_update.0.enabled").(bool); ok && on {
		// The provider makes a second instance with the new settings and group,
		// and switches over to it.
		if known, _ := edits(o, "parameter_group_name", "engine_version", "instance_class", "allocated_storage", "storage_type"); len(known) > 0 {
			return yes, nil
		}
	}
	if o.Unknown("blue_green_update") {
		return maybe, changes(o, "blue_green_update")
	}
	known, open := edits(o, "instance_class", "node_type", "engine_version")
	now, said := flag(o, "apply_immediately")
	switch {
	case len(known)+len(open) == 0 || said && !now:
		return no, nil
	case now && slices.Contains(known, "instance_class"):
		return yes, nil
	}
	return maybe, changes(o, append(known, open...)...)
}

func (use groupUse) ask() string {
	if use.group == "aws_redshift_parameter_group" {
		return "aws redshift describe-clusters --query 'Clusters[].[ClusterIdentifier,ClusterParameterGroups]'"
	}
	if use.members != "" {
		return "aws rds describe-db-clusters --query 'DBClusters[].[DBClusterIdentifier,DBClusterParameterGroup,DBClusterMembers]'"
	}
	return "aws rds describe-db-instances --query 'DBInstances[].[DBInstanceIdentifier,DBParameterGroups]'"
}

// remedy reboots what has to be.
func (use groupUse) remedy(w *World, o *Object) Remedy {
	r := Remedy{Text: "Reboot it after the apply, where a short outage is allowed; a cluster instance by instance, readers first."}
	if use.members == "" {
		id := word(o, o.Before("identifier"))
		if use.group == "aws_redshift_parameter_group" {
			id = word(o, o.Before("cluster_identifier"))
		}
		if id != "" {
			r.Commands = append(r.Commands, use.reboot+id)
		}
		return r
	}
	for _, m := range use.instances(w, o) {
		if id := word(m, m.Before("identifier")); id != "" && m.Runs() {
			r.Commands = append(r.Commands, use.reboot+id)
		}
	}
	if len(r.Commands) == 0 {
		list, _ := o.Before("cluster_members").([]any)
		for _, m := range list {
			if id := word(o, m); id != "" {
				r.Commands = append(r.Commands, use.reboot+id)
			}
		}
	}
	return r
}

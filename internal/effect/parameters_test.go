package effect

import (
	"strings"
	"testing"
)

func TestPendingReboot(t *testing.T) {
	group := func(typ, before, after, unknown string) string {
		return editOf(typ+".g", "update", `{"name": "g", "parameter": [`+before+`]}`, `{"name": "g", "parameter": [`+after+`]}`, unknown)
	}
	const (
		was    = `{"name": "max_connections", "value": "1", "apply_method": "pending-reboot"}`
		waits  = `{"name": "max_connections", "value": "2", "apply_method": "pending-reboot"}`
		now    = `{"name": "max_connections", "value": "2", "apply_method": "immediate"}`
		silent = `{"name": "max_connections", "value": "2"}`
		method = `{"name": "max_connections", "value": "1", "apply_method": "immediate"}`
		user   = `{"identifier": "a", "parameter_group_name": "g"}`
	)
	db := stayOf("aws_db_instance.a", user)
	edit := func(before, after string) string {
		return editOf("aws_db_instance.a", "update", `{"parameter_group_name": "g", `+before+`}`, `{"parameter_group_name": "g", `+after+`}`, "")
	}
	pg := "aws_db_parameter_group"
	cpg, cluster := "aws_rds_cluster_parameter_group", `{"cluster_identifier": "c", "db_cluster_parameter_group_name": "g"}`
	const ordered = `{"root_module": {"resources": [
		{"address": "aws_db_parameter_group.g", "mode": "managed", "type": "aws_db_parameter_group", "name": "g", "expressions": {}},
		{"address": "aws_db_instance.a", "mode": "managed", "type": "aws_db_instance", "name": "a",
			"expressions": {"parameter_group_name": {"references": ["aws_db_parameter_group.g.name", "aws_db_parameter_group.g"]}}},
		{"address": "aws_rds_cluster_parameter_group.g", "mode": "managed", "type": "aws_rds_cluster_parameter_group", "name": "g", "expressions": {}},
		{"address": "aws_rds_cluster.a", "mode": "managed", "type": "aws_rds_cluster", "name": "a",
			"expressions": {"db_cluster_parameter_group_name": {"references": ["aws_rds_cluster_parameter_group.g.name", "aws_rds_cluster_parameter_group.g"]}}}]}}`
	checkData(t, PendingReboot(), []dataCase{
		{name: "another port boots, in what order is not known", changes: []string{group(pg, was, waits, ""), edit(`"port": 1`, `"port": 2`)}, want: []string{"aws_db_instance.a unknown"}},
		{name: "changed", changes: []string{group(pg, was, waits, ""), db}, want: []string{"aws_db_instance.a old"}},
		{name: "added", changes: []string{group(pg, "", waits, ""), db}, want: []string{"aws_db_instance.a old"}},
		{name: "immediate", changes: []string{group(pg, was, now, ""), db}, want: []string{"aws_db_instance.a current"}},
		{name: "no method", changes: []string{group(pg, was, silent, ""), db}, want: []string{"aws_db_instance.a unknown"}},
		{name: "only the method", changes: []string{group(pg, was, method, ""), db}},
		{name: "value not known", changes: []string{group(pg, was, was, `{"parameter": [{"value": true}]}`), db}, want: []string{"aws_db_instance.a unknown"}},
		{name: "nobody uses it here", changes: []string{group(pg, was, waits, "")}, want: []string{"aws_db_parameter_group.g unknown"}},
		{name: "another group's user", changes: []string{group(pg, was, waits, ""), stayOf("aws_db_instance.a", `{"parameter_group_name": "h"}`)}, want: []string{"aws_db_parameter_group.g unknown"}},
		{name: "its user is new", changes: []string{group(pg, was, waits, ""), editOf("aws_db_instance.a", "create", "null", user, "")}},
		{name: "its user is replaced", changes: []string{group(pg, was, waits, ""), editOf("aws_db_instance.a", "delete/create", user, user, "")}},
		{name: "its user leaves it", changes: []string{group(pg, was, waits, ""), editOf("aws_db_instance.a", "update", user, `{"parameter_group_name": "h"}`, "")}},
		{name: "another port boots", config: ordered, changes: []string{group(pg, was, waits, ""), edit(`"port": 1`, `"port": 2`)}, want: []string{"aws_db_instance.a current"}},
		{name: "another class at once boots", config: ordered, changes: []string{group(pg, was, waits, ""), edit(`"instance_class": "a"`, `"instance_class": "b", "apply_immediately": true`)}, want: []string{"aws_db_instance.a current"}},
		{name: "another class later does not", changes: []string{group(pg, was, waits, ""), edit(`"instance_class": "a"`, `"instance_class": "b", "apply_immediately": false`)}, want: []string{"aws_db_instance.a old"}},
		{name: "an upgrade at once may", changes: []string{group(pg, was, waits, ""), edit(`"engine_version": "a"`, `"engine_version": "b", "apply_immediately": true`)}, want: []string{"aws_db_instance.a unknown"}},
		{name: "a cluster", changes: []string{group(cpg, was, waits, ""), stayOf("aws_rds_cluster.a", cluster)}, want: []string{"aws_rds_cluster.a old"}},
		{
			name: "a cluster whose instances are new", config: ordered, changes: []string{
				group(cpg, was, waits, ""), stayOf("aws_rds_cluster.a", cluster),
				editOf("aws_rds_cluster_instance.a", "delete/create", `{"cluster_identifier": "c"}`, `{"cluster_identifier": "c"}`, ""),
			},
			want: []string{"aws_rds_cluster.a current"},
		},
		{
			name: "a cluster of which one instance stays", changes: []string{
				group(cpg, was, waits, ""), stayOf("aws_rds_cluster.a", cluster),
				editOf("aws_rds_cluster_instance.a", "delete/create", `{"cluster_identifier": "c"}`, `{"cluster_identifier": "c"}`, ""),
				stayOf("aws_rds_cluster_instance.b", `{"cluster_identifier": "c", "identifier": "b"}`),
			},
			want: []string{"aws_rds_cluster.a old"},
		},
		{
			name: "a cluster that gets one more instance", changes: []string{
				group(cpg, was, waits, ""), stayOf("aws_rds_cluster.a", cluster),
				editOf("aws_rds_cluster_instance.a", "create", "null", `{"cluster_identifier": "c"}`, ""),
			},
			want: []string{"aws_rds_cluster.a old"},
		},
		{
			name: "a cluster with an instance of another root", changes: []string{
				group(cpg, was, waits, ""),
				stayOf("aws_rds_cluster.a", `{"cluster_identifier": "c", "db_cluster_parameter_group_name": "g", "cluster_members": ["a", "b"]}`),
				editOf("aws_rds_cluster_instance.a", "delete/create", `{"cluster_identifier": "c"}`, `{"cluster_identifier": "c"}`, ""),
			},
			want: []string{"aws_rds_cluster.a old"},
		},
		{
			name: "a cluster without instances", changes: []string{
				group(cpg, was, waits, ""), stayOf("aws_rds_cluster.a", `{"db_cluster_parameter_group_name": "g", "cluster_members": []}`),
			},
			want: []string{"aws_rds_cluster.a current"},
		},
		{
			name: "sealed parameters", changes: []string{
				strings.Replace(group(pg, was, waits, ""), `"before_sensitive": {}, "after_sensitive": {}`, `"before_sensitive": {"parameter": true}, "after_sensitive": {"parameter": true}`, 1), db,
			},
			want: []string{"aws_db_instance.a unknown"},
		},
		{
			name: "DocumentDB and Neptune", changes: []string{
				group("aws_docdb_cluster_parameter_group", was, waits, ""), stayOf("aws_docdb_cluster.a", `{"db_cluster_parameter_group_name": "g"}`),
				group("aws_neptune_cluster_parameter_group", was, waits, ""), stayOf("aws_neptune_cluster.a", `{"neptune_cluster_parameter_group_name": "g"}`),
				group("aws_neptune_parameter_group", was, waits, ""), stayOf("aws_neptune_cluster_instance.a", `{"neptune_parameter_group_name": "g"}`),
			},
			want: []string{"aws_docdb_cluster.a old", "aws_neptune_cluster.a old", "aws_neptune_cluster_instance.a old"},
		},
		{
			name: "Redshift", changes: []string{
				group("aws_redshift_parameter_group", "", `{"name": "require_ssl", "value": "true"}`, ""), stayOf("aws_redshift_cluster.a", `{"cluster_parameter_group_name": "g"}`),
			},
			want: []string{"aws_redshift_cluster.a old"},
		},
		{
			name: "Redshift, workload management", changes: []string{
				group("aws_redshift_parameter_group", "", `{"name": "wlm_json_configuration", "value": "[]"}`, ""), stayOf("aws_redshift_cluster.a", `{"cluster_parameter_group_name": "g"}`),
			},
			want: []string{"aws_redshift_cluster.a unknown"},
		},
	})
}

// The remedy boots the instances of a cluster, by the names that the plan has.
func TestPendingRebootCommands(t *testing.T) {
	w := dataPlan(
		t, "",
		editOf("aws_rds_cluster_parameter_group.g", "update", `{"name": "g", "parameter": []}`, `{"name": "g", "parameter": [{"name": "p", "value": "1", "apply_method": "pending-reboot"}]}`, ""),
		stayOf("aws_rds_cluster.a", `{"cluster_identifier": "c", "db_cluster_parameter_group_name": "g", "cluster_members": ["c-0", "c-1; rm -rf /"]}`),
	)
	out := PendingReboot().Ask(w, w.Of("aws_rds_cluster")[0])
	if got := strings.Join(out[0].Remedy.Commands, "|"); got != "aws rds reboot-db-instance --db-instance-identifier c-0" {
		t.Errorf("commands %q", got)
	}
}

func TestAnotherGroup(t *testing.T) {
	const from, to = `{"parameter_group_name": "g"}`, `{"parameter_group_name": "h"}`
	const cluster, moved = `{"db_cluster_parameter_group_name": "g"}`, `{"db_cluster_parameter_group_name": "h"}`
	static := editOf("aws_rds_cluster_parameter_group.h", "create", "null", `{"name": "h", "parameter": [{"name": "p", "value": "2", "apply_method": "pending-reboot"}]}`, "")
	checkData(t, AnotherGroup(), []dataCase{
		{name: "instance", changes: []string{editOf("aws_db_instance.a", "update", from, to, "")}, want: []string{"aws_db_instance.a old"}},
		{name: "same group", changes: []string{editOf("aws_db_instance.a", "update", from, from, "")}},
		{name: "replaced", changes: []string{editOf("aws_db_instance.a", "delete/create", from, to, "")}},
		{name: "not known", changes: []string{editOf("aws_db_instance.a", "update", from, `{}`, `{"parameter_group_name": true}`)}, want: []string{"aws_db_instance.a unknown"}},
		{
			name: "not known, and the old one goes", changes: []string{
				editOf("aws_db_parameter_group.g", "create/delete", `{"name": "g"}`, `{}`, `{"name": true}`),
				editOf("aws_db_instance.a", "update", from, `{}`, `{"parameter_group_name": true}`),
			},
			want: []string{"aws_db_instance.a old"},
		},
		{name: "with another class at once", changes: []string{editOf("aws_db_instance.a", "update", `{"parameter_group_name": "g", "instance_class": "a"}`, `{"parameter_group_name": "h", "instance_class": "b", "apply_immediately": true}`, "")}, want: []string{"aws_db_instance.a current"}},
		{name: "Redshift", changes: []string{editOf("aws_redshift_cluster.a", "update", `{"cluster_parameter_group_name": "g"}`, `{"cluster_parameter_group_name": "h"}`, "")}, want: []string{"aws_redshift_cluster.a old"}},
		{name: "cluster", changes: []string{editOf("aws_rds_cluster.a", "update", cluster, moved, "")}, want: []string{"aws_rds_cluster.a unknown"}},
		{name: "cluster, new group is static, old one is not here", changes: []string{static, editOf("aws_rds_cluster.a", "update", cluster, moved, "")}, want: []string{"aws_rds_cluster.a unknown"}},
		{
			name: "cluster, static part differs", changes: []string{
				static, stayOf("aws_rds_cluster_parameter_group.g", `{"name": "g", "parameter": [{"name": "p", "value": "1", "apply_method": "pending-reboot"}]}`),
				editOf("aws_rds_cluster.a", "update", cluster, moved, ""),
			},
			want: []string{"aws_rds_cluster.a old"},
		},
		{
			name: "cluster, static part is the same", changes: []string{
				static, stayOf("aws_rds_cluster_parameter_group.g", `{"name": "g", "parameter": [{"name": "p", "value": "2", "apply_method": "pending-reboot"}]}`),
				editOf("aws_rds_cluster.a", "update", cluster, moved, ""),
			},
			want: []string{"aws_rds_cluster.a unknown"},
		},
	})
}

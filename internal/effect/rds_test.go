package effect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"polygraph/internal/evidence"
	"polygraph/internal/tfplan"
)

// dataPlan reads a plan made of these resource changes, and of a configuration.
func dataPlan(t *testing.T, configuration string, changes ...string) *World {
	t.Helper()
	if configuration == "" {
		configuration = `{"root_module": {}}`
	}
	text := `{"format_version": "1.2", "planned_values": {"root_module": {"resources": []}}, "resource_changes": [` +
		strings.Join(changes, ",\n") + `], "configuration": ` + configuration + `}`
	p, err := tfplan.Read(context.Background(), &evidence.Item{Kind: tfplan.Kind(), Path: "plan.json", Blob: evidence.Bytes([]byte(text))}, tfplan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return Over(p)
}

// editOf writes one resource change; actions are separated by "/".
func editOf(address, actions, before, after, unknown string) string {
	typ, name, _ := strings.Cut(address, ".")
	if unknown == "" {
		unknown = "{}"
	}
	return fmt.Sprintf(`{"address": %q, "mode": "managed", "type": %q, "name": %q,
		"change": {"actions": ["%s"], "before": %s, "after": %s, "after_unknown": %s, "before_sensitive": {}, "after_sensitive": {}}}`,
		address, typ, name, strings.ReplaceAll(actions, "/", `", "`), before, after, unknown)
}

func stayOf(address, values string) string { return editOf(address, "no-op", values, values, "") }

// dataCase is a plan and what a case says about it: "address verdict" for every
// outcome, in order.
type dataCase struct {
	name    string
	config  string
	changes []string
	want    []string
}

func checkData(t *testing.T, c Case, tests []dataCase) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := dataPlan(t, test.config, test.changes...)
			var got []string
			for _, o := range w.Of(c.Types...) {
				for _, out := range c.Ask(w, o) {
					got = append(got, o.Address+" "+[]string{"unknown", "current", "old"}[out.Verdict])
					checkOutcome(t, out)
				}
			}
			slices.Sort(got)
			slices.Sort(test.want)
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// checkOutcome checks what holds for each of them.
func checkOutcome(t *testing.T, out Outcome) {
	t.Helper()
	if out.Verdict == InEffect {
		return
	}
	if out.Title == "" || strings.Contains(out.Title, "\n") {
		t.Errorf("title %q", out.Title)
	}
	if len(out.Proof) == 0 {
		t.Errorf("%s: no proof", out.Title)
	}
	for _, f := range out.Proof {
		if f.Object == nil || f.Text == "" || !strings.HasPrefix(f.Path, "/") {
			t.Errorf("%s: fact %+v", out.Title, f)
		}
	}
	switch {
	case out.Verdict == Unknown && len(out.Missing) == 0:
		t.Errorf("%s: nothing is missing", out.Title)
	case out.Verdict == NotInEffect && (out.Remedy.Text == "" || out.Remedy.Patch != "" && len(out.Remedy.Commands) > 0):
		t.Errorf("%s: remedy %+v", out.Title, out.Remedy)
	}
	if _, diags := hclsyntax.ParseConfig([]byte(out.Remedy.Patch), "patch", hcl.InitialPos); diags.HasErrors() {
		t.Errorf("%s: the patch does not parse: %v", out.Title, diags)
	}
}

func TestRDSDeferred(t *testing.T) {
	instance := func(actions, before, after, unknown string) []string {
		return []string{editOf("aws_db_instance.a", actions, `{"id": "a", `+before+`}`, `{"id": "a", `+after+`}`, unknown)}
	}
	const off = `, "apply_immediately": false`
	checkData(t, RDSDeferred(), []dataCase{
		{name: "class, off", changes: instance("update", `"instance_class": "db.t3.small"`+off, `"instance_class": "db.m6g.large"`+off, ""), want: []string{"aws_db_instance.a old"}},
		{name: "class, null", changes: instance("update", `"instance_class": "x"`, `"instance_class": "y", "apply_immediately": null`, ""), want: []string{"aws_db_instance.a old"}},
		{name: "class, on", changes: instance("update", `"instance_class": "x"`, `"instance_class": "y", "apply_immediately": true`, ""), want: []string{"aws_db_instance.a current"}},
		{name: "class, apply_immediately not known", changes: instance("update", `"instance_class": "x"`, `"instance_class": "y"`, `{"apply_immediately": true}`), want: []string{"aws_db_instance.a unknown"}},
		{name: "class, apply_immediately cut out", changes: instance("update", `"instance_class": "x"`, `"instance_class": "y"`, ""), want: []string{"aws_db_instance.a unknown"}},
		{name: "class not known", changes: instance("update", `"instance_class": "x"`+off, `"multi_az": null`+off, `{"instance_class": true}`), want: []string{"aws_db_instance.a unknown"}},
		{name: "applied at once whatever is said", changes: instance("update", `"port": 1, "backup_window": "a", "deletion_protection": false, "tags": {}`+off, `"port": 2, "backup_window": "b", "deletion_protection": true, "tags": {"a": "b"}`+off, "")},
		{name: "backups between periods", changes: instance("update", `"backup_retention_period": 7`+off, `"backup_retention_period": 14`+off, "")},
		{name: "backups turned off", changes: instance("update", `"backup_retention_period": 7`+off, `"backup_retention_period": 0`+off, ""), want: []string{"aws_db_instance.a old"}},
		{name: "blue/green", changes: instance("update", `"instance_class": "x"`+off, `"instance_class": "y", "blue_green_update": [{"enabled": true}]`+off, "")},
		{name: "replaced", changes: instance("delete/create", `"instance_class": "x"`+off, `"instance_class": "y"`+off, "")},
		{name: "left as it is", changes: instance("no-op", `"instance_class": "x"`+off, `"instance_class": "x"`+off, "")},
		{
			name: "Aurora: the version waits, its port does not",
			changes: []string{
				editOf("aws_rds_cluster.a", "update", `{"engine": "aurora-mysql", "engine_version": "1", "port": 1}`, `{"engine": "aurora-mysql", "engine_version": "2", "port": 2, "apply_immediately": false}`, ""),
				editOf("aws_rds_cluster.b", "update", `{"engine": "aurora-mysql", "port": 1}`, `{"engine": "aurora-mysql", "port": 2, "apply_immediately": false}`, ""),
				editOf("aws_rds_cluster.c", "update", `{"engine": "mysql", "iops": 1000}`, `{"engine": "mysql", "iops": 2000, "apply_immediately": false}`, ""),
				editOf("aws_rds_cluster.d", "update", `{"engine": "aurora-mysql", "engine_version": "1", "global_cluster_identifier": "g"}`, `{"engine": "aurora-mysql", "engine_version": "2", "global_cluster_identifier": "g", "apply_immediately": false}`, ""),
				editOf("aws_rds_cluster_instance.a", "update", `{"instance_class": "x"}`, `{"instance_class": "y", "apply_immediately": false}`, ""),
			},
			want: []string{"aws_rds_cluster.a old", "aws_rds_cluster.c old", "aws_rds_cluster_instance.a old"},
		},
	})
}

// The title says what is kept and until when, and shows no window that changes.
func TestRDSDeferredTitle(t *testing.T) {
	const before, after = `{"instance_class": "x", "multi_az": false, "maintenance_window": "sun:03:00-sun:04:00"}`,
		`{"instance_class": "y", "multi_az": true, "maintenance_window": "%s", "apply_immediately": false}`
	for window, want := range map[string]string{
		"sun:03:00-sun:04:00": "it keeps its old instance_class and multi_az until its maintenance window (sun:03:00-sun:04:00 UTC)",
		"mon:03:00-mon:04:00": "it keeps its old instance_class and multi_az until its maintenance window",
	} {
		w := dataPlan(t, "", editOf("aws_db_instance.a", "update", before, fmt.Sprintf(after, window), ""))
		if got := RDSDeferred().Ask(w, w.Of("aws_db_instance")[0])[0].Title; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A sensitive value, and any value of a plan without marks, is never shown.
func TestChangesShowNoSecret(t *testing.T) {
	c := editOf("aws_db_instance.a", "update", `{"instance_class": "classified-1"}`, `{"instance_class": "classified-2", "apply_immediately": false}`, "")
	for _, marks := range [][2]string{
		{`"before_sensitive": {}, "after_sensitive": {}`, `"before_sensitive": {"instance_class": true}, "after_sensitive": {"instance_class": true}`},
		{`, "before_sensitive": {}, "after_sensitive": {}`, ``},
	} {
		w := dataPlan(t, "", strings.Replace(c, marks[0], marks[1], 1))
		for _, out := range RDSDeferred().Ask(w, w.Of("aws_db_instance")[0]) {
			if s := fmt.Sprintf("%v %v", out.Title, out.Proof[0].Text); strings.Contains(s, "classified") {
				t.Errorf("it is shown: %s", s)
			}
		}
	}
}

func TestCacheDeferred(t *testing.T) {
	checkData(t, CacheDeferred(), []dataCase{
		{
			name: "off, on, not known, replicas, member, global",
			changes: []string{
				editOf("aws_elasticache_replication_group.off", "update", `{"engine_version": "6.2"}`, `{"engine_version": "7.1", "apply_immediately": null}`, ""),
				editOf("aws_elasticache_replication_group.on", "update", `{"engine_version": "6.2"}`, `{"engine_version": "7.1", "apply_immediately": true}`, ""),
				editOf("aws_elasticache_replication_group.unknown", "update", `{"engine_version": "6.2"}`, `{"engine_version": "7.1"}`, `{"apply_immediately": true}`),
				editOf("aws_elasticache_replication_group.replicas", "update", `{"num_cache_clusters": 1}`, `{"num_cache_clusters": 2, "apply_immediately": false}`, ""),
				editOf("aws_elasticache_replication_group.global", "update", `{"node_type": "a", "global_replication_group_id": "g"}`, `{"node_type": "b", "global_replication_group_id": "g", "apply_immediately": false}`, ""),
				editOf("aws_elasticache_cluster.nodes", "update", `{"num_cache_nodes": 1}`, `{"num_cache_nodes": 2, "apply_immediately": false}`, ""),
				editOf("aws_elasticache_cluster.member", "update", `{"node_type": "a", "replication_group_id": "r"}`, `{"node_type": "b", "replication_group_id": "r", "apply_immediately": false}`, ""),
				editOf("aws_elasticache_cluster.replaced", "delete/create", `{"node_type": "a"}`, `{"node_type": "b", "apply_immediately": false}`, ""),
				editOf("aws_memorydb_cluster.a", "update", `{"node_type": "a"}`, `{"node_type": "b"}`, ""),
			},
			want: []string{
				"aws_elasticache_replication_group.off old", "aws_elasticache_replication_group.on current",
				"aws_elasticache_replication_group.unknown unknown", "aws_elasticache_cluster.nodes old",
			},
		},
	})
}

func TestGraphAndDocumentDeferred(t *testing.T) {
	checkData(t, GraphAndDocumentDeferred(), []dataCase{
		{
			name: "off, on, not known, left out",
			changes: []string{
				editOf("aws_docdb_cluster.off", "update", `{"engine_version": "4.0.0"}`, `{"engine_version": "5.0.0", "apply_immediately": false}`, ""),
				editOf("aws_docdb_cluster.global", "update", `{"engine_version": "4.0.0", "global_cluster_identifier": "g"}`, `{"engine_version": "5.0.0", "global_cluster_identifier": "g", "apply_immediately": false}`, ""),
				editOf("aws_docdb_cluster_instance.on", "update", `{"instance_class": "a"}`, `{"instance_class": "b", "apply_immediately": true}`, ""),
				editOf("aws_neptune_cluster_instance.off", "update", `{"instance_class": "a"}`, `{"instance_class": "b", "apply_immediately": false}`, ""),
				editOf("aws_neptune_cluster_instance.unknown", "update", `{"instance_class": "a"}`, `{"apply_immediately": false}`, `{"instance_class": true}`),
				editOf("aws_neptune_cluster.off", "update", `{"engine_version": "1"}`, `{"engine_version": "2", "apply_immediately": false}`, ""),
				editOf("aws_neptune_cluster.port", "update", `{"port": 1}`, `{"port": 2, "apply_immediately": false}`, ""),
				editOf("aws_neptune_cluster_instance.new", "create", `null`, `{"instance_class": "b", "apply_immediately": false}`, ""),
			},
			want: []string{
				"aws_docdb_cluster.off old", "aws_docdb_cluster_instance.on current", "aws_neptune_cluster_instance.off old",
				"aws_neptune_cluster.off old",
				"aws_neptune_cluster_instance.unknown unknown",
			},
		},
	})
}

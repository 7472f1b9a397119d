package truth

import (
	"fmt"
	"strings"
	"testing"
)

// fate is what became of the data of an object.
type fate string

const (
	lost    fate = "lost"
	copied  fate = "copied"       // the object is gone, a snapshot or a grave it can be raised from is there
	refused fate = "refused"      // the provider would not delete it
	left    fate = "left running" // nobody deleted it
	empty   fate = "empty"        // it is gone, and nothing was in it
)

// ward is an object that holds data, with what guards it.
type ward struct {
	name    string
	typ     string
	was, is string // arguments; without a new configuration the block is gone
	items   int    // what lies in it
	copy    string // name of the final snapshot, where that is not the object's id
	by      func(s *scene, id string)
	verdict string // "" is held
	fate    fate
}

const (
	db     = "identifier = NAME\ninstance_class = \"db.t4g.medium\"\nallocated_storage = 20\n"
	plain  = db + "storage_encrypted = false\n"
	sealed = db + "storage_encrypted = true\n"
	skip   = "skip_final_snapshot = true\n"
	last   = "skip_final_snapshot = false\nfinal_snapshot_identifier = NAME\n"
	table  = "name = NAME\nbilling_mode = \"PAY_PER_REQUEST\"\nattribute {\n  name = \"k\"\n  type = \"S\"\n}\n"
)

// wards are planned and applied in one go; each has a block of its own, so a refusal stops no other.
var wards = []ward{
	// The guard comes with the replacement: too late. And the other way round: it is still in the state.
	{name: "late", typ: "aws_db_instance", was: plain + skip, is: sealed + last, copy: "late", verdict: "refuted", fate: lost},
	{name: "open", typ: "aws_db_instance", was: plain + skip, is: sealed + skip, verdict: "refuted", fate: lost},
	{name: "guarded", typ: "aws_db_instance", was: plain + last, is: sealed + last, copy: "guarded", fate: copied},
	{name: "unguarded", typ: "aws_db_instance", was: plain + last, is: sealed + skip, copy: "unguarded", fate: copied},
	{name: "dropped", typ: "aws_db_instance", was: plain + skip, verdict: "refuted", fate: lost},
	{name: "archived", typ: "aws_db_instance", was: plain + last, copy: "archived", fate: copied},
	{name: "nameless", typ: "aws_db_instance", was: plain, fate: refused},
	{name: "shielded", typ: "aws_db_instance", was: plain + skip + "deletion_protection = true\n", fate: refused},
	{name: "lowered", typ: "aws_db_instance", was: plain + skip + "deletion_protection = true\n", is: sealed + skip + "deletion_protection = false\n", fate: refused},
	{name: "raised", typ: "aws_db_instance", was: plain + skip, is: sealed + skip + "deletion_protection = true\n", verdict: "refuted", fate: lost},
	{
		name: "disarmed", typ: "aws_db_instance", was: plain + skip + "deletion_protection = true\n", verdict: "refuted", fate: lost,
		by: func(s *scene, id string) {
			s.tamper("aws_db_instance", id, map[string]any{"deletion_protection": false})
		},
	},
	{
		name: "armed", typ: "aws_db_instance", was: plain + skip, fate: refused,
		by: func(s *scene, id string) {
			s.tamper("aws_db_instance", id, map[string]any{"deletion_protection": true})
		},
	},
	{name: "cluster", typ: "aws_rds_cluster", was: "cluster_identifier = NAME\nengine = \"aurora-postgresql\"\n" + skip, verdict: "refuted", fate: lost},
	{name: "cluster2", typ: "aws_rds_cluster", was: "cluster_identifier = NAME\nengine = \"aurora-postgresql\"\n" + last, copy: "cluster2", fate: copied},

	{name: "forced", typ: "aws_s3_bucket", was: "bucket = NAME\nforce_destroy = true\n", items: 7, verdict: "refuted", fate: lost},
	{name: "full", typ: "aws_s3_bucket", was: "bucket = NAME\n", items: 7, fate: refused},
	{name: "hollow", typ: "aws_s3_bucket", was: "bucket = NAME\n", fate: empty},
	{name: "calmed", typ: "aws_s3_bucket", was: "bucket = NAME\nforce_destroy = true\n", is: "bucket = \"calmed2\"\nforce_destroy = false\n", items: 7, verdict: "refuted", fate: lost},
	{name: "roused", typ: "aws_s3_bucket", was: "bucket = NAME\n", is: "bucket = \"roused2\"\nforce_destroy = true\n", items: 7, fate: refused},
	{name: "images", typ: "aws_ecr_repository", was: "name = NAME\nforce_delete = true\n", items: 3, verdict: "refuted", fate: lost},
	{name: "images2", typ: "aws_ecr_repository", was: "name = NAME\n", items: 3, fate: refused},

	{name: "table", typ: "aws_dynamodb_table", was: table + "hash_key = \"k\"\n", verdict: "refuted", fate: lost},
	{name: "table2", typ: "aws_dynamodb_table", was: table + "hash_key = \"k\"\ndeletion_protection_enabled = true\n", fate: refused},
	{
		name: "table3", typ: "aws_dynamodb_table", was: table + "hash_key = \"k\"\n", verdict: "refuted", fate: lost,
		is: strings.Replace(table, "NAME", `"table3b"`, 1) + "hash_key = \"k\"\ndeletion_protection_enabled = true\n",
	},
	{name: "disk", typ: "aws_ebs_volume", was: "availability_zone = \"eu-west-1a\"\nsize = 8\n", verdict: "refuted", fate: lost},
	{name: "disk2", typ: "aws_ebs_volume", was: "availability_zone = \"eu-west-1a\"\nsize = 9\nfinal_snapshot = true\n", fate: copied},
	{name: "secret", typ: "aws_secretsmanager_secret", was: "name = NAME\nrecovery_window_in_days = 0\n", verdict: "refuted", fate: lost},
	{name: "secret2", typ: "aws_secretsmanager_secret", was: "name = NAME\n", fate: copied},
	{name: "key", typ: "aws_kms_key", was: "description = NAME\n", fate: copied},
	{name: "log", typ: "aws_cloudwatch_log_group", was: "name = NAME\n", verdict: "refuted", fate: lost},
	{name: "log2", typ: "aws_cloudwatch_log_group", was: "name = NAME\nskip_destroy = true\n", fate: left},
}

func (w ward) address() string { return w.typ + "." + w.name }

// block writes the resource, or nothing where it has no arguments.
func (w ward) block(arguments string) string {
	if arguments == "" {
		return ""
	}
	return fmt.Sprintf("resource %q %q {\n%s}\n", w.typ, w.name, strings.ReplaceAll(arguments, "NAME", fmt.Sprintf("%q", w.name)))
}

// fate looks where the data is now.
func (s *scene) fate(o outcome, w ward, id string) fate {
	copy := w.copy
	if copy == "" {
		copy = id
	}
	for _, c := range o.calls {
		if c.Call == "delete" && c.Type == w.typ && c.ID == id && c.Error != "" && o.refused != "" && s.exists("objects", w.typ, id) {
			return refused
		}
	}
	switch {
	case s.exists("objects", w.typ, id):
		return left
	case s.exists("snapshots", "", copy), s.exists("recoverable", w.typ, id):
		return copied
	case w.typ == "aws_s3_bucket" && w.items == 0:
		return empty
	}
	return lost
}

// lossAgrees compares what CHG002 said about a destroyed object with what became of its data.
func lossAgrees(address, verdict string, f fate) (complaints []string) {
	if accused := verdict == "refuted"; accused != (f == lost) {
		complain(&complaints, "%s: the verdict is %q, and the data is %s", address, verdict, f)
	}
	return complaints
}

func TestLossComesTrue(t *testing.T) {
	t.Parallel()
	var was, is strings.Builder
	for _, w := range wards {
		was.WriteString(w.block(w.was))
		is.WriteString(w.block(w.is))
	}
	s := begin(t, files{"main.tf": was.String()}, awsMock)
	old := s.state()
	for _, w := range wards {
		id := old[w.address()].id()
		if w.by != nil {
			w.by(s, id)
		}
		if w.items > 0 {
			s.put("contents", w.typ, id, map[string]any{"items": w.items})
		}
	}
	s.configure(files{"main.tf": is.String()})
	_, j := s.judged()
	o := s.carryOut()
	held := 0
	for _, w := range wards {
		v, f := j.verdict("CHG002", w.address()), s.fate(o, w, old[w.address()].id())
		blame(t, lossAgrees(w.address(), v, f))
		if v != w.verdict || f != w.fate {
			t.Errorf("%s: %q and %s, want %q and %s", w.address(), v, f, w.verdict, w.fate)
		}
		if w.verdict == "" {
			held++
		}
	}
	if j.held["CHG002"] != held {
		t.Errorf("%d held, want %d", j.held["CHG002"], held)
	}
}

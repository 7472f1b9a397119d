package mockaws

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestGuards deletes one object per row and holds the outcome against what the real API does.
func TestGuards(t *testing.T) {
	db := map[string]any{"identifier": "shop", "instance_class": "db.t4g.small"}
	with := func(base map[string]any, more map[string]any) map[string]any {
		out := clone(base).(map[string]any)
		for name, value := range more {
			out[name] = value
		}
		return out
	}
	for name, c := range map[string]struct {
		typ      string
		config   map[string]any
		items    int
		refused  string // part of the refusal
		note     string // of the call, when it went through
		snapshot string
	}{
		"protected database":        {typ: "aws_db_instance", config: with(db, map[string]any{"deletion_protection": true}), refused: "deletion_protection"},
		"snapshot without a name":   {typ: "aws_db_instance", config: db, refused: "final_snapshot_identifier"},
		"snapshot":                  {typ: "aws_db_instance", config: with(db, map[string]any{"final_snapshot_identifier": "last"}), note: "final snapshot last", snapshot: "last"},
		"no snapshot":               {typ: "aws_db_instance", config: with(db, map[string]any{"skip_final_snapshot": true}), note: "no final snapshot"},
		"full bucket":               {typ: "aws_s3_bucket", config: map[string]any{"bucket": "b"}, items: 3, refused: "force_destroy"},
		"full bucket, forced":       {typ: "aws_s3_bucket", config: map[string]any{"bucket": "b", "force_destroy": true}, items: 3, note: "deleted 3 items"},
		"empty bucket":              {typ: "aws_s3_bucket", config: map[string]any{"bucket": "b"}},
		"protected table":           {typ: "aws_dynamodb_table", config: map[string]any{"name": "t", "deletion_protection_enabled": true}, refused: "deletion_protection_enabled"},
		"protected log group":       {typ: "aws_cloudwatch_log_group", config: map[string]any{"name": "l", "deletion_protection_enabled": true}, refused: "deletion_protection_enabled"},
		"protected load balancer":   {typ: "aws_lb", config: map[string]any{"name": "l", "enable_deletion_protection": true}, refused: "enable_deletion_protection"},
		"secret":                    {typ: "aws_secretsmanager_secret", config: map[string]any{"name": "s"}, note: "recoverable for 30 days"},
		"secret, no window":         {typ: "aws_secretsmanager_secret", config: map[string]any{"name": "s", "recovery_window_in_days": json.Number("0")}, note: "no recovery window"},
		"cache with a snapshot":     {typ: "aws_elasticache_replication_group", config: map[string]any{"replication_group_id": "c", "description": "d", "final_snapshot_identifier": "end"}, note: "final snapshot end", snapshot: "end"},
		"cache without a snapshot":  {typ: "aws_elasticache_replication_group", config: map[string]any{"replication_group_id": "c", "description": "d"}, note: "no final snapshot"},
		"volume with its snapshot":  {typ: "aws_ebs_volume", config: map[string]any{"availability_zone": "eu-west-1a", "final_snapshot": true}, note: "final snapshot of vol-"},
		"volume without a snapshot": {typ: "aws_ebs_volume", config: map[string]any{"availability_zone": "eu-west-1a"}, note: "no final snapshot"},
	} {
		t.Run(name, func(t *testing.T) {
			x := open(t, testServer(t), c.typ)
			state := x.create(c.config)
			if c.items > 0 {
				if err := x.s.Cloud.Put("contents", c.typ, state["id"].(string), map[string]any{"items": c.items}); err != nil {
					t.Fatal(err)
				}
			}
			after, refusal := x.apply(state, nil)
			if c.refused != "" {
				if !strings.Contains(refusal, c.refused) || after == nil {
					t.Errorf("refusal %q, want one about %s; state afterwards %v", refusal, c.refused, after)
				}
				return
			}
			if refusal != "" || after != nil {
				t.Fatalf("refused: %q; state afterwards %v", refusal, after)
			}
			calls := x.calls()
			last := calls[len(calls)-1]
			if last.Call != "delete" || !strings.HasPrefix(last.Note, c.note) || (c.note == "" && last.Note != "") {
				t.Errorf("last call %+v, want a delete with the note %q", last, c.note)
			}
			if c.snapshot != "" {
				if taken, err := x.s.Cloud.Get("snapshots", "", c.snapshot); err != nil || taken == nil {
					t.Errorf("no snapshot %s: %v", c.snapshot, err)
				}
			}
		})
	}
}

func TestRetain(t *testing.T) {
	x := open(t, testServer(t), "aws_cloudwatch_log_group")
	state := x.create(map[string]any{"name": "audit", "skip_destroy": true})
	if after, refusal := x.apply(state, nil); refusal != "" || after != nil {
		t.Fatalf("refused: %q; state afterwards %v", refusal, after)
	}
	if kept, err := x.s.Cloud.Get("objects", "aws_cloudwatch_log_group", "audit"); err != nil || kept == nil {
		t.Errorf("skip_destroy deleted the log group: %v", err)
	}
	calls := x.calls()
	if last := calls[len(calls)-1]; last.Call != "retain" {
		t.Errorf("last call %+v", last)
	}
}

func TestInUse(t *testing.T) {
	s := testServer(t)
	group := open(t, s, "aws_security_group").create(map[string]any{"name": "db"})
	rules := open(t, s, "aws_vpc_security_group_ingress_rule")
	rule := rules.create(map[string]any{"security_group_id": group["id"], "ip_protocol": "tcp"})
	if _, refusal := open(t, s, "aws_security_group").apply(group, nil); !strings.Contains(refusal, "DependencyViolation") {
		t.Errorf("a group in use was deleted: %q", refusal)
	}
	if _, refusal := rules.apply(rule, nil); refusal != "" {
		t.Fatal(refusal)
	}
	if _, refusal := open(t, s, "aws_security_group").apply(group, nil); refusal != "" {
		t.Errorf("a group that nobody uses stays: %q", refusal)
	}
}

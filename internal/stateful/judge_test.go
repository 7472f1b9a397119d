package stateful

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

type object = map[string]any

func list(o object) []any { return []any{o} }

func TestJudge(t *testing.T) {
	tests := []struct {
		name    string
		typ     string
		before  object
		verdict Verdict
		effect  Effect
		by      string // attribute that decides
		loss    Loss
		missing []string
	}{
		{"protected", "aws_db_instance", object{"deletion_protection": true}, Kept, Refuses, "deletion_protection", Primary, nil},
		{"protection decides though the rest is missing", "aws_rds_cluster", object{"deletion_protection": true}, Kept, Refuses, "deletion_protection", Primary, nil},
		{
			"final snapshot", "aws_db_instance",
			object{"deletion_protection": false, "skip_final_snapshot": false, "final_snapshot_identifier": "last"},
			Kept, Snapshot, "skip_final_snapshot", Primary, nil,
		},
		{
			"final snapshot without a name is refused by the provider", "aws_db_instance",
			object{"deletion_protection": false, "skip_final_snapshot": false, "final_snapshot_identifier": nil},
			Kept, Refuses, "skip_final_snapshot", Primary, nil,
		},
		{
			"kept either way, but how is not known", "aws_db_instance",
			object{"deletion_protection": false, "skip_final_snapshot": false},
			Kept, "", "skip_final_snapshot", Primary,
			[]string{"final_snapshot_identifier"},
		},
		{
			"null takes the default of the provider", "aws_db_instance",
			object{"deletion_protection": nil, "skip_final_snapshot": nil, "final_snapshot_identifier": "last"},
			Kept, Snapshot, "skip_final_snapshot", Primary, nil,
		},
		{
			"no snapshot, backups deleted", "aws_db_instance",
			object{"deletion_protection": false, "skip_final_snapshot": true, "delete_automated_backups": nil, "backup_retention_period": 7},
			Lost, "", "deletion_protection", Primary, nil,
		},
		{
			"backups outlive the instance", "aws_db_instance",
			object{"deletion_protection": false, "skip_final_snapshot": true, "delete_automated_backups": false, "backup_retention_period": json.Number("7")},
			Kept, Retains, "delete_automated_backups", Primary, nil,
		},
		{
			"there are no backups to outlive it", "aws_db_instance",
			object{"deletion_protection": false, "skip_final_snapshot": true, "delete_automated_backups": false, "backup_retention_period": 0.0},
			Lost, "", "deletion_protection", Primary, nil,
		},
		{
			"a replica is a copy", "aws_db_instance",
			object{"deletion_protection": false, "skip_final_snapshot": true, "delete_automated_backups": true, "backup_retention_period": int64(0), "replicate_source_db": "main"},
			Lost, "", "deletion_protection", Derived, nil,
		},
		{
			"skip_final_snapshot is missing", "aws_db_instance",
			object{"deletion_protection": false, "delete_automated_backups": true, "backup_retention_period": 7},
			Unknown, "", "skip_final_snapshot", Primary,
			[]string{"skip_final_snapshot"},
		},
		{"Terraform 0.11 wrote strings", "aws_s3_bucket", object{"force_destroy": "true"}, Lost, "", "force_destroy", Primary, nil},
		{"Terraform 0.11 wrote strings", "aws_s3_bucket", object{"force_destroy": "false"}, Kept, Refuses, "force_destroy", Primary, nil},
		{"Terraform 0.11 wrote empty strings for null", "aws_s3_bucket", object{"force_destroy": ""}, Kept, Refuses, "force_destroy", Primary, nil},
		{"null is false", "aws_s3_bucket", object{"force_destroy": nil}, Kept, Refuses, "force_destroy", Primary, nil},
		{"a value of the wrong kind proves nothing", "aws_s3_bucket", object{"force_destroy": object{}}, Unknown, "", "force_destroy", Primary, []string{"force_destroy"}},
		{"neither does a wrong word", "aws_s3_bucket", object{"force_destroy": "yes"}, Unknown, "", "force_destroy", Primary, []string{"force_destroy"}},
		{"nothing known", "aws_s3_bucket", nil, Unknown, "", "force_destroy", Primary, []string{"force_destroy"}},
		{"no guard at all", "aws_efs_file_system", object{}, Lost, "", "", Primary, nil},
		{"recovery window", "aws_secretsmanager_secret", object{"recovery_window_in_days": json.Number("7")}, Kept, Retains, "recovery_window_in_days", Primary, nil},
		{"recovery window by default", "aws_secretsmanager_secret", object{"recovery_window_in_days": nil}, Kept, Retains, "recovery_window_in_days", Primary, nil},
		{"deleted at once", "aws_secretsmanager_secret", object{"recovery_window_in_days": int64(0)}, Lost, "", "recovery_window_in_days", Primary, nil},
		{"deleted at once, as a string", "aws_secretsmanager_secret", object{"recovery_window_in_days": "0"}, Lost, "", "recovery_window_in_days", Primary, nil},
		{"no number", "aws_secretsmanager_secret", object{"recovery_window_in_days": json.Number("many")}, Unknown, "", "recovery_window_in_days", Primary, []string{"recovery_window_in_days"}},
		{"NaN is no number", "aws_secretsmanager_secret", object{"recovery_window_in_days": "NaN"}, Unknown, "", "recovery_window_in_days", Primary, []string{"recovery_window_in_days"}},
		{"a key is never deleted at once", "aws_kms_key", object{}, Kept, Retains, "deletion_window_in_days", Primary, nil},
		{"root volume stays", "aws_instance", object{"disable_api_termination": false, "root_block_device": list(object{"delete_on_termination": false})}, Kept, Retains, "root_block_device.0.delete_on_termination", Primary, nil},
		{"root volume goes", "aws_instance", object{"disable_api_termination": false, "root_block_device": list(object{"delete_on_termination": true})}, Lost, "", "disable_api_termination", Primary, nil},
		{"root volume goes by default", "aws_instance", object{"disable_api_termination": nil, "root_block_device": []any{}}, Lost, "", "disable_api_termination", Primary, nil},
		{"a block as one object", "aws_instance", object{"disable_api_termination": nil, "root_block_device": object{"delete_on_termination": false}}, Kept, Retains, "root_block_device.0.delete_on_termination", Primary, nil},
		{"a block that is no block", "aws_instance", object{"disable_api_termination": nil, "root_block_device": "x"}, Unknown, "", "root_block_device.0.delete_on_termination", Primary, []string{"root_block_device.0.delete_on_termination"}},
		{"termination protection", "aws_instance", object{"disable_api_termination": true, "force_destroy": false}, Kept, Refuses, "force_destroy", Primary, nil},
		{
			"termination protection overridden", "aws_instance",
			object{"disable_api_termination": true, "force_destroy": true, "root_block_device": list(object{"delete_on_termination": true})},
			Lost, "", "force_destroy", Primary, nil,
		},
		{
			"an old provider switched termination protection off", "aws_instance",
			object{"disable_api_termination": true, "root_block_device": list(object{"delete_on_termination": true})},
			Unknown, "", "force_destroy", Primary,
			[]string{"force_destroy"},
		},
		{"the log group is left behind", "aws_cloudwatch_log_group", object{"skip_destroy": true}, Kept, Retains, "skip_destroy", Primary, nil},
		{"protected since 6.25", "aws_cloudwatch_log_group", object{"skip_destroy": nil, "deletion_protection_enabled": true}, Kept, Refuses, "deletion_protection_enabled", Primary, nil},
		{"before 6.25, or cut out", "aws_cloudwatch_log_group", object{"skip_destroy": nil}, Unknown, "", "deletion_protection_enabled", Primary, []string{"deletion_protection_enabled"}},
		{"lustre skips by default", "aws_fsx_lustre_file_system", object{"skip_final_backup": nil, "deployment_type": "PERSISTENT_2"}, Lost, "", "skip_final_backup", Primary, nil},
		{"scratch has no backup", "aws_fsx_lustre_file_system", object{"skip_final_backup": false, "deployment_type": "SCRATCH_2"}, Lost, "", "deployment_type", Primary, nil},
		{"user pool", "aws_cognito_user_pool", object{"deletion_protection": "ACTIVE"}, Kept, Refuses, "deletion_protection", Primary, nil},
		{"user pool by default", "aws_cognito_user_pool", object{"deletion_protection": nil}, Lost, "", "deletion_protection", Primary, nil},
		{"point-in-time recovery", "aws_dynamodb_table", object{"deletion_protection_enabled": false, "point_in_time_recovery": list(object{"enabled": true})}, Kept, Snapshot, "point_in_time_recovery.0.enabled", Primary, nil},
		{"no point-in-time recovery", "aws_dynamodb_table", object{"deletion_protection_enabled": false, "point_in_time_recovery": []any{}}, Lost, "", "deletion_protection_enabled", Primary, nil},
		{"home directories stay by default", "aws_sagemaker_domain", object{"retention_policy": []any{}}, Kept, Retains, "retention_policy.0.home_efs_file_system", Primary, nil},
		{"cache with a final snapshot", "aws_elasticache_cluster", object{"final_snapshot_identifier": "last"}, Kept, Snapshot, "final_snapshot_identifier", Derived, nil},
		{"cache without", "aws_elasticache_cluster", object{"final_snapshot_identifier": ""}, Lost, "", "final_snapshot_identifier", Derived, nil},
		{"no lock on the object", "aws_s3_object", object{"object_lock_legal_hold_status": nil, "object_lock_retain_until_date": nil}, Lost, "", "object_lock_legal_hold_status", Derived, nil},
		{
			"whether the date is ahead needs a clock", "aws_s3_object",
			object{"object_lock_legal_hold_status": nil, "object_lock_retain_until_date": "2020-01-01T00:00:00Z"},
			Unknown, "", "that the date in object_lock_retain_until_date is still ahead", Derived,
			[]string{"that the date in object_lock_retain_until_date is still ahead"},
		},
		{"unset protects", "google_bigquery_table", object{"deletion_protection": nil}, Kept, Refuses, "deletion_protection", Primary, nil},
		{"forgotten, not deleted", "google_firestore_database", object{"delete_protection_state": nil, "deletion_policy": nil}, Kept, Retains, "deletion_policy", Primary, nil},
		{"purge protection", "azurerm_key_vault", object{"purge_protection_enabled": true}, Kept, Retains, "purge_protection_enabled", Primary, nil},
		{
			"the provider block decides", "azurerm_key_vault",
			object{"purge_protection_enabled": false},
			Unknown, "", "provider azurerm: features.key_vault.purge_soft_delete_on_destroy (true by default, which purges)", Primary,
			[]string{"provider azurerm: features.key_vault.purge_soft_delete_on_destroy (true by default, which purges)"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.typ+"/"+tt.name, func(t *testing.T) {
			e, ok := Lookup(tt.typ)
			if !ok {
				t.Fatal("no entry")
			}
			got := e.Judge(tt.before)
			if got.Verdict != tt.verdict || got.Effect != tt.effect || got.Attribute != tt.by || got.Loss != tt.loss || !slices.Equal(got.Missing, tt.missing) {
				t.Errorf("got %+v (guard %+v)\nwant %v %q by %q, %v, missing %q", got, got.Guard, tt.verdict, tt.effect, tt.by, tt.loss, tt.missing)
			}
			if (got.Guard == nil) != (len(e.Guards) == 0) {
				t.Errorf("guard %v of %d", got.Guard, len(e.Guards))
			}
		})
	}
}

func TestDefaulted(t *testing.T) {
	e, _ := Lookup("aws_secretsmanager_secret")
	got := e.Judge(object{"recovery_window_in_days": nil})
	if !got.Defaulted || got.Value != 30.0 {
		t.Errorf("null: %+v", got)
	}
	if got = e.Judge(object{"recovery_window_in_days": 7.0}); got.Defaulted || got.Value != 7.0 {
		t.Errorf("7: %+v", got)
	}
	key, _ := Lookup("aws_kms_key")
	if got = key.Judge(object{}); !got.Defaulted || got.Value != 30.0 {
		t.Errorf("key: %+v", got)
	}
}

func TestAt(t *testing.T) {
	logs, _ := Lookup("aws_cloudwatch_log_group")
	before := object{"skip_destroy": false}
	if got := logs.Judge(before); got.Verdict != Unknown || !got.Newer {
		t.Errorf("version unknown: %+v", got)
	}
	for version, want := range map[string]Verdict{
		"5.100.0": Lost, "6.24.9": Lost, "v6.24.0-beta1": Lost, "6.25.0": Unknown, "6.25": Unknown, "7": Unknown, "": Unknown, "~> 5.0": Unknown,
	} {
		if got := logs.At(version).Judge(before); got.Verdict != want {
			t.Errorf("at %q: %v, want %v", version, got.Verdict, want)
		}
	}
	if len(logs.Guards) != 2 {
		t.Error("At changed its receiver")
	}
	// A condition beside a guard goes without taking the guard with it.
	dsql, _ := Lookup("aws_dsql_cluster")
	if got := dsql.At("5.99.0").Judge(object{"deletion_protection_enabled": true}); got.Verdict != Kept {
		t.Errorf("dsql: %+v", got)
	}
	missing, _ := Lookup("aws_db_instance")
	if got := missing.Judge(object{}); got.Newer {
		t.Error("old attributes are not newer")
	}
}

// Every guard of every entry: it holds, it fails, it is taken away.
func TestEveryGuard(t *testing.T) {
	for _, e := range All() {
		lost, losable := e.Example(false)
		switch got := e.Judge(lost).Verdict; {
		case losable && got != Lost:
			t.Errorf("%s: Example(false) = %v is %v", e.Type, lost, got)
		case !losable && !slices.ContainsFunc(e.Guards, func(g Guard) bool { return g.Keeps == Always || g.Outside }):
			t.Errorf("%s: no example that loses", e.Type)
		}
		kept, keepable := e.Example(true)
		if got := e.Judge(kept).Verdict; keepable && got != Kept {
			t.Errorf("%s: Example(true) = %v is %v", e.Type, kept, got)
		}
		if !keepable && slices.ContainsFunc(e.Guards, func(g Guard) bool { return !g.outside() }) {
			t.Errorf("%s: no example that keeps", e.Type)
		}
		for i, g := range e.Guards {
			tryGuard(t, e, i, g)
		}
	}
}

func (g Guard) outside() bool {
	return g.Outside || slices.ContainsFunc(g.With, func(c Condition) bool { return c.Outside })
}

func tryGuard(t *testing.T, e Entry, i int, g Guard) {
	t.Helper()
	if g.outside() {
		return // tested by name: nothing in the object decides
	}
	name := e.Type + " by " + g.Attribute
	example := func() object {
		o, ok := e.keeping(i)
		if !ok {
			t.Fatalf("%s: no example", name)
		}
		return o
	}
	if got := e.Judge(example()); got.Verdict != Kept || got.Guard == nil || !reflect.DeepEqual(*got.Guard, g) {
		t.Errorf("%s: %v is %+v", name, example(), got)
	}
	if g.Keeps == Always {
		return // nothing to flip, and nothing to take away
	}
	// Some other guard can be one that never fails, or that is outside: then the answer without this
	// guard is what the others say, but never that of this guard.
	rest := e.clone()
	rest.Guards = slices.Delete(rest.Guards, i, i+1)
	others := rest.Judge(example()).Verdict

	flipped := example()
	value, _ := g.failing()
	set(flipped, g.Attribute, value)
	if got := e.Judge(flipped).Verdict; got != others && !sharesAttribute(e, i) {
		t.Errorf("%s flipped: %v, want %v", name, got, others)
	} else if len(rest.Guards) == 0 && got != Lost {
		t.Errorf("%s flipped: %v, want lost", name, got)
	}
	for _, c := range append([]Condition{g.Condition}, g.With...) {
		gone := example()
		unset := cut(gone, c.Attribute)
		if got := e.Judge(gone).Verdict; !unset || got != Unknown && others != Kept {
			t.Errorf("%s: without %s it is %v, want unknown", name, c.Attribute, got)
		}
		null := example()
		set(null, c.Attribute, nil)
		want := Kept
		if value := c.Default; value == nil {
			want = others
		} else if ok, _ := c.test(value); !ok {
			want = others
		}
		if got := e.Judge(null).Verdict; got != want && !sharesAttribute(e, i) {
			t.Errorf("%s: with %s = null it is %v, want %v", name, c.Attribute, got, want)
		}
	}
}

// sharesAttribute tells guards that read the same attribute: they cannot be set apart.
func sharesAttribute(e Entry, i int) bool {
	for j, g := range e.Guards {
		if j != i && g.Attribute == e.Guards[i].Attribute {
			return true
		}
	}
	return false
}

// cut deletes the key that a path ends in.
func cut(o object, path string) bool {
	key, rest, nested := strings.Cut(path, ".")
	if !nested {
		_, ok := o[key]
		delete(o, key)
		return ok
	}
	blocks, ok := o[key].([]any)
	if !ok {
		return false
	}
	_, deeper, _ := strings.Cut(rest, ".")
	return cut(blocks[0].(object), deeper)
}

func TestExampleSurvivesJSON(t *testing.T) {
	for _, e := range All() {
		for _, kept := range []bool{true, false} {
			example, ok := e.Example(kept)
			if !ok {
				continue
			}
			text, err := json.Marshal(example)
			if err != nil {
				t.Fatal(err)
			}
			var back object
			decoder := json.NewDecoder(strings.NewReader(string(text)))
			decoder.UseNumber()
			if err := decoder.Decode(&back); err != nil {
				t.Fatal(err)
			}
			if got, want := e.Judge(back).Verdict, e.Judge(example).Verdict; got != want {
				t.Errorf("%s: %s is %v, was %v", e.Type, text, got, want)
			}
		}
	}
}

// FuzzFind feeds states that no provider writes: nothing may panic, and what cannot be read is unknown.
func FuzzFind(f *testing.F) {
	f.Add(`{"settings":[{"deletion_protection_enabled":true}]}`, "settings.0.deletion_protection_enabled")
	f.Add(`{"a":[[]]}`, "a.0.0.b")
	f.Add(`{"a":{"0":null}}`, "a.-1")
	f.Fuzz(func(t *testing.T, text, path string) {
		var o object
		if json.Unmarshal([]byte(text), &o) != nil {
			t.Skip()
		}
		find(o, path)
		for _, e := range catalogue {
			if got := e.Judge(o); got.Verdict == Unknown && len(got.Missing) == 0 {
				t.Errorf("%s: unknown, but nothing is missing", e.Type)
			}
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	e, _ := Lookup("aws_db_instance")
	before, _ := e.Example(false)
	for b.Loop() {
		e, _ := Lookup("aws_db_instance")
		e.Judge(before)
	}
}

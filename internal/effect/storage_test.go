package effect

import (
	"fmt"
	"strings"
	"testing"
)

func TestStoredBefore(t *testing.T) {
	const keyed = `"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "arn:aws:kms:x:1:key/1"}]}]`
	const plainly = `"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]`
	set := func(actions, before, after, unknown string) string {
		if actions == "create" {
			return editOf("aws_s3_bucket_server_side_encryption_configuration.c", actions, "null", `{"bucket": "b", `+after+`}`, unknown)
		}
		return editOf("aws_s3_bucket_server_side_encryption_configuration.c", actions, `{"bucket": "b", `+before+`}`, `{"bucket": "b", `+after+`}`, unknown)
	}
	object := func(values string) string {
		return stayOf("aws_s3_object.o", `{"bucket": "b", "key": "k", `+values+`}`)
	}
	setting := func(verdict string) []string {
		return []string{"aws_s3_bucket_server_side_encryption_configuration.c " + verdict}
	}
	ebs := func(actions, before, after string) string {
		return editOf("aws_ebs_encryption_by_default.e", actions, before, after, "")
	}
	log := func(actions, before, after, unknown string) []string {
		return []string{editOf("aws_cloudwatch_log_group.l", actions, before, after, unknown)}
	}
	checkData(t, StoredBefore(), []dataCase{
		{name: "an object of another algorithm", changes: []string{set("update", plainly, keyed, ""), object(`"server_side_encryption": "AES256"`)}, want: setting("old")},
		{name: "an object without encryption", changes: []string{set("create", "", keyed, ""), object(`"server_side_encryption": ""`)}, want: setting("old")},
		{name: "an object of another key", changes: []string{set("create", "", keyed, ""), object(`"server_side_encryption": "aws:kms", "kms_key_id": "arn:aws:kms:x:1:key/2"`)}, want: setting("old")},
		{name: "an object as it should be", changes: []string{set("create", "", keyed, ""), object(`"server_side_encryption": "aws:kms", "kms_key_id": "arn:aws:kms:x:1:key/1"`)}, want: setting("unknown")},
		{name: "an object of which nothing is said", changes: []string{set("create", "", keyed, ""), object(`"etag": "1"`)}, want: setting("unknown")},
		{name: "no object", changes: []string{set("update", plainly, keyed, "")}, want: setting("unknown")},
		{name: "an object of another bucket", changes: []string{set("update", plainly, keyed, ""), stayOf("aws_s3_object.o", `{"bucket": "c", "server_side_encryption": "AES256"}`)}, want: setting("unknown")},
		{name: "rule not known", changes: []string{set("update", plainly, plainly, `{"rule": true}`), object(`"server_side_encryption": "AES256"`)}, want: setting("unknown")},
		{name: "a new bucket", changes: []string{editOf("aws_s3_bucket.b", "create", "null", `{"bucket": "b"}`, ""), set("create", "", keyed, "")}, want: setting("current")},
		{
			name: "a new bucket without a name", config: `{"root_module": {"resources": [
				{"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "expressions": {}},
				{"address": "aws_s3_bucket_server_side_encryption_configuration.c", "mode": "managed", "type": "aws_s3_bucket_server_side_encryption_configuration", "name": "c",
					"expressions": {"bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}}}]}}`,
			changes: []string{
				editOf("aws_s3_bucket.b", "create", "null", `{}`, `{"id": true, "bucket": true}`),
				editOf("aws_s3_bucket_server_side_encryption_configuration.c", "create", "null", `{`+keyed+`}`, `{"bucket": true}`),
			},
			want: setting("current"),
		},
		{name: "nothing changes", changes: []string{set("no-op", keyed, keyed, "")}},

		{name: "log group", changes: log("update", `{"kms_key_id": ""}`, `{"kms_key_id": "k"}`, ""), want: []string{"aws_cloudwatch_log_group.l unknown"}},
		{name: "new log group", changes: log("create", `null`, `{}`, `{"kms_key_id": true}`), want: []string{"aws_cloudwatch_log_group.l current"}},
		{name: "log group, key taken away", changes: log("update", `{"kms_key_id": "k"}`, `{"kms_key_id": null}`, "")},
		{name: "log group, retention", changes: log("update", `{"kms_key_id": "k", "retention_in_days": 1}`, `{"kms_key_id": "k", "retention_in_days": 2}`, "")},

		{name: "volume", changes: []string{ebs("create", "null", `{"enabled": true}`), stayOf("aws_ebs_volume.v", `{"encrypted": false}`)}, want: []string{"aws_ebs_encryption_by_default.e old"}},
		{name: "root volume", changes: []string{ebs("update", `{"enabled": false}`, `{"enabled": true}`), stayOf("aws_instance.i", `{"root_block_device": [{"encrypted": false}]}`)}, want: []string{"aws_ebs_encryption_by_default.e old"}},
		{name: "encrypted volume", changes: []string{ebs("create", "null", `{"enabled": true}`), stayOf("aws_ebs_volume.v", `{"encrypted": true}`)}, want: []string{"aws_ebs_encryption_by_default.e unknown"}},
		{name: "volume of another region", changes: []string{ebs("create", "null", `{"enabled": true, "region": "eu-west-1"}`), stayOf("aws_ebs_volume.v", `{"encrypted": false, "availability_zone": "us-east-1a"}`)}, want: []string{"aws_ebs_encryption_by_default.e unknown"}},
		{name: "replaced volume", changes: []string{ebs("create", "null", `{"enabled": true}`), editOf("aws_ebs_volume.v", "delete/create", `{"encrypted": false}`, `{"encrypted": true}`, "")}, want: []string{"aws_ebs_encryption_by_default.e unknown"}},
		{name: "turned off", changes: []string{ebs("update", `{"enabled": true}`, `{"enabled": false}`)}},
		{name: "on already", changes: []string{ebs("no-op", `{"enabled": true}`, `{"enabled": true}`), stayOf("aws_ebs_volume.v", `{"encrypted": false}`)}},
	})
}

func TestFromThenOn(t *testing.T) {
	rule := func(more string) string {
		return `{"bucket": "b", "rule": [{"status": "Enabled", "destination": [{"bucket": "arn:aws:s3:::copy"}]` + more + `}]}`
	}
	const c = "aws_s3_bucket_replication_configuration.c"
	object := stayOf("aws_s3_object.o", `{"bucket": "b", "key": "logs/1", "object_lock_mode": ""}`)
	lock := func(actions, before, after string) string {
		return editOf("aws_s3_bucket_object_lock_configuration.l", actions, before, after, "")
	}
	const retained = `{"bucket": "b", "rule": [{"default_retention": [{"mode": "GOVERNANCE", "days": 30}]}]}`
	checkData(t, FromThenOn(), []dataCase{
		{name: "new rule, an object", changes: []string{editOf(c, "create", "null", rule(""), ""), object}, want: []string{c + " old"}},
		{name: "new rule, no object", changes: []string{editOf(c, "create", "null", rule(""), "")}, want: []string{c + " unknown"}},
		{name: "new rule, an object that it leaves out", changes: []string{editOf(c, "create", "null", rule(`, "filter": [{"prefix": "data/"}]`), ""), object}, want: []string{c + " unknown"}},
		{name: "new rule by tags", changes: []string{editOf(c, "create", "null", rule(`, "filter": [{"and": [{"tags": {"a": "b"}}]}]`), ""), object}, want: []string{c + " unknown"}},
		{name: "new rule for what exists", changes: []string{editOf(c, "create", "null", rule(`, "existing_object_replication": [{"status": "Enabled"}]`), ""), object}, want: []string{c + " unknown"}},
		{name: "rule is off", changes: []string{editOf(c, "create", "null", `{"bucket": "b", "rule": [{"status": "Disabled"}]}`, ""), object}},
		{name: "another priority", changes: []string{editOf(c, "update", rule(""), rule(`, "priority": 2`), ""), object}},
		{name: "wider", changes: []string{editOf(c, "update", rule(`, "prefix": "data/"`), rule(""), ""), object}, want: []string{c + " old"}},
		{name: "rule not known", changes: []string{editOf(c, "update", rule(""), `{"bucket": "b"}`, `{"rule": true}`), object}, want: []string{c + " unknown"}},
		{name: "new bucket", changes: []string{editOf("aws_s3_bucket.b", "create", "null", `{"bucket": "b"}`, ""), editOf(c, "create", "null", rule(""), "")}, want: []string{c + " current"}},

		{name: "retention, an object", changes: []string{lock("create", "null", retained), object}, want: []string{"aws_s3_bucket_object_lock_configuration.l old"}},
		{name: "retention, no object", changes: []string{lock("create", "null", retained)}, want: []string{"aws_s3_bucket_object_lock_configuration.l unknown"}},
		{name: "retention, a locked object", changes: []string{lock("create", "null", retained), stayOf("aws_s3_object.o", `{"bucket": "b", "object_lock_mode": "COMPLIANCE"}`)}, want: []string{"aws_s3_bucket_object_lock_configuration.l unknown"}},
		{name: "retention taken away", changes: []string{lock("update", retained, `{"bucket": "b", "rule": []}`), object}},
		{name: "retention, new bucket", changes: []string{editOf("aws_s3_bucket.b", "create", "null", `{"bucket": "b"}`, ""), lock("create", "null", retained)}, want: []string{"aws_s3_bucket_object_lock_configuration.l current"}},
	})
}

// A plan without marks says nothing about which of its values are secret: no text
// shows one.
func TestNoValueOfAnUnmaskedPlan(t *testing.T) {
	changes := []string{
		editOf("aws_route53_record.r", "update", `{"ttl": 7777, "records": ["a"]}`, `{"ttl": 7777, "records": ["b"]}`, ""),
		editOf("aws_s3_object.o", "update", `{"bucket": "site", "key": "secret-7777", "etag": "7777a", "cache_control": "max-age=7777"}`, `{"bucket": "site", "key": "secret-7777", "etag": "7777b"}`, ""),
		stayOf("aws_cloudfront_distribution.d", `{"id": "secret-7777", "origin": [{"origin_id": "s3", "domain_name": "site.s3.amazonaws.com"}],
			"default_cache_behavior": [{"target_origin_id": "s3", "min_ttl": 7777, "default_ttl": 7777, "max_ttl": 7777}]}`),
		editOf("aws_msk_configuration.c", "update", `{"arn": "arn:c", "latest_revision": 7777, "server_properties": "a"}`, `{"arn": "arn:c", "server_properties": "b"}`, ""),
		stayOf("aws_msk_cluster.a", `{"configuration_info": [{"arn": "arn:c", "revision": 7777}]}`),
		editOf("aws_appconfig_hosted_configuration_version.v", "delete/create", `{"application_id": "a", "configuration_profile_id": "p"}`, `{"application_id": "a", "configuration_profile_id": "p"}`, ""),
		stayOf("aws_appconfig_deployment.d", `{"application_id": "a", "configuration_profile_id": "p", "configuration_version": "7777"}`),
		editOf("aws_db_parameter_group.g", "update", `{"name": "g", "parameter": []}`, `{"name": "g", "parameter": [{"name": "secret-7777", "value": "7777", "apply_method": "pending-reboot"}]}`, ""),
		editOf("aws_db_instance.a", "update", `{"parameter_group_name": "g", "identifier": "secret-7777", "instance_class": "db.7777", "maintenance_window": "7777"}`,
			`{"parameter_group_name": "g", "identifier": "secret-7777", "instance_class": "db.77777", "maintenance_window": "7777", "apply_immediately": false}`, ""),
		editOf("aws_s3_bucket_server_side_encryption_configuration.c", "create", "null", `{"bucket": "secret-7777", "rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "key-7777"}]}]}`, ""),
		editOf("aws_s3_bucket_replication_configuration.c", "create", "null", `{"bucket": "secret-7777", "rule": [{"status": "Enabled", "destination": [{"bucket": "arn:aws:s3:::secret-7777"}]}]}`, ""),
		stayOf("aws_s3_object.p", `{"bucket": "secret-7777", "key": "k", "server_side_encryption": "secret-7777", "object_lock_mode": ""}`),
		editOf("aws_vpc_dhcp_options_association.a", "update", `{"vpc_id": "v", "dhcp_options_id": "secret-7777"}`, `{"vpc_id": "v", "dhcp_options_id": "secret-77777"}`, ""),
		stayOf("aws_subnet.s", `{"id": "s", "vpc_id": "v"}`),
		stayOf("aws_instance.i", `{"id": "secret-7777", "subnet_id": "s"}`),
	}
	for i := range changes {
		changes[i] = strings.Replace(changes[i], `, "before_sensitive": {}, "after_sensitive": {}`, "", 1)
	}
	w := dataPlan(t, "", changes...)
	refuted := 0
	for _, c := range []Case{
		RDSDeferred(), PendingReboot(), BrokerRevision(), StaleEdge(), CachedRecord(), StoredBefore(), FromThenOn(), ReadAtLaunch(), Undeployed(),
	} {
		for _, o := range w.Of(c.Types...) {
			for _, out := range c.Ask(w, o) {
				text := fmt.Sprint(out.Title, out.Missing, out.Remedy)
				for _, f := range out.Proof {
					text += f.Text
				}
				if strings.Contains(text, "7777") {
					t.Errorf("%s: %s", o.Address, text)
				}
				if out.Verdict == NotInEffect {
					refuted++
				}
			}
		}
	}
	if refuted != 9 {
		t.Errorf("%d are refuted, want one of each case", refuted)
	}
}

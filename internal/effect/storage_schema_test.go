package effect

import (
	"testing"
)

// Every attribute that the cases of stored data, databases and edges read is in
// the schema of the provider.
func TestDataCasesNameWhatExists(t *testing.T) {
	resources := providerShapes(t)
	check := func(typ string, paths ...string) {
		for _, p := range paths {
			if !resources[typ].has(p) {
				t.Errorf("%s has no %s", typ, p)
			}
		}
	}
	types := map[string]bool{}
	for _, c := range []Case{
		RDSDeferred(), CacheDeferred(), GraphAndDocumentDeferred(), PendingReboot(), AnotherGroup(), BrokerRevision(), Deploying(), StaleEdge(),
		CachedRecord(), StoredBefore(), FromThenOn(), ReadAtLaunch(), Undeployed(),
	} {
		for _, typ := range c.Types {
			types[typ] = true
			check(typ, "id")
		}
	}
	waiting := map[string]string{ // where the maintenance window stands
		"aws_db_instance": "maintenance_window", "aws_elasticache_cluster": "maintenance_window", "aws_elasticache_replication_group": "maintenance_window",
	}
	for _, typ := range []string{
		"aws_db_instance", "aws_rds_cluster", "aws_rds_cluster_instance", "aws_docdb_cluster", "aws_docdb_cluster_instance",
		"aws_neptune_cluster", "aws_neptune_cluster_instance", "aws_elasticache_cluster", "aws_elasticache_replication_group",
	} {
		window := waiting[typ]
		if window == "" {
			window = "preferred_maintenance_window"
		}
		check(typ, "apply_immediately", window)
	}
	for _, o := range []struct{ typ, values string }{
		{"aws_db_instance", `{}`}, {"aws_rds_cluster", `{"engine": "aurora-mysql"}`}, {"aws_rds_cluster", `{"engine": "mysql"}`},
	} {
		w := dataPlan(t, "", editOf(o.typ+".a", "update", o.values, `{}`, ""))
		waits := instanceWaits
		if o.typ == "aws_rds_cluster" {
			waits = clusterWaits
		}
		check(o.typ, append(waits(w.Of(o.typ)[0]), "backup_retention_period")...)
	}
	for _, use := range groupUses() {
		check(use.group, "name", "parameter.name", "parameter.value")
		if use.group != "aws_redshift_parameter_group" {
			check(use.group, "parameter.apply_method")
		}
		check(use.user, use.by)
		if use.members != "" {
			check(use.user, "cluster_members", "cluster_identifier", "port")
			check(use.members, "cluster_identifier", "identifier", "instance_class")
		}
	}
	check("aws_db_instance", "blue_green_update.enabled", "identifier", "port")
	check("aws_rds_cluster", "global_cluster_identifier", "engine")
	check("aws_rds_cluster_instance", "instance_class", "ca_cert_identifier")
	check("aws_docdb_cluster", "engine_version", "global_cluster_identifier")
	check("aws_neptune_cluster", "engine_version", "global_cluster_identifier")
	check("aws_elasticache_replication_group", "node_type", "engine_version", "parameter_group_name", "global_replication_group_id")
	check("aws_elasticache_cluster", "node_type", "engine_version", "parameter_group_name", "num_cache_nodes", "replication_group_id")
	check("aws_msk_configuration", "arn", "latest_revision", "server_properties")
	check("aws_msk_cluster", "configuration_info.arn", "configuration_info.revision")
	check("aws_mq_configuration", "id", "latest_revision", "data")
	check("aws_mq_broker", "configuration.id", "configuration.revision", "apply_immediately")
	check(
		"aws_cloudfront_distribution", "enabled", "wait_for_deployment", "origin.domain_name", "origin.origin_id", "origin.origin_path", "aliases",
		"continuous_deployment_policy_id", "custom_error_response", "default_root_object", "http_version", "is_ipv6_enabled", "origin_group",
		"price_class", "restrictions", "viewer_certificate", "web_acl_id", "ordered_cache_behavior.path_pattern",
	)
	for _, b := range []string{"default_cache_behavior.", "ordered_cache_behavior."} {
		check(
			"aws_cloudfront_distribution", b+"target_origin_id", b+"cache_policy_id", b+"min_ttl", b+"default_ttl", b+"max_ttl",
			b+"forwarded_values.headers",
			b+"lambda_function_association.event_type",
		)
	}
	check("aws_cloudfront_cache_policy", "min_ttl", "default_ttl", "max_ttl")
	check("aws_s3_object", "bucket", "key", "content", "content_base64", "etag", "source_hash", "source", "cache_control", "server_side_encryption", "kms_key_id", "object_lock_mode")
	check("aws_s3_bucket_object", "bucket", "key", "content", "content_base64", "etag", "source_hash", "source", "cache_control", "server_side_encryption", "kms_key_id", "object_lock_mode")
	check("aws_route53_record", "records", "ttl", "alias")
	check(
		"aws_s3_bucket_server_side_encryption_configuration", "bucket", "rule.apply_server_side_encryption_by_default.sse_algorithm",
		"rule.apply_server_side_encryption_by_default.kms_master_key_id",
	)
	check("aws_cloudwatch_log_group", "kms_key_id", "name")
	check("aws_ebs_encryption_by_default", "enabled", "region")
	check("aws_ebs_volume", "encrypted", "availability_zone")
	check("aws_instance", "root_block_device.encrypted", "availability_zone", "subnet_id", "associate_public_ip_address")
	check(
		"aws_s3_bucket_replication_configuration", "bucket", "rule.status", "rule.prefix", "rule.filter.prefix", "rule.filter.and.prefix",
		"rule.filter.and.tags", "rule.filter.tag", "rule.destination.bucket", "rule.existing_object_replication.status",
	)
	check("aws_s3_bucket_object_lock_configuration", "bucket", "rule.default_retention.mode")
	check("aws_subnet", "map_public_ip_on_launch", "vpc_id")
	check("aws_vpc_dhcp_options_association", "vpc_id", "dhcp_options_id")
	check("aws_appconfig_hosted_configuration_version", "application_id", "configuration_profile_id", "version_number")
	check("aws_appconfig_deployment", "application_id", "configuration_profile_id", "environment_id", "configuration_version")
	check("aws_s3_bucket", "bucket")
	check("aws_s3_directory_bucket", "bucket")
	if resources["aws_memorydb_cluster"].has("apply_immediately") || types["aws_memorydb_cluster"] {
		t.Error("MemoryDB has a choice now: CacheDeferred leaves it out")
	}
}

package planbench

import "fmt"

// The blocks that hold data: losing one of these is what a reader of the plan must notice.
var (
	database = &kind{
		name: "aws_db_instance", block: "this", schemaVersion: 2, prefix: "db-",
		computed: map[string]unknown{
			"address": unknownText, "arn": unknownText, "availability_zone": unknownText, "endpoint": unknownText,
			"engine_version_actual": unknownText, "hosted_zone_id": unknownText, "id": unknownText,
			"identifier_prefix": unknownText, "latest_restorable_time": unknownText, "listener_endpoint": unknownList,
			"master_user_secret": unknownList, "replicas": unknownList, "resource_id": unknownText, "status": unknownText,
		},
		secrets:    []string{"password", "password_wo"},
		values:     databaseValues,
		stale:      setting("instance_class", "db.m5.large"),
		forced:     otherwise("storage_encrypted", false),
		forcedPath: []any{"storage_encrypted"},
		usePaths:   [][]any{{"vpc_security_group_ids"}},
	}
	bucket = &kind{
		name: "aws_s3_bucket", block: "this",
		computed: map[string]unknown{
			"acceleration_status": unknownText, "acl": unknownText, "arn": unknownText, "bucket_domain_name": unknownText,
			"bucket_prefix": unknownText, "bucket_region": unknownText, "bucket_regional_domain_name": unknownText,
			"grant": unknownList, "hosted_zone_id": unknownText, "id": unknownText, "policy": unknownText,
			"request_payer": unknownText, "website_domain": unknownText, "website_endpoint": unknownText,
		},
		values:     bucketValues,
		stale:      setting("force_destroy", true),
		forced:     otherwise("object_lock_enabled", true),
		forcedPath: []any{"object_lock_enabled"},
	}
	disk = &kind{
		name: "aws_ebs_volume", block: "this", prefix: "vol-0",
		computed: map[string]unknown{
			"arn": unknownText, "create_time": unknownText, "id": unknownText, "snapshot_id": unknownText,
		},
		values:     diskValues,
		stale:      setting("size", 8),
		forced:     otherwise("encrypted", false),
		forcedPath: []any{"encrypted"},
	}
	table = &kind{
		name: "aws_dynamodb_table", block: "this", schemaVersion: 1,
		computed: map[string]unknown{
			"arn": unknownText, "id": unknownText, "stream_arn": unknownText, "stream_label": unknownText,
			"warm_throughput": unknownList,
		},
		values:     tableValues,
		stale:      setting("deletion_protection_enabled", true),
		forced:     otherwise("hash_key", "legacy_id"),
		forcedPath: []any{"hash_key"},
	}
)

func databaseValues(v view) object {
	name := v.name()
	host := fmt.Sprintf("%s.%s.%s.rds.amazonaws.com", name, hex(v.seed>>20, 12)[:12], v.region())
	return object{
		"address": host, "allocated_storage": 100 + 20*v.seed%7, "allow_major_version_upgrade": false,
		"apply_immediately": false, "arn": v.arn("rds", "db:"+name), "auto_minor_version_upgrade": true,
		"availability_zone": v.zone(), "backup_retention_period": choose(v.seed+13, 0, 7, 14, 35),
		"backup_target": "region", "backup_window": "03:10-03:40", "blue_green_update": list(),
		"ca_cert_identifier": "rds-ca-rsa2048-g1", "character_set_name": "", "copy_tags_to_snapshot": true,
		"custom_iam_instance_profile": "", "customer_owned_ip_enabled": false, "database_insights_mode": "standard",
		"db_name": "app", "db_subnet_group_name": v.team() + "-private", "dedicated_log_volume": false,
		"delete_automated_backups": true, "deletion_protection": mix(v.seed)%3 == 0, "domain": "",
		"domain_auth_secret_arn": "", "domain_dns_ips": list(), "domain_fqdn": "", "domain_iam_role_name": "",
		"domain_ou": "", "enabled_cloudwatch_logs_exports": list("postgresql", "upgrade"), "endpoint": host + ":5432",
		"engine": "postgres", "engine_lifecycle_support": "open-source-rds-extended-support", "engine_version": "16.4",
		"engine_version_actual": "16.4", "final_snapshot_identifier": nil, "hosted_zone_id": "Z29XKXDKYMONMX",
		"iam_database_authentication_enabled": true, "id": "db-" + hex(v.seed, 14), "identifier": name,
		"identifier_prefix": "", "instance_class": choose(v.seed+15, "db.m6g.large", "db.m6g.xlarge", "db.r6g.large"),
		"iops": 3000, "kms_key_id": v.arn("kms", "key/"+hex(v.seed>>20, 16)), "latest_restorable_time": "2025-03-12T08:15:07Z",
		"license_model": "postgresql-license", "listener_endpoint": list(), "maintenance_window": "sun:04:00-sun:04:30",
		"manage_master_user_password": nil, "master_user_secret": list(), "master_user_secret_kms_key_id": nil,
		"max_allocated_storage": 500, "monitoring_interval": 60,
		"monitoring_role_arn": "arn:aws:iam::" + accountID + ":role/rds-monitoring", "multi_az": mix(v.seed)%2 == 0,
		"nchar_character_set_name": "", "network_type": "IPV4", "option_group_name": "default:postgres-16",
		"parameter_group_name": "default.postgres16", "password": "pw-" + hex(v.seed, 17), "password_wo": nil,
		"password_wo_version": nil, "performance_insights_enabled": true,
		"performance_insights_kms_key_id":       v.arn("kms", "key/"+hex(v.seed>>20, 16)),
		"performance_insights_retention_period": 7, "port": 5432, "publicly_accessible": false, "region": v.region(),
		"replica_mode": "", "replicas": list(), "replicate_source_db": "", "resource_id": "db-" + hex(v.seed, 14),
		"restore_to_point_in_time": list(), "s3_import": list(), "skip_final_snapshot": mix(v.seed)%4 == 0,
		"snapshot_identifier": nil, "status": "available", "storage_encrypted": true, "storage_throughput": 125,
		"storage_type": "gp3", "tags": v.tags(), "tags_all": v.tagsAll(), "timeouts": nil, "timezone": "",
		"upgrade_storage_config": nil, "username": "app", "vpc_security_group_ids": list(v.id(0)),
	}
}

func bucketValues(v view) object {
	name := v.name()
	expiry := func(id, prefix string, days int) object {
		return object{
			"abort_incomplete_multipart_upload_days": 7, "enabled": true,
			"expiration": list(object{"date": "", "days": days, "expired_object_delete_marker": false}),
			"id":         id, "noncurrent_version_expiration": list(object{"days": 30}),
			"noncurrent_version_transition": list(), "prefix": prefix, "tags": nil,
			"transition": list(object{"date": "", "days": days / 2, "storage_class": "STANDARD_IA"}),
		}
	}
	return object{
		"acceleration_status": "", "acl": nil, "arn": "arn:aws:s3:::" + name, "bucket": name,
		"bucket_domain_name": name + ".s3.amazonaws.com", "bucket_prefix": "", "bucket_region": v.region(),
		"bucket_regional_domain_name": name + ".s3." + v.region() + ".amazonaws.com", "cors_rule": list(),
		"force_destroy": false,
		"grant": list(object{
			"id": hex(v.seed>>20, 18) + hex(v.seed>>20, 19), "permissions": list("FULL_CONTROL"),
			"type": "CanonicalUser", "uri": "",
		}),
		"hosted_zone_id": "Z1BKCTXD74EZPE", "id": name,
		"lifecycle_rule":            list(expiry("logs", "logs/", 90), expiry("scratch", "tmp/", 14)),
		"logging":                   list(object{"target_bucket": v.team() + "-access-logs", "target_prefix": name + "/"}),
		"object_lock_configuration": list(), "object_lock_enabled": false,
		"policy": fmt.Sprintf(`{"Statement":[{"Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"false"}},`+
			`"Effect":"Deny","Principal":"*","Resource":["arn:aws:s3:::%[1]s","arn:aws:s3:::%[1]s/*"],"Sid":"TLS"}],`+
			`"Version":"2012-10-17"}`, name),
		"region": v.region(), "replication_configuration": list(), "request_payer": "BucketOwner",
		"server_side_encryption_configuration": list(object{"rule": list(object{
			"apply_server_side_encryption_by_default": list(object{"kms_master_key_id": "", "sse_algorithm": "AES256"}),
			"bucket_key_enabled":                      false,
		})}),
		"tags": v.tags(), "tags_all": v.tagsAll(), "timeouts": nil,
		"versioning": list(object{"enabled": mix(v.seed)%2 == 0, "mfa_delete": false}), "website": list(),
		"website_domain": nil, "website_endpoint": nil,
	}
}

func diskValues(v view) object {
	id := v.identifier()
	return object{
		"arn": v.arn("ec2", "volume/"+id), "availability_zone": v.zone(), "create_time": "2024-11-05T10:21:47.182Z",
		"encrypted": true, "final_snapshot": false, "id": id, "iops": 3000,
		"kms_key_id": v.arn("kms", "key/"+hex(v.seed>>20, 16)), "multi_attach_enabled": false, "outpost_arn": "",
		"region": v.region(), "size": 50 + 50*(v.seed%9), "snapshot_id": "", "tags": v.tags(), "tags_all": v.tagsAll(),
		"throughput": 125, "timeouts": nil, "type": choose(v.seed+20, "gp3", "gp3", "gp2", "io2"),
		"volume_initialization_rate": 0,
	}
}

func tableValues(v view) object {
	name := v.name()
	index := func(name, sort string) object {
		return object{
			"hash_key": "customer_id", "name": name, "non_key_attributes": list(), "on_demand_throughput": list(),
			"projection_type": "ALL", "range_key": sort, "read_capacity": 0, "warm_throughput": list(), "write_capacity": 0,
		}
	}
	return object{
		"arn":          v.arn("dynamodb", "table/"+name),
		"attribute":    list(object{"name": "created_at", "type": "S"}, object{"name": "customer_id", "type": "S"}, object{"name": "id", "type": "S"}),
		"billing_mode": "PAY_PER_REQUEST", "deletion_protection_enabled": false,
		"global_secondary_index": list(index("by_customer", "created_at"), index("by_customer_all", "id")),
		"global_table_witness":   list(), "hash_key": "id", "id": name, "import_table": list(),
		"local_secondary_index": list(), "name": name, "on_demand_throughput": list(),
		"point_in_time_recovery": list(object{"enabled": mix(v.seed)%2 == 0, "recovery_period_in_days": 35}),
		"range_key":              nil, "read_capacity": 0, "region": v.region(), "replica": list(), "restore_date_time": nil,
		"restore_source_name": nil, "restore_source_table_arn": nil, "restore_to_latest_time": nil,
		"server_side_encryption": list(object{"enabled": true, "kms_key_arn": v.arn("kms", "key/"+hex(v.seed>>20, 16))}),
		"stream_arn":             "", "stream_enabled": false, "stream_label": "", "stream_view_type": "",
		"table_class": "STANDARD", "tags": v.tags(), "tags_all": v.tagsAll(), "timeouts": nil,
		"ttl":             list(object{"attribute_name": "expires_at", "enabled": true}),
		"warm_throughput": list(object{"read_units_per_second": 12000, "write_units_per_second": 4000}),
		"write_capacity":  0,
	}
}

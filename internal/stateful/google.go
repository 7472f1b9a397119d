package stateful

// googleSeven is a lower bound for what provider 6.50.0 does not have and a later one does.
const googleSeven = "7.0.0"

// deletionPolicy is the virtual attribute that provider 7 gave to nearly every type: it lives in the
// Terraform state only, and the provider reads it there before it calls the API.
func deletionPolicy() []Guard {
	policy := func(value string, effect Effect) Guard {
		return Guard{
			Condition: Condition{Attribute: "deletion_policy", Keeps: OneOf, Values: []string{value}, Default: "DELETE", Since: googleSeven},
			Effect:    effect,
		}
	}
	return []Guard{policy("PREVENT", Refuses), policy("ABANDON", Retains)}
}

// virtualProtection is the attribute that lives in the Terraform state only.
func virtualProtection(unset bool, since string) Guard {
	return Guard{Condition: Condition{Attribute: "deletion_protection", Keeps: IsTrue, Default: unset, Since: since}, Effect: Refuses}
}

// guarded puts the guards of a type before those that all types have.
func guarded(own ...Guard) []Guard { return append(own, deletionPolicy()...) }

// withoutBackups guards an instance that the service does not delete while it has backups. Whether it
// has any is not in the state.
func withoutBackups() Guard {
	return Guard{
		Condition: Condition{Attribute: "force_destroy", Keeps: IsFalse, Default: false},
		With:      []Condition{{Attribute: "that the instance has backups, which block its deletion", Outside: true}},
		Effect:    Refuses,
	}
}

const virtualTrap = "deletion_protection is known to Terraform only: the console and other tools delete regardless, and it has to be applied as false before a destroy works"

func google() []Entry {
	return []Entry{
		{
			Type: "google_sql_database_instance", Holds: "all databases of the instance and its backups", Class: Database, Loss: Primary,
			Guards: guarded(
				virtualProtection(true, ""),
				Guard{Condition: Condition{Attribute: "settings.0.deletion_protection_enabled", Keeps: IsTrue, Default: false}, Effect: Refuses},
				Guard{Condition: Condition{Attribute: "settings.0.final_backup_config.0.enabled", Keeps: IsTrue, Default: false, Since: googleSeven}, Effect: Snapshot},
				Guard{
					// 6.0.0 is a lower bound.
					Condition: Condition{Attribute: "settings.0.retain_backups_on_delete", Keeps: IsTrue, Default: false, Since: "6.0.0"},
					With:      []Condition{{Attribute: "settings.0.backup_configuration.0.enabled", Keeps: IsTrue, Default: false}},
					Effect:    Retains,
				},
			),
			DerivedWhen: &Condition{Attribute: "master_instance_name", Keeps: NonEmpty},
			Source:      googleSchema + "sql-database-instance; " + googleBindings + "sql/databaseInstance.d.ts, types/input.d.ts",
			Note:        virtualTrap,
		},
		{
			Type: "google_sql_database", Holds: "the database", Class: Database, Loss: Primary,
			Guards: []Guard{
				{Condition: Condition{Attribute: "deletion_policy", Keeps: OneOf, Values: []string{"PREVENT"}, Default: "DELETE"}, Effect: Refuses},
				{Condition: Condition{Attribute: "deletion_policy", Keeps: OneOf, Values: []string{"ABANDON"}, Default: "DELETE"}, Effect: Retains},
			},
			Source: googleSchema + "sql-database; " + googleBindings + "sql/database.d.ts",
		},
		{
			Type: "google_storage_bucket", Holds: "all objects in the bucket", Class: ObjectStore, Loss: Primary,
			Guards: guarded(
				forceDestroy("force_destroy"),
				Guard{Condition: Condition{Attribute: "soft_delete_policy.0.retention_duration_seconds", Keeps: Positive}, Effect: Retains},
			),
			Source: googleDoc + "storage_bucket.html.markdown@0262be693c00; " + googleBindings + "storage/bucket.d.ts; docs.cloud.google.com/storage/docs/soft-delete",
			Note:   forceTrap + "; a soft-deleted bucket cannot be restored while a replacement has its name",
		},
		{
			Type: "google_bigquery_dataset", Holds: "all tables of the dataset", Class: Database, Loss: Primary,
			Guards: guarded(forceDestroy("delete_contents_on_destroy")),
			Source: googleSchema + "bigquery-dataset; " + googleBindings + "bigquery/dataset.d.ts",
			Note:   forceTrap,
		},
		{
			Type: "google_bigquery_table", Holds: "the table", Class: Database, Loss: Primary,
			Guards: guarded(virtualProtection(true, "")),
			Source: googleSchema + "bigquery-table; " + googleBindings + "bigquery/table.d.ts",
			Note:   virtualTrap,
		},
		{
			Type: "google_bigtable_instance", Holds: "all tables of the instance and their backups", Class: Database, Loss: Primary,
			Guards: guarded(virtualProtection(true, ""), withoutBackups()),
			Source: googleDoc + "bigtable_instance.html.markdown@00bf1042c691; " + googleBindings + "bigtable/instance.d.ts",
			Note:   virtualTrap,
		},
		{
			Type: "google_bigtable_table", Holds: "the table", Class: Database, Loss: Primary,
			Guards: guarded(Guard{
				Condition: Condition{Attribute: "deletion_protection", Keeps: OneOf, Values: []string{"PROTECTED"}, Default: "UNPROTECTED"},
				Effect:    Refuses,
			}),
			Source: googleDoc + "bigtable_table.html.markdown@00bf1042c691; " + googleBindings + "bigtable/table.d.ts",
		},
		{
			Type: "google_spanner_instance", Holds: "all databases of the instance and their backups", Class: Database, Loss: Primary,
			Guards: guarded(withoutBackups()),
			Source: googleDoc + "spanner_instance.html.markdown@022e24ae73bc; " + googleBindings + "spanner/instance.d.ts",
		},
		{
			Type: "google_spanner_database", Holds: "the database", Class: Database, Loss: Primary,
			Guards: guarded(
				virtualProtection(true, ""),
				Guard{Condition: Condition{Attribute: "enable_drop_protection", Keeps: IsTrue, Default: false}, Effect: Refuses},
			),
			Source: googleDoc + "spanner_database.html.markdown@022e24ae73bc; " + googleSchema + "spanner-database",
			Note:   virtualTrap + "; enable_drop_protection is the one that the service knows",
		},
		{
			Type: "google_firestore_database", Holds: "all documents of the database", Class: Database, Loss: Primary,
			Guards: []Guard{
				{
					Condition: Condition{Attribute: "delete_protection_state", Keeps: OneOf, Values: []string{"DELETE_PROTECTION_ENABLED"}, Default: "DELETE_PROTECTION_STATE_UNSPECIFIED"},
					Effect:    Refuses,
				},
				{
					Condition: Condition{Attribute: "deletion_policy", Keeps: OneOf, Values: []string{"ABANDON"}, Default: "ABANDON", Otherwise: "DELETE"},
					Effect:    Retains,
				},
				{
					Condition: Condition{Attribute: "deletion_policy", Keeps: OneOf, Values: []string{"PREVENT"}, Default: "ABANDON", Otherwise: "DELETE"},
					Effect:    Refuses,
				},
			},
			Source: googleDoc + "firestore_database.html.markdown@01cde4f20b0a; " + googleBindings + "firestore/database.d.ts",
			Note:   "by default a destroy only forgets the database: a replacement of the same name then fails",
		},
		{
			Type: "google_filestore_instance", Holds: "all files of the shares", Class: FileSystem, Loss: Primary,
			Guards: guarded(Guard{Condition: Condition{Attribute: "deletion_protection_enabled", Keeps: IsTrue, Default: false}, Effect: Refuses}),
			Source: googleSchema + "filestore-instance; " + googleBindings + "filestore/instance.d.ts",
		},
		{
			Type: "google_alloydb_cluster", Holds: "all databases of the cluster", Class: Database, Loss: Primary,
			Guards: []Guard{virtualProtection(true, googleSeven)},
			Source: googleSchema + "alloydb-cluster; " + googleBindings + "alloydb/cluster.d.ts",
			Note:   "deletion_policy is another thing here: FORCE deletes the instances with the cluster",
		},
		{
			Type: "google_redis_instance", Holds: "all keys of the cache", Class: Cache, Loss: Derived,
			Guards: guarded(virtualProtection(true, googleSeven)),
			Source: googleSchema + "redis-instance; " + googleBindings + "redis/instance.d.ts",
		},
		{
			Type: "google_redis_cluster", Holds: "all keys of the cache", Class: Cache, Loss: Derived,
			Guards: guarded(Guard{Condition: Condition{Attribute: "deletion_protection_enabled", Keeps: IsTrue, Default: true}, Effect: Refuses}),
			Source: googleSchema + "redis-cluster; " + googleBindings + "redis/cluster.d.ts",
		},
		{
			Type: "google_compute_disk", Holds: "the block disk", Class: Volume, Loss: Primary,
			// 6.0.0 is a lower bound.
			Guards: guarded(Guard{Condition: Condition{Attribute: "create_snapshot_before_destroy", Keeps: IsTrue, Default: false, Since: "6.0.0"}, Effect: Snapshot}),
			Source: googleSchema + "compute-disk; " + googleBindings + "compute/disk.d.ts",
		},
		{
			Type: "google_compute_region_disk", Holds: "the regional block disk", Class: Volume, Loss: Primary,
			Guards: guarded(Guard{Condition: Condition{Attribute: "create_snapshot_before_destroy", Keeps: IsTrue, Default: false, Since: "6.0.0"}, Effect: Snapshot}),
			Source: googleSchema + "compute-region-disk; " + googleBindings + "compute/regionDisk.d.ts",
		},
		{
			Type: "google_compute_snapshot", Holds: "the snapshot of the disk", Class: Backup, Loss: Primary,
			Guards: deletionPolicy(),
			Source: googleSchema + "compute-snapshot; " + googleBindings + "compute/snapshot.d.ts",
		},
		{
			Type: "google_compute_instance", Holds: "the boot disk and local disks of the machine", Class: Volume, Loss: Primary,
			Guards: guarded(
				Guard{Condition: Condition{Attribute: "deletion_protection", Keeps: IsTrue, Default: false}, Effect: Refuses},
				Guard{Condition: Condition{Attribute: "boot_disk.0.auto_delete", Keeps: IsFalse, Default: true}, Effect: Retains},
			),
			Source: googleSchema + "compute-instance; " + googleBindings + "compute/instance.d.ts, types/input.d.ts",
			Note:   "boot_disk speaks for the boot disk only; scratch disks are always gone",
		},
		{
			Type: "google_kms_crypto_key", Holds: "all versions of the key, and with them everything that they encrypt", Class: Key, Loss: Primary,
			Guards: []Guard{{Condition: Condition{Attribute: "destroy_scheduled_duration", Keeps: Always, Default: "2592000s"}, Effect: Retains}},
			Source: googleDoc + "kms_crypto_key.html.markdown@03352b0ed3b4; " + googleSchema + "kms-crypto-key",
			Note:   "the key itself cannot be deleted, so a replacement of the same name fails; its versions can be restored for the duration, and " + keyTrap,
		},
		{
			Type: "google_secret_manager_secret", Holds: "the secret with all versions", Class: Secret, Loss: Primary,
			// 6.0.0 is a lower bound.
			Guards: guarded(virtualProtection(false, "6.0.0")),
			Source: googleSchema + "secret-manager-secret; " + googleBindings + "secretmanager/secret.d.ts",
			Note:   "version_destroy_ttl delays the destroy of a version, not that of the secret",
		},
		{
			Type: "google_pubsub_topic", Holds: "messages that the topic retains for replay", Class: Queue, Loss: Primary,
			Guards: deletionPolicy(),
			Source: googleSchema + "pubsub-topic; " + googleBindings + "pubsub/topic.d.ts",
			Note:   "its subscriptions stay, and receive nothing any more",
		},
		{
			Type: "google_pubsub_subscription", Holds: "all messages that were not acknowledged", Class: Queue, Loss: Primary,
			Guards: deletionPolicy(),
			Source: googleSchema + "pubsub-subscription; " + googleBindings + "pubsub/subscription.d.ts",
		},
		{
			Type: "google_artifact_registry_repository", Holds: "all images and packages of the repository", Class: Registry, Loss: Derived,
			Guards: deletionPolicy(),
			Source: googleSchema + "artifact-registry-repository; " + googleBindings + "artifactregistry/repository.d.ts",
		},
	}
}

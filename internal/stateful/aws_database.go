package stateful

// deletionProtection is the flag of the RDS family: the API refuses while it is on.
func deletionProtection() Guard {
	return Guard{Condition: Condition{Attribute: "deletion_protection", Keeps: IsTrue, Default: false}, Effect: Refuses}
}

// finalSnapshot is the pair of the RDS family. The provider itself stops the destroy when the snapshot
// is wanted and has no name.
func finalSnapshot(name string) Guard {
	return Guard{
		Condition: Condition{Attribute: "skip_final_snapshot", Keeps: IsFalse, Default: false},
		Effect:    Snapshot, Needs: name,
	}
}

// automatedBackups outlive the database only where backups were taken at all.
func automatedBackups(since string, retention float64) Guard {
	return Guard{
		Condition: Condition{Attribute: "delete_automated_backups", Keeps: IsFalse, Default: true, Since: since},
		With:      []Condition{{Attribute: "backup_retention_period", Keeps: Positive, Default: retention}},
		Effect:    Retains,
	}
}

const importTrap = "after terraform import the state says skip_final_snapshot = true until the next apply, whatever the configuration says"

func awsDatabases() []Entry {
	return []Entry{
		{
			Type: "aws_db_instance", Holds: "the database and its automated backups", Class: Database, Loss: Primary,
			Guards:      []Guard{deletionProtection(), finalSnapshot("final_snapshot_identifier"), automatedBackups("", 0)},
			DerivedWhen: &Condition{Attribute: "replicate_source_db", Keeps: NonEmpty},
			Source: awsDoc + "db_instance.html.markdown@0130d51a0230; " +
				awsCode + "rds/instance.go (delete and import, text index 1659451291)",
			Note: importTrap + "; a read replica cannot take a final snapshot, so with skip_final_snapshot = false its destroy is refused; " +
				"with deletion_protection = false and apply_immediately = true in the state the provider itself switches off a protection that was switched on elsewhere",
		},
		{
			Type: "aws_rds_cluster", Holds: "the cluster volume with all databases, and its automated backups", Class: Database, Loss: Primary,
			// delete_automated_backups came with version 5; 5.0.0 is a lower bound.
			Guards:      []Guard{deletionProtection(), finalSnapshot("final_snapshot_identifier"), automatedBackups("5.0.0", 1)},
			DerivedWhen: &Condition{Attribute: "replication_source_identifier", Keeps: NonEmpty},
			Source:      awsCode + "rds/cluster.go@0168cf6844f3; " + awsBindings + "rds/cluster.d.ts",
			Note: importTrap + "; the data is in the cluster, not in aws_rds_cluster_instance; " +
				"with deletion_protection = false and apply_immediately = true in the state the provider itself switches off a protection that was switched on elsewhere",
		},
		{
			Type: "aws_docdb_cluster", Holds: "the cluster volume with all collections", Class: Database, Loss: Primary,
			Guards: []Guard{deletionProtection(), finalSnapshot("final_snapshot_identifier")},
			Source: awsDoc + "docdb_cluster.html.markdown@0148137dc6fb; " + awsCode + "docdb/cluster.go (delete, text index 4814102057)",
			Note:   "the documentation says that no snapshot is made without final_snapshot_identifier; the code refuses the destroy instead",
		},
		{
			Type: "aws_docdbelastic_cluster", Holds: "the elastic cluster with all collections", Class: Database, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "docdb/elasticCluster.d.ts",
		},
		{
			Type: "aws_neptune_cluster", Holds: "the cluster volume with the graph", Class: Database, Loss: Primary,
			Guards:      []Guard{deletionProtection(), finalSnapshot("final_snapshot_identifier")},
			DerivedWhen: &Condition{Attribute: "replication_source_identifier", Keeps: NonEmpty},
			Source:      awsDoc + "neptune_cluster.html.markdown@0388e0df7feb; " + awsCode + "neptune/cluster.go (delete, text index 471784811)",
			Note:        "the documentation says that no snapshot is made without final_snapshot_identifier; the code refuses the destroy instead",
		},
		{
			Type: "aws_neptunegraph_graph", Holds: "the graph", Class: Database, Loss: Primary,
			Guards: []Guard{{Condition: Condition{Attribute: "deletion_protection", Keeps: IsTrue, Default: true}, Effect: Refuses}},
			Source: awsDocCDK + "neptunegraph_graph.html.markdown@17ae676f5819",
		},
		{
			Type: "aws_redshift_cluster", Holds: "the warehouse and its automated snapshots", Class: Database, Loss: Primary,
			Guards: []Guard{finalSnapshot("final_snapshot_identifier")},
			Source: awsDoc + "redshift_cluster.html.markdown@01ca386a3381; " + awsCode + "redshift/cluster.go (delete, text index 76262923)",
		},
		{
			Type: "aws_redshiftserverless_namespace", Holds: "the warehouse: databases, users and recovery points", Class: Database, Loss: Primary,
			Source: awsCode + "redshiftserverless/namespace.go@209cc4dc0b0d (delete sends the name only); " + awsSchema,
			Note:   "the API can take a final snapshot, the provider never asks for one",
		},
		{
			Type: "aws_dynamodb_table", Holds: "the table with all items", Class: Database, Loss: Primary,
			Guards: []Guard{
				// The service has it since 2023: 4.0.0, of 2022, is a lower bound.
				{Condition: Condition{Attribute: "deletion_protection_enabled", Keeps: IsTrue, Default: false, Since: "4.0.0"}, Effect: Refuses},
				{Condition: Condition{Attribute: "point_in_time_recovery.0.enabled", Keeps: IsTrue, Default: false}, Effect: Snapshot},
			},
			Source: awsBindings + "dynamodb/table.d.ts; docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks (delete a table with PITR enabled)",
			Note:   "with point-in-time recovery the service keeps a system backup of a deleted table for 35 days, as a new table to restore, without the name",
		},
		{
			Type: "aws_dynamodb_table_replica", Holds: "the replica of a global table in one region", Class: Database, Loss: Derived,
			Guards: []Guard{{Condition: Condition{Attribute: "deletion_protection_enabled", Keeps: IsTrue, Default: false}, Effect: Refuses}},
			Source: awsDocCDK + "dynamodb_table_replica.html.markdown@01606926a0c0",
		},
		{
			Type: "aws_dsql_cluster", Holds: "the cluster with its database", Class: Database, Loss: Primary,
			Guards: []Guard{{
				Condition: Condition{Attribute: "deletion_protection_enabled", Keeps: IsTrue, Default: false},
				// 6.0.0 is a lower bound: the resource is of the end of version 5, force_destroy of version 6.
				With:   []Condition{{Attribute: "force_destroy", Keeps: IsFalse, Default: false, Since: "6.0.0"}},
				Effect: Refuses,
			}},
			Source: awsDoc + "dsql_cluster.html.markdown@0bc79db7fe4c; " + awsBindings + "dsql/cluster.d.ts",
			Note:   "force_destroy overrides the protection",
		},
		{
			Type: "aws_keyspaces_table", Holds: "the table with all rows", Class: Database, Loss: Primary,
			Guards: []Guard{{
				Condition: Condition{Attribute: "point_in_time_recovery.0.status", Keeps: OneOf, Values: []string{"ENABLED"}, Default: "DISABLED"},
				Effect:    Retains,
			}},
			Source: awsBindings + "types/input.d.ts (keyspaces TablePointInTimeRecovery); docs.aws.amazon.com/keyspaces/latest/devguide/PointInTimeRecovery",
			Note:   "with point-in-time recovery a deleted table can be restored for 35 days",
		},
		{
			Type: "aws_timestreamwrite_table", Holds: "the table with all time series", Class: Database, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "timestreamwrite/table.d.ts",
		},
		{
			Type: "aws_timestreaminfluxdb_db_instance", Holds: "the InfluxDB instance with all buckets", Class: Database, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "timestreaminfluxdb/dbInstance.d.ts",
		},
		{
			Type: "aws_timestreaminfluxdb_db_cluster", Holds: "the InfluxDB cluster with all buckets", Class: Database, Loss: Primary,
			Source: awsSchema,
		},
		{
			Type: "aws_qldb_ledger", Holds: "the ledger and its journal", Class: Database, Loss: Primary,
			Guards: []Guard{{Condition: Condition{Attribute: "deletion_protection", Keeps: IsTrue, Default: true}, Effect: Refuses}},
			Source: awsDocCDK + "qldb_ledger.html.markdown@19b9a712d2af",
			Note:   "the protection has to be applied as false before a destroy works",
		},
		{
			Type: "aws_lightsail_database", Holds: "the database and its automated backups", Class: Database, Loss: Primary,
			Guards: []Guard{finalSnapshot("final_snapshot_name")},
			Source: awsDocCDK + "lightsail_database.html.markdown@05f07d6a36a4; " + awsBindings + "lightsail/database.d.ts",
		},
		{
			Type: "aws_memorydb_cluster", Holds: "the durable in-memory database and its automatic snapshots", Class: Database, Loss: Primary,
			Guards: []Guard{{Condition: Condition{Attribute: "final_snapshot_name", Keeps: NonEmpty}, Effect: Snapshot}},
			Source: awsDocCDK + "memorydb_cluster.html.markdown@1353c46436a5",
			Note:   "snapshot_retention_limit is about automatic snapshots, not about a final one",
		},
		{
			Type: "aws_cloudfront_key_value_store", Holds: "the keys and values that functions read at the edge", Class: Database, Loss: Primary,
			Source: awsSchema,
		},
	}
}

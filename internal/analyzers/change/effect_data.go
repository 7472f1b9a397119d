package change

import (
	"polygraph/internal/analysis"
	"polygraph/internal/effect"
	"polygraph/internal/finding"
)

// dataEffects are those of databases, caches and brokers: what waits for a
// maintenance window or a reboot, and what is stored already.
var dataEffects = []effectRule{
	{&analysis.Rule{
		ID: "CHG021", Severity: finding.Medium, Needs: plans, Unit: "RDS instances and clusters whose settings change",
		Title:    "a database setting waits for the maintenance window",
		Claim:    "The database runs with the settings that were applied.",
		Claimant: "whoever changed the class, the version or the storage and saw `1 changed`",
		Why: "Without apply_immediately RDS puts the change into a queue and ends the call. Terraform stores the new value, the database runs with " +
			"the old one for up to a week, and then restarts at a time that nobody remembers.",
		Fix: "Set `apply_immediately = true` where a short outage is allowed, or move the maintenance window to when the change is wanted.",
		Sources: []string{
			"Amazon RDS User Guide, Modifying an Amazon RDS DB instance, Settings for DB instances (docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html; awsdocs/amazon-rds-user-guide: doc_source/Overview.DBInstance.Modifying.md@0219b24f7008)",
			"Amazon RDS User Guide, Modifying a Multi-AZ DB cluster (awsdocs/amazon-rds-user-guide: doc_source/modify-multi-az-db-cluster.md@3217f8e19afa)",
			"Amazon RDS API Reference, ModifyDBCluster, EngineVersion (docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBCluster.html)",
			"Amazon Aurora User Guide, Modifying an Amazon Aurora DB cluster (docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Modifying.html)",
		},
	}, effect.RDSDeferred()},
	{&analysis.Rule{
		ID: "CHG022", Severity: finding.High, Needs: plans, Unit: "databases whose parameters change",
		Title:    "a parameter waits for a reboot",
		Claim:    "The database runs with the parameters of its group.",
		Claimant: "whoever changed the parameter and saw `1 changed`",
		Why: "A parameter that is applied at the next reboot is stored in the group and read when an instance starts. Until somebody reboots it, " +
			"the instance runs with the old value, and the next failover changes it by surprise.",
		Fix: "Reboot the instances after the apply; use `apply_method = \"immediate\"` for parameters that are dynamic.",
		Sources: []string{
			"Amazon RDS API Reference, ModifyDBParameterGroup (docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html)",
			"Amazon RDS API Reference, ModifyDBClusterParameterGroup (docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBClusterParameterGroup.html)",
			"Amazon Neptune API Reference, ModifyDBClusterParameterGroup (docs.aws.amazon.com/neptune/latest/apiref/API_ModifyDBClusterParameterGroup.html)",
			"Amazon Neptune User Guide, Amazon Neptune parameter groups (docs.aws.amazon.com/neptune/latest/userguide/parameter-groups.html)",
			"Amazon Redshift API Reference, ResetClusterParameterGroup and Parameter (docs.aws.amazon.com/redshift/latest/APIReference/API_ResetClusterParameterGroup.html)",
			"Amazon RDS User Guide, Settings for DB instances: port and class (docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html)",
		},
	}, effect.PendingReboot()},
	{&analysis.Rule{
		ID: "CHG023", Severity: finding.High, Needs: plans, Unit: "databases that get another parameter group",
		Title:    "another parameter group is read at the next reboot",
		Claim:    "The database runs with the parameters of the group that it names.",
		Claimant: "whoever named another parameter group and saw `1 changed`",
		Why: "The association changes at once, the parameters do not: an instance reads another group when it boots. Until then its settings page " +
			"names the new group and the engine runs with the old one.",
		Fix: "Reboot the instance after the apply, or let `blue_green_update` switch over to a second instance.",
		Sources: []string{
			"Amazon RDS User Guide, Settings for DB instances, DB parameter group (docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html)",
			"Amazon Aurora User Guide, Modifying an Amazon Aurora DB cluster, DB cluster parameter group (docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Modifying.html)",
			"Amazon RDS API Reference, CreateDBClusterParameterGroup (docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterParameterGroup.html)",
			"Amazon Neptune User Guide, Modifying a Neptune DB instance (docs.aws.amazon.com/neptune/latest/userguide/manage-console-instances-modify.html)",
			"hashicorp/terraform-provider-aws: internal/service/rds/blue_green.go@46bbdc361c5a, createBlueGreenInput: a blue/green update boots with the new group",
			"Amazon Redshift API Reference, ModifyCluster, ClusterParameterGroupName (docs.aws.amazon.com/redshift/latest/APIReference/API_ModifyCluster.html)",
		},
	}, effect.AnotherGroup()},
	{&analysis.Rule{
		ID: "CHG024", Severity: finding.Medium, Needs: plans, Unit: "caches whose nodes change",
		Title:    "a cache setting waits for the maintenance window",
		Claim:    "The nodes of the cache run with the settings that were applied.",
		Claimant: "whoever changed the node type or the engine version and saw `1 changed`",
		Why: "Without apply_immediately ElastiCache changes the nodes in the next maintenance window, or when one of them fails. Terraform stores " +
			"the new value; the nodes run on with the old one.",
		Fix: "Set `apply_immediately = true`, or expect the old nodes until the window.",
		Sources: []string{
			"Amazon ElastiCache API Reference, ModifyReplicationGroup, ApplyImmediately (docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html)",
			"Amazon ElastiCache API Reference, ModifyCacheCluster, ApplyImmediately (docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyCacheCluster.html)",
		},
	}, effect.CacheDeferred()},
	{&analysis.Rule{
		ID: "CHG025", Severity: finding.Medium, Needs: plans, Unit: "DocumentDB and Neptune objects whose settings change",
		Title:    "a DocumentDB or Neptune setting waits for the maintenance window",
		Claim:    "The database runs with the settings that were applied.",
		Claimant: "whoever changed the class or the version and saw `1 changed`",
		Why: "DocumentDB and Neptune apply another instance class or engine version in the next maintenance window unless they are told to do it at " +
			"once. Terraform stores the new value; the database runs on with the old one.",
		Fix: "Set `apply_immediately = true` where a short outage is allowed.",
		Sources: []string{
			"Amazon DocumentDB API Reference, ModifyDBInstance, DBInstanceClass (docs.aws.amazon.com/documentdb/latest/developerguide/API_ModifyDBInstance.html)",
			"Amazon DocumentDB API Reference, ModifyDBCluster, EngineVersion (docs.aws.amazon.com/documentdb/latest/developerguide/API_ModifyDBCluster.html)",
			"Amazon DocumentDB Developer Guide, Amazon DocumentDB minor version upgrade (docs.aws.amazon.com/documentdb/latest/devguide/docdb-minor-version-upgrade.html)",
			"Amazon Neptune API Reference, ModifyDBCluster, EngineVersion (docs.aws.amazon.com/neptune/latest/apiref/API_ModifyDBCluster.html)",
			"Amazon Neptune User Guide, Installing updates to your Neptune engine manually (docs.aws.amazon.com/neptune/latest/userguide/engine-updates-manually.html)",
			"Amazon Neptune API Reference, ModifyDBInstance, DBInstanceClass (docs.aws.amazon.com/neptune/latest/apiref/API_ModifyDBInstance.html)",
		},
	}, effect.GraphAndDocumentDeferred()},
	{&analysis.Rule{
		ID: "CHG026", Severity: finding.Medium, Needs: plans, Unit: "clusters and brokers whose configuration changes",
		Title:    "a broker stays on an older revision of its configuration",
		Claim:    "The broker runs with the configuration that was applied.",
		Claimant: "whoever changed the configuration and saw `1 changed`",
		Why: "Another text makes a new revision and leaves the old one as it is. A cluster runs the revision that it names by number, and an " +
			"Amazon MQ broker takes a new one in its maintenance window unless it is told to reboot.",
		Fix: "Name `latest_revision` of the configuration, and for Amazon MQ set `apply_immediately = true`.",
		Sources: []string{
			"Amazon MSK Developer Guide, Update the configuration of an Amazon MSK cluster (docs.aws.amazon.com/msk/latest/developerguide/msk-update-cluster-config.html)",
			"Amazon MSK API Reference, UpdateConfiguration (docs.aws.amazon.com/msk/1.0/apireference/configurations-arn.html)",
			"Amazon MQ Developer Guide, Managing Amazon MQ broker configurations (docs.aws.amazon.com/amazon-mq/latest/developer-guide/managing-broker-configurations.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/mq_broker.html.markdown@00c25f0ce4e2, apply_immediately",
		},
	}, effect.BrokerRevision()},
	{&analysis.Rule{
		ID: "CHG032", Severity: finding.Medium, Needs: plans, Unit: "encryption settings that change",
		Title:    "what was stored before keeps its old encryption",
		Claim:    "What is stored is encrypted as the setting says.",
		Claimant: "whoever set the encryption and saw `1 changed`, and the report that reads the setting",
		Why: "The encryption of a bucket, a log group and an account default is that of what is stored from then on. What is there stays as it was, " +
			"under the old key or under none, and a check of the setting alone does not see it.",
		Fix: "Copy the objects over themselves, make encrypted copies of the volumes, or let the old log events expire.",
		Sources: []string{
			"Amazon S3 API Reference, ServerSideEncryptionRule and ServerSideEncryptionByDefault: new objects (docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html)",
			"Amazon CloudWatch Logs API Reference, AssociateKmsKey (docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html)",
			"Amazon EC2 API Reference, EnableEbsEncryptionByDefault (docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableEbsEncryptionByDefault.html)",
		},
	}, effect.StoredBefore()},
	{&analysis.Rule{
		ID: "CHG033", Severity: finding.Medium, Needs: plans, Unit: "replication and lock settings that change",
		Title:    "objects that are there already are neither copied nor locked",
		Claim:    "The objects of the bucket are copied and locked as the setting says.",
		Claimant: "whoever set the replication or the retention and saw `1 changed`",
		Why: "Replication copies, and a default retention locks, what is put into the bucket from then on. What is there stays in one place and can " +
			"be deleted, and the bucket looks protected.",
		Fix: "Copy what is there once by S3 Batch Replication; set the retention on the objects that are there.",
		Sources: []string{
			"Amazon S3 User Guide, Setting up live replication overview (docs.aws.amazon.com/AmazonS3/latest/userguide/replication-how-setup.html)",
			"Amazon S3 API Reference, ExistingObjectReplication: no longer supported (docs.aws.amazon.com/AmazonS3/latest/API/API_ExistingObjectReplication.html)",
			"Amazon S3 API Reference, ObjectLockRule and DefaultRetention: new objects (docs.aws.amazon.com/AmazonS3/latest/API/API_ObjectLockRule.html)",
		},
	}, effect.FromThenOn()},
}

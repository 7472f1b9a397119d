package effect

import "strings"

// RDSDeferred: RDS puts most settings of an instance or cluster into a queue and
// applies them in the next maintenance window, unless it is told to apply them
// immediately. What it applies at once whatever it is told (port, password,
// backup window, deletion protection, monitoring, security groups, tags) is not
// listed, nor what no documentation places.
func RDSDeferred() Case {
	return deferred(
		deferral{typ: "aws_db_instance", window: "maintenance_window", waits: instanceWaits},
		deferral{typ: "aws_rds_cluster", window: "preferred_maintenance_window", waits: clusterWaits},
		deferral{
			typ: "aws_rds_cluster_instance", window: "preferred_maintenance_window",
			waits: always("instance_class", "ca_cert_identifier"),
		},
	)
}

func instanceWaits(o *Object) []string {
	// A blue/green update makes a second instance and switches over to it.
	if on, ok := o.After("blue_green_update.0.enabled").(bool); ok && on || o.Unknown("blue_green_update") {
		return nil
	}
	return append([]string{
		"instance_class", "engine_version", "allocated_storage", "storage_type", "iops", "multi_az", "option_group_name",
		"license_model", "ca_cert_identifier", "network_type", "iam_database_authentication_enabled", "domain",
		"domain_iam_role_name", "db_subnet_group_name",
	}, retentionWaits(o)...)
}

func clusterWaits(o *Object) []string {
	if Text(o.Before("global_cluster_identifier")) != "" || o.Unknown("global_cluster_identifier") {
		return nil // the global cluster decides
	}
	switch engine := Text(o.Before("engine")); {
	case engine == "":
		return nil
	case strings.HasPrefix(engine, "aurora"):
		return []string{"engine_version"}
	default: // a Multi-AZ DB cluster
		return append([]string{"engine_version", "db_cluster_instance_class", "allocated_storage", "iops"}, retentionWaits(o)...)
	}
}

// retentionWaits: between two periods backups change as soon as possible; turned
// on or off they change in the window.
func retentionWaits(o *Object) []string {
	before, ok1 := Number(o.Before("backup_retention_period"))
	after, ok2 := Number(o.After("backup_retention_period"))
	if ok1 && ok2 && (before == 0) != (after == 0) {
		return []string{"backup_retention_period"}
	}
	return nil
}

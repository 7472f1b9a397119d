package effect

// GraphAndDocumentDeferred: DocumentDB and Neptune apply another instance class
// and another engine version in the maintenance window unless they are told to do
// it immediately. Their API references say of all other settings of a cluster
// that they are applied at once.
func GraphAndDocumentDeferred() Case {
	version := func(o *Object) []string {
		if Text(o.Before("global_cluster_identifier")) != "" || o.Unknown("global_cluster_identifier") {
			return nil // the global cluster decides
		}
		return []string{"engine_version"}
	}
	return deferred(
		deferral{typ: "aws_docdb_cluster", window: "preferred_maintenance_window", waits: version},
		deferral{typ: "aws_docdb_cluster_instance", window: "preferred_maintenance_window", waits: always("instance_class")},
		deferral{typ: "aws_neptune_cluster", window: "preferred_maintenance_window", waits: version},
		deferral{typ: "aws_neptune_cluster_instance", window: "preferred_maintenance_window", waits: always("instance_class")},
	)
}

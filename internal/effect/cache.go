package effect

// CacheDeferred: ElastiCache changes the nodes of a cluster or replication group
// in the maintenance window, or when one of them fails, unless it is told to do
// it immediately. The number of replicas and shards of a replication group always
// changes at once. MemoryDB has no such choice.
func CacheDeferred() Case {
	return deferred(
		deferral{typ: "aws_elasticache_replication_group", window: "maintenance_window", waits: func(o *Object) []string {
			if Text(o.Before("global_replication_group_id")) != "" || o.Unknown("global_replication_group_id") {
				return nil // the global group decides
			}
			return []string{"node_type", "engine_version", "parameter_group_name"}
		}},
		deferral{typ: "aws_elasticache_cluster", window: "maintenance_window", waits: func(o *Object) []string {
			if Text(o.Before("replication_group_id")) != "" {
				return nil // the replication group decides
			}
			return []string{"node_type", "engine_version", "parameter_group_name", "num_cache_nodes"}
		}},
	)
}

package stateful

// awsStreams are queues, streams, logs and caches: data on its way, and data that was seen.
func awsStreams() []Entry {
	finalCache := func() []Guard {
		return []Guard{{Condition: Condition{Attribute: "final_snapshot_identifier", Keeps: NonEmpty}, Effect: Snapshot}}
	}
	return []Entry{
		{
			Type: "aws_sqs_queue", Holds: "all messages that were not consumed", Class: Queue, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "sqs/queue.d.ts",
		},
		{
			Type: "aws_mq_broker", Holds: "the queues of the broker and all messages in them", Class: Queue, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "mq/broker.d.ts",
		},
		{
			Type: "aws_kinesis_stream", Holds: "all records within the retention period", Class: Stream, Loss: Primary,
			Source: awsBindings + "kinesis/stream.d.ts; " + awsSchema,
			Note:   "while consumers are registered and enforce_consumer_deletion is false the destroy fails; that is about consumers, not about data",
		},
		{
			Type: "aws_kinesis_video_stream", Holds: "all fragments within the retention period", Class: Stream, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "kinesis/videoStream.d.ts",
		},
		{
			Type: "aws_msk_cluster", Holds: "all topics of the cluster", Class: Stream, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "msk/cluster.d.ts",
		},
		{
			Type: "aws_msk_serverless_cluster", Holds: "all topics of the cluster", Class: Stream, Loss: Primary,
			Source: awsSchema,
		},
		{
			Type: "aws_cloudwatch_log_group", Holds: "all log events of the group", Class: Log, Loss: Primary,
			Guards: []Guard{
				// 3.38.0 is a lower bound: documentation with tags_all does not have it yet.
				{Condition: Condition{Attribute: "skip_destroy", Keeps: IsTrue, Default: false, Since: "3.38.0"}, Effect: Retains},
				{Condition: Condition{Attribute: "deletion_protection_enabled", Keeps: IsTrue, Default: false, Since: "6.25.0"}, Effect: Refuses},
			},
			Source: awsCode + "logs/group.go (delete, text index 5457688977); " + awsBindings + "cloudwatch/logGroup.d.ts; " + awsChanges + " 6.25.0",
			Note:   "with skip_destroy a replacement meets the old group: its creation fails unless the name changes",
		},
		{
			Type: "aws_cloudwatch_log_stream", Holds: "all log events of the stream", Class: Log, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "cloudwatch/logStream.d.ts",
		},
		{
			Type: "aws_cloudtrail_event_data_store", Holds: "all audit events of the store", Class: Log, Loss: Primary,
			Guards: []Guard{
				{Condition: Condition{Attribute: "termination_protection_enabled", Keeps: IsTrue, Default: true}, Effect: Refuses},
				{Condition: Condition{Keeps: Always}, Effect: Retains},
			},
			Source: awsDoc + "cloudtrail_event_data_store.html.markdown@10b0f41ee1cd; docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteEventDataStore",
			Note:   "a deleted store is pending for seven days, in which it can be restored",
		},
		{
			Type: "aws_codebuild_report_group", Holds: "all test and coverage reports of the group", Class: Log, Loss: Derived,
			Guards: []Guard{forceDestroy("delete_reports")},
			Source: awsDocCDK + "codebuild_report_group.html.markdown@14bcac2bed8e",
		},
		{
			Type: "aws_prometheus_workspace", Holds: "all metrics of the workspace", Class: Log, Loss: Primary,
			Source: awsSchema + "; " + awsBindings + "amp/workspace.d.ts",
		},
		{
			Type: "aws_elasticache_cluster", Holds: "all keys of the cache", Class: Cache, Loss: Derived,
			Guards: finalCache(),
			Source: awsDocCDK + "elasticache_cluster.html.markdown@09537f613163",
			Note:   "Redis and Valkey only: memcached cannot be snapshotted; people keep sessions and queues in it that nothing else has",
		},
		{
			Type: "aws_elasticache_replication_group", Holds: "all keys of the cache", Class: Cache, Loss: Derived,
			Guards: finalCache(),
			Source: awsBindings + "elasticache/replicationGroup.d.ts",
			Note:   "people keep sessions and queues in it that nothing else has",
		},
		{
			Type: "aws_elasticache_serverless_cache", Holds: "all keys of the cache and its daily snapshots", Class: Cache, Loss: Derived,
			Source: awsSchema + "; " + awsBindings + "elasticache/serverlessCache.d.ts",
		},
		{
			Type: "aws_dax_cluster", Holds: "cached items of DynamoDB tables", Class: Cache, Loss: Derived,
			Source: awsSchema + "; " + awsBindings + "dax/cluster.d.ts",
		},
	}
}

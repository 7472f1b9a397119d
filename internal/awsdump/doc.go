// Package awsdump reads what a describe, list or get call of the AWS command
// line printed as JSON: which objects there are, what identifies each of them,
// which version it is of, and which of its settings are stored and not in
// effect.
//
//	ec2          describe-instances, describe-launch-templates
//	autoscaling  describe-auto-scaling-groups
//	ecs          describe-services, describe-tasks, describe-task-definition
//	lambda       get-function, list-versions-by-function, list-aliases, get-alias
//	rds, docdb, neptune  describe-db-instances, describe-db-clusters
//	elasticache  describe-cache-clusters, describe-replication-groups
//	eks          describe-cluster, describe-nodegroup, describe-addon
//	cloudfront   get-distribution
//
// A call is recognised by its top-level member; others are not its business. It
// judges nothing and follows no names. It holds the file once, at most MaxSize,
// and keeps at most MaxObjects objects; of pending settings it keeps the names,
// because one of them is a password.
package awsdump

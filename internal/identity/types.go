package identity

import "strings"

// Kind says what an id proves.
type Kind uint8

// The kinds of an identifier.
const (
	// Unsure: nothing is known about it. Another one of the same generated form
	// is another object; the same one proves nothing.
	Unsure Kind = iota
	// Generated: given out once by the cloud or provider. The same one is the
	// same object, another one is another object.
	Generated
	// Chosen by the user, so that an object made again can have it.
	Chosen
	// Fixed is Chosen, and no API changes it in place: another one is another
	// object, the same one proves nothing.
	Fixed
	// Dated is the time of creation, set by the cloud: another one is another
	// object; the same one is the same object only where the id agrees too,
	// because two objects can be made in one second.
	Dated
	// Witness changes in the life of an object and is never given out again: the
	// same one under the same id is the same object, another one proves nothing.
	Witness
	// Place is where something lies in an object that has a generated id. It has
	// no life of its own: the same place is the same thing, another place is
	// another one.
	Place
)

// Type is what the documentation of a resource type says about its identity.
type Type struct {
	ID    Kind
	Marks []string // attributes that are generated once per object, the strongest first
	// Seen are attributes that are a Witness.
	Seen []string
	// Of are arguments that force a new object: the one that it belongs to, or a
	// part of its name that the id does not hold in every version of the provider.
	Of []string
	// Revision is what stands between the name and the number in the strongest
	// mark of a type that cannot be changed: every edit makes the next one.
	Revision string
}

// typeOf returns what is known of a type; the zero Type when nothing is.
func typeOf(name string) Type {
	if t, ok := known[name]; ok {
		return t
	}
	if strings.HasPrefix(name, "kubernetes_") {
		// API conventions, metadata.uid: unique in time and space, set by the
		// server (kubernetes.io/docs/concepts/overview/working-with-objects/names/).
		return Type{ID: Chosen, Marks: []string{"metadata.uid"}}
	}
	return Type{}
}

// known lists the types whose identity is documented: the section Attribute
// Reference of the type's page (registry.terraform.io/providers/hashicorp/aws,
// pages website/docs/r in hashicorp/terraform-provider-aws) for what `id` is,
// the provider's schema 6.25.0 for which attributes are computed only, and for
// Fixed the provider's source, in which the attribute that the id is made of
// forces a new object (test/mockaws/behaviour.json names file and commit).
// Tests hold it against the schema and against real states.
var known = func() map[string]Type {
	m := map[string]Type{}
	put := func(t Type, names ...string) {
		for _, n := range names {
			m[n] = t
		}
	}
	put(
		Type{ID: Generated},
		"aws_instance", "aws_spot_instance_request", "aws_vpc", "aws_default_vpc", "aws_subnet", "aws_default_subnet",
		"aws_security_group", "aws_default_security_group", "aws_ebs_volume", "aws_ebs_snapshot", "aws_ami", "aws_eip",
		"aws_internet_gateway", "aws_egress_only_internet_gateway", "aws_nat_gateway", "aws_route_table", "aws_default_route_table",
		"aws_network_acl", "aws_default_network_acl", "aws_network_interface", "aws_launch_template", "aws_vpc_endpoint",
		"aws_vpc_peering_connection", "aws_vpc_dhcp_options", "aws_ec2_transit_gateway", "aws_customer_gateway", "aws_vpn_gateway",
		"aws_vpn_connection", "aws_flow_log", "aws_efs_file_system", "aws_efs_access_point", "aws_efs_mount_target", "aws_kms_key",
		"aws_cloudfront_distribution", "aws_cloudfront_origin_access_control", "aws_cloudfront_origin_access_identity",
		"aws_route53_zone", "aws_route53_health_check", "aws_api_gateway_rest_api", "aws_apigatewayv2_api", "aws_api_gateway_deployment",
		"aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule",
		"aws_lb", "aws_alb", "aws_lb_listener", "aws_alb_listener", "aws_lb_listener_rule", "aws_lb_target_group", "aws_alb_target_group",
		"aws_acm_certificate", "aws_secretsmanager_secret", "aws_cognito_user_pool", "aws_cognito_user_pool_client",
		"aws_mq_broker", "aws_mq_configuration", "aws_msk_cluster", "aws_msk_configuration", "aws_cloudformation_stack",
		"aws_lambda_event_source_mapping", "aws_sns_topic_subscription", "aws_ssm_association", "aws_guardduty_detector",
		"aws_wafv2_web_acl", "aws_wafv2_ip_set", "aws_appconfig_application", "aws_organizations_account", "aws_iam_access_key",
		"aws_route53_resolver_query_log_config",
		"aws_apigatewayv2_integration", "aws_apigatewayv2_route", "aws_apigatewayv2_deployment", "aws_api_gateway_resource",
		"aws_appconfig_environment", "aws_appconfig_configuration_profile",
		// hashicorp/null, random, terraform: the id is drawn at random when the
		// object is made.
		"null_resource", "terraform_data", "random_id", "random_uuid", "random_pet", "random_string",
	)
	put(Type{ID: Fixed, Marks: []string{"unique_id", "create_date"}}, "aws_iam_role")
	put(Type{ID: Chosen, Marks: []string{"unique_id", "create_date"}}, "aws_iam_instance_profile")
	// A user or group is renamed in place and keeps its unique_id.
	put(Type{ID: Chosen, Marks: []string{"unique_id"}}, "aws_iam_user", "aws_iam_group")
	put(Type{ID: Fixed, Marks: []string{"policy_id"}}, "aws_iam_policy")
	// Before version 5 of the provider the id was the identifier, which changes
	// in place; resource_id never does.
	put(Type{ID: Unsure, Marks: []string{"resource_id"}}, "aws_db_instance")
	put(Type{ID: Fixed, Marks: []string{"cluster_resource_id"}}, "aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster")
	put(Type{ID: Fixed, Marks: []string{"dbi_resource_id"}}, "aws_rds_cluster_instance", "aws_docdb_cluster_instance", "aws_neptune_cluster_instance")
	put(Type{ID: Chosen, Marks: []string{"cluster_namespace_arn"}}, "aws_redshift_cluster")
	put(Type{ID: Fixed, Marks: []string{"created_at"}}, "aws_eks_cluster")
	put(Type{ID: Fixed, Marks: []string{"arn", "created_at"}}, "aws_eks_addon")
	// These ARNs hold an identifier of AWS beside the name.
	put(Type{ID: Fixed, Marks: []string{"arn"}}, "aws_autoscaling_group", "aws_launch_configuration", "aws_eks_node_group")
	put(Type{ID: Chosen, Marks: []string{"arn"}}, "aws_autoscaling_policy", "aws_appautoscaling_policy")
	// A revision of a family is given out once.
	put(Type{ID: Unsure, Marks: []string{"arn"}, Revision: ":"}, "aws_ecs_task_definition")
	put(Type{ID: Generated, Revision: ":"}, "aws_lambda_layer_version")
	put(Type{ID: Generated, Revision: "|"}, "aws_secretsmanager_secret_version")
	put(Type{ID: Generated, Revision: "/"}, "aws_appconfig_hosted_configuration_version", "aws_appconfig_deployment")
	// An association gets another id when it is moved in place
	// (internal/service/ec2/vpc_route_table_association.go @
	// 0be71beb458ad8875e0acc5c91519c0ceeb214aa, update; EC2 API Reference,
	// ReplaceRouteTableAssociation, ReplaceNetworkAclAssociation).
	put(Type{ID: Witness}, "aws_route_table_association", "aws_main_route_table_association", "aws_network_acl_association",
		"aws_vpc_dhcp_options_association")
	// An attachment that was imported has an id of another form than one that
	// was made (internal/service/iam/role_policy_attachment.go @
	// 04c79849dbe7fbe76c3054b364357bcdaade9ac5, create and import).
	put(Type{ID: Chosen, Of: []string{"role", "policy_arn"}}, "aws_iam_role_policy_attachment")
	// Lambda API Reference, FunctionConfiguration: LastModified is the time of
	// the last update.
	put(Type{ID: Fixed, Seen: []string{"last_modified"}}, "aws_lambda_function")
	// DynamoDB API Reference, TableDescription: account, table name and
	// LatestStreamLabel together are unique.
	put(Type{ID: Fixed, Seen: []string{"stream_label"}}, "aws_dynamodb_table")
	// SSM API Reference, DocumentDescription and DocumentVersionInfo say the same
	// of their CreatedDate: it may be that of a version.
	put(Type{ID: Fixed, Seen: []string{"created_date"}}, "aws_ssm_document")
	put(Type{ID: Chosen, Seen: []string{"version_id"}, Of: []string{"bucket", "key"}}, "aws_s3_object")
	// The URL has several forms, the ARN has one.
	put(Type{ID: Chosen, Of: []string{"arn"}}, "aws_sqs_queue")
	// Empty where the resource makes several rules of the cloud.
	put(Type{ID: Chosen, Marks: []string{"security_group_rule_id"}, Of: []string{"security_group_id"}}, "aws_security_group_rule")
	put(Type{ID: Chosen, Of: []string{"api_id"}}, "aws_apigatewayv2_stage")
	put(Type{ID: Chosen, Of: []string{"rest_api_id"}}, "aws_api_gateway_stage")
	put(Type{ID: Chosen, Of: []string{"zone_id"}}, "aws_route53_record")
	put(Type{ID: Chosen, Of: []string{"route_table_id"}}, "aws_route")
	put(Type{ID: Place}, "aws_api_gateway_method", "aws_api_gateway_integration", "aws_api_gateway_method_response", "aws_api_gateway_integration_response")
	put(Type{ID: Fixed, Marks: []string{"creation_date"}}, "aws_sfn_state_machine")
	put(Type{ID: Chosen, Marks: []string{"creation_date"}}, "aws_sfn_alias")
	put(
		Type{ID: Fixed},
		"aws_s3_bucket", "aws_sns_topic", "aws_lambda_alias",
		"aws_cloudwatch_log_group", "aws_cloudwatch_metric_alarm", "aws_ecr_repository", "aws_ecs_cluster", "aws_ecs_service",
		"aws_kms_alias", "aws_db_subnet_group", "aws_db_parameter_group", "aws_elasticache_replication_group",
		"aws_elasticache_subnet_group", "aws_iam_role_policy", "aws_ssm_parameter",
		"aws_s3_bucket_policy", "aws_s3_bucket_versioning", "aws_appautoscaling_target",
	)
	put(
		Type{ID: Chosen},
		"aws_elasticache_cluster", "aws_elb", "aws_s3_bucket_acl", "aws_s3_bucket_public_access_block", "aws_s3_bucket_logging",
		"aws_s3_bucket_server_side_encryption_configuration", "aws_s3_bucket_lifecycle_configuration",
		"aws_s3_bucket_notification", "aws_s3_bucket_metric", "aws_s3_bucket_inventory", "aws_s3_bucket_analytics_configuration",
		"aws_kinesis_stream", "aws_cloudwatch_event_rule",
		"aws_opensearch_domain", "aws_key_pair", "aws_lambda_permission",
	)
	return m
}()

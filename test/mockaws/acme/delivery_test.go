package acme

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// deliveryStory: what is edited, and who stays as it is. The rest of the story is in the state
// after the apply: what runs is not what was applied.
func deliveryStory(t *testing.T, s *Story, p *plan) {
	p.happens(t, map[string]string{
		// Machines.
		"aws_launch_template.storefront":   update,
		"aws_autoscaling_group.storefront": keep,
		"aws_launch_configuration.returns": swap,
		"aws_autoscaling_group.returns":    update,
		"aws_launch_template.reports":      update,
		"aws_autoscaling_group.reports":    keep,
		"aws_instance.bastion":             update,
		"aws_autoscaling_group.media":      update,
		"aws_autoscaling_group.batch":      update,
		"aws_autoscaling_group.web":        update,
		// Functions.
		"aws_lambda_function.checkout":            update,
		"aws_lambda_alias.checkout_live":          keep,
		"aws_lambda_function.invoices":            update,
		"aws_lambda_alias.invoices_live":          keep,
		"aws_lambda_function.resizer":             update,
		"aws_lambda_event_source_mapping.uploads": keep,
		"aws_lambda_permission.uploads":           keep,
		// Gateways.
		"aws_api_gateway_integration.orders": update,
		"aws_api_gateway_deployment.orders":  keep,
		"aws_api_gateway_stage.orders":       keep,
		"aws_apigatewayv2_integration.hooks": update,
		"aws_apigatewayv2_stage.hooks":       keep,
		// Containers.
		"aws_ecs_task_definition.search":             replace,
		"aws_ecs_service.search":                     keep,
		"aws_secretsmanager_secret_version.payments": replace,
		"aws_ssm_parameter.feed":                     update,
		"aws_ecs_service.payments":                   keep,
		GrownCatalog:                                 update,
		// Data.
		"aws_db_instance.orders":                     update,
		"aws_db_parameter_group.ledger":              update,
		"aws_db_instance.ledger":                     keep,
		"aws_db_instance.reporting":                  update,
		"aws_elasticache_replication_group.sessions": update,
		"aws_docdb_cluster.catalog":                  update,
		"aws_msk_configuration.events":               update,
		"aws_msk_cluster.events":                     keep,
		"aws_mq_configuration.mail":                  update,
		"aws_mq_broker.mail":                         keep,
		// Kubernetes.
		"aws_eks_cluster.main":       update,
		"aws_eks_node_group.general": keep,
		"aws_eks_addon.proxy":        keep,
		// The edge, and what is stored.
		"aws_cloudfront_distribution.media":                        update,
		"aws_s3_object.banner":                                     update,
		"aws_s3_object.logo":                                       keep,
		"aws_route53_record.shop":                                  update,
		"aws_s3_bucket_server_side_encryption_configuration.media": update,
		"aws_cloudwatch_log_group.media":                           update,
		"aws_s3_bucket_replication_configuration.media":            create,
		"aws_subnet.main[\"a\"]":                                   update,
		"aws_subnet.main[\"b\"]":                                   keep,
		"aws_vpc_dhcp_options_association.main":                    update,
		// Operations.
		"aws_appconfig_hosted_configuration_version.flags": replace,
		"aws_appconfig_deployment.flags":                   keep,
		"aws_sfn_state_machine.refunds":                    update,
		"aws_sfn_alias.refunds":                            keep,
		"aws_ssm_document.patch":                           update,
		"aws_ssm_association.patch":                        keep,
		"aws_iam_role.deployer":                            create,
		// The group and the rule that is a resource of its own.
		WebGroup:                          update,
		"aws_security_group_rule.partner": keep,
	})
	p.drifted(t, GrownCatalog, WebGroup)
	testAfter(t, s, map[string]map[string]any{
		"aws_launch_template.storefront":                   {"latest_version": 2, "default_version": 1},
		"aws_autoscaling_group.reports":                    {"launch_template.0.version": "1"},
		"aws_lambda_function.checkout":                     {"version": "2"},
		"aws_lambda_alias.checkout_live":                   {"function_version": "1"},
		"aws_lambda_function.invoices":                     {"version": "1"},
		"aws_ecs_task_definition.search":                   {"revision": 2},
		"aws_ecs_service.search":                           {"task_definition": "arn:aws:ecs:eu-west-1:123456789012:task-definition/acme-search:1"},
		"aws_db_instance.orders":                           {"instance_class": "db.r7g.large"},
		"aws_elasticache_replication_group.sessions":       {"node_type": "cache.t4g.medium"},
		"aws_docdb_cluster.catalog":                        {"engine_version": "4.0.0"},
		"aws_msk_configuration.events":                     {"latest_revision": 2},
		"aws_msk_cluster.events":                           {"configuration_info.0.revision": 1},
		"aws_eks_cluster.main":                             {"version": "1.34"},
		"aws_eks_node_group.general":                       {"version": "1.33"},
		"aws_appconfig_hosted_configuration_version.flags": {"version_number": 2},
		"aws_appconfig_deployment.flags":                   {"configuration_version": "1"},
		"aws_sfn_alias.refunds":                            {"routing_configuration.0.state_machine_version_arn": "arn:aws:states:eu-west-1:123456789012:stateMachine:acme-refunds:1"},
		"aws_ssm_document.patch":                           {"latest_version": "2"},
		"aws_ssm_association.patch":                        {"document_version": "1"},
		GrownCatalog:                                       {"desired_count": 2},
	})
	testVersions(t, s, map[string]string{"acme-storefront": "1 1", "acme-reports": "1", "acme-batch": "1 1", "acme-web": ""})
}

// twinDeliveryStory: the same edits, and who runs the old follows.
func twinDeliveryStory(t *testing.T, s *Story, p *plan) {
	p.happens(t, map[string]string{
		"aws_launch_template.storefront":                   update,
		"aws_autoscaling_group.storefront":                 update,
		"aws_instance.bastion":                             update,
		"aws_autoscaling_group.media":                      update,
		"aws_autoscaling_group.batch":                      update,
		"aws_autoscaling_group.web":                        update,
		"aws_lambda_function.checkout":                     update,
		"aws_lambda_alias.checkout_live":                   update,
		"aws_lambda_event_source_mapping.invoices":         update,
		"aws_lambda_event_source_mapping.uploads":          update,
		"aws_lambda_permission.uploads":                    keep,
		"aws_api_gateway_integration.orders":               update,
		"aws_api_gateway_deployment.orders[\"1\"]":         keep,
		"aws_api_gateway_deployment.orders[\"2\"]":         create,
		"aws_api_gateway_stage.orders":                     update,
		"aws_apigatewayv2_integration.hooks":               update,
		"aws_apigatewayv2_stage.hooks":                     keep, // it deploys by itself
		"aws_ecs_task_definition.search":                   replace,
		"aws_ecs_service.search":                           update,
		"aws_secretsmanager_secret_version.payments":       replace,
		"aws_ecs_service.payments":                         update,
		GrownCatalog:                                       keep,
		"aws_db_instance.ledger":                           update,
		"aws_msk_cluster.events":                           update,
		"aws_mq_broker.mail":                               update,
		"aws_eks_node_group.general":                       update,
		"aws_eks_addon.proxy":                              update,
		"aws_appconfig_hosted_configuration_version.flags": replace,
		"aws_appconfig_deployment.flags":                   replace,
		"aws_sfn_alias.refunds":                            update,
		"aws_ssm_association.patch":                        update,
		"aws_s3_bucket.archive[\"acme-archive\"]":          create,
		"aws_s3_bucket_replication_configuration.archive":  create,
		WebGroup: keep,
	})
	p.drifted(t, GrownCatalog, WebGroup)
	testAfter(t, s, map[string]map[string]any{
		"aws_autoscaling_group.storefront":                 {"launch_template.0.version": "2"},
		"aws_launch_template.storefront":                   {"latest_version": 2},
		"aws_lambda_function.checkout":                     {"version": "2"},
		"aws_lambda_alias.checkout_live":                   {"function_version": "2"},
		"aws_ecs_task_definition.search":                   {"revision": 2},
		"aws_ecs_service.search":                           {"task_definition": "acme-search:2"},
		"aws_db_instance.orders":                           {"instance_class": "db.r7g.xlarge"},
		"aws_elasticache_replication_group.sessions":       {"node_type": "cache.r7g.large"},
		"aws_docdb_cluster.catalog":                        {"engine_version": "5.0.0"},
		"aws_msk_configuration.events":                     {"latest_revision": 2},
		"aws_msk_cluster.events":                           {"configuration_info.0.revision": 2},
		"aws_appconfig_hosted_configuration_version.flags": {"version_number": 2},
		"aws_appconfig_deployment.flags":                   {"configuration_version": "2", "deployment_number": 2},
		"aws_sfn_state_machine.refunds":                    {"state_machine_version_arn": "arn:aws:states:eu-west-1:123456789012:stateMachine:acme-refunds:2"},
		"aws_ssm_association.patch":                        {"document_version": "2"},
		GrownCatalog:                                       {"desired_count": 7},
	})
	testVersions(t, s, map[string]string{"acme-storefront": "2 2", "acme-batch": "1 1 1 1 1 1", "acme-web": "1 1 1"})
	if _, err := s.Engine.Run("plan", "-detailed-exitcode", "-input=false", "-no-color", "-parallelism=1"); err != nil {
		t.Errorf("the twin has nothing left to do after its apply: %v", err)
	}
}

// edgeStory: the state holds the shop's bucket too, and the plan makes a role of the name that
// delivery's plan makes.
func edgeStory(t *testing.T, s *Story, p *plan) {
	p.happens(t, map[string]string{
		"aws_s3_bucket.downloads":                         keep,
		"aws_s3_bucket_lifecycle_configuration.downloads": update,
		"aws_iam_role.deployer":                           create,
	})
	testState(t, s.State, map[string]map[string]any{"aws_s3_bucket.downloads": {"id": "acme-build-artifacts"}})
	for _, c := range p.Changes {
		if c.Address == "aws_iam_role.deployer" && c.Change.After["name"] != "acme-deployer" {
			t.Errorf("the role is called %v", c.Change.After["name"])
		}
	}
}

func twinEdgeStory(t *testing.T, s *Story, p *plan) {
	p.happens(t, map[string]string{
		"aws_s3_bucket.artifacts":                         keep,
		"aws_s3_bucket_lifecycle_configuration.artifacts": update,
		"aws_iam_role.deployer":                           create,
	})
	testState(t, s.State, map[string]map[string]any{"aws_s3_bucket.artifacts": {"id": "acme-edge-artifacts"}})
}

// twinShopStory: an ordinary plan.
func twinShopStory(t *testing.T, _ *Story, p *plan) {
	p.happens(t, map[string]string{
		"aws_sqs_queue.orders":                        update,
		"aws_kms_key.orders":                          update,
		"aws_cloudwatch_metric_alarm.orders_age":      create,
		"aws_cloudwatch_metric_alarm.reports_storage": remove,
		"aws_db_instance.reports":                     remove,
		HeldLogs:                                      keep,
	})
	p.drifted(t, HeldLogs)
	for _, c := range p.Changes {
		if c.Address == "aws_db_instance.reports" && fmt.Sprintf("%v %v", c.Change.Before["skip_final_snapshot"], c.Change.Before["final_snapshot_identifier"]) != "false acme-reports-final" {
			t.Error("the reports leave no snapshot")
		}
	}
}

// testVersions holds the versions of the launch template that the instances of groups run.
func testVersions(t *testing.T, s *Story, want map[string]string) {
	t.Helper()
	var groups struct{ AutoScalingGroups []group }
	if err := json.Unmarshal(s.Running["groups.json"], &groups); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, g := range groups.AutoScalingGroups {
		var versions []string
		for _, m := range g.Instances {
			if m.LaunchTemplate != nil {
				versions = append(versions, m.LaunchTemplate.Version)
			}
		}
		got[g.AutoScalingGroupName] = strings.Join(versions, " ")
	}
	for name, versions := range want {
		if v, ok := got[name]; !ok || v != versions {
			t.Errorf("the instances of %s run versions %q, the story says %q", name, v, versions)
		}
	}
}

func testAfter(t *testing.T, s *Story, want map[string]map[string]any) {
	t.Helper()
	testState(t, s.After, want)
}

// testState holds attributes of objects in a state against what they are said to be. A path is
// dotted and counts into lists.
func testState(t *testing.T, state []byte, want map[string]map[string]any) {
	t.Helper()
	instances, err := Instances(state)
	if err != nil {
		t.Fatal(err)
	}
	for address, values := range want {
		instance, ok := instances[address]
		if !ok {
			t.Errorf("%s is not in the state", address)
		}
		for path, value := range values {
			if got := instance.at(path); fmt.Sprint(got) != fmt.Sprint(value) {
				t.Errorf("%s: %s is %v, the story says %v", address, path, got, value)
			}
		}
	}
}

package planbench

import (
	"encoding/base64"
	"fmt"
)

// The blocks that run things, and what they report to.
var (
	machine = &kind{
		name: "aws_instance", block: "this", schemaVersion: 2, prefix: "i-0",
		computed: map[string]unknown{
			"arn": unknownText, "host_id": unknownText, "id": unknownText, "instance_lifecycle": unknownText,
			"instance_state": unknownText, "ipv6_addresses": unknownList, "outpost_arn": unknownText,
			"password_data": unknownText, "primary_network_interface_id": unknownText, "private_dns": unknownText,
			"private_ip": unknownText, "public_dns": unknownText, "public_ip": unknownText,
			"spot_instance_request_id": unknownText,
		},
		values:     machineValues,
		stale:      setting("instance_type", "m5.large"),
		forced:     otherwise("ami", "ami-00000000000000001"),
		forcedPath: []any{"ami"},
		usePaths:   [][]any{{"subnet_id"}, {"vpc_security_group_ids"}, {"launch_template", 0, "id"}},
	}
	launchTemplate = &kind{
		name: "aws_launch_template", block: "service", prefix: "lt-0",
		computed: map[string]unknown{
			"arn": unknownText, "default_version": unknownText, "id": unknownText, "latest_version": unknownText,
			"name_prefix": unknownText,
		},
		unsettled:  map[string]unknown{"latest_version": unknownText},
		secrets:    []string{"user_data"},
		values:     launchTemplateValues,
		stale:      setting("instance_type", "m5.large"),
		forced:     otherwise("name", "old-template"),
		forcedPath: []any{"name"},
		usePaths:   [][]any{{"iam_instance_profile", 0, "arn"}, {"vpc_security_group_ids"}},
	}
	targetGroup = &kind{
		name: "aws_lb_target_group", block: "this",
		computed: map[string]unknown{
			"arn": unknownText, "arn_suffix": unknownText, "id": unknownText, "ip_address_type": unknownText,
			"load_balancer_arns": unknownList, "load_balancing_algorithm_type": unknownText, "name_prefix": unknownText,
		},
		values:     targetGroupValues,
		stale:      setting("deregistration_delay", "300"),
		forced:     otherwise("port", 80),
		forcedPath: []any{"port"},
	}
	role = &kind{
		name: "aws_iam_role", block: "service", namePrefix: "arn:aws:iam::" + accountID + ":instance-profile/",
		computed: map[string]unknown{
			"arn": unknownText, "create_date": unknownText, "id": unknownText, "managed_policy_arns": unknownList,
			"name_prefix": unknownText, "unique_id": unknownText,
		},
		values:     roleValues,
		stale:      setting("max_session_duration", 7200),
		forced:     otherwise("name", "old-role"),
		forcedPath: []any{"name"},
	}
	logGroup     = logs("service")
	archiveGroup = logs("archive")

	policyDocument = &kind{
		name: "aws_iam_policy_document", block: "assume", data: true,
		computed: map[string]unknown{"id": unknownText, "json": unknownText, "minified_json": unknownText},
		values:   policyDocumentValues,
	}
)

func logs(block string) *kind {
	return &kind{
		name: "aws_cloudwatch_log_group", block: block,
		computed: map[string]unknown{
			"arn": unknownText, "id": unknownText, "log_group_class": unknownText, "name_prefix": unknownText,
		},
		values:     logGroupValues,
		stale:      setting("retention_in_days", 0),
		forced:     otherwise("name", "/old"),
		forcedPath: []any{"name"},
	}
}

func bootScript(v view) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "#!/bin/sh\nset -eu\necho SERVICE=%s >>/etc/environment\n"+
		"systemctl enable --now agent\nTOKEN=%s /opt/agent/join --region %s\n", v.key.text, hex(v.seed, 21), v.region()))
}

var guardedMetadata = object{
	"http_endpoint": "enabled", "http_protocol_ipv6": "disabled", "http_put_response_hop_limit": 1,
	"http_tokens": "required", "instance_metadata_tags": "disabled",
}

func machineValues(v view) object {
	id := v.identifier()
	ip := fmt.Sprintf("10.%d.%d.%d", mix(v.seed>>20)%200, v.uses[0].key.number, 10+v.seed%240)
	return object{
		"ami": "ami-0" + hex(v.seed>>20, 22)[:16], "arn": v.arn("ec2", "instance/"+id), "associate_public_ip_address": false,
		"availability_zone": v.region() + []string{"a", "b", "c"}[v.uses[0].key.number%3],
		"capacity_reservation_specification": list(object{
			"capacity_reservation_preference": "open", "capacity_reservation_target": list(),
		}),
		"cpu_options":          list(object{"amd_sev_snp": "", "core_count": 2, "threads_per_core": 1}),
		"credit_specification": list(), "disable_api_stop": false, "disable_api_termination": mix(v.seed)%5 == 0,
		"ebs_block_device": list(), "ebs_optimized": true, "enable_primary_ipv6": nil,
		"enclave_options": list(object{"enabled": false}), "ephemeral_block_device": list(), "force_destroy": false,
		"get_password_data": false, "hibernation": false, "host_id": "", "host_resource_group_arn": nil,
		"iam_instance_profile": v.team(), "id": id, "instance_initiated_shutdown_behavior": "stop", "instance_lifecycle": "",
		"instance_market_options": list(), "instance_state": "running",
		"instance_type":      choose(v.seed+23, "m6g.large", "m6g.xlarge", "c6g.large", "t3.medium"),
		"ipv6_address_count": 0, "ipv6_addresses": list(), "key_name": "",
		"launch_template":     list(object{"id": v.id(2), "name": v.uses[2].name(), "version": "$Latest"}),
		"maintenance_options": list(object{"auto_recovery": "default"}), "metadata_options": list(guardedMetadata),
		"monitoring": true, "network_interface": list(), "outpost_arn": "", "password_data": "", "placement_group": "",
		"placement_group_id": "", "placement_partition_number": 0, "primary_network_interface": list(),
		"primary_network_interface_id": "eni-0" + hex(v.seed, 24)[:16], "private_dns": "ip-" + ip + ".internal",
		"private_dns_name_options": list(object{
			"enable_resource_name_dns_a_record": false, "enable_resource_name_dns_aaaa_record": false, "hostname_type": "ip-name",
		}),
		"private_ip": ip, "public_dns": "", "public_ip": "", "region": v.region(),
		"root_block_device": list(object{
			"delete_on_termination": true, "device_name": "/dev/xvda", "encrypted": true, "iops": 3000,
			"kms_key_id": v.arn("kms", "key/"+hex(v.seed>>20, 16)), "tags": object{}, "tags_all": object{}, "throughput": 125,
			"volume_id": "vol-0" + hex(v.seed, 25)[:16], "volume_size": 30, "volume_type": "gp3",
		}),
		"secondary_private_ips": list(), "security_groups": list(), "source_dest_check": true, "spot_instance_request_id": "",
		"subnet_id": v.id(0), "tags": v.tags(), "tags_all": v.tagsAll(), "tenancy": "default", "timeouts": nil,
		"user_data": nil, "user_data_base64": nil, "user_data_replace_on_change": false, "volume_tags": nil,
		"vpc_security_group_ids": list(v.id(1)),
	}
}

func launchTemplateValues(v view) object {
	id := v.identifier()
	labels := func(of string) object { return object{"resource_type": of, "tags": v.tags()} }
	return object{
		"arn": v.arn("ec2", "launch-template/"+id),
		"block_device_mappings": list(object{
			"device_name": "/dev/xvda", "ebs": list(object{
				"delete_on_termination": "true", "encrypted": "true", "iops": 0, "kms_key_id": "", "snapshot_id": "",
				"throughput": 0, "volume_initialization_rate": 0, "volume_size": 30, "volume_type": "gp3",
			}), "no_device": "", "virtual_name": "",
		}),
		"capacity_reservation_specification": list(), "cpu_options": list(), "credit_specification": list(),
		"default_version": 1, "description": "Machines of " + v.key.text, "disable_api_stop": false,
		"disable_api_termination": false, "ebs_optimized": "true", "enclave_options": list(), "hibernation_options": list(),
		"iam_instance_profile": list(object{"arn": v.id(0), "name": ""}), "id": id,
		"image_id": "ami-0" + hex(v.seed>>20, 22)[:16], "instance_initiated_shutdown_behavior": "terminate",
		"instance_market_options": list(), "instance_requirements": list(),
		"instance_type": choose(v.seed+26, "m6g.large", "m6g.xlarge", "c6g.large"), "kernel_id": "", "key_name": "",
		"latest_version": 1 + v.seed%40, "license_specification": list(), "maintenance_options": list(),
		"metadata_options": list(guardedMetadata), "monitoring": list(object{"enabled": true}), "name": v.name(),
		"name_prefix": "", "network_interfaces": list(), "placement": list(), "private_dns_name_options": list(),
		"ram_disk_id": "", "region": v.region(), "security_group_names": list(),
		"tag_specifications": list(labels("instance"), labels("volume")), "tags": v.tags(), "tags_all": v.tagsAll(),
		"update_default_version": true, "user_data": bootScript(v), "vpc_security_group_ids": list(v.id(1)),
	}
}

func targetGroupValues(v view) object {
	suffix := "targetgroup/" + hex(v.seed, 27)
	return object{
		"arn": v.arn("elasticloadbalancing", suffix), "arn_suffix": suffix, "connection_termination": nil,
		"deregistration_delay": "30",
		"health_check": list(object{
			"enabled": true, "healthy_threshold": 3, "interval": 10, "matcher": "200-299", "path": "/healthz",
			"port": "traffic-port", "protocol": "HTTP", "timeout": 5, "unhealthy_threshold": 3,
		}),
		"id": v.arn("elasticloadbalancing", suffix), "ip_address_type": "ipv4", "lambda_multi_value_headers_enabled": false,
		"load_balancer_arns":                list(v.arn("elasticloadbalancing", "loadbalancer/app/"+v.team()+"/"+hex(v.seed>>20, 28))),
		"load_balancing_algorithm_type":     "least_outstanding_requests",
		"load_balancing_anomaly_mitigation": "off", "load_balancing_cross_zone_enabled": "use_load_balancer_configuration",
		"name": v.name(), "name_prefix": "", "port": 8080 + v.key.number, "preserve_client_ip": nil, "protocol": "HTTP",
		"protocol_version": "HTTP1", "proxy_protocol_v2": false, "region": v.region(), "slow_start": 30,
		"stickiness": list(object{"cookie_duration": 86400, "cookie_name": "", "enabled": false, "type": "lb_cookie"}),
		"tags":       v.tags(), "tags_all": v.tagsAll(), "target_control_port": nil, "target_failover": list(),
		"target_group_health": list(object{
			"dns_failover": list(object{"minimum_healthy_targets_count": "1", "minimum_healthy_targets_percentage": "off"}),
			"unhealthy_state_routing": list(object{
				"minimum_healthy_targets_count": 1, "minimum_healthy_targets_percentage": "off",
			}),
		}),
		"target_health_state": list(), "target_type": "instance", "vpc_id": v.vpc(),
	}
}

func roleValues(v view) object {
	name := v.name()
	trust := fmt.Sprintf(`{"Statement":[{"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":%q}},`+
		`"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","ecs-tasks.amazonaws.com"]},"Sid":"Trust"}],`+
		`"Version":"2012-10-17"}`, accountID)
	return object{
		"arn": "arn:aws:iam::" + accountID + ":role/service/" + name, "assume_role_policy": trust,
		"create_date": "2024-02-19T09:12:33Z", "description": "What " + v.key.text + " may do",
		"force_detach_policies": false, "id": name,
		"inline_policy": list(object{"name": "logs", "policy": fmt.Sprintf(
			`{"Statement":[{"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":"%s:*"}],`+
				`"Version":"2012-10-17"}`, v.arn("logs", "log-group:/service/"+name))}),
		"managed_policy_arns":  list("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"),
		"max_session_duration": 3600, "name": name, "name_prefix": "", "path": "/service/",
		"permissions_boundary": "arn:aws:iam::" + accountID + ":policy/boundary", "tags": v.tags(), "tags_all": v.tagsAll(),
		"unique_id": "AROA" + hex(v.seed, 29),
	}
}

func logGroupValues(v view) object {
	name := "/service/" + v.name()
	return object{
		"arn": v.arn("logs", "log-group:"+name), "deletion_protection_enabled": false, "id": name, "kms_key_id": "",
		"log_group_class": "STANDARD", "name": name, "name_prefix": "", "region": v.region(), "retention_in_days": 30,
		"skip_destroy": false, "tags": v.tags(), "tags_all": v.tagsAll(),
	}
}

func policyDocumentValues(v view) object {
	return object{
		"id": "1", "json": "{}", "minified_json": "{}", "override_policy_documents": nil, "policy_id": nil,
		"source_policy_documents": nil,
		"statement": list(object{
			"actions": list("sts:AssumeRole"), "condition": list(), "effect": "Allow", "not_actions": nil,
			"not_principals": list(), "not_resources": nil,
			"principals": list(object{"identifiers": list(v.id(0)), "type": "AWS"}), "resources": nil, "sid": nil,
		}),
		"version": nil,
	}
}

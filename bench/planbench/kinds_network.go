package planbench

import "fmt"

// The network module's blocks.
var (
	subnet = &kind{
		name: "aws_subnet", block: "this", schemaVersion: 1, prefix: "subnet-0",
		computed: map[string]unknown{
			"arn": unknownText, "availability_zone_id": unknownText, "id": unknownText,
			"ipv6_cidr_block_association_id": unknownText, "owner_id": unknownText,
			"private_dns_hostname_type_on_launch": unknownText,
		},
		values:     subnetValues,
		stale:      setting("map_public_ip_on_launch", true),
		forced:     otherwise("cidr_block", "10.255.0.0/24"),
		forcedPath: []any{"cidr_block"},
	}
	securityGroup = &kind{
		name: "aws_security_group", block: "this", schemaVersion: 1, prefix: "sg-0",
		computed: map[string]unknown{
			"arn": unknownText, "egress": unknownList, "id": unknownText, "ingress": unknownList,
			"name_prefix": unknownText, "owner_id": unknownText,
		},
		values:     securityGroupValues,
		stale:      retagged,
		forced:     otherwise("description", "Managed by Terraform"),
		forcedPath: []any{"description"},
	}
	ingressRule = &kind{
		name: "aws_vpc_security_group_ingress_rule", block: "this", prefix: "sgr-0",
		computed: map[string]unknown{
			"arn": unknownText, "id": unknownText, "security_group_rule_id": unknownText,
		},
		values:     ingressRuleValues,
		stale:      setting("description", "temporary, see ticket"),
		forced:     otherwise("security_group_id", "sg-00000000000000000"),
		forcedPath: []any{"security_group_id"},
		usePaths:   [][]any{{"security_group_id"}, {"referenced_security_group_id"}},
	}
)

func subnetValues(v view) object {
	id := v.identifier()
	n := v.key.number
	return object{
		"arn": v.arn("ec2", "subnet/"+id), "assign_ipv6_address_on_creation": false,
		"availability_zone": v.region() + []string{"a", "b", "c"}[n%3], "availability_zone_id": fmt.Sprintf("az%d", n%3+1),
		"cidr_block":               fmt.Sprintf("10.%d.%d.0/24", mix(v.seed>>20)%200, n),
		"customer_owned_ipv4_pool": "", "enable_dns64": false, "enable_lni_at_device_index": 0,
		"enable_resource_name_dns_a_record_on_launch":    false,
		"enable_resource_name_dns_aaaa_record_on_launch": false,
		"id": id, "ipv6_cidr_block": "", "ipv6_cidr_block_association_id": "", "ipv6_native": false,
		"map_customer_owned_ip_on_launch": false, "map_public_ip_on_launch": n < 3, "outpost_arn": "",
		"owner_id": accountID, "private_dns_hostname_type_on_launch": "ip-name", "region": v.region(),
		"tags": v.tags(), "tags_all": v.tagsAll(), "timeouts": nil, "vpc_id": v.vpc(),
	}
}

func securityGroupValues(v view) object {
	id := v.identifier()
	rule := func(port int, cidr string) object {
		return object{
			"cidr_blocks": list(cidr), "description": "", "from_port": port, "ipv6_cidr_blocks": list(),
			"prefix_list_ids": list(), "protocol": "tcp", "security_groups": list(), "self": false, "to_port": port,
		}
	}
	everywhere := rule(0, "0.0.0.0/0")
	everywhere["protocol"] = "-1"
	return object{
		"arn": v.arn("ec2", "security-group/"+id), "description": "Traffic of " + v.key.text,
		"egress": list(everywhere), "id": id, "ingress": list(rule(443, "10.0.0.0/8"), rule(8080, "10.0.0.0/8")),
		"name": v.name(), "name_prefix": "", "owner_id": accountID, "region": v.region(),
		"revoke_rules_on_delete": false, "tags": v.tags(), "tags_all": v.tagsAll(), "timeouts": nil, "vpc_id": v.vpc(),
	}
}

func ingressRuleValues(v view) object {
	id := v.identifier()
	port := choose(v.seed+11, 22, 80, 443, 5432, 6379, 8080, 8443, 9090)
	return object{
		"arn": v.arn("ec2", "security-group-rule/"+id), "cidr_ipv4": nil, "cidr_ipv6": nil,
		"description": "from " + v.uses[1].key.text + " on port " + fmt.Sprint(port), "from_port": port, "id": id,
		"ip_protocol": "tcp", "prefix_list_id": nil, "referenced_security_group_id": v.id(1),
		"region": v.region(), "security_group_id": v.id(0), "security_group_rule_id": id,
		"tags": v.tags(), "tags_all": v.tagsAll(), "to_port": port,
	}
}

package planbench

// cellModule is the configuration of what every team calls: services, and three modules below.
func cellModule() moduleConfig {
	group := object{"references": []string{"module.network.security_group_ids", "module.network", "each.key"}}
	return moduleConfig{
		Outputs: map[string]object{
			"machine_ids": output(attribute("module.compute", "machine_ids")),
			"networks":    output(ref("var.vpc_id")),
			"databases":   output(attribute("module.data[0]", "database_endpoints")),
		},
		Resources: []blockConfig{
			logGroup.configured(object{
				"name": ref("each.key", "local.name"), "retention_in_days": constant(30), "tags": ref("var.tags"),
			}).forEach("var.services"),
			role.configured(object{
				"assume_role_policy": ref("local.trust"), "description": ref("each.key"), "name": ref("each.key", "local.name"),
				"path": constant("/service/"), "tags": ref("var.tags"),
			}).forEach("var.services"),
			launchTemplate.configured(object{
				"description": ref("each.key"),
				"iam_instance_profile": list(object{
					"arn": ref("aws_iam_role.service", "each.key"),
				}),
				"image_id": ref("local.image"), "instance_type": eachValue("instance_type"),
				"name": ref("each.key", "local.name"), "tags": ref("var.tags"),
				"user_data": ref("each.key", "local.join_token"), "vpc_security_group_ids": group,
			}).forEach("var.services"),
			policyDocument.configured(object{
				"statement": list(object{
					"actions": constant(list("sts:AssumeRole")),
					"principals": list(object{
						"identifiers": ref("aws_iam_role.service", "each.key"), "type": constant("AWS"),
					}),
				}),
			}).forEach("local.trusted"),
		},
		ModuleCalls: map[string]callConfig{
			"compute": {
				Source: "../compute",
				Expressions: object{
					"launch_template_ids": ref("aws_launch_template.service"),
					"machines":            eachValue("machines"),
					"security_group_ids":  attribute("module.network", "security_group_ids"),
					"subnet_ids":          attribute("module.network", "subnet_ids"),
					"tags":                ref("var.tags"), "template": ref("each.key"), "vpc_id": ref("var.vpc_id"),
				},
				ForEachExpression: ref("local.pools"), Module: computeModule().raw(),
			},
			"data": {
				Source: "../data",
				Expressions: object{
					"db_password": ref("var.db_password"), "name": ref("local.name"),
					"security_group_ids": attribute("module.network", "security_group_ids"), "tags": ref("var.tags"),
				},
				CountExpression: constant(1), Module: dataModule().raw(),
				DependsOn: []string{"module.network"},
			},
			"network": {
				Source: "../network",
				Expressions: object{
					"cidr": ref("var.cidr"), "groups": ref("local.groups"), "name": ref("local.name"),
					"tags": ref("var.tags"), "vpc_id": ref("var.vpc_id"),
				},
				Module: networkModule().raw(),
			},
		},
		Variables: secretly(variables("cidr", "name", "owner", "region", "services", "tags", "vpc_id"), "db_password"),
	}
}

// secretly adds variables that are marked sensitive.
func secretly(all map[string]object, secret ...string) map[string]object {
	for _, name := range secret {
		all[name] = object{"sensitive": true}
	}
	return all
}

func networkModule() moduleConfig {
	return moduleConfig{
		Outputs: map[string]object{
			"security_group_ids": output(ref("aws_security_group.this")),
			"subnet_ids":         output(ref("aws_subnet.this")),
		},
		Resources: []blockConfig{
			securityGroup.configured(object{
				"description": ref("each.key"), "name": ref("each.key", "var.name"), "tags": ref("var.tags"),
				"vpc_id": ref("var.vpc_id"),
			}).forEach("var.groups"),
			subnet.configured(object{
				"availability_zone": ref("count.index", "local.zones"), "cidr_block": ref("count.index", "var.cidr"),
				"tags": ref("var.tags"), "vpc_id": ref("var.vpc_id"),
			}).counted("local.subnets"),
			ingressRule.configured(object{
				"description": eachValue("description"), "from_port": eachValue("port"), "ip_protocol": constant("tcp"),
				"referenced_security_group_id": ref("aws_security_group.this", "each.value.from", "each.value"),
				"security_group_id":            ref("aws_security_group.this", "each.value.group", "each.value"),
				"tags":                         ref("var.tags"), "to_port": eachValue("port"),
			}).forEach("local.rules"),
		},
		Variables: variables("cidr", "groups", "name", "tags", "vpc_id"),
	}
}

func dataModule() moduleConfig {
	stored := func(k *kind, expressions object) blockConfig {
		expressions["tags"] = ref("var.tags")
		return k.configured(expressions)
	}
	return moduleConfig{
		Outputs: map[string]object{"database_endpoints": output(ref("aws_db_instance.this"))},
		Resources: []blockConfig{
			stored(database, object{
				"allocated_storage": eachValue("size"), "engine": constant("postgres"), "identifier": ref("each.key", "var.name"),
				"instance_class": eachValue("class"), "password": ref("var.db_password"), "storage_encrypted": constant(true),
				"vpc_security_group_ids": ref("var.security_group_ids", "each.key"),
			}).forEach("local.databases"),
			stored(table, object{
				"attribute":    list(object{"name": constant("id"), "type": constant("S")}),
				"billing_mode": constant("PAY_PER_REQUEST"), "hash_key": constant("id"), "name": ref("each.key", "var.name"),
			}).forEach("local.tables"),
			stored(disk, object{
				"availability_zone": ref("count.index", "local.zones"), "encrypted": constant(true),
				"size": ref("local.sizes", "count.index"), "type": constant("gp3"),
			}).counted("local.disks"),
			stored(bucket, object{
				"bucket":         ref("each.key", "var.name"),
				"lifecycle_rule": list(object{"enabled": constant(true), "prefix": constant("logs/")}),
				"versioning":     list(object{"enabled": eachValue("versioned")}),
			}).forEach("local.buckets"),
		},
		Variables: secretly(variables("name", "security_group_ids", "tags"), "db_password"),
	}
}

func computeModule() moduleConfig {
	return moduleConfig{
		Outputs: map[string]object{"machine_ids": output(ref("aws_instance.this"))},
		Resources: []blockConfig{
			machine.configured(object{
				"ami": ref("local.image"), "instance_type": ref("local.size"),
				"launch_template":        list(object{"id": ref("var.launch_template_ids", "var.template")}),
				"subnet_id":              ref("var.subnet_ids", "count.index"),
				"tags":                   ref("var.tags"),
				"vpc_security_group_ids": ref("var.security_group_ids", "count.index"),
			}).counted("var.machines"),
			targetGroup.configured(object{
				"health_check": list(object{"path": constant("/healthz")}),
				"name":         ref("each.key"), "port": eachValue("port"), "protocol": constant("HTTP"),
				"tags": ref("var.tags"), "vpc_id": ref("var.vpc_id"),
			}).forEach("local.targets"),
		},
		Variables: variables("launch_template_ids", "machines", "security_group_ids", "subnet_ids", "tags", "template", "vpc_id"),
	}
}

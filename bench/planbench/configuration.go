package planbench

import "encoding/json"

// ref is an expression that refers to something. Terraform lists the whole reference first and then
// the object it starts from.
func ref(references ...string) object {
	return object{"references": references}
}

func constant(v any) object { return object{"constant_value": v} }

// attribute refers to one attribute of a resource or one output of a module.
func attribute(of, name string) object { return ref(of+"."+name, of) }

// eachValue refers to an element of what the block iterates over.
func eachValue(name string) object { return ref("each.value."+name, "each.value") }

// blockConfig is a resource block, in Terraform's field order.
type blockConfig struct {
	Address           string   `json:"address"`
	Mode              string   `json:"mode"`
	Type              string   `json:"type"`
	Name              string   `json:"name"`
	ProviderConfigKey string   `json:"provider_config_key"`
	Expressions       object   `json:"expressions,omitempty"`
	SchemaVersion     int      `json:"schema_version"`
	CountExpression   any      `json:"count_expression,omitempty"`
	ForEachExpression any      `json:"for_each_expression,omitempty"`
	DependsOn         []string `json:"depends_on,omitempty"`
}

type moduleConfig struct {
	Outputs     map[string]object     `json:"outputs,omitempty"`
	Resources   []blockConfig         `json:"resources,omitempty"`
	ModuleCalls map[string]callConfig `json:"module_calls,omitempty"`
	Variables   map[string]object     `json:"variables,omitempty"`
}

type callConfig struct {
	Source            string          `json:"source"`
	Expressions       object          `json:"expressions,omitempty"`
	CountExpression   any             `json:"count_expression,omitempty"`
	ForEachExpression any             `json:"for_each_expression,omitempty"`
	Module            json.RawMessage `json:"module"`
	DependsOn         []string        `json:"depends_on,omitempty"`
}

func (k *kind) configured(expressions object) blockConfig {
	address := k.name + "." + k.block
	if k.data {
		address = "data." + address
	}
	return blockConfig{
		Address: address, Mode: k.mode(), Type: k.name, Name: k.block, ProviderConfigKey: "aws",
		Expressions: expressions, SchemaVersion: k.schemaVersion,
	}
}

func (b blockConfig) forEach(over string) blockConfig {
	b.ForEachExpression = ref(over)
	return b
}

func (b blockConfig) counted(by string) blockConfig {
	b.CountExpression = ref(by)
	return b
}

func variables(names ...string) map[string]object {
	all := map[string]object{}
	for _, name := range names {
		all[name] = object{}
	}
	return all
}

func output(expression object) object { return object{"expression": expression} }

// raw renders a module once; its text is repeated for every call, as Terraform repeats it.
func (m moduleConfig) raw() json.RawMessage {
	data, err := json.Marshal(m)
	if err != nil {
		panic(err) // the value is a literal of this package
	}
	return data
}

func (f *fleet) configuration() any {
	inner := cellModule().raw()
	root := moduleConfig{
		Outputs: map[string]object{"db_password": {"sensitive": true, "expression": ref("var.db_password")}},
		Resources: []blockConfig{
			archiveGroup.configured(object{
				"name": ref("count.index"), "retention_in_days": constant(30), "tags": ref("local.tags"),
			}).counted("local.archives"),
		},
		ModuleCalls: map[string]callConfig{},
		Variables: map[string]object{
			"cost_center": {"default": "4711"}, "db_password": {"sensitive": true},
			"owner": {"default": "platform", "description": "Who is called at night."},
		},
	}
	for _, c := range f.cells {
		name := c.module.name
		root.Outputs[name+"_networks"] = output(ref("module." + name))
		root.ModuleCalls[name] = callConfig{
			Source: "./modules/cell",
			Expressions: object{
				"cidr": eachValue("cidr"), "db_password": ref("var.db_password"), "name": constant(name),
				"owner": ref("var.owner"), "region": eachValue("region"), "services": eachValue("services"),
				"tags": ref("local.tags"), "vpc_id": eachValue("vpc_id"),
			},
			ForEachExpression: ref("local.stages"), Module: inner,
		}
	}
	type providerConfig struct {
		Name              string `json:"name"`
		FullName          string `json:"full_name"`
		VersionConstraint string `json:"version_constraint"`
		Expressions       object `json:"expressions"`
	}
	return struct {
		ProviderConfig map[string]providerConfig `json:"provider_config"`
		RootModule     moduleConfig              `json:"root_module"`
	}{
		map[string]providerConfig{"aws": {"aws", provider, "~> 6.0", object{
			"region":       constant(regions[3]),
			"default_tags": list(object{"tags": constant(object{"ManagedBy": "terraform", "Stack": "platform"})}),
		}}},
		root,
	}
}

package effect

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// resourceShape is what the test needs of a resource's schema.
type resourceShape struct {
	Attributes map[string]struct {
		Type string `json:"type"`
	} `json:"attributes"`
	Blocks map[string]resourceShape `json:"blocks"`
}

func providerShapes(t *testing.T) map[string]resourceShape {
	t.Helper()
	shared, named := os.LookupEnv("POLYGRAPH_SHARED")
	if !named {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	f, err := os.Open(filepath.Join(shared, "data", "aws-schema", "aws-provider-6.25.0.json.gz"))
	if err != nil {
		if named || os.Getenv("POLYGRAPH_STRICT") != "" {
			t.Fatal(err)
		}
		t.Skip("the schema of the aws provider is not beside the module; set POLYGRAPH_SHARED: ", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Resources map[string]resourceShape `json:"resources"`
	}
	if err := json.NewDecoder(z).Decode(&schema); err != nil {
		t.Fatal(err)
	}
	return schema.Resources
}

// has tells whether an attribute or a block stands at a path; places in lists
// and stars do not count.
func (b resourceShape) has(path string) bool {
	for _, step := range strings.Split(path, ".") {
		if digits(step) || step == "*" {
			continue
		}
		if _, ok := b.Attributes[step]; ok {
			b = resourceShape{}
			continue
		}
		next, ok := b.Blocks[step]
		if !ok {
			return false
		}
		b = next
	}
	return true
}

// attributesRead are those that the cases about machines and about what serves
// read, beside the lists that they keep themselves.
func attributesRead() map[string][]string {
	spec := []string{"launch_template.0.id", "launch_template.0.name", "launch_template.0.version"}
	mixed := "mixed_instances_policy.0.launch_template.0."
	fleet := "launch_template_config.0.launch_template_specification.0."
	batch := "compute_resources.0.launch_template.0."
	read := map[string][]string{
		"aws_autoscaling_group": append(slices.Clone(spec),
			mixed+"launch_template_specification.0.launch_template_id", mixed+"launch_template_specification.0.launch_template_name",
			mixed+"launch_template_specification.0.version", mixed+"override.0.instance_type", mixed+"override.0.instance_requirements",
			mixed+"override.0.launch_template_specification.0.version",
			"launch_configuration", "instance_refresh.0.triggers", "instance_refresh.0.preferences.0.scale_in_protected_instances",
			"suspended_processes", "protect_from_scale_in", "max_instance_lifetime", "warm_pool", "max_size", "min_size", "desired_capacity",
			"tag.0.key", "tag.0.value", "tag.0.propagate_at_launch", "placement_group", "target_group_arns", "load_balancers", "traffic_source", "name"),
		"aws_eks_node_group":                        append(slices.Clone(spec), "cluster_name", "version"),
		"aws_instance":                              append(slices.Clone(spec), "user_data", "user_data_base64", "user_data_replace_on_change"),
		"aws_ec2_fleet":                             {fleet + "launch_template_id", fleet + "launch_template_name", fleet + "version"},
		"aws_spot_fleet_request":                    {fleet + "id", fleet + "name", fleet + "version"},
		"aws_batch_compute_environment":             {batch + "launch_template_id", batch + "launch_template_name", batch + "version"},
		"aws_launch_template":                       slices.Concat([]string{"latest_version", "default_version", "update_default_version"}, templateSettings, templateComputed),
		"aws_launch_configuration":                  slices.Concat(configurationSettings, configurationComputed),
		"aws_lambda_function":                       append(slices.Clone(functionSettings), "publish", "version", "qualified_arn", "function_name"),
		"aws_lambda_alias":                          {"function_name", "function_version", "routing_config", "name"},
		"aws_lambda_permission":                     {"function_name", "qualifier", "principal"},
		"aws_lambda_provisioned_concurrency_config": {"function_name", "qualifier"},
		"aws_lambda_function_url":                   {"function_name"},
		"aws_api_gateway_stage":                     {"rest_api_id", "deployment_id", "stage_name"},
		"aws_api_gateway_deployment":                {"rest_api_id"},
		"aws_api_gateway_rest_api":                  restSettings,
		"aws_apigatewayv2_stage":                    {"api_id", "auto_deploy", "deployment_id", "name"},
		"aws_apigatewayv2_api":                      {"body"},
		"aws_ecs_task_definition":                   {"family", "arn", "revision", "container_definitions"},
		"aws_ecs_service": append(slices.DeleteFunc(slices.Clone(quiet), func(s string) bool { return s == "timeouts" }),
			"task_definition", "deployment_controller.0.type", "force_new_deployment", "scheduling_strategy", "cluster", "name", "load_balancer"),
		"aws_ssm_parameter":                         {"value", "insecure_value", "value_wo_version", "name", "arn"},
		"aws_secretsmanager_secret_version":         {"secret_string", "secret_binary", "secret_string_wo_version", "secret_id", "version_stages", "arn"},
		"aws_eks_cluster":                           {"name", "version"},
		"aws_eks_addon":                             {"cluster_name", "addon_name", "addon_version"},
		"aws_sfn_state_machine":                     append(slices.Clone(machineSettings), "arn", "state_machine_version_arn", "publish"),
		"aws_sfn_alias":                             {"name", "routing_configuration.0.state_machine_version_arn"},
		"aws_ssm_document":                          {"content", "latest_version", "name"},
		"aws_ssm_association":                       {"name", "document_version"},
		"aws_appautoscaling_target":                 {"service_namespace", "resource_id", "min_capacity"},
		"aws_autoscaling_attachment":                {"autoscaling_group_name"},
		"aws_autoscaling_traffic_source_attachment": {"autoscaling_group_name"},
	}
	for typ, paths := range callers {
		read[typ] = append(read[typ], paths...)
	}
	for _, typ := range restParts {
		read[typ] = append(read[typ], "rest_api_id")
	}
	for _, typ := range httpParts {
		read[typ] = append(read[typ], "api_id")
	}
	for typ, list := range minimums {
		for _, m := range list {
			if strings.HasPrefix(typ, "aws_") {
				read[typ] = append(read[typ], m.path)
			}
		}
	}
	return read
}

func TestServingSchema(t *testing.T) {
	resources := providerShapes(t)
	for typ, paths := range attributesRead() {
		block, ok := resources[typ]
		if !ok {
			t.Errorf("%s is not in the provider", typ)
			continue
		}
		for _, p := range paths {
			if !block.has(p) {
				t.Errorf("%s has no %s", typ, p)
			}
		}
	}
	for _, c := range servingCases() {
		for _, typ := range c.Types {
			if _, ok := resources[typ]; strings.HasPrefix(typ, "aws_") && !ok {
				t.Errorf("%s is not in the provider", typ)
			}
		}
	}
}

// A new provider version may bring another user of launch templates.
func TestSchemaHasNoUserOfTemplatesThatIsMissing(t *testing.T) {
	none := map[string]string{
		"aws_launch_template":       "is one",
		"aws_ecs_capacity_provider": "launches from a template of its own making", "aws_gamelift_game_server_group": "",
		"aws_imagebuilder_distribution_configuration": "writes versions, launches none", "aws_spot_instance_request": "replaced by any change",
	}
	for typ, block := range providerShapes(t) {
		if _, explained := none[typ]; explained || slices.Contains(templateUsers, typ) {
			continue
		}
		if namesTemplate(block) {
			t.Errorf("%s names launch templates and is not asked", typ)
		}
	}
}

func namesTemplate(b resourceShape) bool {
	for name, block := range b.Blocks {
		if strings.HasPrefix(name, "launch_template") || namesTemplate(block) {
			return true
		}
	}
	return false
}

func servingCases() []Case {
	return []Case{
		TemplateWithoutRefresh(), PinnedTemplate(), UserDataInPlace(), TagsAtLaunch(), AliasOfPublished(), UnpublishedFunction(), CallersOfVersion(),
		UndeployedREST(), UndeployedHTTP(), TaskDefinitionKept(), SecretOfTask(), NodesBehind(), AddonsBehind(), SuspendedCapacity(),
		VersionNamed(), ScaledToZero(),
	}
}

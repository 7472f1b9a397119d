package mockaws

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// knownDifferences are the places where our reading of the same package is the better one:
// the oracle guesses element types of some computed collections and takes the one block
// named dimension and the status of a versioning block wrongly. Each was checked against
// the provider's source.
var knownDifferences = map[string]string{
	"aws_appautoscaling_policy":                          "the oracle loses the attributes of metric.dimension",
	"aws_appconfig_environment":                          "tags_all is a map of strings, as everywhere",
	"aws_autoscaling_policy":                             "the oracle loses the attributes of metric.dimensions",
	"aws_cloudfront_distribution":                        "key_pair_ids is a set, read off its getter",
	"aws_db_subnet_group":                                "supported_network_types is a set in internal/service/rds/subnet_group.go",
	"aws_elasticache_replication_group":                  "member_clusters is a set in internal/service/elasticache/replication_group.go",
	"aws_lb_target_group":                                "load_balancer_arns is a set in internal/service/elbv2/target_group.go",
	"aws_s3_bucket_replication_configuration":            "the statuses and what lies below them are required in website/docs/r/s3_bucket_replication_configuration.html.markdown",
	"aws_s3_bucket_server_side_encryption_configuration": "sse_algorithm is required in internal/service/s3/bucket_server_side_encryption_configuration.go",
	"aws_s3_bucket_versioning":                           "status is required in internal/service/s3/bucket_versioning.go",
	"aws_vpc_endpoint":                                   "network_interface_ids is a set in internal/service/ec2/vpc_endpoint.go",
	"aws_vpc_security_group_egress_rule":                 "tags_all is a map of strings, as everywhere",
	"aws_vpc_security_group_ingress_rule":                "tags_all is a map of strings, as everywhere",
	"aws_ami":                                            "computed maps, read off their getter",
	"aws_availability_zones":                             "group_names is a set, read off its getter",
}

// TestSchemaAgreesWithOracle compares schema.json with the derivation in the shared data.
func TestSchemaAgreesWithOracle(t *testing.T) {
	shared := os.Getenv("POLYGRAPH_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(shared, "data", "aws-schema", "aws-provider-6.25.0.json.gz")
	f, err := os.Open(path)
	if err != nil {
		skip(t, "no oracle at %s: set POLYGRAPH_SHARED", path)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var oracle, ours struct {
		Resources   map[string]any `json:"resources"`
		DataSources map[string]any `json:"data_sources"`
	}
	if err := json.NewDecoder(unzipped).Decode(&oracle); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(schemaJSON, &ours); err != nil {
		t.Fatal(err)
	}
	compare := func(ours, oracle map[string]any) {
		for name, block := range ours {
			differences := diff(name, block, oracle[name])
			if _, known := knownDifferences[name]; known != (len(differences) > 0) {
				t.Errorf("%s: known difference: %v, found: %v", name, known, differences)
			}
		}
	}
	compare(ours.Resources, oracle.Resources)
	compare(ours.DataSources, oracle.DataSources)
}

// diff lists paths at which two schemas differ, apart from what the two formats word
// differently.
func diff(path string, a, b any) []string {
	x, isMap := a.(map[string]any)
	y, both := b.(map[string]any)
	if isMap != both {
		return []string{path}
	}
	if !isMap {
		if a == "single" && b == "single_or_list_max_1" {
			return nil
		}
		if a != b {
			return []string{fmt.Sprintf("%s: ours %v, oracle %v", path, a, b)}
		}
		return nil
	}
	names := map[string]bool{}
	for _, m := range []map[string]any{x, y} {
		for name, value := range m {
			inner, _ := value.(map[string]any)
			onlyTimeouts := name == "blocks" && len(inner) == 1 && inner["timeouts"] != nil
			if name != "timeouts" && name != "guessed" && !onlyTimeouts {
				names[name] = true
			}
		}
	}
	var found []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		found = append(found, diff(path+"/"+name, x[name], y[name])...)
	}
	return found
}

// skip says why; under POLYGRAPH_STRICT a test that cannot run is a failure.
func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("POLYGRAPH_STRICT") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

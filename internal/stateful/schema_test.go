package stateful

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// block is the part of the schema data that the test needs.
type block struct {
	Attributes map[string]struct {
		Type string `json:"type"`
	} `json:"attributes"`
	Blocks map[string]block `json:"blocks"`
}

// awsProvider reads the schema of the aws provider from the shared data.
func awsProvider(t *testing.T) map[string]block {
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
		Resources map[string]block `json:"resources"`
	}
	if err := json.NewDecoder(z).Decode(&schema); err != nil {
		t.Fatal(err)
	}
	return schema.Resources
}

// at walks a path of a condition through the schema and returns the type of the attribute.
func (b block) at(path string) (string, bool) {
	for {
		key, rest, nested := strings.Cut(path, ".")
		if !nested {
			a, ok := b.Attributes[key]
			return a.Type, ok
		}
		next, ok := b.Blocks[key]
		if !ok {
			return "", false
		}
		if index, deeper, _ := strings.Cut(rest, "."); isNumber(index) {
			rest = deeper
		}
		b, path = next, rest
	}
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

func TestAWSSchema(t *testing.T) {
	resources := awsProvider(t)
	fits := map[Test]string{IsTrue: "bool", IsFalse: "bool", Positive: "number", NonEmpty: "string", OneOf: "string", Always: "number"}
	for _, e := range All() {
		if !strings.HasPrefix(e.Type, "aws_") {
			continue
		}
		resource, ok := resources[e.Type]
		if !ok {
			t.Errorf("%s is not in the provider", e.Type)
			continue
		}
		var conditions []Condition
		for _, g := range e.Guards {
			conditions = append(append(conditions, g.Condition), g.With...)
			if g.Needs != "" {
				conditions = append(conditions, Condition{Attribute: g.Needs, Keeps: NonEmpty})
			}
		}
		if e.DerivedWhen != nil {
			conditions = append(conditions, *e.DerivedWhen)
		}
		for _, c := range conditions {
			if c.Outside || c.Attribute == "" {
				continue
			}
			if typ, ok := resource.at(c.Attribute); !ok {
				t.Errorf("%s has no attribute %s", e.Type, c.Attribute)
			} else if typ != fits[c.Keeps] {
				t.Errorf("%s.%s is a %s, tested with %q", e.Type, c.Attribute, typ, c.Keeps)
			}
		}
	}
}

// A new provider version may bring a guard to a type that has none here. The names are those that
// guards have today; what matches and is none is listed with the reason.
func TestAWSSchemaHasNoGuardThatIsMissing(t *testing.T) {
	resources := awsProvider(t)
	guard := regexp.MustCompile(`^(force_(destroy|delete)|skip_(final|destroy).*|final_(snapshot|backup).*|.*(deletion|termination|delete)_protect(ion|ed).*|recovery_window.*|delet.*_(window|time)_in_days|deletion_policy|retention_policy)$`)
	none := map[string]string{
		"aws_fsx_lustre_file_system.final_backup_tags":           "tags of the copy",
		"aws_fsx_windows_file_system.final_backup_tags":          "tags of the copy",
		"aws_fsx_openzfs_file_system.final_backup_tags":          "tags of the copy",
		"aws_fsx_ontap_volume.final_backup_tags":                 "tags of the copy",
		"aws_memorydb_cluster.final_snapshot_name":               "",
		"aws_dynamodb_table.replica.deletion_protection_enabled": "protects the replica only",
	}
	for _, e := range All() {
		known := map[string]bool{}
		for _, g := range e.Guards {
			known[g.Attribute], known[g.Needs] = true, true
			for _, c := range g.With {
				known[c.Attribute] = true
			}
		}
		for name := range resources[e.Type].Attributes {
			if _, explained := none[e.Type+"."+name]; guard.MatchString(name) && !known[name] && !explained {
				t.Errorf("%s.%s looks like a guard and is not in the catalogue", e.Type, name)
			}
		}
	}
}

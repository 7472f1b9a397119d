package tfplan

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"polygraph/internal/evidence"
)

const ambientPlan = `{"format_version":"1.2","timestamp":"2026-01-02T03:04:05Z",
"variables":{"environment":{"value":"prod"},"env":{"value":"hush"},"stage":{"value":{"a":1}},"tier":{"value":"not a word"},"account_id":{"value":111122223333},"password":{"value":"secret"}},
"resource_changes":[],
"configuration":{"provider_config":{
 "aws":{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","expressions":{
  "region":{"constant_value":"eu-west-1"},"secret_key":{"constant_value":"hush"},"allowed_account_ids":{"constant_value":["111122223333"]},
  "assume_role":[{"role_arn":{"constant_value":"arn:aws:iam::111122223333:role/x"},"external_id":{"constant_value":"hush"}}],
  "default_tags":[{"tags":{"constant_value":{"environment":"prod","n":1}}}]}},
 "module.db:google":{"full_name":"g","module_address":"module.db","expressions":{"project":{"references":["var.x"]},"default_labels":{"constant_value":{"env":"prod"}}}}},
"root_module":{"variables":{"environment":{},"env":{"sensitive":true},"stage":{},"tier":{},"account_id":{"sensitive":false},"password":{}}}}}`

func TestAmbient(t *testing.T) {
	p, err := readPlan(t, []byte(ambientPlan))
	if err != nil {
		t.Fatal(err)
	}
	if p.Timestamp != "2026-01-02T03:04:05Z" {
		t.Errorf("timestamp %q", p.Timestamp)
	}
	if want := map[string]string{"environment": "prod", "account_id": "111122223333"}; !maps.Equal(p.Variables, want) {
		t.Errorf("variables %v, want %v", p.Variables, want)
	}
	want := []ProviderConfig{
		{
			Key: "aws", Name: p.Sym("registry.terraform.io/hashicorp/aws"), Tags: map[string]string{"environment": "prod"},
			Values: map[string][]string{"region": {"eu-west-1"}, "allowed_account_ids": {"111122223333"}, "role_arn": {"arn:aws:iam::111122223333:role/x"}},
		},
		{Key: "module.db:google", Module: "module.db", Name: p.Sym("g"), Tags: map[string]string{"env": "prod"}},
	}
	if !reflect.DeepEqual(p.ProviderConfigs, want) {
		t.Errorf("providers %+v", p.ProviderConfigs)
	}
	if strings.Contains(fmt.Sprintf("%+v", p.ProviderConfigs), "hush") {
		t.Error("a credential was read")
	}
}

// TestAmbientIsTolerant: what is not as expected says nothing, and is no reason
// to refuse the plan.
func TestAmbientIsTolerant(t *testing.T) {
	for _, text := range []string{
		`{"resource_changes":[],"timestamp":123}`,
		`{"resource_changes":[],"variables":[1],"configuration":{"root_module":{"variables":[2]}}}`,
		`{"resource_changes":[],"variables":{"env":{"value":"prod"}}}`, // who says that it is not sensitive?
		`{"resource_changes":[],"variables":{"env":{"value":"prod"}},"configuration":{"root_module":{"variables":{"env":{"sensitive":1}}}}}`,
		`{"resource_changes":[],"variables":{"env":7,"stage":{"value":"` + strings.Repeat("x", 33) + `"}},"configuration":{"root_module":{"variables":{"env":{},"stage":{}}}}}`,
		`{"resource_changes":[],"configuration":{"provider_config":{"aws":{"module_address":1,"expressions":[1]}}}}`,
		`{"resource_changes":[],"configuration":{"provider_config":{"aws":{"expressions":{"region":7,"default_tags":{},"assume_role":[1,{"role_arn":[]}],"allowed_account_ids":{"constant_value":{"a":1}}}}}}}`,
	} {
		p, err := readPlan(t, []byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if len(p.Variables) > 0 || p.Timestamp != "" {
			t.Errorf("%s: %v, %q", text, p.Variables, p.Timestamp)
		}
		for _, c := range p.ProviderConfigs {
			if len(c.Values)+len(c.Tags) > 0 {
				t.Errorf("%s: %+v", text, c)
			}
		}
	}
}

// TestProviderConfigsAreBounded: a plan of provider blocks and nothing else.
func TestProviderConfigsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 2 * MaxProviderConfigs {
		fmt.Fprintf(&b, `,"p%d":{"expressions":{"region":{"constant_value":"%s"}}}`, i, strings.Repeat("r", 1000))
	}
	p, err := readPlan(t, []byte(`{"resource_changes":[],"configuration":{"provider_config":{`+b.String()[1:]+`}}}`))
	if err != nil || len(p.ProviderConfigs) != MaxProviderConfigs || len(p.ProviderConfigs[0].Values) != 0 {
		t.Errorf("%d kept, %v", len(p.ProviderConfigs), err)
	}
}

func TestPickSealsAsDetail(t *testing.T) {
	p, err := readPlan(t, []byte(`{"resource_changes":[{"address":"t.n","change":{"actions":["no-op"],
		"before":{"name":"a","key":"k","tags":{"x":"1","y":"2"}},"after":{"name":"a"},"before_sensitive":{"name":true,"tags":{"y":true}},"after_sensitive":{}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := p.Detail(&p.Changes[0])
	if err != nil {
		t.Fatal(err)
	}
	some, err := p.Picker(func(name []byte) bool { return string(name) != "key" }).Pick(&p.Changes[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, sealed := some.Before["name"].(evidence.Secret); !sealed || len(some.Before) != 2 || len(whole.Before) != 3 {
		t.Errorf("%v of %v", some.Before, whole.Before)
	}
	if !Equal(some.Before["tags"], whole.Before["tags"]) || fmt.Sprint(some.Before["tags"]) != "map[x:1 y:(sensitive)]" {
		t.Errorf("tags %v", some.Before["tags"])
	}
}

package facts

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/tfplan"
)

func named(t *testing.T, text string) analysis.Reading {
	t.Helper()
	in := input(text)
	in.Things = true
	r, err := Plan().Read(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// object is the thing of one resource.
func object(t *testing.T, typ, mode, values, masks string) evidence.Thing {
	t.Helper()
	address := typ + ".n"
	if mode == "data" {
		address = "data." + address
	}
	r := named(t, fmt.Sprintf(`{"resource_changes":[{"address":%q,"mode":%q,"type":%q,"name":"n","change":{"actions":["no-op"],"before":%s%s}}]}`, address, mode, typ, values, masks))
	if len(r.Things) != 2 || len(r.Notes) != 2 { // the cut-down plan's own two notes
		t.Fatalf("%+v, %q", r.Things, r.Notes)
	}
	return r.Things[0]
}

const masked = `,"before_sensitive":{},"after_sensitive":{}`

func TestMarks(t *testing.T) {
	const arn = `"arn":"arn:aws:sqs:eu-west-1:111122223333:q"`
	for name, c := range map[string]struct {
		typ, values string
		want        evidence.Marks
	}{
		"ARN":             {"aws_sqs_queue", `{` + arn + `,"name":"q"}`, evidence.Marks{Name: "q", Account: "111122223333", Region: "eu-west-1"}},
		"bucket":          {"aws_s3_bucket", `{"arn":"arn:aws:s3:::b","bucket":"b","region":"us-east-1"}`, evidence.Marks{Name: "b", Region: "us-east-1"}},
		"owner":           {"aws_x", `{"owner_id":"111122223333"}`, evidence.Marks{Account: "111122223333"}},
		"a member":        {"aws_guardduty_member", `{"account_id":"111122223333"}`, evidence.Marks{}},
		"borrowed ARN":    {"aws_sns_topic_policy", `{` + arn + `}`, evidence.Marks{Region: "eu-west-1"}},
		"VPC":             {"aws_vpc", `{"id":"vpc-1","cidr_block":"10.1.2.3/16","ipv6_cidr_block":""}`, evidence.Marks{VPC: "vpc-1", CIDRs: []string{"10.1.0.0/16"}}},
		"nested VPC":      {"aws_eks_cluster", `{"vpc_config":[{"vpc_id":"vpc-1"}]}`, evidence.Marks{VPC: "vpc-1"}},
		"no VPC":          {"aws_x", `{"vpc_id":"hello"}`, evidence.Marks{}},
		"a rule's range":  {"aws_network_acl_rule", `{"cidr_block":"10.0.0.0/8"}`, evidence.Marks{}},
		"everything":      {"aws_subnet", `{"cidr_block":"0.0.0.0/0"}`, evidence.Marks{}},
		"address":         {"aws_instance", `{"private_ip":"10.0.0.7","availability_zone":"eu-west-1b"}`, evidence.Marks{Region: "eu-west-1", CIDRs: []string{"10.0.0.7/32"}}},
		"tags":            {"aws_x", `{"tags":{"Name":"n","env":"x"},"tags_all":{"Name":"n","env":"prod","n":1}}`, evidence.Marks{Name: "n", Tags: map[string]string{"env": "prod"}}},
		"two names":       {"aws_x", `{"name":"a","tags":{"Name":"b"}}`, evidence.Marks{Name: "a", Tags: map[string]string{"Name": "b"}}},
		"kubernetes":      {"kubernetes_deployment", `{"metadata":[{"name":"api","namespace":"shop","labels":{"env":"dev"}}]}`, evidence.Marks{Name: "api", Namespace: "shop", Tags: map[string]string{"env": "dev"}}},
		"namespace":       {"kubernetes_namespace_v1", `{"metadata":[{"name":"shop"}]}`, evidence.Marks{Name: "shop", Namespace: "shop"}},
		"helm":            {"helm_release", `{"name":"r","namespace":"shop"}`, evidence.Marks{Name: "r", Namespace: "shop"}},
		"google":          {"google_compute_subnetwork", `{"project":"p-1","region":"europe-west1","ip_cidr_range":"10.0.0.0/20","labels":{"env":"qa"}}`, evidence.Marks{Account: "p-1", Region: "europe-west1", CIDRs: []string{"10.0.0.0/20"}, Tags: map[string]string{"env": "qa"}}},
		"azure":           {"azurerm_virtual_network", `{"id":"/subscriptions/s/resourceGroups/g","location":"westeurope","address_space":["10.0.0.0/16","x"]}`, evidence.Marks{Account: "s", Region: "westeurope", CIDRs: []string{"10.0.0.0/16"}}},
		"other types":     {"aws_x", `{"name":7,"tags":["a"],"arn":{"a":1},"vpc_config":[1,2],"metadata":null,"availability_zone":"a"}`, evidence.Marks{}},
		"hostile":         {"aws_x", `{"name":"a\u001b[31m","bucket":"` + strings.Repeat("x", 300) + `","arn":"arn:::::","tags":{"a\nb":"c","d":"e\u0000"}}`, evidence.Marks{}},
		"account of null": {"aws_x", `null`, evidence.Marks{}},
	} {
		if got := object(t, c.typ, "managed", c.values, masked).Marks; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if got := object(t, "aws_caller_identity", "data", `{"account_id":"111122223333"}`, masked).Marks.Account; got != "111122223333" {
		t.Errorf("caller identity in account %q", got)
	}
}

// TestNoSecretIsAMark: neither what is masked on either side, nor what stands in
// a plan that does not say what is sensitive.
func TestNoSecretIsAMark(t *testing.T) {
	values := `{"id":"hush","arn":"arn:aws:sqs:hush:111122223333:q","name":"hush","vpc_id":"vpc-hush","tags":{"environment":"hush","team":"open"},"owner_id":"111122223333"}`
	all := `{"id":true,"arn":true,"name":true,"vpc_id":true,"tags":{"environment":true},"owner_id":true}`
	for _, mask := range []string{
		`,"before_sensitive":` + all + `,"after_sensitive":{}`,
		`,"before_sensitive":{},"after_sensitive":` + all,
		`,"before_sensitive":true,"after_sensitive":{}`,
	} {
		got := object(t, "aws_x", "managed", values, mask)
		if text := fmt.Sprintf("%+v", got); strings.Contains(text, "hush") || strings.Contains(text, "1111") {
			t.Errorf("with %s: %s", mask, text)
		}
	}
	if got := object(t, "aws_x", "managed", values, ""); !reflect.DeepEqual(got.Marks, evidence.Marks{}) {
		t.Errorf("without masks: %+v", got.Marks)
	}
}

// TestThings: created objects by what is known, deposed ones not at all, and
// the aliases as findings have them.
func TestThings(t *testing.T) {
	r := named(t, `{"timestamp":"2026-01-02T03:04:05Z","resource_changes":[
		{"address":"t.a","change":{"actions":["create"],"before":null,"after":{"name":"new"},"after_unknown":{"id":true},"before_sensitive":false,"after_sensitive":{}}},
		{"address":"t.a","deposed":"abc","change":{"actions":["delete"],"before":{"name":"old"},"before_sensitive":{},"after_sensitive":false}},
		{"address":"t.b","change":{"actions":["update"],"before":{"name":"was","id":"i","arn":"x"},"after":{"name":"is"},"before_sensitive":{},"after_sensitive":{}}}]}`)
	if len(r.Things) != 3 || r.Things[0].Marks.Name != "new" || r.Things[1].Marks.Name != "was" || r.Things[2].Subject.Kind != "terraform-plan" {
		t.Fatalf("%+v", r.Things)
	}
	if got := r.Things[1].Subject; !slices.Equal(got.Aliases, []string{"id:i", "arn:x"}) || got.Kind != "terraform-resource" {
		t.Errorf("%+v", got)
	}
	if !r.Time.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) {
		t.Errorf("made at %v", r.Time)
	}
	if r, err := Plan().Read(context.Background(), input(`{"resource_changes":[],"timestamp":"yesterday"}`)); err != nil || !r.Time.IsZero() || r.Things != nil {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestThePlanAsAThing(t *testing.T) {
	config := func(providers string) string {
		return `{"resource_changes":[],"variables":{"environment":{"value":"prod"},"account_id":{"value":"999999999999"}},"configuration":{"provider_config":{` + providers + `},"root_module":{"variables":{"environment":{},"account_id":{}}}}}`
	}
	block := func(name, expressions string) string {
		return fmt.Sprintf(`%q:{"full_name":"registry.terraform.io/hashicorp/%s","expressions":{%s}}`, name, strings.Split(name, ".")[0], expressions)
	}
	one, two := `"allowed_account_ids":{"constant_value":["111111111111"]}`, `"assume_role":[{"role_arn":{"constant_value":"arn:aws:iam::222222222222:role/r"}}]`
	tags := func(e string) string {
		return `"default_tags":[{"tags":{"constant_value":{"env":"` + e + `","x":"y"}}}]`
	}
	for name, c := range map[string]struct {
		providers, account string
		tags               map[string]string
	}{
		"variable":               {"", "999999999999", nil},
		"allowed":                {block("aws", one), "111111111111", nil},
		"role":                   {block("aws", two), "222222222222", nil},
		"both":                   {block("aws", one+","+two), SeveralAccounts, nil},
		"two blocks":             {block("aws", one) + "," + block("aws.b", two), SeveralAccounts, nil},
		"one of two is silent":   {block("aws", "") + "," + block("aws.b", two), SeveralAccounts, nil},
		"two clouds":             {block("aws", one) + "," + block("google", `"project":{"constant_value":"p"}`), SeveralAccounts, nil},
		"another provider":       {block("aws", one) + "," + block("random", ""), "111111111111", nil},
		"default tags":           {block("aws", one+","+tags("prod")), "111111111111", map[string]string{"env": "prod", "x": "y"}},
		"default tags of two":    {block("aws", one+","+tags("prod")) + "," + block("aws.b", one+","+tags("dev")), "111111111111", map[string]string{"x": "y"}},
		"default tags of one":    {block("aws", one+","+tags("prod")) + "," + block("aws.b", one), "111111111111", nil},
		"several allowed":        {block("aws", `"allowed_account_ids":{"constant_value":["1","2"]}`), SeveralAccounts, nil},
		"an account by variable": {block("aws", `"region":{"constant_value":"r"}`), "999999999999", nil},
	} {
		r := named(t, config(c.providers))
		want := map[string]string{"var.environment": "prod"}
		for k, v := range c.tags {
			want[k] = v
		}
		got := r.Things[len(r.Things)-1]
		if got.Subject.Kind != "terraform-plan" || got.Subject.Identity != "plan" || got.Marks.Account != c.account || !reflect.DeepEqual(got.Marks.Tags, want) {
			t.Errorf("%s: %+v, want %s %v", name, got, c.account, want)
		}
	}
	if s := (finding.Subject{Kind: "terraform-plan", Identity: "plan"}); !reflect.DeepEqual(named(t, `{"resource_changes":[]}`).Things, []evidence.Thing{{Subject: s}}) {
		t.Error("a plan that says nothing")
	}
}

func TestThingsAreBoundedAndCancelled(t *testing.T) {
	var b strings.Builder
	for i := range analysis.MaxThings + 10 {
		fmt.Fprintf(&b, `,{"address":"t.n[%d]"}`, i)
	}
	text := `{"resource_changes":[` + strings.ReplaceAll(b.String()[1:], `"}`, `","change":{"actions":["no-op"]}}`) + `]}`
	p, err := tfplan.Read(context.Background(), input(text).Item, tfplan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, notes, err := things(context.Background(), p)
	if err != nil || len(got) != analysis.MaxThings || len(notes) != 1 || !isPlan(got[len(got)-1]) {
		t.Errorf("%d things, notes %q, %v", len(got), notes, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := things(ctx, p); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func isPlan(t evidence.Thing) bool { return t.Subject.Kind == "terraform-plan" }

// TestBorrowedARNs holds the list against the provider: an `arn` that is an
// argument and not computed names another object.
func TestBorrowedARNs(t *testing.T) {
	root, isSet := os.LookupEnv("POLYGRAPH_SHARED")
	if !isSet {
		root = filepath.Join("..", "..", "..", "shared")
	}
	f, err := os.Open(filepath.Join(root, "data", "aws-schema", "aws-provider-6.25.0.json.gz"))
	if err != nil {
		if isSet || os.Getenv("POLYGRAPH_STRICT") == "1" {
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
		Resources map[string]struct {
			Attributes map[string]struct{ Required, Optional, Computed bool }
		}
	}
	if err := json.NewDecoder(z).Decode(&schema); err != nil {
		t.Fatal(err)
	}
	// Optional in the schema, and their own all the same.
	own := []string{"aws_kinesis_firehose_delivery_stream", "aws_kinesis_stream", "aws_ssm_parameter"}
	for typ, r := range schema.Resources {
		if slices.Contains(own, typ) {
			continue
		}
		if a := r.Attributes["arn"]; (a.Required || a.Optional && !a.Computed) && !borrowsARN(typ) {
			t.Errorf("the arn of %s is an argument", typ)
		}
	}
}

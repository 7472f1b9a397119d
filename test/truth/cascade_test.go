package truth

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// story is a configuration by hand with the edits that are made to it, and what each of them draws.
type story struct {
	needs []provider
	base  files
	edits []edit
	want  map[string][]string // identity of the cause: what is drawn
}

func TestCascadesComeTrue(t *testing.T) {
	for name, st := range map[string]story{
		"terraform_data": {
			base: files{"main.tf": `
resource "terraform_data" "root"   { triggers_replace = "root.0" }
resource "terraform_data" "other"  { input = "other.0" }
resource "terraform_data" "id"     { input = terraform_data.root.id }
resource "terraform_data" "chain"  { triggers_replace = terraform_data.id.output }
resource "terraform_data" "output" { input = "x-${terraform_data.other.output}" }
resource "terraform_data" "self"   { triggers_replace = ["self.0", terraform_data.root.id] }
resource "terraform_data" "calm"   { input = terraform_data.root.triggers_replace == "none" ? "a" : "b" }
`},
			edits: []edit{
				{blocks: []string{"terraform_data.root"}, tokens: []string{`"root.0"`}},
				{blocks: []string{"terraform_data.other"}, tokens: []string{`"other.0"`}},
			},
			want: map[string][]string{
				"terraform_data.root":  {"terraform_data.chain", "terraform_data.id", "terraform_data.self"},
				"terraform_data.other": {"terraform_data.output"},
			},
		},
		"edited beside what is unknown": {
			base: files{"main.tf": `
resource "terraform_data" "root" { triggers_replace = "root.0" }
resource "terraform_data" "both" { input = { name = "own.0", ref = terraform_data.root.id } }
`},
			edits: []edit{
				{blocks: []string{"terraform_data.root"}, tokens: []string{`"root.0"`}},
				{blocks: []string{"terraform_data.both"}, tokens: []string{`"own.0"`}},
			},
			want: map[string][]string{},
		},
		"replace_triggered_by": {
			base: files{"main.tf": `
resource "terraform_data" "root"  { input = "root.0" }
resource "terraform_data" "drawn" {
  lifecycle { replace_triggered_by = [terraform_data.root] }
}
`},
			edits: []edit{{blocks: []string{"terraform_data.root"}, tokens: []string{`"root.0"`}}},
			want:  map[string][]string{"terraform_data.root": {"terraform_data.drawn"}},
		},
		"time": {
			needs: []provider{timeReal},
			base: files{"main.tf": `
terraform {
  required_providers {
    time = { source = "hashicorp/time" }
  }
}
resource "time_static" "release" { triggers = { version = "v.0" } }
resource "time_sleep" "settle" {
  create_duration = "1s"
  triggers        = { since = time_static.release.rfc3339 }
}
resource "terraform_data" "after" { input = time_sleep.settle.triggers["since"] }
resource "time_offset" "other"    { offset_days = 1 }
`},
			edits: []edit{{blocks: []string{"time_static.release"}, tokens: []string{`"v.0"`}}},
			want:  map[string][]string{"time_static.release": {"terraform_data.after", "time_sleep.settle"}},
		},
		"aws": {needs: []provider{awsMock}, base: network, edits: []edit{
			{blocks: []string{"module.net.aws_vpc.this"}, tokens: []string{`"10.0.0.0/16"`}},
			{blocks: []string{"aws_sqs_queue.jobs"}, tokens: []string{`"jobs.0"`}},
		}, want: map[string][]string{
			"module.net.aws_vpc.this": {
				`module.app["blue"].aws_security_group.this`, `module.app["blue"].aws_vpc_security_group_ingress_rule.https`,
				`module.app["green"].aws_security_group.this`, `module.app["green"].aws_vpc_security_group_ingress_rule.https`,
				`module.net.aws_subnet.this["a"]`, `module.net.aws_subnet.this["b"]`,
			},
			"aws_sqs_queue.jobs": {"aws_sns_topic_subscription.jobs"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st.tell(t)
		})
	}
}

// network goes through everything a value can go through: variables, outputs, locals and for_each.
var network = files{
	"main.tf": useAWS + `
resource "aws_sqs_queue" "jobs"   { name = "jobs.0" }
resource "aws_sns_topic" "orders" { name = "orders" }
resource "aws_sns_topic_subscription" "jobs" {
  topic_arn = aws_sns_topic.orders.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.jobs.arn
}
module "net" {
  source = "./net"
  range  = "10.0.0.0/16"
}
module "app" {
  source   = "./app"
  for_each = toset(["blue", "green"])
  name     = each.key
  vpc      = local.vpc
}
locals {
  vpc = module.net.vpc
}
`,
	"net/main.tf": `
variable "range" {}
resource "aws_vpc" "this" { cidr_block = var.range }
resource "aws_subnet" "this" {
  for_each          = { a = 0, b = 1 }
  vpc_id            = aws_vpc.this.id
  availability_zone = "eu-west-1${each.key}"
}
output "vpc" { value = aws_vpc.this.id }
`,
	"app/main.tf": `
variable "name" {}
variable "vpc" {}
locals {
  vpc = var.vpc
}
resource "aws_security_group" "this" {
  name   = var.name
  vpc_id = local.vpc
}
resource "aws_vpc_security_group_ingress_rule" "https" {
  security_group_id = aws_security_group.this.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "192.0.2.0/24"
}
`,
}

// useAWS makes the mock known to a configuration.
const useAWS = `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" { region = "eu-west-1" }
`

func (st story) tell(t *testing.T) {
	s := begin(t, st.base, st.needs...)
	s.configure(carry(st.base, st.edits...))
	with, j := s.judged()
	got := map[string][]string{}
	cs := charges(j)
	for _, c := range cs {
		got[c.identity] = slices.Sorted(slices.Values(c.blamed()))
	}
	if !maps.EqualFunc(got, st.want, slices.Equal) {
		t.Errorf("blamed are %v, want %v", got, st.want)
	}
	var edited []string
	for _, e := range st.edits {
		edited = append(edited, e.blocks...)
	}
	total := tally{}
	for i, e := range st.edits {
		others := slices.Delete(slices.Clone(st.edits), i, i+1)
		s.configure(carry(st.base, others...))
		n, complaints := counterfactual(j, with, s.plan("without"), e.blocks, edited)
		total.add(n)
		for _, c := range complaints {
			t.Error(c)
		}
	}
	s.configure(carry(st.base, st.edits...))
	n, vain, complaints := came(cs, s.succeed())
	for _, c := range complaints {
		t.Error(c)
	}
	if vain > 0 || total.open+total.shared > 0 {
		t.Errorf("%d changes changed nothing; %d are unproven, %d have other causes", vain, total.open, total.shared)
	}
	t.Logf("%d changes blamed, all gone without their cause, all came true at apply (%d)", total.drawn, n)
}

// TestHarnessObjectsToFalseCharges hands the comparison charges that are wrong in one place each.
func TestHarnessObjectsToFalseCharges(t *testing.T) {
	base := files{"main.tf": `
resource "terraform_data" "root"  { triggers_replace = "root.0" }
resource "terraform_data" "other" { input = "other.0" }
resource "terraform_data" "drawn" { input = terraform_data.root.id }
`}
	root := edit{blocks: []string{"terraform_data.root"}, tokens: []string{`"root.0"`}}
	other := edit{blocks: []string{"terraform_data.other"}, tokens: []string{`"other.0"`}}
	s := begin(t, base)
	s.configure(carry(base, other))
	without := s.plan("without")
	s.configure(carry(base, root, other))
	with, j := s.judged()
	ask := func() string {
		_, complaints := counterfactual(j, with, without, root.blocks, slices.Concat(root.blocks, other.blocks))
		return strings.Join(complaints, "; ")
	}
	if got := ask(); got != "" {
		t.Fatalf("the true charge is objected to: %s", got)
	}
	f := &j.findings[0]
	proof := slices.Clone(f.Proof)
	for i := range f.Proof {
		if f.Proof[i].At.Object == "terraform_data.drawn" {
			f.Proof[i].At.Object = "terraform_data.other"
		}
	}
	if got := ask(); !strings.Contains(got, "is still there") || !strings.Contains(got, "no verdict says so") {
		t.Errorf("other is blamed in place of drawn: %q", got)
	}
	f.Proof, f.Subject.Identity = proof, "terraform_data.bystander"
	if got := ask(); !strings.Contains(got, "nobody edited it") {
		t.Errorf("the cause is another: %q", got)
	}
	j.findings = nil
	if got := ask(); !strings.Contains(got, "no verdict says so") {
		t.Errorf("nothing is said at all: %q", got)
	}
	o := s.succeed()
	o.after["terraform_data.drawn"] = o.before["terraform_data.drawn"]
	j = judge(t, with.text)
	if _, vain, _ := came(charges(j), o); vain != 1 {
		t.Error("a change that did not come counts as one that came")
	}
}

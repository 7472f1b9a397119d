package tfconfig

import (
	"fmt"
	"strings"
	"testing"
)

func TestModules(t *testing.T) {
	files := []*File{
		read(t, "b/versions.tf", `
terraform {
  required_version = "~> 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/AWS"
      version = "~> 5.0"
    }
    null   = "3.1"
    random = {}
    acme   = { source = "example.com/a/acme", version = local.v }
  }
  backend "s3" {}
}
provider "aws" { region = "r" }
`),
		read(t, "b/x_override.tf", `
module "m" { version = "1.2.3" }
resource "aws_instance" "web" { ami = "ami-2" }
data "aws_ami" "a" {
  filter {
    name = "image-id"
  }
}
resource "aws_instance" "web" {
  dynamic "ebs_block_device" {
    content {}
  }
  lifecycle { ignore_changes = [ami] }
}
terraform {
  cloud {}
}
`),
		read(t, "b/main.tf", `
module "m" {
  source  = "a/b/aws"
  version = "~> 1"
}
resource "aws_instance" "web" {
  ami  = "ami-1"
  type = "x"
  ebs_block_device {}
  root_block_device {}
  lifecycle { ignore_changes = [tags] }
}
data "aws_ami" "a" {
  most_recent = true
  filter { name = "name" }
}
`),
		read(t, "a/main.tf", `module "b" { source = "../b/." }`),
	}
	all := Modules(files)
	if len(all) != 2 || all[0].Dir != "a" || all[0].Target("../b/.") != "b" || all[0].Target("a/b/aws") != "" {
		t.Fatalf("%+v", all)
	}
	m := all[1]
	if len(m.Calls) != 1 || m.Calls[0].Version.Value != "1.2.3" || m.Calls[0].Version.File.Path != "b/x_override.tf" || m.Calls[0].Source.Value != "a/b/aws" {
		t.Errorf("calls %+v", m.Calls)
	}
	if s, _, _ := m.Resources[0].String("ami"); len(m.Resources) != 1 || s != "ami-2" || m.Resources[0].Address() != "aws_instance.web" || m.Resources[0].File.Path != "b/main.tf" {
		t.Errorf("resources %+v", m.Resources)
	}
	web := m.Resources[0]
	_, ami := web.Ignores("ami")
	_, tags := web.Ignores("tags")
	if !ami || !tags || len(web.Nested("root_block_device")) != 1 || len(web.Nested("ebs_block_device")) != 0 || len(web.Nested("dynamic")) != 1 || web.Nested("dynamic")[0].Offset != web.Offset {
		t.Errorf("blocks of an override file take the place of all of their type: %+v", web.Blocks)
	}
	if filters := m.Data[0].Nested("filter"); len(filters) != 1 || filters[0].Attributes[0].Value != "image-id" || filters[0].Attributes[0].Offset != m.Data[0].Offset {
		t.Errorf("filters %+v", filters)
	}
	if len(m.Backends) != 1 || m.Backends[0].Type != "cloud" {
		t.Errorf("backends %+v", m.Backends)
	}
	if len(m.Data) != 1 || m.Data[0].Address() != "data.aws_ami.a" || len(m.Providers) != 1 || len(m.RequiredVersions) != 1 {
		t.Errorf("%+v", m)
	}
	for i, want := range []RequiredProvider{
		{Name: "aws", Source: "registry.terraform.io/hashicorp/aws", Constraint: "~> 5.0", HasConstraint: true, Known: true},
		{Name: "null", Source: "registry.terraform.io/hashicorp/null", Constraint: "3.1", HasConstraint: true, Known: true},
		{Name: "random", Source: "registry.terraform.io/hashicorp/random", Known: true},
		{Name: "acme", Source: "example.com/a/acme", HasConstraint: true},
	} {
		got := m.RequiredProviders[i]
		want.Argument, want.Offset = got.Argument, got.Offset
		if got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

func TestTofuFilesTakeThePlaceOfOthers(t *testing.T) {
	m := Modules([]*File{
		read(t, "d/a.tf", `module "m" { source = "./tf" }`), read(t, "d/a.tofu", `module "m" { source = "./tofu" }`),
		read(t, "d/b.tf", `module "n" { source = "./n" }`),
	})[0]
	if len(m.Files) != 2 || len(m.Calls) != 2 || m.Calls[0].Source.Value != "./tofu" {
		t.Errorf("%+v", m.Calls)
	}
}

// TestNothingGrows: what is filled in is bounded however often it is.
func TestNothingGrows(t *testing.T) {
	text := "locals {\n  l0 = \"" + strings.Repeat("x", 4000) + "\"\n"
	for i := range 15 {
		text += fmt.Sprintf("  l%d = \"%s\"\n", i+1, strings.Repeat(fmt.Sprintf("${local.l%d}", i), 20))
	}
	m := Modules([]*File{read(t, "a.tf", text+"}\n")})[0]
	if r := m.Resolve(m.Locals["l15"].Attribute); r.Known || len(r.Text) > maxText {
		t.Errorf("%d bytes", len(r.Text))
	}
}

func TestResolve(t *testing.T) {
	m := Modules([]*File{read(t, "main.tf", `
variable "a" { default = "x" }
variable "none" {}
variable "null" { default = null }
variable "n" { default = 3 }
variable "secret_token" { default = "CANARY" }
locals {
  l    = var.a
  t    = "${local.l}-${var.n}"
  list = ["a"]
  loop = local.loop
  up   = upper(var.a)
  half = "${var.a}.${data.a.b.c}/app"
}
b {
  lit    = "y"
  a      = var.a
  t      = "p:${local.t}"
  list   = local.list
  none   = var.none
  null   = var.null
  gone   = local.gone
  loop   = local.loop
  up     = local.up
  half   = "${local.half}:latest"
  index  = local.list[0]
  other  = aws_x.y.z
  secret = "p${var.secret_token}"
  hidden = "p${var.secret_token}"
}
`)})[0]
	b := &m.Files[0].Blocks[len(m.Files[0].Blocks)-1]
	for name, want := range map[string]struct {
		value string
		known bool
		def   bool
		steps int
	}{
		"lit": {"y", true, false, 0}, "a": {"x", true, true, 1}, "t": {"p:x-3", true, true, 4},
		"none": {}, "null": {}, "gone": {}, "up": {steps: 1}, "index": {steps: 1}, "other": {}, "loop": {steps: 16}, "secret": {steps: 0},
	} {
		a, _ := b.Attribute(name)
		r := m.Resolve(a)
		s, ok := r.String()
		if ok != want.known || s != want.value || want.known && (r.Default != want.def || len(r.Steps) != want.steps) {
			t.Errorf("%s: %+v", name, r)
		}
	}
	for name, want := range map[string]string{
		"lit": "", "none": "${var.none}", "half": "x.${data.a.b.c}/app:latest", "hidden": "p${var.secret_token}", "up": "${local.up}",
	} {
		a, _ := b.Attribute(name)
		if r := m.Resolve(a); r.Text != want {
			t.Errorf("%s: %q, want %q", name, r.Text, want)
		}
	}
	a, _ := b.Attribute("list")
	if r := m.Resolve(a); !r.Known || len(r.Value.([]any)) != 1 || r.Steps[0].Name != "local.list" || r.Default {
		t.Errorf("%+v", r)
	}
	if m.Resolve(nil).Known {
		t.Error("nothing is known")
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"a {\n b = \"x${var.c}\"\n}\n", "a = <<E\n%{ if x }\nE\n", "terraform {\n required_providers {\n  a = { version = \"1\" }\n }\n}", "a=[for x in y: x]\n", "x = 1e999\n",
		`locals { a = local.b` + "\n" + `b = "${local.a}${local.a}" }`, "module \"m\" {\n source = \"./x\"\n}\n",
	} {
		f.Add("m.tf", []byte(s))
	}
	for _, s := range []string{
		`{"resource":{"a":{"b":[{"c":"${d}","lifecycle":[{}]}]}}}`, `[{"locals":{"a":[1,{"b":null}]}}]`, `{"variable":{"a":{"default":1e99}}}`, `{"module":[{"a":[]}]}`,
	} {
		f.Add("m.tf.json", []byte(s))
	}
	f.Fuzz(func(t *testing.T, name string, src []byte) {
		if name != "m.tf.json" {
			name = "m.tf"
		}
		file, err := tryRead(name, src)
		if err != nil {
			return
		}
		file.Lock()
		for _, m := range Modules([]*File{file}) {
			for _, p := range m.Resources {
				for i := range p.Attributes {
					m.Resolve(&p.Attributes[i])
				}
				p.Ignores("x")
			}
			for _, l := range m.Locals {
				m.Resolve(l.Attribute)
			}
		}
		checkPlaces(t, file.Blocks, int64(len(src)))
	})
}

// checkPlaces: every place is inside of the file.
func checkPlaces(t *testing.T, list []Block, size int64) {
	for i := range list {
		b := &list[i]
		if b.Offset < 0 || b.End < b.Offset || b.End > size {
			t.Errorf("a block from %d to %d of %d", b.Offset, b.End, size)
		}
		for _, a := range b.Attributes {
			if a.Offset < 0 || a.End < a.Offset || a.End > size || a.Known && len(a.References) > 0 {
				t.Errorf("%+v of %d", a, size)
			}
		}
		checkPlaces(t, b.Blocks, size)
	}
}

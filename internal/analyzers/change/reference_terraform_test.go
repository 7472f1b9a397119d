package change

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/run"
)

// verdictsOn examines files and returns "verdict rule identity" of the rules
// about what Terraform configuration refers to, and how often each rule held.
func verdictsOn(t *testing.T, archive string, named ...string) (found []string, held map[string]int, whole string) {
	t.Helper()
	var in analysis.Evidence
	for _, f := range txtar.Parse([]byte(archive)).Files {
		item := &evidence.Item{Path: f.Name, Blob: evidence.Bytes(f.Data), Named: slices.Contains(named, f.Name)}
		for _, detect := range facts.Detectors() {
			if k, _ := detect(f.Name, f.Data); k != nil && item.Kind == nil {
				item.Kind = k
			}
		}
		if item.Kind == nil {
			t.Fatalf("%s is no evidence", f.Name)
		}
		in.Items = append(in.Items, item)
	}
	ours := func(id string) bool { return id >= "CHG050" && id <= "CHG053" }
	r := analysis.Runner{Analyzers: []*analysis.Analyzer{Analyzer()}, Clock: func() time.Time { return time.Unix(1_700_000_000, 0) }}
	sum, err := r.Run(context.Background(), in, func(m *run.Message) error {
		if m.Skip != nil {
			t.Errorf("%s: %s", m.Skip.Path, m.Skip.Reason)
		}
		if f := m.Finding; f != nil && ours(f.Rule) {
			found = append(found, fmt.Sprint(f.Verdict, " ", f.Rule, " ", f.Subject.Identity))
			whole += fmt.Sprintf("%+v\n", *f)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	held = map[string]int{}
	for _, c := range sum.Rules {
		if ours(c.Rule) && c.Held > 0 {
			held[c.Rule] = c.Held
		}
	}
	return found, held, whole
}

const root52 = `terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}
provider "aws" {}
`

func TestTerraformReferences(t *testing.T) {
	ami := "data \"aws_ami\" \"a\" {\n  most_recent = true\n  filter {\n    name = \"name\"\n    values = [\"x-*\"]\n  }\n}\n"
	for name, c := range map[string]struct {
		files string
		named string
		want  []string
		held  string
	}{
		"an unclear ref is unproven": {
			files: "-- a.tf --\nmodule \"m\" {\n  source = \"github.com/a/b?ref=prod\"\n}\n",
			want:  []string{"unproven CHG050 module.m"},
		},
		"a computed ref is unproven, a written one decides": {
			files: "-- a.tf --\nvariable \"r\" { default = \"main\" }\nvariable \"b\" { default = \"git::https://e.com/x\" }\nmodule \"m\" {\n  source = \"github.com/a/b?ref=${var.r}\"\n}\nmodule \"n\" {\n  source = \"${var.b}//d?ref=v1.0.0\"\n}\n",
			want:  []string{"unproven CHG050 module.m"}, held: "map[CHG050:1]",
		},
		"a local is followed": {
			files: "-- a.tf --\nlocals { r = \"main\" }\nmodule \"m\" {\n  source = \"github.com/a/b?ref=${local.r}\"\n}\n",
			want:  []string{"refuted CHG050 module.m"},
		},
		"an override decides": {
			files: "-- a.tf --\nmodule \"m\" {\n  source = \"a/b/aws\"\n}\n-- a_override.tf --\nmodule \"m\" {\n  version = \"1.2.3\"\n}\n",
			held:  "map[CHG051:1]",
		},
		"JSON is configuration": {
			files: "-- a.tf.json --\n{\"module\": {\"m\": {\"source\": \"a/b/aws\", \"version\": \"~> 1.0\"}}}\n",
			want:  []string{"refuted CHG051 module.m"},
		},
		"folders are named as far as they tell": {
			files: "-- eu/prod/a.tf --\nmodule \"m\" {\n  source = \"a/b/aws\"\n}\n-- us/prod/a.tf --\nmodule \"m\" {\n  source = \"a/b/aws\"\n}\n-- dev/a.tf --\nmodule \"m\" {\n  source = \"a/b/aws\"\n}\n-- a.tf --\nmodule \"m\" {\n  source = \"a/b/aws\"\n}\n",
			want:  []string{"refuted CHG051 dev:module.m", "refuted CHG051 eu/prod:module.m", "refuted CHG051 module.m", "refuted CHG051 us/prod:module.m"},
		},
		"terragrunt": {
			files: "-- a/terragrunt.hcl --\nterraform {\n  source = \"tfr:///a/b/aws\"\n}\n-- b/terragrunt.hcl --\nterraform {\n  source = \"${get_repo_root()}/m\"\n}\n-- c/terragrunt.hcl --\nterraform {\n  source = \"modules/b/aws\"\n}\n-- d/terragrunt.hcl --\nterraform {\n  source = \"tfr:///a/b/aws?version=1.2.3\"\n}\n",
			want:  []string{"refuted CHG051 a:terragrunt.source"}, held: "map[CHG051:1]",
		},
		"a root without a lock": {files: "-- a.tf --\n" + root52, want: []string{"refuted CHG052 provider.aws"}},
		"whether a named file has a lock beside it is not known": {
			files: "-- a.tf --\n" + root52, named: "a.tf", want: []string{"unproven CHG052 provider.aws"},
		},
		"a lock that cannot be read is no missing lock": {
			files: "-- a.tf --\n" + root52 + "-- .terraform.lock.hcl --\nprovider \"x\" {\n", want: []string{"unproven CHG052 provider.aws"},
		},
		"a lock that names others": {
			files: "-- a.tf --\n" + root52 + "-- .terraform.lock.hcl --\nprovider \"registry.terraform.io/hashicorp/null\" {\n  version = \"3.0.0\"\n}\n", want: []string{"refuted CHG052 provider.aws"},
		},
		"a lock of OpenTofu": {
			files: "-- a.tf --\n" + root52 + "-- .terraform.lock.hcl --\nprovider \"registry.opentofu.org/hashicorp/aws\" {\n  version = \"6.0.0\"\n}\n", held: "map[CHG052:1]",
		},
		"a module that is called has no lock": {
			files: "-- a.tf --\nmodule \"m\" {\n  source = \"./m\"\n}\n-- m/a.tf --\n" + root52,
		},
		"a module that is called decides": {
			files: "-- a.tf --\nmodule \"m\" {\n  source = \"./m\"\n}\n" + root52 + "-- m/a.tf --\n" + strings.ReplaceAll(root52, "~> 6.0", "6.1.0"),
			held:  "map[CHG052:1]",
		},
		"a module that Terragrunt runs from elsewhere": {
			files: "-- m/a.tf --\nterraform {\n  backend \"s3\" {}\n}\n" + root52, want: []string{"unproven CHG052 m:provider.aws"},
		},
		"a module that a terragrunt.hcl names": {
			files: "-- m/a.tf --\nterraform {\n  backend \"s3\" {}\n}\n" + root52 + "-- live/terragrunt.hcl --\nterraform {\n  source = \"../..//m\"\n}\n-- live/x/terragrunt.hcl --\nterraform {\n  source = \"../..//m\"\n}\n",
		},
		"an example of a module is no root": {
			files: "-- a.tf --\nresource \"aws_vpc\" \"v\" {}\n-- examples/x/a.tf --\nmodule \"m\" {\n  source = \"../..\"\n}\n" + root52,
		},
		"what a program is tested with is no root": {
			files: "-- x/testdata/y/a.tf --\nmodule \"m\" {\n  source = \"a/b/aws\"\n}\nterraform {\n  backend \"s3\" {\n    bucket = \"b\"\n  }\n}\n" + root52, want: []string{"refuted CHG051 y:module.m"},
		},
		"unless it has a lock file": {
			files: "-- x/testdata/y/a.tf --\n" + root52 + "-- x/testdata/y/.terraform.lock.hcl --\n", want: []string{"refuted CHG052 y:provider.aws"},
		},
		"a root below a folder of that name has a backend": {
			files: "-- examples/x/a.tf --\nterraform {\n  backend \"s3\" {\n    bucket = \"b\"\n  }\n}\n" + root52, want: []string{"refuted CHG052 x:provider.aws"},
		},
		"or a lock file": {
			files: "-- examples/x/a.tf --\n" + root52 + "-- examples/x/.terraform.lock.hcl --\n", want: []string{"refuted CHG052 x:provider.aws"},
		},
		"an example that calls nothing may be run by nobody": {
			files: "-- website/docs/cli/test/a.tf --\n" + root52, want: []string{"unproven CHG052 test:provider.aws"},
		},
		"a test environment is told from a test by its backend": {
			files: "-- live/test/a.tf --\nterraform {\n  backend \"s3\" {\n    bucket = \"b\"\n  }\n}\n" + root52, want: []string{"refuted CHG052 test:provider.aws"},
		},
		"the input of an integration test is no root": {
			files: "-- integrationtest/inspection/a.tf --\n" + root52,
		},
		"a broken file calls what its sources say": {
			files: "-- live/main.tf --\nmodule \"x\" {\n  source = \"../net\"\n-- net/a.tf --\n" + root52 + "-- other/net/a.tf --\n" + root52,
			want:  []string{"refuted CHG052 other/net:provider.aws", "unproven CHG050 live:main.tf", "unproven CHG052 net:provider.aws"},
		},
		"a broken file without a call calls nothing": {
			files: "-- m/examples/x/versions.tf --\nterraform {\n-- m/a.tf --\n" + root52,
			want:  []string{"refuted CHG052 m:provider.aws", "unproven CHG050 x:versions.tf"},
		},
		"a broken file whose source is computed may call a folder of that name": {
			files: "-- live/main.tf --\nmodule \"x\" {\n  source = \"${local.root}/net\"\n-- net/a.tf --\n" + root52 + "-- web/a.tf --\n" + root52,
			want:  []string{"refuted CHG052 web:provider.aws", "unproven CHG050 live:main.tf", "unproven CHG052 net:provider.aws"},
		},
		"an ID that AWS moves": {
			files: "-- a.tf --\ndata \"aws_ssm_parameter\" \"p\" {\n  name = \"/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id\"\n}\ndata \"aws_ami\" \"a\" {\n  most_recent = true\n  filter {\n    name = \"image-id\"\n    values = [data.aws_ssm_parameter.p.value]\n  }\n}\nresource \"aws_instance\" \"w\" {\n  ami = data.aws_ami.a.id\n}\n",
			want:  []string{"refuted CHG053 data.aws_ami.a"},
		},
		"an ID that AWS moves needs no most_recent": {
			files: "-- a.tf --\ndata \"aws_ssm_parameter\" \"p\" {\n  name = \"/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id\"\n}\ndata \"aws_ami\" \"a\" {\n  filter {\n    name = \"image-id\"\n    values = [nonsensitive(data.aws_ssm_parameter.p.value)]\n  }\n}\nresource \"aws_instance\" \"w\" {\n  ami = data.aws_ami.a.id\n}\n",
			want:  []string{"refuted CHG053 data.aws_ami.a"},
		},
		"an ID of a parameter of one's own": {
			files: "-- a.tf --\ndata \"aws_ssm_parameter\" \"p\" {\n  name = \"/acme/ami\"\n}\ndata \"aws_ami\" \"a\" {\n  most_recent = true\n  filter {\n    name = \"image-id\"\n    values = [data.aws_ssm_parameter.p.value]\n  }\n}\nresource \"aws_instance\" \"w\" {\n  ami = data.aws_ami.a.id\n}\n",
			want:  []string{"unproven CHG053 data.aws_ami.a"},
		},
		"an ID from a variable": {
			files: "-- a.tf --\nvariable \"i\" { default = \"ami-1\" }\ndata \"aws_ami\" \"a\" {\n  most_recent = true\n  filter {\n    name = \"image-id\"\n    values = [var.i]\n  }\n}\nresource \"aws_instance\" \"w\" {\n  ami = data.aws_ami.a.id\n}\n",
			want:  []string{"unproven CHG053 data.aws_ami.a"},
		},
		"an ID from a variable decides, whatever the other filters say": {
			files: "-- a.tf --\nvariable \"i\" {}\nresource \"aws_instance\" \"w\" {\n  ami = data.aws_ami.a.id\n}\n" + strings.Replace(ami, "  filter {", "  filter {\n    name = \"name\"\n    values = [\"y-*\"]\n  }\n  filter {\n    name = \"image-id\"\n    values = [var.i]\n  }\n  filter {", 1),
			want:  []string{"unproven CHG053 data.aws_ami.a"},
		},
		"an ID that is written out": {
			files: "-- a.tf --\nlocals { i = \"ami-1\" }\ndata \"aws_ami\" \"a\" {\n  most_recent = true\n  filter {\n    name = \"image-id\"\n    values = [local.i]\n  }\n}\nresource \"aws_instance\" \"w\" {\n  ami = data.aws_ami.a.id\n}\n",
			held:  "map[CHG053:1]",
		},
		"what a provider is required as may stand in a file that cannot be read": {
			files: "-- a.tf --\nprovider \"datadog\" {\n  api_url = \"x\"\n}\n-- versions.tf --\nterraform {\n",
			want:  []string{"unproven CHG050 versions.tf", "unproven CHG052 provider.datadog"},
		},
		"a lock names another source": {
			files: "-- a.tf --\nprovider \"datadog\" {\n  api_url = \"x\"\n}\n-- versions.tf --\nterraform {\n-- .terraform.lock.hcl --\nprovider \"registry.terraform.io/datadog/datadog\" {\n  version = \"3.0.0\"\n}\n",
			want:  []string{"unproven CHG050 versions.tf", "unproven CHG052 provider.datadog"},
		},
		"what was not named may require it": {
			files: "-- a.tf --\nprovider \"datadog\" {\n  api_url = \"x\"\n}\n-- .terraform.lock.hcl --\nprovider \"registry.terraform.io/datadog/datadog\" {\n  version = \"3.0.0\"\n}\n",
			named: "a.tf", want: []string{"unproven CHG052 provider.datadog"},
		},
		"who calls a module may stand in a file that cannot be read": {
			files: "-- live/a.tf --\nmodule \"m\" {\n  source = \"../m\"\n-- m/a.tf --\n" + root52,
			want:  []string{"unproven CHG050 live:a.tf", "unproven CHG052 m:provider.aws"},
		},
		"it may stand below": {
			files: "-- m/tests/a.tf --\nmodule \"m\" {\n-- m/a.tf --\n" + root52,
			want:  []string{"unproven CHG050 tests:a.tf", "unproven CHG052 m:provider.aws"},
		},
		"a broken file that names no such folder calls it not": {
			files: "-- live/a.tf --\nmodule \"m\" {\n  source = \"../other\"\n-- net/a.tf --\n" + root52,
			want:  []string{"refuted CHG052 net:provider.aws", "unproven CHG050 live:a.tf"},
		},
		"a broken file elsewhere does not clear a root with a backend": {
			files: "-- live/a.tf --\nmodule \"m\" {\n-- m/a.tf --\nterraform {\n  backend \"s3\" {\n    bucket = \"b\"\n  }\n}\n" + root52,
			want:  []string{"refuted CHG052 m:provider.aws", "unproven CHG050 live:a.tf"},
		},
		"a broken override file may say anything": {
			files: "-- a.tf --\nmodule \"m\" {\n  source = \"a/b/aws\"\n}\n-- override.tf --\nmodule \"m\" {\n",
			want:  []string{"unproven CHG050 override.tf", "unproven CHG051 module.m"},
		},
		"a broken file beside a module call changes nothing about it": {
			files: "-- a.tf --\nmodule \"m\" {\n  source = \"a/b/aws\"\n}\n-- b.tf --\nmodule \"n\" {\n",
			want:  []string{"refuted CHG051 module.m", "unproven CHG050 b.tf"},
		},
		"a proxy of a provider makes no root": {
			files: "-- a.tf --\nprovider \"aws\" {\n  alias = \"peer\"\n}\n",
		},
		"a module among modules is run by nobody here": {
			files: "-- modules/eks/a.tf --\n" + root52, want: []string{"unproven CHG052 eks:provider.aws"},
		},
		"a root among modules has a backend": {
			files: "-- modules/eks/a.tf --\nterraform {\n  backend \"s3\" {\n    bucket = \"b\"\n  }\n}\n" + root52, want: []string{"refuted CHG052 eks:provider.aws"},
		},
		"an alias that configures something does": {
			files: "-- a.tf --\nprovider \"aws\" {\n  alias  = \"peer\"\n  region = \"eu-west-1\"\n}\n", want: []string{"refuted CHG052 provider.aws"},
		},
		"an override file names the image": {
			files: "-- a.tf --\nresource \"aws_instance\" \"w\" {\n  ami = data.aws_ami.a.id\n}\n" + ami + "-- a_override.tf --\n" + strings.ReplaceAll(strings.ReplaceAll(ami, "x-*", "x-1.2"), "  most_recent = true\n", ""),
			held:  "map[CHG053:1]",
		},
		"nobody uses the image": {files: "-- a.tf --\n" + ami},
		"a variable can take its place": {
			files: "-- a.tf --\nvariable \"i\" {}\nresource \"aws_instance\" \"w\" {\n  ami = coalesce(var.i, data.aws_ami.a.id)\n}\n" + ami,
			want:  []string{"unproven CHG053 data.aws_ami.a"},
		},
		"a name from a variable": {
			files: "-- a.tf --\nvariable \"n\" { default = \"x-*\" }\nresource \"aws_instance\" \"w\" {\n  ami = data.aws_ami.a.id\n}\n" + strings.ReplaceAll(ami, `"x-*"`, "var.n"),
			want:  []string{"unproven CHG053 data.aws_ami.a"},
		},
		"a pattern around a variable": {
			files: "-- a.tf --\nvariable \"n\" {}\nresource \"aws_instance\" \"w\" {\n  ami = data.aws_ami.a[0].id\n}\n" + strings.ReplaceAll(ami, `"x-*"`, `"x-${var.n}-*"`),
			want:  []string{"refuted CHG053 data.aws_ami.a"},
		},
		"an older version of a parameter stays": {
			files: "-- a.tf --\ndata \"aws_ssm_parameter\" \"a\" {\n  name = \"/aws/service/ami-amazon-linux-latest/al2023:7\"\n}\nresource \"aws_instance\" \"w\" {\n  ami = data.aws_ssm_parameter.a.value\n}\n",
			held:  "map[CHG053:1]",
		},
		"a parameter of one's own": {
			files: "-- a.tf --\ndata \"aws_ssm_parameter\" \"a\" {\n  name = \"/acme/ami/latest\"\n}\nresource \"aws_instance\" \"w\" {\n  ami = data.aws_ssm_parameter.a.value\n}\n",
		},
		"handed to a module that is not there": {
			files: "-- a.tf --\nmodule \"m\" {\n  source = \"./m\"\n  image  = data.aws_ami.a.id\n}\n" + ami,
			want:  []string{"unproven CHG053 data.aws_ami.a"},
		},
		"handed to a module that launches it": {
			files: "-- a.tf --\nmodule \"m\" {\n  source = \"./m\"\n  image  = data.aws_ami.a.id\n}\n" + ami + "-- m/a.tf --\nresource \"aws_instance\" \"w\" {\n  ami = var.image\n}\n",
			want:  []string{"refuted CHG053 data.aws_ami.a"},
		},
		"handed to a module that stays with the first": {
			files: "-- a.tf --\nmodule \"m\" {\n  source = \"./m\"\n  image  = data.aws_ami.a.id\n}\n" + ami + "-- m/a.tf --\nresource \"aws_instance\" \"w\" {\n  ami = var.image\n  lifecycle { ignore_changes = all }\n}\n",
			held:  "map[CHG053:1]",
		},
	} {
		got, held, _ := verdictsOn(t, c.files, c.named)
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if c.held == "" {
			c.held = "map[]"
		}
		if h := fmt.Sprint(held); h != c.held {
			t.Errorf("%s: held %s, want %s", name, h, c.held)
		}
	}
}

// TestSourcesKeepTheirSecrets: a password or a key in a source is not printed.
func TestSourcesKeepTheirSecrets(t *testing.T) {
	_, _, whole := verdictsOn(t, `-- a.tf --
module "a" {
  source = "git::https://user:CANARY@example.com/a.git"
}
module "b" {
  source = "git::ssh://git@example.com/a.git?sshkey=CANARY&ref=main"
}
module "c" {
  source = "https://CANARY@example.com/a.zip"
}
module "d" {
  source = "git::https://CANARY@example.com/a.git?ref=prod"
}
`)
	if strings.Contains(whole, "CANARY") || strings.Count(whole, "example.com") < 4 {
		t.Errorf("%s", whole)
	}
}

// TestThePlanNamesTheImage: what a plan resolved is what the remedy names.
func TestThePlanNamesTheImage(t *testing.T) {
	_, _, whole := verdictsOn(t, `-- a.tf --
data "aws_ami" "a" {
  most_recent = true
}
resource "aws_instance" "w" {
  ami = data.aws_ami.a.id
}
-- plan.json --
{"format_version": "1.2", "resource_changes": [{"address": "aws_instance.w", "mode": "managed", "type": "aws_instance", "name": "w",
 "change": {"actions": ["no-op"], "before": {"ami": "ami-0123"}, "after": {"ami": "ami-0123"}, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}}],
 "planned_values": {"root_module": {}}, "configuration": {"root_module": {}}}
`)
	if !strings.Contains(whole, "The plan runs ami-0123") {
		t.Errorf("%s", whole)
	}
}

// TestWordsOfUnproven: what is missing is named so that it can be found.
func TestWordsOfUnproven(t *testing.T) {
	empty := "-- m/a.tf --\nterraform {\n  backend \"s3\" {}\n}\n" + root52
	if _, _, whole := verdictsOn(t, empty); strings.Contains(whole, "terragrunt") || !strings.Contains(whole, "lock.hcl with which it is run") {
		t.Errorf("nothing speaks of Terragrunt: %s", whole)
	}
	if _, _, whole := verdictsOn(t, empty+"-- live/terragrunt.hcl --\nterraform {\n  source = \"../..//other\"\n}\n"); !strings.Contains(whole, "terragrunt.hcl that names") {
		t.Errorf("%s", whole)
	}
	_, _, whole := verdictsOn(t, "-- live/main.tf --\nmodule \"m\" {\n  source = \"../m\"\n-- m/main.tf --\n"+root52)
	if !strings.Contains(whole, "live/main.tf cannot be read, and it may call this module") {
		t.Errorf("the folder is not named: %s", whole)
	}
}

package facts

import (
	"context"
	"slices"
	"testing"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/tfconfig"
)

func configInput(path, text string) analysis.Input {
	return analysis.Input{Item: &evidence.Item{Path: path, Blob: evidence.Bytes([]byte(text))}}
}

func TestConfiguration(t *testing.T) {
	r, err := Configuration().Read(context.Background(), configInput("a/main.tf", `
resource "aws_sqs_queue" "q" {}
module "m" { source = "./m" }
locals { x = 1 }
`))
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := r.Value.(*tfconfig.File); !ok || f.Dir != "a" || r.Detail != "3 blocks, 1 resource, 1 module call" {
		t.Errorf("%+v", r)
	}
	if got, want := slices.Collect(r.Names), []string{"resource.aws_sqs_queue.q", "module.m", "locals.x"}; !slices.Equal(got, want) {
		t.Errorf("names %v", got)
	}
	broken := configInput("a/main.tf", "x {")
	r, err = Configuration().Read(context.Background(), broken)
	if f, _ := r.Value.(*tfconfig.File); err != nil || f == nil || f.Dir != "a" || f.Problem == nil || len(f.Blocks) > 0 || len(r.Notes) != 1 {
		t.Errorf("a broken file: %+v %v", r, err)
	}
	broken.Item.Named = true
	if _, err := Configuration().Read(context.Background(), broken); err == nil {
		t.Error("a broken file that was named was taken")
	}
}

func TestLock(t *testing.T) {
	r, err := Lock().Read(context.Background(), configInput("a/.terraform.lock.hcl", `
provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.1.0"
  constraints = "~> 5.0"
  hashes = ["h1:x", "zh:y"]
}
`))
	if err != nil {
		t.Fatal(err)
	}
	l, _ := r.Value.(*tfconfig.Lock)
	if p, ok := l.Provider("registry.terraform.io/hashicorp/aws"); !ok || p.Version != "5.1.0" || p.Constraints != "~> 5.0" || p.Hashes != 2 || l.Dir != "a" || p.Offset != 1 {
		t.Errorf("%+v", l)
	}
	r, err = Lock().Read(context.Background(), configInput("a/.terraform.lock.hcl", `provider "x" {`))
	if l, _ := r.Value.(*tfconfig.Lock); err != nil || !l.Broken || l.Dir != "a" || len(r.Notes) != 1 {
		t.Errorf("%+v %v", r, err)
	}
}

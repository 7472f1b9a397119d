package truth

import (
	"strings"
	"testing"
)

// TestDeposedComesTrue: a replacement that could not delete the old object leaves it behind, and a later
// plan destroys it beside the new one.
func TestDeposedComesTrue(t *testing.T) {
	t.Parallel()
	const config = `
resource "aws_s3_bucket" "b" {
  bucket = "NAME"
  lifecycle {
    create_before_destroy = true
  }
}
resource "aws_dynamodb_table" "t" {
  name                        = "NAME"
  hash_key                    = "k"
  deletion_protection_enabled = true
  lifecycle {
    create_before_destroy = true
  }
}`
	s := begin(t, files{"main.tf": strings.ReplaceAll(config, "NAME", "one")}, awsMock)
	s.put("contents", "aws_s3_bucket", "one", map[string]any{"items": 2})
	s.configure(files{"main.tf": strings.ReplaceAll(config, "NAME", "two")})
	_, j := s.judged()
	if o := s.carryOut(); len(j.findings) != 0 || o.refused == "" || j.held["CHG002"] != 2 {
		t.Fatalf("%d findings, %v held, refused %q: want both to be refused and neither accused", len(j.findings), j.held, o.refused)
	}
	s.tamper("aws_dynamodb_table", "one", map[string]any{"deletion_protection_enabled": false})
	_, j = s.judged()
	accused := j.finding("CHG002", "aws_dynamodb_table.t")
	if accused.Discriminator == "" || accused.Remedy.Patch != "" {
		t.Errorf("the finding about the deposed table is %+v: want its key, and no patch that would guard the other table", accused)
	}
	for _, address := range []string{"aws_dynamodb_table.t", "aws_s3_bucket.b"} {
		if got := j.row(address).mechanism; got != "" {
			t.Errorf("%s itself is not touched, and is said to be %q", address, got)
		}
	}
	o := s.carryOut()
	gone := ward{typ: "aws_dynamodb_table"}
	kept := ward{typ: "aws_s3_bucket", items: 2}
	blame(t, lossAgrees("the deposed table", j.verdict("CHG002", "aws_dynamodb_table.t"), s.fate(o, gone, "one")))
	blame(t, lossAgrees("the deposed bucket", j.verdict("CHG002", "aws_s3_bucket.b"), s.fate(o, kept, "one")))
	if j.verdict("CHG002", "aws_dynamodb_table.t") != "refuted" || j.held["CHG002"] != 1 {
		t.Errorf("%d held, findings %v", j.held["CHG002"], j.findings)
	}
	if !s.exists("objects", "aws_dynamodb_table", "two") || !s.exists("objects", "aws_s3_bucket", "two") {
		t.Error("the new objects are gone too")
	}
}

// TestLossRemedyComesTrue: with the patch of the finding in place, the plan that loses nothing is applied.
func TestLossRemedyComesTrue(t *testing.T) {
	t.Parallel()
	const config = `
resource "aws_s3_bucket" "b" {
  bucket        = "b"
  force_destroy = true
}
resource "aws_dynamodb_table" "t" {
  name     = "t"
  hash_key = "k"
}`
	s := begin(t, files{"main.tf": config}, awsMock)
	s.put("contents", "aws_s3_bucket", "b", map[string]any{"items": 5})
	s.configure(files{"main.tf": ""})
	_, j := s.judged()
	patch := ""
	for _, address := range []string{"aws_s3_bucket.b", "aws_dynamodb_table.t"} {
		f := j.finding("CHG002", address)
		if f.Remedy.Patch == "" || f.Verdict.String() != "refuted" {
			t.Fatalf("%s: %+v", address, f)
		}
		patch += f.Remedy.Patch + "\n"
	}
	if !strings.Contains(patch, "destroy = false") {
		t.Fatalf("the patch is\n%s", patch)
	}
	s.configure(files{"main.tf": patch})
	p, j := s.judged()
	o := s.succeed()
	s.agree(j, p, o)
	if len(j.findings) != 0 || j.held["CHG002"] != 0 || len(o.after) != 0 || len(o.before) != 2 {
		t.Errorf("findings %v, %d held, %d objects in the state", j.findings, j.held["CHG002"], len(o.after))
	}
	for _, w := range []ward{{typ: "aws_s3_bucket", items: 5}, {typ: "aws_dynamodb_table"}} {
		if f := s.fate(o, w, map[string]string{"aws_s3_bucket": "b", "aws_dynamodb_table": "t"}[w.typ]); f != left {
			t.Errorf("%s is %s", w.typ, f)
		}
	}
}

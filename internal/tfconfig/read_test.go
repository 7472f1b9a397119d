package tfconfig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"polygraph/internal/evidence"
)

func read(t testing.TB, name, text string) *File {
	t.Helper()
	f, err := tryRead(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func tryRead(name string, src []byte) (*File, error) {
	return Read(context.Background(), &evidence.Item{Path: name, Blob: evidence.Bytes(src)})
}

func num(s string) json.Number { return json.Number(s) }

func TestExpressions(t *testing.T) {
	for text, want := range map[string]Attribute{
		`"a"`:                            {Value: "a", Known: true},
		`""`:                             {Value: "", Known: true},
		`12`:                             {Value: num("12"), Known: true},
		`-1.5`:                           {Value: num("-1.5"), Known: true},
		`true`:                           {Value: true, Known: true},
		`null`:                           {Known: true},
		`"${12}"`:                        {Value: num("12"), Known: true},
		`"a$${b}"`:                       {Value: "a${b}", Known: true},
		`("a")`:                          {Value: "a", Known: true},
		"<<E\na\nb\nE\n":                 {Value: "a\nb\n", Known: true},
		`["a", 1]`:                       {Value: []any{"a", num("1")}, Known: true},
		`{ a = 1, "b" = true }`:          {Value: map[string]any{"a": num("1"), "b": true}, Known: true, Members: []Member{{"/a", 8}, {"/b", 15}}},
		`jsonencode(["a"])`:              {Value: []any{"a"}, Known: true, Function: "jsonencode"},
		`tostring("a")`:                  {Value: "a", Known: true, Function: "tostring"},
		`var.a`:                          {References: []string{"var.a"}, Text: "${var.a}"},
		`"${var.a}"`:                     {References: []string{"var.a"}, Text: "${var.a}"},
		`"x${var.a}y"`:                   {References: []string{"var.a"}, Text: "x${var.a}y"},
		`aws_x.this[0].arn`:              {References: []string{"aws_x.this.arn"}, Text: "${aws_x.this[0].arn}"},
		`data.aws_ami.a[count.index].id`: {References: []string{"data.aws_ami.a", "count.index"}},
		"<<E\n[{\"image\": \"a:${var.t}\", \"cpu\": ${var.c}, \"n\": 1}]\nE\n": {
			Value: []any{map[string]any{
				"image": Part{[]string{"var.t"}, "a:${var.t}"}, "cpu": Part{[]string{"var.c"}, "${var.c}"}, "n": num("1"),
			}}, Function: "template", References: []string{"var.t", "var.c"},
		},
		"<<E\n{${var.x}\nE\n":     {References: []string{"var.x"}, Text: "{${var.x}\n"},
		`"a$${b}${var.x}\n"`:      {References: []string{"var.x"}, Text: "a$${b}${var.x}\n"},
		`upper(var.a)`:            {References: []string{"var.a"}},
		`upper("a")`:              {},
		`[for x in var.l : x.id]`: {References: []string{"var.l"}},
		`true ? "a" : var.b`:      {References: []string{"var.b"}},
		`["a", var.b]`:            {Value: []any{"a", Part{[]string{"var.b"}, "${var.b}"}}, References: []string{"var.b"}},
		`jsonencode([{ image = "a:1", name = var.n }])`: {
			Value:    []any{map[string]any{"image": "a:1", "name": Part{[]string{"var.n"}, "${var.n}"}}},
			Function: "jsonencode", References: []string{"var.n"}, Members: []Member{{"/0/image", 20}, {"/0/name", 35}},
		},
	} {
		f, err := tryRead("f.tf", []byte("b {\nv="+text+"\n}"))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := f.Blocks[0].Attributes[0]
		if got.Name != "v" || got.Offset != 4 || got.End < 6 {
			t.Errorf("%s: stands at %d to %d", text, got.Offset, got.End)
		}
		want.Name, want.Offset, want.End = got.Name, got.Offset, got.End
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v\nwant %+v", text, got, want)
		}
	}
}

func TestBlocks(t *testing.T) {
	text := `resource "aws_instance" "web" {
  ami = "ami-1"
  lifecycle {
    ignore_changes = [ami, tags["x"]]
  }
  dynamic "ebs" {
    for_each = var.e
    content { size = 1 }
  }
}
`
	f := read(t, "d/e/f.tf", text)
	if f.Dir != "d/e" || f.Path != "d/e/f.tf" || len(f.Blocks) != 1 {
		t.Fatalf("%+v", f)
	}
	b := &f.Blocks[0]
	if b.Type != "resource" || b.Label(1) != "web" || b.Label(2) != "" || b.Offset != 0 || b.End != int64(len(text)-1) {
		t.Errorf("%+v", b)
	}
	if s, a, ok := b.String("ami"); !ok || s != "ami-1" || text[a.Offset:a.End] != `ami = "ami-1"` {
		t.Errorf("%q %+v", s, a)
	}
	if _, ok := b.Ignores("ami"); !ok {
		t.Error("ami is ignored")
	}
	if _, ok := b.Ignores("image_id"); ok {
		t.Error("image_id is not ignored")
	}
	if d := b.Nested("dynamic"); len(d) != 1 || d[0].Label(0) != "ebs" || len(d[0].Nested("content")) != 1 {
		t.Errorf("%+v", d)
	}
}

// TestJSONIsTheSame reads the same configuration in both syntaxes.
func TestJSONIsTheSame(t *testing.T) {
	native := read(t, "a.tf", `
terraform {
  required_version = "~> 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
  backend "s3" {
    key = "k"
  }
}
locals {
  a = "x${var.b}"
}
module "m" {
  source = "./x"
}
resource "aws_instance" "web" {
  ami = data.aws_ami.a.id
  lifecycle {
    ignore_changes = ["ami"]
  }
}
variable "p" {
  default   = "s"
  sensitive = true
}
`)
	other := read(t, "a.tf.json", `{
  "//": "comment",
  "terraform": {"required_version": "~> 1.5",
    "required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 5.0"}}, "backend": {"s3": {"key": "k"}}},
  "locals": {"a": "x${var.b}"},
  "module": {"m": {"source": "./x"}},
  "resource": [{"aws_instance": {"web": [{"ami": "${data.aws_ami.a.id}", "lifecycle": {"ignore_changes": ["ami"]}}]}}],
  "variable": {"p": {"default": "s", "sensitive": true}}
}`)
	if a, b := shape(native.Blocks), shape(other.Blocks); a != b {
		t.Errorf("native %s\n json %s", a, b)
	}
	text := `{"resource": {"a": {"b": {"x": 1}}}}`
	b := read(t, "a.tf.json", text).Blocks[0]
	if text[b.Offset:b.End] != `"b": {"x": 1}` || text[b.Attributes[0].Offset:b.Attributes[0].End] != `"x": 1` {
		t.Errorf("%q", text[b.Offset:b.End])
	}
}

func shape(list []Block) string {
	var b strings.Builder
	for _, x := range list {
		fmt.Fprintf(&b, "%s %v {", x.Type, x.Labels)
		for _, a := range x.Attributes {
			fmt.Fprintf(&b, "%s=%v %v %v %s;", a.Name, a.Value, a.Known, a.References, a.Text)
		}
		b.WriteString(shape(x.Blocks) + "}")
	}
	return b.String()
}

func TestSecretsAreSealed(t *testing.T) {
	for name, text := range map[string]string{
		"a.tf": `variable "db_password" { default = "CANARY" }
variable "x" {
  default   = "CANARY"
  sensitive = true
}
resource "a" "b" {
  master_password = "CANARY"
  token = "x${var.a}CANARY"
  s = sensitive("CANARY")
  list = { api_key = ["CANARY"], ok = [sensitive("CANARY")] }
  container_definitions = jsonencode([{ environment = [{ name = "DB_PASSWORD", value = "CANARY" }] }])
}`,
		"a.tf.json": `{"variable": {"db_password": {"default": "CANARY"}, "x": {"sensitive": true, "default": "CANARY"}},
"resource": {"a": {"b": {"master_password": "CANARY", "token": "x${var.a}CANARY", "list": [{"api_key": ["CANARY"]}]}}}}`,
	} {
		f := read(t, name, text)
		if s := fmt.Sprintf("%+v", f); strings.Contains(s, "CANARY") {
			t.Errorf("%s: %s", name, s)
		}
	}
	b := read(t, "a.tf", `r "a" "b" {
  secret_arn = "arn"
  manage_master_user_password = true
}`).Blocks[0]
	if s, _, _ := b.String("secret_arn"); s != "arn" || b.Attributes[1].Value != true {
		t.Errorf("%+v", b)
	}
}

func TestBrokenFilesSayWhere(t *testing.T) {
	for text, want := range map[string]string{
		"a {\n  b = \"CANARY\n}\n":      "line 2",
		"a {\n  CANARY CANARY\n}\n":     "line 2",
		"a {":                           "line 1",
		"x = CANARY(\n":                 "line",
		"a {\n b = 1\n b = CANARY\n}\n": "line 3",
		"\xff\xfe":                      "line 1",
		"a { b = <<E\nCANARY":           "line",
	} {
		_, err := tryRead("f.tf", []byte(text))
		var p *evidence.Problem
		if !errors.As(err, &p) || p.Do == "" || !strings.Contains(p.Reason, want) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, want := range map[string]string{
		`{"CANARY"`:                              "line 1, column",
		"{\n\"a\": CANARY}":                      "line 2",
		`{} {}`:                                  "line 1",
		`1`:                                      "not a JSON object",
		strings.Repeat(`{"a":`, 2000) + "CANARY": "1000",
	} {
		_, err := tryRead("f.tf.json", []byte(text))
		var p *evidence.Problem
		if !errors.As(err, &p) || p.Do == "" || !strings.Contains(p.Reason, want) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%q: %v", text[:min(len(text), 40)], err)
		}
	}
}

// TestDeepInput would end the test process if a stack overflowed.
func TestDeepInput(t *testing.T) {
	n := 1 << 18
	for name, text := range map[string]string{
		"lists":       "a = " + strings.Repeat("[", n),
		"closed":      "a = " + strings.Repeat("[", n) + strings.Repeat("]", n),
		"parentheses": "a = " + strings.Repeat("(", n),
		"objects":     "a = " + strings.Repeat("{x=", n),
		"not":         "a = " + strings.Repeat("!", n) + "x",
		"minus":       "a = " + strings.Repeat("-", n) + "1",
		"ternary":     "a = " + strings.Repeat("b ? c : ", n/4) + "d",
		"sum":         "a = " + strings.Repeat("b + ", n/2) + "d",
		"index":       "a = b" + strings.Repeat("[c]", n/4),
		"attributes":  "a = b" + strings.Repeat("[c].d", n/8),
		"splat":       "a = b" + strings.Repeat(".*.c", n/4),
		"blocks":      strings.Repeat("a {\n", n/2),
		"templates":   "a = " + strings.Repeat(`"${`, n/2),
		"control":     "a = \"" + strings.Repeat(`%{if b}`, n/4),
		"calls":       "a = " + strings.Repeat("f(", n),
		"for":         "a = " + strings.Repeat("[for x in ", n/8),
		"strip":       "a = " + strings.Repeat(`["]",`, n/8),
		"heredocs":    "a = " + strings.Repeat("<<E\n${", n/8),
	} {
		_, err := tryRead("f.tf", []byte(text))
		if err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	// What people write is taken, however long it is.
	long := "a {\n b = [" + strings.Repeat(`"x-${var.a}", `, 5000) + "]\n" + strings.Repeat(" c {\n d = \"<-!?\"\n }\n", 5000) + "}\n"
	if _, err := tryRead("f.tf", []byte(long)); err != nil {
		t.Error(err)
	}
	heredoc := "a = <<E\n" + strings.Repeat("%{ if b }x ${c}%{ else }y%{ endif } ([{\n", 3000) + "E\n"
	if _, err := tryRead("f.tf", []byte(heredoc)); err != nil {
		t.Error(err)
	}
	if _, err := tryRead("f.tf", make([]byte, MaxFile+1)); err == nil {
		t.Error("a file beyond the bound was read")
	}
	if _, err := tryRead("f.tf", []byte(strings.Repeat("a=1\n", MaxFile/4))); err == nil {
		t.Error("a file with too many tokens was read")
	}
}

func TestDetect(t *testing.T) {
	for name, want := range map[string]*evidence.Kind{
		"a/main.tf": evidence.TerraformConfiguration(), "main.tofu": evidence.TerraformConfiguration(),
		"main.tf.json": evidence.TerraformConfiguration(), "main.tofu.json": evidence.TerraformConfiguration(),
		"override.tf": evidence.TerraformConfiguration(), "x_override.tf": evidence.TerraformConfiguration(),
		"terragrunt.hcl": evidence.Terragrunt(), "a/.terraform.lock.hcl": evidence.TerraformLock(),
		"x.tfvars": nil, "x.auto.tfvars.json": nil, "x.tftest.hcl": nil, ".hidden.tf": nil, "a.tf~": nil, "#a.tf#": nil,
		"root.hcl": nil, "main.tfx": nil, "a.json": nil, "tf": nil,
	} {
		if got, p := Detect(name, nil); got != want || p != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestRealFiles reads every real file; Terraform's own parser is the one that
// is used, so all of them are read.
func TestRealFiles(t *testing.T) {
	root := sharedData(t, "tf")
	files, blocks, known, open := 0, 0, 0, 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if k, _ := Detect(filepath.ToSlash(name), nil); k == nil {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := tryRead(name, src)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return nil
		}
		files++
		for i := range f.Blocks {
			blocks++
			b := &f.Blocks[i]
			if b.Type != "" && !strings.HasPrefix(string(src[b.Offset:]), b.Type) {
				t.Errorf("%s: a block of type %s is not at %d", name, b.Type, b.Offset)
			}
			for _, a := range b.Attributes {
				if !strings.HasPrefix(string(src[a.Offset:]), a.Name) {
					t.Errorf("%s: %s is not at %d", name, a.Name, a.Offset)
				}
				if a.Known {
					known++
				} else {
					open++
				}
			}
		}
		return nil
	})
	if err != nil || files < 410 || blocks < 3000 {
		t.Fatalf("%d files with %d blocks: %v", files, blocks, err)
	}
	t.Logf("%d files, %d blocks, %d literal and %d other arguments", files, blocks, known, open)
}

func sharedData(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("POLYGRAPH_SHARED")
	if root == "" {
		root = "../../../shared"
	}
	dir := filepath.Join(append([]string{root, "data"}, elem...)...)
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("POLYGRAPH_SHARED") != "" || os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatalf("no shared data at %s: set POLYGRAPH_SHARED", dir)
		}
		t.Skipf("shared data is not beside the project (%s)", dir)
	}
	return dir
}

// TestPlacesAreBytes: a mark at the start, CRLF and characters of several bytes
// do not move a place.
func TestPlacesAreBytes(t *testing.T) {
	for _, text := range []string{"\ufeffb {\r\n  # é\r\n  a = \"é\"\r\n  c = 1\r\n}\r\n", "b {\n  x = \"日本\"\n  c = 1\n}\n"} {
		f, err := tryRead("f.tf", []byte(text))
		if err != nil {
			t.Logf("refused, as Terraform does: %v", err)
			continue
		}
		a, _ := f.Blocks[0].Attribute("c")
		if !strings.HasPrefix(text[f.Blocks[0].Offset:], "b {") || !strings.HasPrefix(text[a.Offset:], "c = 1") {
			t.Errorf("%q: %q", text, text[a.Offset:])
		}
	}
}

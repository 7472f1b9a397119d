package repository

import (
	"reflect"
	"strings"
	"testing"
)

func TestScan(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want config
	}{
		"backend":           {"terraform {\n  backend \"s3\" {\n    bucket = \"x\"\n  }\n}\n", config{backend: true}},
		"on one line":       {`terraform { backend "s3" {} }`, config{backend: true}},
		"cloud":             {"terraform {\n  cloud {\n organization = \"a\" }\n}", config{cloud: true}},
		"provider":          {"provider \"aws\" {\n region = \"x\"\n}", config{provider: true}},
		"no label":          {"provider aws {}", config{provider: true}},
		"byte order mark":   {"\xef\xbb\xbfprovider \"aws\" {}", config{provider: true}},
		"crlf":              {"terraform {\r\n  backend \"s3\" {\r\n  }\r\n}\r\n", config{backend: true}},
		"calls":             {"module \"a\" {\n source = \"../x\"\n}\nmodule \"b\" { source = \"./y\" }\nmodule \"c\" {\n source = \"hashicorp/vpc/aws\"\n}", config{calls: []string{"../x", "./y"}}},
		"call by template":  {"module \"a\" {\n source = \"./${var.x}\"\n}", config{}},
		"nested source":     {"module \"a\" {\n x = {\n source = \"./y\"\n}\n}", config{}},
		"not a module":      {"resource \"x\" \"y\" {\n source = \"./y\"\n}", config{}},
		"in comments":       {"# provider \"a\" {}\n// provider \"a\" {}\n/* provider \"a\" {}\n*/", config{}},
		"in a heredoc":      {"locals {\n x = <<-EOT\n  }\n provider \"a\" {\n EOT\n}\nterraform {\n cloud {}\n}", config{cloud: true}},
		"in a string":       {`locals { x = "} provider \"a\" {" }`, config{}},
		"in a template":     {`locals { x = "${ { a = "}" }["a"] } provider" }` + "\nterraform {\n cloud {}\n}", config{cloud: true}},
		"escaped template":  {`locals { x = "$${ {" }` + "\nprovider \"a\" {}", config{provider: true}},
		"an object":         {"terraform {\n required_providers {\n  backend = { source = \"x\" }\n }\n}\nlocals {\n provider = {\n }\n}", config{}},
		"backend elsewhere": {"resource \"x\" \"y\" {\n backend \"s3\" {}\n}", config{}},
		"terragrunt":        {"include \"root\" {\n path = find_in_parent_folders()\n}\nterraform {\n source = \"../m\"\n}", config{include: true, source: true}},
		"cut off":           {"provider \"aws\" {\n x = \"${", config{provider: true}},
		"stray braces":      {"}}}\nprovider \"aws\" {}", config{provider: true}},
		"shift":             {"locals {\n x = 1 << 2\n}\nprovider \"a\" {}", config{provider: true}},
		"nul":               {"\x00\x00provider \"a\" {\x00}", config{provider: true}},
		"empty":             {"", config{}},
	} {
		if got := scan([]byte(c.text)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestScanJSON(t *testing.T) {
	got := scanJSON([]byte(`{"//": "note", "terraform": [{"backend": {"s3": {}}}], "provider": {"aws": {}},
		"module": {"a": {"source": "../x"}, "b": [{"source": "./y"}], "c": {"source": "far/away/aws"}, "d": 7}}`))
	if !got.backend || !got.provider || got.cloud || len(got.calls) != 2 {
		t.Errorf("got %+v", got)
	}
	for _, bad := range []string{"", "[]", "null", `{"terraform": 3, "module": "x"}`, "{", strings.Repeat(`{"module":`, 20_000)} {
		if got := scanJSON([]byte(bad)); !reflect.DeepEqual(got, config{}) {
			t.Errorf("%.20s: got %+v", bad, got)
		}
	}
}

// TestScanIsDeepSafe: nesting costs bytes, not stack.
func TestScanIsDeepSafe(t *testing.T) {
	for name, text := range map[string]string{
		"blocks":    strings.Repeat("a {", 300_000),
		"brackets":  "x = " + strings.Repeat("[", 1_000_000),
		"templates": `x = ` + strings.Repeat(`"${`, 300_000),
		"heredocs":  strings.Repeat("x = <<A\n", 100_000),
	} {
		if got := scan([]byte(text)); got.provider || got.backend {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte("terraform {\n  backend \"s3\" {}\n}\nmodule \"a\" {\n source = \"../x\"\n}\n"))
	f.Add([]byte("x = \"${ \"a\" }\" <<-EOT\n EOT\n/* */ # \n"))
	f.Add([]byte(`{"terraform": {"cloud": {}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c := scan(text)
		for _, call := range c.calls {
			if !local(call) || strings.ContainsAny(call, "\"\n") {
				t.Fatalf("a call to %q", call)
			}
		}
		scanJSON(text)
		// What stands behind a whole block on a line of its own is still seen.
		if whole := scan(append([]byte("provider \"aws\" {\n}\n"), text...)); !whole.provider {
			t.Fatal("the provider in front was lost")
		}
	})
}

func BenchmarkScan(b *testing.B) {
	text := []byte(strings.Repeat("resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"x-${var.name}\" # why\n  tags = { a = \"b\" }\n}\n", 1000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		scan(text)
	}
}

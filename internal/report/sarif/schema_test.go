package sarif

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // its source holds the schema
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The schema of OASIS SARIF 2.1.0 with errata 01, as published on 28 August
// 2023 with this id and size. It is read from a module that carries it, because
// its licence is not ours to copy.
const (
	schemaID     = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	schemaSize   = 112_768
	schemaSHA256 = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
)

func officialSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Fatalf("the module with the schema is not there: %v; run go mod download", err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(out)), "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && len(lit.Value) > len(text) {
			text = lit.Value
		}
		return true
	})
	if text, err = strconv.Unquote(text); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(text))
	if len(text) != schemaSize || hex.EncodeToString(sum[:]) != schemaSHA256 {
		t.Fatalf("this is not the published schema: %d bytes, sha256 %x", len(text), sum)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if id := doc.(map[string]any)["id"]; id != schemaID {
		t.Fatalf("the schema calls itself %v", id)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(schemaID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schemaID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate reports what is wrong with a log by the official schema, and returns
// it decoded.
func validate(t testing.TB, s *jsonschema.Schema, log []byte) map[string]any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(log))
	if err != nil {
		t.Fatalf("no JSON: %v\n%s", err, excerpt(log))
	}
	if err := s.Validate(doc); err != nil {
		t.Fatalf("not SARIF 2.1.0: %v\n%s", err, excerpt(log))
	}
	var m map[string]any
	if err := json.Unmarshal(log, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func excerpt(b []byte) string {
	if len(b) > 4000 {
		return string(b[:4000]) + " ..."
	}
	return string(b)
}

// A validator that accepts everything would prove nothing.
func TestTheSchemaRefuses(t *testing.T) {
	s := officialSchema(t)
	for name, log := range map[string]string{
		"no version":     `{"runs":[]}`,
		"unknown key":    `{"version":"2.1.0","runs":[],"verdict":"refuted"}`,
		"no driver name": `{"version":"2.1.0","runs":[{"tool":{"driver":{}}}]}`,
		"a kind":         `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{"kind":"unproven","message":{"text":"x"}}]}]}`,
		"a bad URI":      `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"artifacts":[{"location":{"uri":"a b%zz"}}]}]}`,
		"line 0":         `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{"message":{"text":"x"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a"},"region":{"startLine":0}}}]}]}]}`,
	} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(log))
		if err != nil {
			t.Fatal(name, err)
		}
		if s.Validate(doc) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

package environment

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/run"
	"polygraph/internal/tfplan"
)

var update = flag.Bool("update", false, "rewrite the goldens of real data")

// shared is where real plans lie.
func shared(t testing.TB) string {
	t.Helper()
	root := os.Getenv("POLYGRAPH_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "data", "plans")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("POLYGRAPH_SHARED") != "" || os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatalf("the shared data is not beside the project (%s): set POLYGRAPH_SHARED", dir)
		}
		t.Skip("the shared data is not beside the project")
	}
	return dir
}

func thingsOf(t testing.TB, path string, data []byte) []evidence.Thing {
	t.Helper()
	item := &evidence.Item{Kind: tfplan.Kind(), Path: path, Blob: evidence.Bytes(data)}
	r, err := facts.Plan().Read(context.Background(), analysis.Input{Item: item, Things: true})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return r.Things
}

// TestRealPlans holds the inference about each real plan, alone, against a file
// that was read and judged.
func TestRealPlans(t *testing.T) {
	dir := shared(t)
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if len(files) != 66 {
		t.Fatalf("%d plans, want 66", len(files))
	}
	var out strings.Builder
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(dir, f)
		p := filepath.ToSlash(rel)
		describe(&out, p, thingsOf(t, p, data))
	}
	golden(t, "testdata/wild.txt", out.String())
}

func TestAcme(t *testing.T) {
	data, err := os.ReadFile("../../examples/acme/plan.json")
	if err != nil {
		t.Fatal(err)
	}
	const p = "examples/acme/plan.json"
	things := thingsOf(t, p, data)
	var out strings.Builder
	describe(&out, p, things)
	for _, r := range Rows(nil, map[string][]evidence.Thing{p: things}, []string{p}) {
		out.WriteString(show(r) + "\n")
	}
	for _, l := range YAML(Infer(map[string][]evidence.Thing{p: things}, nil).Proposals()) {
		out.WriteString(l + "\n")
	}
	golden(t, "testdata/acme.txt", out.String())
}

func show(r run.Row) string {
	var cells []string
	for _, c := range r.Cells {
		cells = append(cells, c.Value)
	}
	return r.Table + ": " + strings.Join(cells, " | ")
}

// describe writes what is inferred of one plan; nothing where that is nothing.
func describe(out *strings.Builder, p string, things []evidence.Thing) {
	in := Infer(map[string][]evidence.Thing{p: things}, []string{p})
	head := p + "\n"
	say := func(format string, a ...any) {
		fmt.Fprintf(out, head+format, a...)
		head = ""
	}
	if name, why := in.Evidence(p); name != "" || why != "" {
		say("  all of it: %q by %s\n", name, why)
	}
	for _, x := range in.Proposals() {
		say("  %s, %d of %d objects, %s: %s\n", x.Selectors.Name, x.Objects, len(things)-1, x.Confidence, strings.Join(x.Reasons, "; "))
	}
	for i := range things {
		if name, why := in.Thing(p, &things[i]); name == "" && why != "" && !isWhole(&things[i]) {
			say("  %s: contradiction: %s\n", things[i].Subject.Identity, why)
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s differs; read the difference, then run with -update. Got:\n%s", file, got)
	}
}

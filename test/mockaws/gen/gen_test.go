package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestCommittedSchema holds schema.json against what the generator writes. It fetches nothing
// unless POLYGRAPH_STRICT says that nothing may be skipped.
func TestCommittedSchema(t *testing.T) {
	build := filepath.Join("..", ".build")
	if _, err := os.Stat(filepath.Join(build, "package")); err != nil && os.Getenv("POLYGRAPH_STRICT") != "1" {
		t.Skipf("the npm package is not in test/mockaws/.build: run go run ./gen once there (%v)", err)
	}
	out := filepath.Join(t.TempDir(), "schema.json")
	if err := generate(build, out); err != nil {
		t.Fatal(err)
	}
	made, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile(filepath.Join("..", "schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, committed) {
		t.Error("schema.json is not what gen writes: run go run ./gen in test/mockaws and read the difference")
	}
}

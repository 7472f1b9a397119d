package binary

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
)

// fake is a repository with a program of a few lines, which imports a package of its own, one of a module
// beside it, and nothing of the standard library. The cache is an empty folder of the test.
func fake(t *testing.T) Program {
	t.Helper()
	t.Setenv(cacheVariable, filepath.Join(t.TempDir(), "cache"))
	root := t.TempDir()
	write(t, root, "tools/prog/go.mod", "module example.test/prog\n\ngo 1.24\n\nrequire example.test/side v0.0.0\n\nreplace example.test/side => ../side\n")
	write(t, root, "tools/prog/go.sum", "")
	write(t, root, "tools/prog/main.go", "package main\n\nimport (\n\t\"example.test/prog/word\"\n\t\"example.test/side\"\n)\n\nfunc main() { println(word.Word, side.Side) }\n")
	write(t, root, "tools/prog/word/word.go", "package word\n\nvar Word = \"unset\"\n")
	write(t, root, "tools/side/go.mod", "module example.test/side\n\ngo 1.24\n")
	write(t, root, "tools/side/side.go", "package side\n\nconst Side = 1\n")
	return Program{
		Name: "prog", Version: "1.2.3", Root: root, Folder: "tools/prog", Modfile: "go.mod", Main: ".",
		Stages: []string{"example.test/side", "example.test/prog/word"},
		Set:    []string{"example.test/prog/word.Word=set"}, Names: []string{"other"},
	}
}

// fresh is a fake with something that no earlier run has compiled, whatever Go's own cache holds.
func fresh(t *testing.T) Program {
	p := fake(t)
	write(t, p.Root, "tools/side/side.go", "package side\n\nconst Side = 1 // "+rand.Text()+"\n")
	return p
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func build(t *testing.T, p Program) string {
	t.Helper()
	path, err := p.Build(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// edges are the only packages that touch the machine.
var edges = []string{"internal/cli", "internal/source/", "internal/serve/", "internal/operator/", "internal/load/", "cmd/"}

// machine are the packages that reach outside of the process.
var machine = []string{"os", "os/exec", "os/signal", "net", "net/http", "syscall", "io/ioutil", "plugin"}

func isEdge(importPath string) bool {
	rel := strings.TrimPrefix(importPath, "polygraph/")
	return slices.ContainsFunc(edges, func(e string) bool { return rel == strings.TrimSuffix(e, "/") || strings.HasPrefix(rel, e) })
}

// eachFile parses every non-test file of the product.
func eachFile(t *testing.T, visit func(p pkg, name string, fset *token.FileSet, f *ast.File)) {
	t.Helper()
	for _, p := range packages(t) {
		if isApart(p.ImportPath) {
			continue
		}
		for _, name := range p.GoFiles {
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			visit(p, p.ImportPath+"/"+name, fset, f)
		}
	}
}

func TestOnlyTheEdgesTouchTheMachine(t *testing.T) {
	eachFile(t, func(p pkg, name string, _ *token.FileSet, f *ast.File) {
		if isEdge(p.ImportPath) {
			return
		}
		for _, imp := range f.Imports {
			path, _ := strconv.Unquote(imp.Path.Value)
			if slices.Contains(machine, path) {
				t.Errorf("%s imports %s: only the edges (%s) may", name, path, strings.Join(edges, ", "))
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker"}, s.Sel.Name) {
					t.Errorf("%s calls time.%s: take a clock value", name, s.Sel.Name)
				}
			}
			return true
		})
	})
}

func TestNoInitFunctions(t *testing.T) {
	eachFile(t, func(_ pkg, name string, _ *token.FileSet, f *ast.File) {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "init" && fn.Recv == nil {
				t.Errorf("%s has an init function: register explicitly", name)
			}
		}
	})
}

// TestPackagesSayWhatTheyAre: a package comment that starts as Go asks, in
// doc.go where there is more than one file.
func TestPackagesSayWhatTheyAre(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) == 0 {
			continue
		}
		want := "Package " + p.Name + " "
		if p.Name == "main" {
			want = "Command "
		}
		found := false
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Fatal(err)
			}
			found = found || f.Doc != nil && strings.HasPrefix(f.Doc.Text(), want)
		}
		if !found {
			t.Errorf("%s has no comment that starts with %q", p.ImportPath, want)
		}
	}
}

// maxLines is where a file has to be split; tests and tables are exempt.
const maxLines = 600

func TestFilesStaySmall(t *testing.T) {
	eachFile(t, func(_ pkg, name string, fset *token.FileSet, f *ast.File) {
		if n := fset.Position(f.End()).Line; n > maxLines {
			t.Errorf("%s has %d lines, the most is %d", name, n, maxLines)
		}
	})
}

func TestPackageNamesAreNounsOfTheDomain(t *testing.T) {
	for _, p := range packages(t) {
		for _, word := range []string{"util", "utils", "common", "helper", "helpers", "manager", "misc", "shared"} {
			if strings.Contains("/"+p.ImportPath+"/", "/"+word+"/") {
				t.Errorf("%s: %q says nothing", p.ImportPath, word)
			}
		}
	}
}

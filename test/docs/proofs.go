package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// check reports a proof whose test does not exist. A subtest exists when its
// name stands in the package's tests as a string, or is a rule's case that
// ruletest.Run runs.
func (p proof) check(root string) error {
	test, sub, _ := strings.Cut(p.test, "/")
	names, _ := filepath.Glob(filepath.Join(root, filepath.FromSlash(p.folder), "*_test.go"))
	if len(names) == 0 {
		return fmt.Errorf("%s: there are no tests in %s", p, p.folder)
	}
	found, words := false, map[string]bool{}
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.FuncDecl:
				found = found || x.Recv == nil && x.Name.Name == test && strings.HasPrefix(test, "Test")
			case *ast.BasicLit:
				if s, err := strconv.Unquote(x.Value); err == nil && x.Kind == token.STRING {
					words[strings.ReplaceAll(s, " ", "_")] = true
				}
			}
			return true
		})
	}
	if !found {
		return fmt.Errorf("%s: there is no such test", p)
	}
	if sub == "" || words[sub] {
		return nil
	}
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(p.folder), "testdata", sub+".txtar")); err == nil && test == "TestRules" {
		return nil
	}
	return fmt.Errorf("%s: the test has no part %q", p, sub)
}

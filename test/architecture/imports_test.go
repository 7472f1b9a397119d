package architecture

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

type pkg struct {
	ImportPath string
	Dir        string
	Name       string
	GoFiles    []string
	Imports    []string
	Deps       []string
}

// packages lists the packages of the module with everything they reach.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Name,GoFiles,Imports,Deps", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		var e *exec.ExitError
		if errors.As(err, &e) {
			t.Fatalf("go list: %s", e.Stderr)
		}
		t.Fatal(err)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 15 {
		t.Fatalf("go list found %d packages only", len(all))
	}
	return all
}

// floors are the layers from the ground up. A package imports its own floor's
// packages only where siblings is set, and lower floors always.
var floors = []struct {
	name     string
	members  []string // path.Match patterns below polygraph/
	siblings bool
}{
	{"finding", []string{"internal/finding"}, false},
	{"messages and evidence", []string{"internal/run", "internal/evidence"}, false},
	{"contract", []string{"internal/analysis"}, false},
	{"engines", []string{
		"internal/tfplan", "internal/tfstate", "internal/tfconfig", "internal/stateful", "internal/cascade", "internal/twin",
		"internal/effect", "internal/pinning", "internal/dockerfile", "internal/compose", "internal/workflow", "internal/cloudtrail",
		"internal/awsdump", "internal/identity", "internal/mutability", "internal/owners", "internal/yamltext",
		"internal/kubeobj", "internal/kubeschema", "internal/fields", "internal/crd", "internal/workloads", "internal/managers", "internal/shell",
		"internal/kustomize", "internal/netpol", "internal/reach", "internal/enforce",
	}, true},
	{"facts", []string{"internal/facts"}, false},
	{"capabilities", []string{"internal/analyzers/*"}, true},
	{"table of contents", []string{"internal/analyzers"}, false},
	{"policies", []string{"internal/config", "internal/environment", "internal/exceptions", "internal/baseline", "internal/strictyaml"}, true},
	{"edges and listeners", []string{"internal/source/*", "internal/report/*", "internal/doctor", "internal/serve/*", "internal/operator/*", "internal/load/*"}, true},
	{"command line", []string{"internal/cli"}, false},
	{"programs", []string{"cmd/*"}, false},
}

// apart are packages for tests; nothing of the product may import them.
var apart = []string{"internal/ruletest", "test/*", "test/*/*", "test/*/cmd/*"}

func floor(importPath string) (level int, siblings, ok bool) {
	rel := strings.TrimPrefix(importPath, "polygraph/")
	for i, f := range floors {
		for _, m := range f.members {
			if hit, _ := path.Match(m, rel); hit {
				return i, f.siblings, true
			}
		}
	}
	return 0, false, false
}

func isApart(importPath string) bool {
	rel := strings.TrimPrefix(importPath, "polygraph/")
	return slices.ContainsFunc(apart, func(p string) bool { ok, _ := path.Match(p, rel); return ok })
}

func TestImportsRunOneWay(t *testing.T) {
	for _, p := range packages(t) {
		if isApart(p.ImportPath) {
			continue
		}
		level, siblings, ok := floor(p.ImportPath)
		if !ok {
			t.Errorf("%s stands on no floor: add it to floors, and to docs/architecture.md", p.ImportPath)
			continue
		}
		for _, imp := range p.Imports {
			if !strings.HasPrefix(imp, "polygraph/") {
				continue
			}
			if isApart(imp) {
				t.Errorf("%s imports %s, which is for tests", p.ImportPath, imp)
				continue
			}
			below, _, ok := floor(imp)
			if ok && (below > level || below == level && !siblings) {
				t.Errorf("%s (%s) must not import %s (%s)", p.ImportPath, floors[level].name, imp, floors[below].name)
			}
		}
	}
}

// heavy must not be reached by anything below the edges: a verdict needs no
// client of a live system, and a slim build must stay possible.
var heavy = []string{
	"k8s.io/client-go", "sigs.k8s.io/controller-runtime", "google.golang.org/grpc", "helm.sh/helm",
	"github.com/google/go-containerregistry", "net/http",
}

// excused are ways that do not count: the schemas and CEL rules of Kubernetes come
// with k8s.io/apimachinery, which imports net/http for servers; crd calls none of
// it.
var excused = map[string]string{"polygraph/internal/crd": "net/http"}

// imports are what each package imports, and each that those import.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]string)
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p.Imports
	}
	return all
}

// way finds how a package reaches what is heavy, but for the ways that are excused.
func way(all map[string][]string, from, h string, seen map[string]bool) []string {
	if from == h || strings.HasPrefix(from, h+"/") {
		return []string{from}
	}
	if seen[from] || excused[from] == h {
		return nil
	}
	seen[from] = true
	for _, next := range all[from] {
		if rest := way(all, next, h, seen); rest != nil {
			return append([]string{from}, rest...)
		}
	}
	return nil
}

func TestNothingBelowTheEdgesReachesHeavyClients(t *testing.T) {
	all := imports(t)
	for _, p := range packages(t) {
		level, _, ok := floor(p.ImportPath)
		if !ok || floors[level].name == "edges and listeners" || level > 7 {
			continue
		}
		for _, h := range heavy {
			if found := way(all, p.ImportPath, h, make(map[string]bool)); found != nil {
				t.Errorf("%s", strings.Join(found, " imports "))
			}
		}
	}
}

func TestFindingUsesTheStandardLibraryOnly(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath != "polygraph/internal/finding" {
			continue
		}
		for _, dep := range p.Deps {
			if strings.Contains(strings.Split(dep, "/")[0], ".") {
				t.Errorf("finding reaches %s", dep)
			}
		}
		return
	}
	t.Error("package finding is gone")
}

func TestOnlyCliKnowsCobra(t *testing.T) {
	for _, p := range packages(t) {
		if slices.Contains(p.Imports, "github.com/spf13/cobra") && p.ImportPath != "polygraph/internal/cli" && !isApart(p.ImportPath) {
			t.Errorf("%s imports cobra: only internal/cli knows it", p.ImportPath)
		}
	}
}

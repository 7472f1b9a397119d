package docs

import (
	"path/filepath"
	"slices"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers"
	"polygraph/internal/analyzers/change"
	"polygraph/internal/analyzers/net"
	"polygraph/internal/evidence"
	"polygraph/internal/exceptions"
	"polygraph/internal/facts"
	"polygraph/internal/kubeobj"
)

// documented is one analyzer and where its case files are.
type documented struct {
	*analysis.Analyzer
	cases     string // folder of <ID>.txtar, from the repository root
	detectors []facts.Detector
}

// all lists every analyzer that has rules: the capabilities, then the policies.
func all() []documented {
	var out []documented
	for _, a := range analyzers.All() {
		out = append(out, documented{
			Analyzer:  a,
			cases:     filepath.ToSlash(filepath.Join("internal/analyzers", a.Name, "testdata")),
			detectors: facts.Detectors(),
		})
	}
	out = append(out, documented{
		Analyzer: change.Identity(change.SidesOf([]string{"before.tfstate"}, []string{"after.tfstate"}), nil),
		cases:    "internal/analyzers/change/testdata/identity", detectors: facts.Detectors(),
	})
	out = append(out, askedOfNet()...)
	return append(out, documented{
		Analyzer: exceptions.Analyzer(), cases: "internal/exceptions/testdata", detectors: facts.Detectors(),
	})
}

// askedOfNet are the rules that net compare and net explain judge, each with the
// question of its case.
func askedOfNet() (out []documented) {
	before := func(name string, head []byte) (*evidence.Kind, *evidence.Problem) {
		kind, problem := kubeobj.Detect(name, head)
		if kind != nil && strings.HasPrefix(name, "old/") {
			kind = evidence.KubernetesBefore()
		}
		return kind, problem
	}
	add := func(id string, o *net.Options) {
		o.CNI = "calico"
		a := net.At(o)
		a.Rules = slices.DeleteFunc(slices.Clone(a.Rules), func(r *analysis.Rule) bool { return r.ID != id })
		out = append(out, documented{Analyzer: a, cases: "internal/analyzers/net/testdata/asked", detectors: []facts.Detector{before}})
	}
	add("NET010", &net.Options{Compare: &net.Comparison{}})
	add("NET011", &net.Options{Ask: &net.Asking{From: "shop/web", To: "shop/db", Port: "5432"}})
	add("NET012", &net.Options{Ask: &net.Asking{From: "shop/resizer", To: "shop/db", Port: "5432", Denied: true}})
	return out
}

// entry is one rule to be described.
type entry struct {
	*analysis.Rule
	of documented
}

func entries() []entry {
	var out []entry
	for _, a := range all() {
		for _, r := range a.Rules {
			out = append(out, entry{r, a})
		}
	}
	return out
}

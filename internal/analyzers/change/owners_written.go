package change

import (
	"cmp"
	"fmt"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/owners"
	"polygraph/internal/tfconfig"
)

// writtenRoot is a folder of configuration that has a backend of its own: the
// folders of a module and of its examples have none.
type writtenRoot struct {
	dir     string
	backend owners.Backend
}

// writtenName is a name that a root's configuration writes as a literal.
type writtenName struct {
	root    *writtenRoot
	address string
	at      finding.Location
}

// written asks of two roots whose configurations write one name that is unique
// everywhere. A configuration does not say that it is applied, nor whether the
// object is there already: only the plans of both tell.
func written(pass *analysis.Pass) {
	files := analysis.Values[*tfconfig.File](pass, facts.Configuration())
	roots := map[string]*writtenRoot{}
	for _, r := range files {
		for i := range r.Value.Blocks {
			b := &r.Value.Blocks[i]
			if b.Type != "terraform" || r.Item.Kind != evidence.TerraformConfiguration() {
				continue
			}
			for _, n := range b.Nested("backend") {
				if k, ok := owners.BackendOf(n); ok && k.Kind != "local" {
					roots[r.Value.Dir] = &writtenRoot{r.Value.Dir, k}
				}
			}
		}
	}
	if len(roots) < 2 {
		return
	}
	names := map[string][]writtenName{}
	var order []string
	for _, r := range files {
		root := roots[r.Value.Dir]
		if root == nil {
			continue
		}
		for i := range r.Value.Blocks {
			n, key, ok := nameWritten(&r.Value.Blocks[i])
			if !ok {
				continue
			}
			n.root, n.at.File = root, r.Item.Path
			if names[key] == nil {
				order = append(order, key)
			}
			names[key] = append(names[key], n)
		}
	}
	for _, key := range order {
		first := names[key][0]
		for _, n := range names[key][1:] {
			if n.root != first.root && !sameBackend(first.root, n.root) {
				reportWritten(pass, key, first, n)
				break
			}
		}
	}
}

// nameWritten is the name of an object that a block certainly makes.
func nameWritten(b *tfconfig.Block) (writtenName, string, bool) {
	if b.Type != "resource" || len(b.Labels) != 2 {
		return writtenName{}, "", false
	}
	how, ok := owners.NameOf(b.Label(0))
	if !ok || how.Scope != owners.Everywhere {
		return writtenName{}, "", false
	}
	for _, many := range []string{"count", "for_each"} {
		if _, has := b.Attribute(many); has {
			return writtenName{}, "", false // it may make none
		}
	}
	name, a, ok := b.String(how.Attribute)
	if !ok || name == "" {
		return writtenName{}, "", false
	}
	return writtenName{address: b.Label(0) + "." + b.Label(1), at: finding.Location{Offset: a.Offset}}, b.Label(0) + " " + name, true
}

// sameBackend tells whether two folders keep one state: a copy of a root.
func sameBackend(a, b *writtenRoot) bool {
	return a.backend.Name == b.backend.Name && a.backend.Name != a.backend.Kind
}

func reportWritten(pass *analysis.Pass, key string, a, b writtenName) {
	pass.Report(madeRule, finding.Finding{
		Subject: finding.Subject{Kind: "cloud-name", Identity: key}, Verdict: finding.Unproven,
		Title: fmt.Sprintf("the roots %s and %s both write this name, which is unique in %s", cmp.Or(a.root.dir, "."), cmp.Or(b.root.dir, "."), owners.Everywhere),
		Proof: []finding.Statement{
			{Text: a.address + " is written under this name", At: a.at},
			{Text: b.address + " of another root is written under the same", At: b.at},
		},
		Missing: []finding.Missing{{Evidence: "the plans of both roots", Get: evidence.TerraformPlan().Get}},
	})
}

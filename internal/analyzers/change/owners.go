package change

import (
	"fmt"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/effect"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/owners"
	"polygraph/internal/tfconfig"
	"polygraph/internal/tfplan"
	"polygraph/internal/tfstate"
)

// severalRoots judges what only several pieces of evidence together show.
func severalRoots(pass *analysis.Pass) {
	backends(pass)
	held(pass)
	made(pass)
}

// backends judges every backend block, and every remote_state of Terragrunt.
func backends(pass *analysis.Pass) {
	for _, r := range analysis.Values[*tfconfig.File](pass, facts.Configuration()) {
		for i := range r.Value.Blocks {
			b := &r.Value.Blocks[i]
			found := []*tfconfig.Block{b}
			if b.Type == "terraform" {
				found = append(b.Nested("backend"), b.Nested("cloud")...)
			}
			for _, b := range found {
				if b.Type == "remote_state" && r.Item.Kind != evidence.Terragrunt() || b.Type == "backend" && len(b.Labels) != 1 {
					continue
				}
				if k, ok := owners.BackendOf(b); ok {
					judgeBackend(pass, r.Item.Path, r.Value.Dir, k)
				}
			}
		}
	}
}

func judgeBackend(pass *analysis.Pass, file, dir string, k owners.Backend) {
	f := finding.Finding{
		Subject: finding.Subject{Kind: "terraform-backend", Identity: k.Name},
		Proof:   []finding.Statement{{Text: "the backend is " + k.Kind, At: finding.Location{File: file, Offset: k.Offset}}},
	}
	if k.Name == k.Kind && dir != "" && dir != "." {
		f.Subject.Identity += " of " + dir
	}
	switch k.Lock {
	case owners.Locks:
		pass.Hold(lockRule, file, f.Subject, "")
		return
	case owners.LocksNot:
		f.Verdict, f.Title = finding.Refuted, "the "+k.Kind+" backend does not lock the state: "+k.Why
		if k.SettingAt >= 0 {
			f.Proof = append(f.Proof, finding.Statement{Text: k.Setting + " switches it off", At: finding.Location{File: file, Offset: k.SettingAt}})
		}
		f.Remedy = lockRemedy(k)
	default:
		f.Verdict, f.Title = finding.Unproven, "whether the "+k.Kind+" backend locks the state is not shown: "+k.Why
		f.Missing = []finding.Missing{{
			Evidence: "the backend's whole configuration", Get: "write the locking settings into the block: what they are is no secret",
		}}
	}
	pass.Report(lockRule, f)
}

func lockRemedy(k owners.Backend) finding.Remedy {
	line := map[string]string{
		"s3": "use_lockfile = true", "consul": "lock = true", "oss": "tablestore_table = \"terraform_locks\"",
	}[k.Kind]
	r := finding.Remedy{Text: "Switch locking on, and run `terraform init -reconfigure`.", Language: "hcl"}
	if k.Kind == "s3" {
		r.Text = "Switch locking on (Terraform 1.10, OpenTofu 1.10, or later), and run `terraform init -reconfigure`."
	}
	r.Patch = "terraform {\n  backend \"" + k.Kind + "\" {\n    " + line + "\n  }\n}"
	if k.Remote {
		r.Patch = "remote_state {\n  backend = \"" + k.Kind + "\"\n  config = {\n    " + line + "\n  }\n}"
	}
	return r
}

// holding is where an object of a root stands.
type holding struct {
	path string
	at   finding.Location
}

// held judges whether each object is in one state.
func held(pass *analysis.Pass) {
	states := analysis.Values[*tfstate.State](pass, facts.State())
	plans := analysis.Values[*tfplan.Plan](pass, facts.Plan())
	if len(states)+len(plans) < 2 {
		return
	}
	var roots []owners.Root
	var places []holding
	for _, r := range states {
		root := owners.Root{Lineage: r.Value.Lineage}
		for i := range r.Value.Objects {
			o := &r.Value.Objects[i]
			if o.Data || o.Deposed || o.ID == "" {
				continue
			}
			root.Objects = append(root.Objects, owners.Object{Type: o.Type, Address: o.Address, ID: o.ID, ARN: effect.Text(o.Attributes["arn"]), Place: len(places)})
			places = append(places, holding{r.Item.Path, finding.Location{
				File: r.Item.Path, Offset: o.Offset, Object: o.Address, Pointer: o.Pointer + "/" + o.Prefix + "/id", Depth: strings.Count(o.Pointer, "/"),
			}})
		}
		roots = append(roots, root)
	}
	for _, r := range plans {
		x := &examination{Pass: pass, Plan: r.Value, item: r.Item}
		if x.cutDown() {
			x.emptyHanded(heldRule)
		}
		var root owners.Root
		picker := x.Picker(func(name []byte) bool { return string(name) == "id" || string(name) == "arn" })
		for i := range x.Changes {
			c := &x.Changes[i]
			if c.Data || c.Deposed != "" || c.Action == tfplan.Create {
				continue
			}
			d, err := picker.Pick(c)
			if err != nil {
				continue // the rules about the plan say that it cannot be read
			}
			if id := effect.Text(d.Before["id"]); id != "" {
				root.Objects = append(root.Objects, owners.Object{Type: x.Name(c.Type), Address: c.Address, ID: id, ARN: effect.Text(d.Before["arn"]), Place: len(places)})
				places = append(places, holding{r.Item.Path, x.at(c, "/change/before/id")})
			}
		}
		roots = append(roots, root)
	}
	for _, c := range owners.Held(roots) {
		judgeHeld(pass, roots, places, c)
	}
}

func judgeHeld(pass *analysis.Pass, roots []owners.Root, places []holding, c owners.Claim) {
	subject := finding.Subject{Kind: "cloud-object", Identity: c.Identity}
	first := roots[c.By[0].Root].Objects[c.By[0].Object]
	if !c.Twice && !c.Unclear {
		pass.Hold(heldRule, places[first.Place].path, subject, "")
		return
	}
	f := finding.Finding{Subject: subject}
	for _, h := range c.By {
		o := roots[h.Root].Objects[h.Object]
		f.Proof = append(f.Proof, finding.Statement{Text: "it is " + o.Address, At: places[o.Place].at})
	}
	second := roots[c.By[1].Root].Objects[c.By[1].Object]
	if c.Twice {
		f.Verdict, f.Title = finding.Refuted, fmt.Sprintf("%s of one root and %s of another are one object", first.Address, second.Address)
		f.Remedy = finding.Remedy{
			Text:     "In the root that does not own it, take it out of the state first and out of the configuration before the next apply: that way nothing is destroyed.",
			Commands: []string{"terraform state rm " + shellQuote(second.Address)},
		}
	} else {
		f.Verdict, f.Title = finding.Unproven, fmt.Sprintf("%s and %s of another state or plan have one id; %s", first.Address, second.Address, c.Why)
		f.Missing = []finding.Missing{{Evidence: "the states of both roots, with lineage and ARNs", Get: "terraform state pull > terraform.tfstate"}}
	}
	pass.Report(heldRule, f)
}

// shellQuote quotes an address for a shell: keys have quotes of their own.
func shellQuote(s string) string {
	if strings.ContainsAny(s, " \"'[]$`\\!*?(){}&;|<>#~\n") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

package change

import (
	"fmt"

	"polygraph/internal/analysis"
	"polygraph/internal/effect"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/owners"
	"polygraph/internal/tfplan"
)

// made judges whether two plans create an object of one name.
func made(pass *analysis.Pass) {
	plans := analysis.Values[*tfplan.Plan](pass, facts.Plan())
	if len(plans) < 2 {
		written(pass)
		return
	}
	var all []*examination
	var found []owners.Made
	var places []finding.Location
	whole := true // every plan says what it does
	for n, r := range plans {
		x := &examination{Pass: pass, Plan: r.Value, item: r.Item}
		all = append(all, x)
		if x.cutDown() {
			x.emptyHanded(madeRule)
			whole = false
		}
		account, region := x.acts()
		for _, o := range x.world().Of(owners.NamedTypes()...) {
			if o.Action != tfplan.Create {
				continue
			}
			how, _ := owners.NameOf(o.TypeName())
			name := effect.Text(o.After(how.Attribute))
			if name == "" {
				continue
			}
			m := owners.Made{Plan: n, Type: o.TypeName(), Name: name, Address: o.Address, Scope: how.Scope, Account: account, Region: region, Place: len(places)}
			if at := effect.Text(o.After("region")); at != "" {
				m.Region = at
			}
			found = append(found, m)
			places = append(places, x.at(o.Change, "/change/after/"+how.Attribute))
		}
	}
	byName := map[string][]int{}
	var order []string
	for i := range found {
		key := found[i].Type + " " + found[i].Name
		if byName[key] == nil {
			order = append(order, key)
		}
		byName[key] = append(byName[key], i)
	}
	for _, key := range order {
		makers := byName[key]
		a := &found[makers[0]]
		if b := other(all, found, makers); b != nil {
			judgeMade(pass, a, b, places)
		} else if whole {
			pass.Hold(madeRule, places[a.Place].File, madeSubject(a), "")
		}
	}
}

// other is the first that another root makes.
func other(all []*examination, found []owners.Made, makers []int) *owners.Made {
	first := found[makers[0]].Plan
	for _, i := range makers[1:] {
		if found[i].Plan != first && !sameRoot(all[first], all[found[i].Plan]) {
			return &found[i]
		}
	}
	return nil
}

func madeSubject(m *owners.Made) finding.Subject {
	return finding.Subject{Kind: "cloud-name", Identity: m.Type + " " + m.Name}
}

func judgeMade(pass *analysis.Pass, a, b *owners.Made, places []finding.Location) {
	f := finding.Finding{
		Subject: madeSubject(a),
		Proof: []finding.Statement{
			{Text: a.Address + " is created under this name", At: places[a.Place]},
			{Text: b.Address + " of another plan is created under the same", At: places[b.Place]},
		},
	}
	clash, clear := a.Clash(b)
	switch {
	case clash:
		f.Verdict, f.Title = finding.Refuted, fmt.Sprintf("%s and %s of another plan are created under one name, which is unique in %s", a.Address, b.Address, a.Scope)
		f.Remedy = finding.Remedy{Text: "Apply neither before one of them has another name, or reads what the other makes."}
	case clear:
		pass.Hold(madeRule, places[a.Place].File, f.Subject, "")
		return
	default:
		f.Verdict, f.Title = finding.Unproven, fmt.Sprintf("%s and %s of another plan are created under one name; whether in one place is not shown", a.Address, b.Address)
		f.Missing = []finding.Missing{{Evidence: "account and region of both plans", Get: "set allowed_account_ids and region in the provider blocks, and plan again"}}
	}
	pass.Report(madeRule, f)
}

// acts is the account and the region in which a plan acts, where all of its aws
// provider blocks say the same.
func (x *examination) acts() (account, region string) {
	seen := false
	for _, c := range x.ProviderConfigs {
		if x.Name(c.Name) != "registry.terraform.io/hashicorp/aws" && x.Name(c.Name) != "registry.opentofu.org/hashicorp/aws" && x.Name(c.Name) != "aws" {
			continue
		}
		if seen {
			return "", "" // which of them acts on an object is not looked up
		}
		seen = true
		if v := c.Values["allowed_account_ids"]; len(v) == 1 {
			account = v[0]
		}
		if v := c.Values["region"]; len(v) == 1 {
			region = v[0]
		}
	}
	return account, region
}

// sameRoot tells whether two plans look like plans of one root: most addresses
// of the smaller one are in the other.
func sameRoot(a, b *examination) bool {
	if len(a.Changes) > len(b.Changes) {
		a, b = b, a
	}
	in := map[string]bool{}
	for i := range b.Changes {
		in[b.Changes[i].Address] = true
	}
	common := 0
	for i := range a.Changes {
		if in[a.Changes[i].Address] {
			common++
		}
	}
	return common*2 > len(a.Changes)
}

// cutDown tells of a plan without changes that it has something to change.
func (x *examination) cutDown() bool {
	return !x.HasChanges && (x.PlansResources || !x.HasPlanned || len(x.Drift) > 0)
}

// emptyHanded reports of a plan that does not say what it does.
func (x *examination) emptyHanded(r *analysis.Rule) {
	x.Report(r, finding.Finding{
		Subject: finding.Subject{Kind: "terraform-plan", Identity: "plan"}, Verdict: finding.Unproven, Title: "the plan has no resource_changes",
		Proof:   []finding.Statement{{Text: "a refresh-only plan, or a plan cut down by hand", At: finding.Location{File: x.item.Path}}},
		Missing: []finding.Missing{{Evidence: "the `resource_changes` of the plan", Get: evidenceGet}},
	})
}

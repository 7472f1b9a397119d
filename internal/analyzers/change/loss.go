package change

import (
	"fmt"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/stateful"
	"polygraph/internal/tfplan"
)

func (x *examination) loss() {
	drifted := x.drifted()
	for i := range x.Changes {
		c := &x.Changes[i]
		if c.Data || !c.Action.Destroys() {
			continue
		}
		entry, ok := stateful.Lookup(x.Name(c.Type))
		if !ok {
			x.strange(c)
			continue
		}
		d, err := x.Detail(c)
		if err != nil {
			x.unreadable(lossRule, c, err)
			continue
		}
		dr := drifted[place{c.Address, c.Deposed}]
		met, err := x.refreshed(c, d, dr)
		if err != nil {
			x.unreadable(lossRule, dr, err)
			continue
		}
		x.judgeLoss(c, d, entry, met)
	}
}

// strange reports, once per type, that an object of a provider is destroyed of
// which the catalogue knows nothing. Of the providers that it covers, a type
// that is not in it holds no data.
func (x *examination) strange(c *tfplan.Change) {
	if stateful.Covers(x.Name(c.Type)) || x.strangers[c.Type] {
		return
	}
	if x.strangers == nil {
		x.strangers = map[tfplan.Sym]bool{}
	}
	x.strangers[c.Type] = true
	x.Report(lossRule, finding.Finding{
		Subject: finding.Subject{Kind: "terraform-type", Identity: x.Name(c.Type)}, Verdict: finding.Unproven, Severity: finding.Medium,
		Title:   "objects of this type are destroyed, and the catalogue does not know its provider",
		Proof:   []finding.Statement{{Text: fmt.Sprintf("%s is %s", c.Address, mechanism(c)), At: x.at(c, "/change/actions")}},
		Missing: []finding.Missing{{Evidence: "whether " + x.Name(c.Type) + " holds data, and what keeps it", Get: "read the provider's documentation of " + x.Name(c.Type)}},
	})
}

func (x *examination) judgeLoss(c *tfplan.Change, d *tfplan.Detail, entry stateful.Entry, met remnant) {
	f := finding.Finding{Subject: subject(c.Address, d), Discriminator: c.Deposed}
	action := finding.Statement{Text: fmt.Sprintf("%s is %s", c.Address, mechanism(c)), At: x.at(c, "/change/actions")}
	if d.Before == nil {
		f.Verdict, f.Title = finding.Unproven, "it is destroyed, and the plan does not say what it was"
		f.Proof = []finding.Statement{action}
		f.Missing = []finding.Missing{{Evidence: "`before` of " + c.Address, Get: evidenceGet}}
		x.Report(lossRule, f)
		return
	}
	out := entry.Judge(met.before)
	switch out.Verdict {
	case stateful.Kept:
		x.hold(lossRule, f.Subject, f.Discriminator)
		return
	case stateful.Unknown:
		f.Verdict = finding.Unproven
		f.Title = fmt.Sprintf("may lose %s: the plan does not tell whether %s prevents it", entry.Holds, out.Attribute)
		f.Proof = []finding.Statement{action}
		for _, m := range out.Missing {
			get := evidenceGet
			if out.Newer {
				get = "plan with a provider version that has this attribute, or check the object itself"
			}
			f.Missing = append(f.Missing, finding.Missing{Evidence: fmt.Sprintf("`%s` of %s", m, c.Address), Get: get})
		}
	default:
		out = decisive(entry, out, c, d, met)
		f.Verdict, f.Severity = finding.Refuted, severityOfLoss(entry, out)
		f.Title = fmt.Sprintf("loses %s: %s", entry.Holds, lostBecause(out))
		f.Proof = append([]finding.Statement{action}, x.lossProof(c, d, entry, out, met)...)
		tooLate := c.Action.Replaces() && d.After != nil && entry.Judge(d.After).Verdict == stateful.Kept
		f.Remedy = lossRemedy(x, c, out, tooLate)
	}
	x.Report(lossRule, f)
}

// decisive picks, of several guards that fail, the one to talk about: one that
// this very plan switches on too late, then one that somebody set, then the
// first.
func decisive(entry stateful.Entry, out stateful.Outcome, c *tfplan.Change, d *tfplan.Detail, met remnant) stateful.Outcome {
	best, score := out, 0
	for _, g := range entry.Guards {
		one := entry
		one.Guards = []stateful.Guard{g}
		o := one.Judge(met.before)
		if o.Verdict != stateful.Lost {
			continue
		}
		s := 0
		if !o.Defaulted {
			s = 1
		}
		if c.Action.Replaces() && d.After != nil && one.Judge(d.After).Verdict == stateful.Kept {
			s = 2
		}
		if s > score {
			best, score = o, s
		}
	}
	return best
}

// severityOfLoss: what is a copy can be made again; messages and logs pass.
func severityOfLoss(entry stateful.Entry, out stateful.Outcome) finding.Severity {
	if out.Loss == stateful.Derived {
		return finding.Medium
	}
	switch entry.Class {
	case stateful.Queue, stateful.Stream, stateful.Log, stateful.Registry, stateful.Search, stateful.Identity, stateful.Config:
		return finding.High
	}
	return finding.Critical
}

func lostBecause(out stateful.Outcome) string {
	switch {
	case out.Guard == nil:
		return "this type has no setting that prevents it"
	case out.Defaulted:
		return fmt.Sprintf("%s is not set, and the default is %s", out.Attribute, tfplan.Show(out.Value))
	default:
		return fmt.Sprintf("%s is %s in the state", out.Attribute, tfplan.Show(out.Value))
	}
}

func (x *examination) lossProof(c *tfplan.Change, d *tfplan.Detail, entry stateful.Entry, out stateful.Outcome, met remnant) []finding.Statement {
	var ps []finding.Statement
	if out.Guard == nil {
		ps = append(ps, finding.Statement{
			Text: fmt.Sprintf("%s has no setting that keeps its data (%s)", entry.Type, entry.Source), At: x.at(c, "/type"),
		})
	} else {
		path := "/" + strings.ReplaceAll(out.Attribute, ".", "/")
		when := "before"
		if met.entry != c {
			when = "as it was refreshed"
		}
		text := fmt.Sprintf("%s: %s = %s; it would keep the data when it %s", when, out.Attribute, tfplan.Show(valueOr(out)), testText(out.Guard))
		ps = append(ps, finding.Statement{Text: text, At: x.at(met.entry, "/change/"+met.side+path)})
		if after, ok := tfplan.Lookup(d.After, []string{out.Attribute}); ok && c.Action.Replaces() {
			now := entry.Judge(d.After)
			if now.Verdict == stateful.Kept {
				ps = append(ps, finding.Statement{
					Text: fmt.Sprintf("after: %s = %s comes too late: the old object is destroyed with the settings in the state", out.Attribute, tfplan.Show(after)),
					At:   x.at(c, "/change/after"+path),
				})
			}
		}
	}
	if c.Action.Replaces() {
		if attrs := x.forcing(c); len(attrs) > 0 {
			ps = append(ps, finding.Statement{Text: "replaced because of `" + strings.Join(attrs, "`, `") + "`", At: x.at(c, "/change/replace_paths")})
		}
	}
	return ps
}

func valueOr(out stateful.Outcome) any {
	if out.Defaulted {
		return nil
	}
	return out.Value
}

func testText(g *stateful.Guard) string {
	switch g.Keeps {
	case stateful.OneOf:
		return "is one of " + strings.Join(g.Values, ", ")
	default:
		return string(g.Keeps)
	}
}

func lossRemedy(x *examination, c *tfplan.Change, out stateful.Outcome, tooLate bool) finding.Remedy {
	if c.Deposed != "" {
		// Another object stands at the address by now, and the arguments are that one's.
		return finding.Remedy{Text: "Copy the data before you apply: no argument in the configuration reaches a deposed object, and the next apply destroys it."}
	}
	if p := x.twinOf(c); p != nil && p.Doubt == "" {
		return finding.Remedy{Text: fmt.Sprintf("It is not meant to go: with the `moved` block of %s (to %s) nothing is destroyed.", twinRule.ID, p.New.Address)}
	}
	name := strings.TrimPrefix(x.Name(c.Resource), x.Name(c.Type)+".")
	guard := ""
	if out.Guard != nil && !out.Guard.Outside && !strings.Contains(out.Attribute, ".") {
		guard = guardValue(out.Guard)
	}
	if c.Action == tfplan.Delete && !strings.Contains(c.Address, "[") {
		// The block is gone from the configuration: there is none to add a guard to.
		r := finding.Remedy{
			Language: "hcl",
			Text:     "Copy the data first. To keep the object, take it out of the state and leave it running (Terraform 1.7 and later, OpenTofu 1.7 and later).",
			Patch:    fmt.Sprintf("removed {\n  from = %s\n\n  lifecycle {\n    destroy = false\n  }\n}", c.Address),
		}
		if guard != "" {
			r.Text = fmt.Sprintf("To destroy it and keep the data, put the block back with %s = %s, apply that, and only then remove it. To keep the object, take it out of the state and leave it running (Terraform 1.7 and later, OpenTofu 1.7 and later).", out.Attribute, guard)
		}
		return r
	}
	r := finding.Remedy{
		Language: "hcl",
		Text:     "Copy the data before you apply, and guard what must not go.",
		Patch:    fmt.Sprintf("resource %q %q {\n  lifecycle {\n    prevent_destroy = true\n  }\n}", x.Name(c.Type), name),
	}
	if guard != "" && tooLate {
		r.Text = fmt.Sprintf("The configuration sets %s already. Take the edit of `%s` back, apply, and make it again afterwards: then the old object is destroyed with the new setting.",
			out.Attribute, strings.Join(x.forcing(c), "`, `"))
		return r
	}
	if guard != "" {
		r.Text = fmt.Sprintf("Set %s = %s and apply that alone, while the object still exists; plan the rest again afterwards.", out.Attribute, guard)
		r.Patch = fmt.Sprintf("resource %q %q {\n  %s = %s\n\n  lifecycle {\n    prevent_destroy = true\n  }\n}", x.Name(c.Type), name, out.Attribute, guard)
	}
	return r
}

func guardValue(g *stateful.Guard) string {
	switch g.Keeps {
	case stateful.IsTrue:
		return "true"
	case stateful.IsFalse:
		return "false"
	case stateful.Positive:
		return "7"
	case stateful.NonEmpty:
		return `"final"`
	case stateful.OneOf:
		return fmt.Sprintf("%q", g.Values[0])
	}
	return ""
}

package change

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/cascade"
	"polygraph/internal/finding"
	"polygraph/internal/tfplan"
)

// maxProof bounds the statements of one finding; the title has the full count.
const maxProof = 250

func (x *examination) cascade() {
	res := cascade.Find(x.Plan)
	for _, c := range res.Alone {
		x.hold(cascadeRule, subject(c.Address, nil), "")
	}
	for i := range res.Groups {
		x.reportGroup(&res.Groups[i])
	}
	for i := range res.Open {
		x.reportOpen(&res.Open[i])
	}
	if len(res.NoConfiguration) > 0 {
		c := res.NoConfiguration[0]
		x.Report(cascadeRule, finding.Finding{
			Subject: finding.Subject{Kind: "terraform-plan", Identity: "configuration"}, Verdict: finding.Unproven,
			Title: fmt.Sprintf("%d changes have values that are not known before apply, and the plan does not say what they are computed from", len(res.NoConfiguration)),
			Proof: []finding.Statement{{Text: "unknown after apply", At: x.at(c, "/change/after_unknown")}},
			Missing: []finding.Missing{{
				Evidence: "the `configuration` section of the plan", Get: evidenceGet,
			}},
		})
	}
}

// evidenceGet is how to get a whole plan, for a plan that lacks a part.
const evidenceGet = "terraform show -json tfplan > plan.json"

func (x *examination) reportGroup(g *cascade.Group) {
	root := g.Roots[0]
	replaced, updated, shared, perhaps := 0, 0, 0, 0
	for _, d := range g.Drawn {
		if (d.More || d.New) && len(d.Others) == 0 {
			perhaps++
		}
		switch {
		case len(d.Others) > 0:
			shared++
		case d.Change.Action.Replaces():
			replaced++
		default:
			updated++
		}
	}
	f := finding.Finding{
		Subject:  subject(g.Identity, nil),
		Verdict:  finding.Refuted,
		Severity: severityOfGroup(root, g.Drawn),
		Title: fmt.Sprintf("one cause, %s: %s draws %s",
			count(len(g.Drawn)-shared+len(g.Roots), "change"), x.rootTitle(g.Roots), drawnTitle(replaced, updated)),
	}
	switch {
	case shared == len(g.Drawn):
		f.Title = fmt.Sprintf("%s draws %s, together with other causes", x.rootTitle(g.Roots), count(shared, "change"))
	case shared > 0:
		f.Title += fmt.Sprintf(", and %d more together with other causes", shared)
	}
	if perhaps > 0 {
		f.Title += fmt.Sprintf(" (%d of them may have another cause besides)", perhaps)
	}
	f.Proof = x.rootProof(g)
	in := members(g)
	for i, d := range g.Drawn {
		if len(f.Proof) >= maxProof {
			f.Proof = append(f.Proof, finding.Statement{
				Text: fmt.Sprintf("and %d more changes with the same cause", len(g.Drawn)-i), At: x.at(d.Change, "/change"),
			})
			break
		}
		l := x.decisiveLink(d, in)
		f.Proof = append(f.Proof, x.drawnProof(d, l))
		if i < 5 && l.Basis == cascade.Referred {
			f.Proof = append(f.Proof, finding.Statement{
				Text: fmt.Sprintf("the configuration computes `%s` from it", l.Attribute),
				At:   finding.Location{File: x.item.Path, Object: x.Graph.Address(d.Change.Node), Pointer: x.Inside + x.Graph.Pointer(d.Change.Node, l.Attribute)},
			})
		}
	}
	f.Picture = x.tree(g, in)
	f.Remedy = x.cascadeRemedy(g)
	if !slices.ContainsFunc(g.Drawn, func(d *cascade.Drawn) bool { return !d.New }) {
		// None of them held a value of the cause before: the references may be
		// what was edited.
		f.Verdict, f.Remedy = finding.Unproven, finding.Remedy{}
		f.Title = fmt.Sprintf("%s draws %s, or their references to it are new", x.rootTitle(g.Roots), count(len(g.Drawn), "change"))
		f.Missing = []finding.Missing{{
			Evidence: "whether this commit made the references: none of the changes held the old value of what it refers to",
			Get:      "git diff",
		}}
	}
	x.Report(cascadeRule, f)
}

// severityOfGroup: what is replaced in turn has lost its identity too. A new
// revision that one or two others point at (a task definition and its service,
// a launch template and its group) is how it should be, and only worth a line.
func severityOfGroup(root *tfplan.Change, drawn []*cascade.Drawn) finding.Severity {
	switch {
	case slices.ContainsFunc(drawn, func(d *cascade.Drawn) bool { return d.Change.Action.Replaces() }):
		return finding.High
	case root.Action.Replaces() && len(drawn) > 2:
		return finding.Medium
	default:
		return finding.Low
	}
}

func (x *examination) rootTitle(roots []*tfplan.Change) string {
	what := "the update"
	if roots[0].Action.Replaces() {
		what = "the replacement"
	}
	why := ""
	if attrs := x.forcing(roots[0]); len(attrs) > 0 {
		why = " (" + strings.Join(attrs[:min(len(attrs), 3)], ", ") + ")"
	}
	if n := len(roots); n > 1 {
		return fmt.Sprintf("%s of %d instances%s", what, n, why)
	}
	return what + why
}

func drawnTitle(replaced, updated int) string {
	var parts []string
	if replaced > 0 {
		parts = append(parts, count(replaced, "replacement"))
	}
	if updated > 0 {
		parts = append(parts, count(updated, "update"))
	}
	return strings.Join(parts, " and ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// forcing returns what forces a replacement, or else what was edited.
func (x *examination) forcing(c *tfplan.Change) []string {
	attrs := slices.Collect(x.Names(c.Forces))
	if len(attrs) == 0 {
		attrs = slices.Collect(x.Names(c.Changed))
	}
	slices.Sort(attrs)
	return attrs
}

func (x *examination) rootProof(g *cascade.Group) []finding.Statement {
	var out []finding.Statement
	for i, r := range g.Roots {
		if i == 5 {
			out = append(out, finding.Statement{Text: fmt.Sprintf("and %d more instances of it", len(g.Roots)-i), At: x.at(r, "/change")})
			break
		}
		text := r.Address + " is " + mechanism(r)
		at := x.at(r, "/change/actions")
		if attrs := x.forcing(r); len(attrs) > 0 {
			text += ", because of `" + strings.Join(attrs, "`, `") + "`"
		} else if reason := reasonText(x.Name(r.Reason)); reason != "" {
			text += ", " + reason
		}
		out = append(out, finding.Statement{Text: text, At: at})
	}
	return out
}

// members are all changes of a group, the data sources in between included.
func members(g *cascade.Group) map[*tfplan.Change]bool {
	in := map[*tfplan.Change]bool{}
	for _, r := range g.Roots {
		in[r] = true
	}
	for _, d := range slices.Concat(g.Reads, g.Drawn) {
		in[d.Change] = true
	}
	return in
}

// decisiveLink picks, of the inputs that lead to the cause, the one that forces
// the replacement, or else the first.
func (x *examination) decisiveLink(d *cascade.Drawn, group map[*tfplan.Change]bool) cascade.Link {
	best, score := d.Links[0], -1
	for _, l := range d.Links {
		s := 0
		if group[l.From] {
			s += 2
		}
		for path := range x.Names(d.Change.Forces) {
			if attr, _, _ := strings.Cut(path, "."); attr == l.Attribute {
				s++
			}
		}
		if s > score {
			best, score = l, s
		}
	}
	return best
}

func (x *examination) drawnProof(d *cascade.Drawn, l cascade.Link) finding.Statement {
	from := l.From.Address
	if l.FromAttr != "" {
		from += "." + l.FromAttr
	}
	text := fmt.Sprintf("%s is %s: `%s` is computed from %s, which is not known until apply", d.Change.Address, mechanism(d.Change), l.Attribute, from)
	switch {
	case l.Attribute == cascade.TriggeredBy:
		text = fmt.Sprintf("%s is %s: replace_triggered_by, and %s is the only change it can refer to", d.Change.Address, mechanism(d.Change), from)
	case l.Basis == cascade.SameValue:
		text = fmt.Sprintf("%s is %s: `%s` comes through a local and held the old value of %s, which is not known until apply", d.Change.Address, mechanism(d.Change), l.Attribute, from)
	case l.Basis == cascade.OnlyCause:
		text = fmt.Sprintf("%s is %s: `%s` comes through a local, and %s is the only cause in its reach", d.Change.Address, mechanism(d.Change), l.Attribute, l.From.Address)
	}
	if d.Shared() {
		text += "; " + otherCauses(d)
	}
	rest := "/change/after_unknown/" + tfplan.EscapePointer(l.Attribute)
	if l.Attribute == tfplan.DependsOn || l.Attribute == cascade.TriggeredBy {
		rest = "/action_reason"
	}
	return finding.Statement{Text: text, At: x.at(d.Change, rest)}
}

// otherCauses says why taking one cause back need not be enough.
func otherCauses(d *cascade.Drawn) string {
	names := d.Others
	if len(names) > 3 {
		names = append(slices.Clone(names[:3]), fmt.Sprintf("%d more", len(d.Others)-3))
	}
	switch {
	case len(names) == 0:
		return "new objects, or what the plan does not spell out, can be other causes"
	case d.More:
		return "other causes are, or can be, " + strings.Join(names, ", ") + ", and new objects or what the plan does not spell out"
	}
	return "other causes are, or can be, " + strings.Join(names, ", ")
}

func (x *examination) cascadeRemedy(g *cascade.Group) finding.Remedy {
	root := g.Roots[0]
	attrs := x.forcing(root)
	if !slices.ContainsFunc(g.Drawn, func(d *cascade.Drawn) bool { return !d.Shared() }) {
		return finding.Remedy{Text: fmt.Sprintf("Decide about %s together with the other causes: taking this one back alone may change nothing.", g.Identity)}
	}
	if len(attrs) == 0 || !root.Action.Replaces() {
		others := "the other change follows"
		if n := len(g.Drawn); n != 1 {
			others = fmt.Sprintf("the other %d changes follow", n)
		}
		return finding.Remedy{Text: fmt.Sprintf("Decide about %s alone: %s from it.", g.Identity, others)}
	}
	if x.Has(root.Unknown, x.Sym(strings.SplitN(attrs[0], ".", 2)[0])) {
		// Not its own edit: what it is computed from could not be told.
		return finding.Remedy{Text: fmt.Sprintf("`%s` is not known until apply: find out what it is computed from, and decide about that. The other %s follow.", attrs[0], count(len(g.Drawn), "change"))}
	}
	return finding.Remedy{
		Text: fmt.Sprintf("`%s` cannot change in place. If that edit is not worth %s, take it back; otherwise read each of them as if you had edited it.",
			strings.Join(attrs, "`, `"), count(len(g.Drawn)+len(g.Roots), "change")),
	}
}

func (x *examination) reportOpen(o *cascade.Open) {
	f := finding.Finding{
		Subject: subject(o.Change.Address, nil), Verdict: finding.Unproven,
		Title: fmt.Sprintf("`%s` is not known until apply, and the plan does not show what it is computed from", strings.Join(o.Attributes, "`, `")),
	}
	at := "/change/after_unknown"
	if o.Attributes[0] == cascade.TriggeredBy {
		f.Title = "it is replaced by replace_triggered_by, and the plan does not say which change triggered it"
		at = "/action_reason"
	}
	f.Proof = []finding.Statement{{Text: o.Change.Address + " is " + mechanism(o.Change), At: x.at(o.Change, at)}}
	var names []string
	for _, c := range o.Candidates {
		names = append(names, c.Address)
	}
	missing := finding.Missing{
		Evidence: "the definition of the locals in its module: the plan JSON does not contain them",
		Get:      "look the local up in the configuration",
	}
	if len(names) > 0 {
		missing.Get += "; it can come from " + strings.Join(names, ", ")
	}
	f.Missing = []finding.Missing{missing}
	x.Report(cascadeRule, f)
}

package change

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/awsdump"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/identity"
	"polygraph/internal/shell"
	"polygraph/internal/tfplan"
	"polygraph/internal/tfstate"
)

// comparison is one run of `change identity`.
type comparison struct {
	*analysis.Pass
	sides Sides
	warn  func(string)

	before, after []*identity.Root
	several       bool // more than one pair: a name alone tells no object
}

func (x *comparison) run() error {
	if err := x.collect(); err != nil {
		return err
	}
	if len(x.before) == 0 || len(x.after) == 0 {
		x.missing()
		return nil
	}
	pairs := identity.Pair(x.before, x.after)
	x.several = len(pairs) > 1
	lags := x.lags()
	for _, p := range pairs {
		if said := p.Doubt(); said != "" && x.warn != nil {
			x.warn(said)
		}
		rows := identity.Compare(p.Before, p.After)
		// What is another object, or runs an old version, is what was asked for.
		slices.SortStableFunc(rows, func(a, b identity.Row) int { return cmp.Compare(rank(&a, lags), rank(&b, lags)) })
		for i := range rows {
			x.row(&rows[i], lags)
			x.judge(p, &rows[i])
		}
		if !p.After.Whole && p.After.Plan {
			x.Report(identityRule, finding.Finding{
				Subject: finding.Subject{Kind: "terraform-plan", Identity: "plan"}, Verdict: finding.Unproven,
				Title:   "the plan leaves a part of what follows out",
				Proof:   []finding.Statement{{Text: "it failed, has targets or deferred changes, or lacks its resource_changes", At: finding.Location{File: p.After.Label}}},
				Missing: []finding.Missing{p.After.Cut},
			})
		}
	}
	return nil
}

// collect sorts the evidence into roots.
func (x *comparison) collect() error {
	ctx := context.Background() // what is read again here is bounded by the plan
	var dumpsBefore, dumpsAfter []identity.Dumped
	for _, r := range analysis.Values[*tfstate.State](x.Pass, facts.State()) {
		b, a := x.sides(r.Item.Path)
		if b {
			x.before = append(x.before, identity.FromState(r.Value, r.Item.Path))
		}
		if a {
			x.after = append(x.after, identity.FromState(r.Value, r.Item.Path))
		}
	}
	for _, r := range analysis.Values[*tfplan.Plan](x.Pass, facts.Plan()) {
		b, a := x.sides(r.Item.Path)
		if b {
			root, err := identity.PlanBefore(ctx, r.Value, r.Item.Path)
			if err != nil {
				return err
			}
			x.before = append(x.before, root)
		}
		if a {
			root, err := identity.PlanAfter(ctx, r.Value, r.Item.Path)
			if err != nil {
				return err
			}
			x.after = append(x.after, root)
		}
	}
	for _, r := range analysis.Values[*awsdump.Dump](x.Pass, facts.Describe()) {
		b, a := x.sides(r.Item.Path)
		if b {
			dumpsBefore = append(dumpsBefore, identity.Dumped{Path: r.Item.Path, Dump: r.Value})
		}
		if a {
			dumpsAfter = append(dumpsAfter, identity.Dumped{Path: r.Item.Path, Dump: r.Value})
		}
	}
	if len(dumpsBefore) > 0 {
		x.before = append(x.before, identity.FromDumps(dumpsBefore))
	}
	if len(dumpsAfter) > 0 {
		x.after = append(x.after, identity.FromDumps(dumpsAfter))
	}
	return nil
}

// missing says which side there is nothing of.
func (x *comparison) missing() {
	for _, side := range []struct {
		name string
		got  []*identity.Root
	}{{"before", x.before}, {"after", x.after}} {
		if len(side.got) > 0 {
			continue
		}
		x.Report(identityRule, finding.Finding{
			Subject: finding.Subject{Kind: "side", Identity: side.name}, Verdict: finding.Unproven,
			Title:   "there is nothing that shows what was there " + side.name,
			Missing: []finding.Missing{{Evidence: "a state, a plan or describe output from " + side.name, Get: evidence.TerraformState().Get}},
		})
	}
}

// judge turns a row into a verdict on the claim that the name means the same.
func (x *comparison) judge(p identity.Couple, r *identity.Row) {
	if r.Before == nil || r.After == nil {
		return // a name that only one side has claims nothing
	}
	if r.Before.Name != r.After.Name && r.How == identity.Moved {
		return // it has another name now, and says so
	}
	s := finding.Subject{Kind: r.After.Subject, Identity: r.Name}
	d := ""
	if x.several {
		d = p.Key
	}
	switch r.How {
	case identity.Revised:
		// Every edit of such a type makes the next one: nobody says that it is the same.
	case identity.Kept, identity.Altered:
		x.Hold(identityRule, r.After.At.File, s, d)
	case identity.New:
		x.Report(identityRule, finding.Finding{
			Subject: s, Verdict: finding.Refuted, Discriminator: d, Title: newTitle(r), Proof: identityProof(r), Remedy: identityRemedy(r),
		})
	default:
		x.Report(identityRule, finding.Finding{
			Subject: s, Verdict: finding.Unproven, Discriminator: d, Title: r.Why,
			Proof:   []finding.Statement{{Text: "before: " + knownAs(r.Old), At: standing(r.Old, r.Before)}, {Text: "after: " + knownAs(r.New), At: standing(r.New, r.After)}},
			Missing: []finding.Missing{{Evidence: r.Lacks, Get: getIdentity(r)}},
		})
	}
}

// getIdentity says how to get what would tell.
func getIdentity(r *identity.Row) string {
	if r.After.Subject != "terraform-resource" {
		return "aws <service> describe-... --output json > FILE.json"
	}
	if strings.HasPrefix(r.After.Type, "aws_") {
		return "ask CloudTrail whether it was deleted in between: aws cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue=NAME"
	}
	return "ask the cloud's audit log whether it was deleted in between"
}

func newTitle(r *identity.Row) string {
	switch {
	case r.After.Reborn != "":
		return "it will be another object: " + r.After.Reborn
	case r.Was != "":
		return "it means now what " + r.Was + " meant before"
	case r.Old.Attribute == r.New.Attribute && r.Old.Attribute != "":
		old, now := apart(r.Old.Value, r.New.Value)
		return fmt.Sprintf("it is another object: %s %s is now %s", r.Old.Attribute, old, now)
	}
	return "it is another object"
}

func identityProof(r *identity.Row) []finding.Statement {
	out := []finding.Statement{
		{Text: "after: " + knownAs(r.New), At: standing(r.New, r.After)},
		{Text: "before: " + knownAs(r.Old), At: standing(r.Old, r.Before)},
	}
	if r.After.Reborn != "" {
		out[0].Text = "the plan says: " + r.After.Reborn
	}
	if r.Now != "" && r.Now != r.Name {
		out = append(out, finding.Statement{Text: "what it meant before is now " + r.Now, At: out[1].At})
	}
	return out
}

func identityRemedy(r *identity.Row) finding.Remedy {
	old := r.Old.Value
	if old == "" || r.Old.Kind != identity.Generated {
		return finding.Remedy{Text: "Look for what still refers to the old object before you rely on the name."}
	}
	return finding.Remedy{
		Text:     "Look for what still refers to the old object:",
		Commands: []string{"git grep -n -F -- " + shell.Quoted(old)},
	}
}

func standing(m identity.Mark, o *identity.Object) finding.Location {
	if m.At.File != "" {
		return m.At
	}
	return o.At
}

func knownAs(m identity.Mark) string {
	if m.Attribute == "" || m.Value == "" {
		return "no id"
	}
	return m.Attribute + " " + clipped(m.Value)
}

func clipped(s string) string {
	const most = 90
	if len(s) <= most {
		return s
	}
	return s[:most-20] + "..." + s[len(s)-17:]
}

// notKnown stands where nobody can tell which version runs.
const notKnown = "not known"

// lags judges what runs after, and returns the words for the table by name.
func (x *comparison) lags() map[string]string {
	words := map[string]string{}
	described := identity.Described{}
	for _, r := range x.after {
		if r.Dumps {
			described = identity.Describe(r)
		}
	}
	for _, r := range x.after {
		var lags []identity.Lag
		switch {
		case r.Plan:
			continue
		case r.Dumps:
			lags = identity.BehindDumps(r)
		default:
			lags = identity.BehindState(r, described)
		}
		for i := range lags {
			x.lag(r, &lags[i])
			switch lags[i].Standing {
			case identity.Old:
				words[lags[i].Name] = cmp.Or(lags[i].Brief, lags[i].Title)
			case identity.Unclear:
				if words[lags[i].Name] == "" {
					words[lags[i].Name] = notKnown
				}
			}
		}
	}
	return words
}

func (x *comparison) lag(r *identity.Root, l *identity.Lag) {
	s := finding.Subject{Kind: l.Subject, Identity: l.Name}
	d := l.Discriminator
	if x.several {
		d = strings.Trim(d+" "+r.Key(), " ")
	}
	switch l.Standing {
	case identity.Current:
		x.Hold(versionRule, r.Label, s, d)
	case identity.Old:
		x.Report(versionRule, finding.Finding{Subject: s, Verdict: finding.Refuted, Discriminator: d, Title: l.Title, Proof: l.Proof, Remedy: l.Remedy})
	default:
		x.Report(versionRule, finding.Finding{
			Subject: s, Verdict: finding.Unproven, Discriminator: d, Title: l.Title, Proof: l.Proof, Missing: []finding.Missing{l.Missing},
		})
	}
}

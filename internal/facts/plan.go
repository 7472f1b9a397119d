package facts

import (
	"context"
	"fmt"
	"iter"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/tfplan"
)

// Plan reads Terraform plans; its value is a *tfplan.Plan. Subscribers are
// tfplan.Visitor.
func Plan() *analysis.Fact { return plan }

var plan = &analysis.Fact{
	Name:  "terraform-plan",
	Kinds: []*evidence.Kind{evidence.TerraformPlan()},
	Read:  readPlan,
}

func readPlan(ctx context.Context, in analysis.Input) (analysis.Reading, error) {
	o := tfplan.Options{Progress: in.Progress}
	for _, s := range in.Subscribers {
		v, ok := s.(tfplan.Visitor)
		if !ok {
			return analysis.Reading{}, fmt.Errorf("subscriber %T does not understand plans", s)
		}
		o.Visitors = append(o.Visitors, v)
	}
	p, err := tfplan.Read(ctx, in.Item, o)
	if err != nil {
		return analysis.Reading{}, err
	}
	r := analysis.Reading{Value: p, Detail: planDetail(p), Names: addresses(p), Time: made(p)}
	if in.Things {
		var notes []string
		if r.Things, notes, err = things(ctx, p); err != nil {
			return analysis.Reading{}, err
		}
		r.Notes = append(r.Notes, notes...)
	}
	switch {
	case p.Format == "" && p.Inside != "":
		r.Notes = append(r.Notes, "handed over below "+p.Inside+" without format_version: what the tool that wrote it left out proves nothing")
	case p.Format == "":
		r.Notes = append(r.Notes, "no format_version: cut down by hand, so what is absent proves nothing")
	}
	if !p.HasConfiguration {
		r.Notes = append(r.Notes, "no configuration: what refers to what is unknown")
	}
	if p.Errored {
		r.Notes = append(r.Notes, "planning failed: the plan is partial")
	}
	if len(p.Deferred) > 0 {
		r.Notes = append(r.Notes, plural(len(p.Deferred), "change is", "changes are")+" deferred to a later plan and not judged")
	}
	if !p.Complete && len(p.Deferred) == 0 {
		r.Notes = append(r.Notes, "the plan calls itself incomplete: more changes follow after apply")
	}
	if p.Checks > 0 {
		r.Notes = append(r.Notes, plural(p.Checks, "check does not pass or is", "checks do not pass or are")+" not known before apply")
	}
	return r, nil
}

// made is when the plan says that it was made; zero when it does not.
func made(p *tfplan.Plan) time.Time {
	t, err := time.Parse(time.RFC3339, p.Timestamp)
	if err != nil {
		return time.Time{}
	}
	return t
}

// addresses are the names that know a plan again after its file was moved.
func addresses(p *tfplan.Plan) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range p.Changes {
			c := &p.Changes[i]
			if !yield(c.Address) || c.Previous != "" && !yield(c.Previous) {
				return
			}
		}
	}
}

func planDetail(p *tfplan.Plan) string {
	busy := 0
	for i := range p.Changes {
		if p.Changes[i].Action != tfplan.NoOp {
			busy++
		}
	}
	who := "version unknown"
	if p.Terraform != "" {
		who = "Terraform " + p.Terraform
	}
	s := fmt.Sprintf("%s, %s, %d changed", who, plural(len(p.Changes), "object", "objects"), busy)
	if n := len(p.Drift); n > 0 {
		s += fmt.Sprintf(", %d drifted", n)
	}
	return s
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

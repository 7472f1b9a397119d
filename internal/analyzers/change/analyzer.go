package change

import (
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/cloudtrail"
	"polygraph/internal/effect"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/tfplan"
	"polygraph/internal/twin"
)

// Analyzer returns the change analyzer.
func Analyzer() *analysis.Analyzer { return analyzer }

var analyzer = &analysis.Analyzer{
	Name:  "change",
	Doc:   "What a change made with Terraform or on Kubernetes really does: by which mechanism, what is in effect afterwards, what moves unasked, and who else writes.",
	Rules: rules,
	Facts: []*analysis.Fact{facts.Plan(), facts.State(), facts.Configuration(), facts.Lock(), facts.CloudTrail(), facts.Dockerfile(), facts.Compose(), facts.Workflow(), facts.Objects()},
	Run:   func(pass *analysis.Pass) error { return examine(pass, &Options{}) },
}

func examine(pass *analysis.Pass, o *Options) error {
	var trail []*cloudtrail.Log
	for _, r := range analysis.Values[*cloudtrail.Log](pass, facts.CloudTrail()) {
		trail = append(trail, r.Value)
	}
	for _, r := range analysis.Values[*tfplan.Plan](pass, facts.Plan()) {
		x := &examination{Pass: pass, Plan: r.Value, item: r.Item, trail: trail}
		x.table()
		if !x.complete() {
			continue
		}
		x.cascade()
		x.loss()
		x.twins()
		x.drift()
		x.effects()
	}
	severalRoots(pass)
	terraformReferences(pass)
	kubernetes(pass, o, imageReferences(pass))
	return nil
}

// examination is one plan under examination.
type examination struct {
	*analysis.Pass
	*tfplan.Plan
	item      *evidence.Item
	pairs     *twin.Result        // what twin.Find found, nil until asked for
	objects   *effect.World       // nil until asked for
	strangers map[tfplan.Sym]bool // types reported by strange
	trail     []*cloudtrail.Log   // who wrote, as far as events were given

	expressions map[string]map[string]expression // of the drifted objects, nil until asked for
}

// complete reports what makes the plan as a whole say too little: then nothing
// it lacks may count as green.
func (x *examination) complete() bool {
	whole := finding.Subject{Kind: "terraform-plan", Identity: "plan"}
	at := finding.Location{File: x.item.Path}
	if !x.HasChanges && (x.PlansResources || !x.HasPlanned || len(x.Drift) > 0) {
		x.unproven(finding.Finding{
			Subject: whole, Verdict: finding.Unproven, Title: "the plan has no resource_changes",
			Proof: []finding.Statement{{Text: "a refresh-only plan, or a plan cut down by hand", At: at}},
			Missing: []finding.Missing{{
				Evidence: "what the next apply does: the `resource_changes` of a plan made without -refresh-only",
				Get:      evidence.TerraformPlan().Get,
			}},
		})
		return false
	}
	if x.Errored {
		x.unproven(finding.Finding{
			Subject: whole, Verdict: finding.Unproven, Title: "planning failed, and the plan holds only what came before the error",
			Proof:   []finding.Statement{{Text: "the plan says errored: true", At: finding.Location{File: x.item.Path, Pointer: x.Inside + "/errored"}}},
			Missing: []finding.Missing{{Evidence: "the rest of the plan", Get: "mend the error that `terraform plan` printed and plan again"}},
		})
	}
	if len(x.Deferred) > 0 || !x.Complete && !x.Errored {
		x.unproven(finding.Finding{
			Subject: whole, Verdict: finding.Unproven, Discriminator: "incomplete", Title: "the plan calls itself incomplete: targets or deferred changes leave a part of what follows out",
			Proof:   []finding.Statement{{Text: "the plan says complete: false, or has deferred_changes", At: finding.Location{File: x.item.Path, Pointer: x.Inside + "/complete"}}},
			Missing: []finding.Missing{{Evidence: "the changes that are left out", Get: "plan without -target, or plan again after this apply: terraform plan -out=tfplan && terraform show -json tfplan > plan.json"}},
		})
	}
	for i := range x.Changes {
		if c := &x.Changes[i]; c.Action == tfplan.UnknownAction {
			x.unproven(finding.Finding{
				Subject: subject(c.Address, nil), Verdict: finding.Unproven, Title: "its actions are missing, or newer than this version of Polygraph knows",
				Proof:   []finding.Statement{{Text: "not one of the known actions", At: x.at(c, "/change/actions")}},
				Missing: []finding.Missing{{Evidence: "what is done to " + c.Address, Get: evidenceGet}},
			})
		}
	}
	return true
}

// unproven reports what makes a plan say too little, of the rules about what a
// plan does and not of every other that reads plans: one cut is not forty.
func (x *examination) unproven(f finding.Finding) {
	for _, r := range coreRules {
		x.Report(r, f)
	}
}

// world is the plan as its objects.
func (x *examination) world() *effect.World {
	if x.objects == nil {
		x.objects = effect.Over(x.Plan)
	}
	return x.objects
}

// at locates a value inside a change.
func (x *examination) at(c *tfplan.Change, rest string) finding.Location {
	return finding.Location{
		File: x.item.Path, Offset: x.Offset(c), Object: c.Address,
		Pointer: x.Pointer(c, rest), Depth: strings.Count(x.Pointer(c, ""), "/"),
	}
}

// hold counts a subject for which a claim holds by this plan.
func (x *examination) hold(r *analysis.Rule, s finding.Subject, discriminator string) {
	if r == cascadeRule && (x.Errored || !x.Complete || len(x.Deferred) > 0) {
		return // what it draws may be in the part that was left out
	}
	x.Hold(r, x.item.Path, s, discriminator)
}

// subject names a resource and, when the plan shows them, its other names.
func subject(address string, d *tfplan.Detail) finding.Subject {
	s := finding.Subject{Kind: "terraform-resource", Identity: address}
	if d == nil {
		return s
	}
	if id := d.Identity; id != "" && id != address {
		s.Aliases = append(s.Aliases, "id:"+id)
	}
	if arn, ok := d.Before["arn"].(string); ok && arn != "" && arn != d.Identity {
		s.Aliases = append(s.Aliases, "arn:"+arn)
	}
	return s
}

// unreadable is the unproven finding for a change whose values could not be
// read a second time.
func (x *examination) unreadable(r *analysis.Rule, c *tfplan.Change, err error) {
	x.Report(r, finding.Finding{
		Subject: subject(c.Address, nil), Verdict: finding.Unproven,
		Title:   "its values could not be read",
		Proof:   []finding.Statement{{Text: err.Error(), At: x.at(c, "")}},
		Missing: []finding.Missing{{Evidence: "the values of " + c.Address, Get: "run again on an unchanged copy of the plan"}},
	})
}

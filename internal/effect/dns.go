package effect

import (
	"fmt"

	"polygraph/internal/tfplan"
)

// aMinute is how long Route 53 itself takes to tell all of its name servers, and
// the longest time for which an old copy goes unmentioned.
const aMinute = 60

// CachedRecord: a resolver that asked before the apply keeps the old answer for
// the TTL that it came with. A lower TTL in the same plan comes too late.
func CachedRecord() Case {
	return Case{Types: []string{"aws_route53_record"}, Judge: func(_ *World, o *Object) []Outcome {
		if o.Action != tfplan.Update || nonEmptyList(o.Before("alias")) {
			return nil // an alias has the TTL of its target
		}
		known, open := edits(o, "records", "alias")
		if len(known)+len(open) == 0 {
			return nil
		}
		ttl, ok := Number(o.Before("ttl"))
		switch {
		case ok && ttl <= aMinute:
			return []Outcome{{Verdict: InEffect}}
		case !ok:
			return []Outcome{{
				Title: "how long resolvers keep the old answer is not in the plan", Proof: changes(o, append(known, open...)...),
				Missing: []Gap{{Evidence: "the `ttl` that " + o.Address + " had", Get: "plan with a state that has it: terraform plan -out=tfplan && terraform show -json tfplan > plan.json"}},
			}}
		case len(known) == 0:
			return []Outcome{{
				Title: "whether its answer changes is not known until apply", Proof: changes(o, open...), Missing: []Gap{gap(open[0], o)},
			}}
		}
		return []Outcome{{
			Verdict: NotInEffect,
			Title:   fmt.Sprintf("resolvers give the old answer for up to %s s: that is the ttl it had", shown(o, o.Before("ttl"))),
			Proof:   append(changes(o, known...), Fact{Text: "the ttl was " + shown(o, o.Before("ttl")) + " s", Object: o, Path: "/before/ttl"}),
			Remedy: Remedy{
				Text:  "Lower the ttl in an apply of its own, wait for as long as the old one says, then change the answer; keep the old target until then.",
				Patch: "ttl = 60",
			},
		}}
	}}
}

package effect

import "polygraph/internal/tfplan"

// Deploying: an edge serves by the old configuration of a distribution until the
// new one is deployed; wait_for_deployment = false ends the apply before that.
func Deploying() Case {
	return Case{Types: []string{"aws_cloudfront_distribution"}, Judge: func(_ *World, o *Object) []Outcome {
		if o.Action != tfplan.Update {
			return nil
		}
		if on, ok := o.Before("enabled").(bool); ok && !on {
			return nil // it serves nobody now
		}
		known, open := edits(o, "aliases", "continuous_deployment_policy_id", "custom_error_response", "default_cache_behavior", "default_root_object",
			"enabled", "http_version", "is_ipv6_enabled", "ordered_cache_behavior", "origin", "origin_group", "price_class", "restrictions",
			"viewer_certificate", "web_acl_id")
		if len(known)+len(open) == 0 {
			return nil
		}
		wait, said := flag(o, "wait_for_deployment")
		switch {
		case wait, said && o.After("wait_for_deployment") == nil: // true is its default
			return []Outcome{{Verdict: InEffect}}
		case !said:
			return []Outcome{{
				Title: "whether the apply waits for its deployment is not known", Proof: changes(o, append(known, open...)...),
				Missing: []Gap{gap("wait_for_deployment", o)},
			}}
		case len(known) == 0:
			return []Outcome{{
				Title: "whether its " + open[0] + " changes is not known until apply", Proof: changes(o, open...), Missing: []Gap{gap(open[0], o)},
			}}
		}
		r := Remedy{Text: "Let the apply wait for the deployment.", Patch: "wait_for_deployment = true"}
		if id := word(o, o.Before("id")); id != "" {
			r = Remedy{
				Text:     "Wait after the apply, or set wait_for_deployment = true.",
				Commands: []string{"aws cloudfront wait distribution-deployed --id " + id},
			}
		}
		return []Outcome{{
			Verdict: NotInEffect, Title: "edges serve by its old " + names(known) + " until it is deployed, and the apply does not wait",
			Proof:  append(changes(o, known...), Fact{Text: "wait_for_deployment is false", Object: o, Path: "/after/wait_for_deployment"}),
			Remedy: r,
		}}
	}}
}

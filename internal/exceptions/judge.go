package exceptions

import (
	"fmt"
	"slices"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/finding"
)

// judge says what is wrong with an exception after it was tried, or no rule.
// What is reported first outweighs the rest: an expired one excuses nothing
// anyway.
func (c *scope) judge(u *use) (*analysis.Rule, finding.Finding) {
	switch {
	case u.expired:
		return expiredRule, u.lapsed()
	case u.shared():
		return sharedRule, u.ambiguous()
	case u.hits.n > 0:
	case u.inferred.n > 0:
		return idleRule, u.guessed()
	case c.examined(u):
		return idleRule, u.idle()
	}
	return nil, finding.Finding{}
}

func (u *use) lapsed() finding.Finding {
	day := u.Expires.Format(time.DateOnly)
	f := finding.Finding{
		Verdict: finding.Refuted, Title: "it expired after " + day,
		Proof: []finding.Statement{{Text: fmt.Sprintf("%s excused it until %s, and that day is over (UTC)", u.Owner, day), At: u.At}},
		Remedy: finding.Remedy{Text: "It excuses nothing now: delete the entry. If the risk is accepted again, " +
			"give it a new `expires` and a reason that is true today."},
	}
	if u.hits.n > 0 {
		f.Title += ", and " + count(u.hits.n, "finding counts", "findings count") + " again"
		f.Remedy.Text = "Mend what it excused and delete the entry. If that takes longer, give it a new `expires` and a reason that is true today."
		f.Proof = append(f.Proof, u.hits.list("counts again")...)
	}
	return f
}

func (u *use) idle() finding.Finding {
	what := "no finding of " + u.Rule
	switch {
	case u.Rule == "":
		what = "no finding has this fingerprint"
	case u.Subject != "":
		what += " is about " + u.Subject
	}
	if u.Environment != "" {
		what += " in " + u.Environment
	}
	return finding.Finding{
		Verdict: finding.Refuted, Title: what,
		Proof: []finding.Statement{{Text: "it excuses " + u.name() + ", and all evidence was examined without finding that", At: u.At}},
		Remedy: finding.Remedy{Text: "Delete the entry. If it was meant for a finding that is there, " +
			"copy the rule and the subject, or the fingerprint, from that finding."},
	}
}

// guessed is unproven: the finding may well be what was meant.
func (u *use) guessed() finding.Finding {
	first := u.inferred.few[0]
	return finding.Finding{
		Verdict: finding.Unproven, Title: "that the environment is " + u.Environment + " is only inferred",
		Proof: append([]finding.Statement{{Text: "it is for the environment " + u.Environment + " and so does not excuse what may be elsewhere", At: u.At}},
			u.inferred.list("is in "+u.Environment+" as far as its evidence suggests ("+first.Subject.Inferred+")")...),
		Missing: []finding.Missing{{
			Evidence: "a declared environment " + u.Environment,
			Get:      "declare it under `environments` in polygraph.yaml; `polygraph environments` shows what is inferred",
		}},
	}
}

func (u *use) ambiguous() finding.Finding {
	do := "Declare the environments in polygraph.yaml and name one here (`environment`)."
	if slices.ContainsFunc(u.hits.few, func(f *finding.Finding) bool { return f.Subject.Environment != "" && f.Subject.Inferred == "" }) {
		do = "Copy the fingerprint of the finding that is meant, or name its environment here (`environment`)."
	}
	return finding.Finding{
		Verdict: finding.Refuted, Title: count(u.hits.n, "finding has", "findings have") + " this fingerprint, and it excuses none of them",
		Proof: append([]finding.Statement{{Text: "it names " + u.Fingerprint + ", which does not tell which one is meant", At: u.At}},
			u.hits.list("has it")...),
		Remedy: finding.Remedy{Text: do + " If all of them are meant, name the rule and the subject instead: " + u.hits.few[0].Rule + ", " + u.hits.few[0].Subject.Identity + "."},
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

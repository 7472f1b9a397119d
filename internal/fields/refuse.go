package fields

import "slices"

// refusal is a rule by which the server refuses an edit.
type refusal struct {
	rule
	says    string // the server's message
	because string
	source  string // the function restated
}

const immutable = "field is immutable"

// refusals are all rules; the first that holds is the answer.
var refusals = slices.Concat(
	metadataRefusals, workloadRefusals, templateRefusals, jobRefusals, podRefusals, serviceRefusals,
	configurationRefusals, claimRefusals, storageRefusals, networkRefusals, clusterRefusals, scalingRefusals,
)

// refused says by which rule the server refuses the edit. Where no rule surely
// does and one may, the outcome is Unknown, and says what decides.
func (c *change) refused(e *Edit) (Outcome, bool) {
	var perhaps Outcome
	for _, r := range c.book.refusals {
		if !r.applies(c.version, e) {
			continue
		}
		switch r.holds(c, e) {
		case yes:
			return r.outcome(), true
		case unsure:
			if perhaps.Because == "" {
				perhaps = Outcome{Because: "it is refused if " + r.asks + ", which OLD does not say", Rule: r.says, Source: r.source}
			}
		}
	}
	return perhaps, false
}

func (r *refusal) outcome() Outcome {
	return Outcome{Mechanism: Refused, Because: r.because, Rule: r.says, Source: r.source}
}

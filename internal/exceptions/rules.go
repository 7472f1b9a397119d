package exceptions

import (
	"polygraph/internal/analysis"
	"polygraph/internal/finding"
)

// Analyzer returns the rules about exceptions. It settles: it has no Run.
func Analyzer() *analysis.Analyzer { return analyzer }

// The prose of the rules. Terminal, explain, SARIF and docs are made from it.
var (
	analyzer = &analysis.Analyzer{
		Name: "exceptions", Settles: true,
		Doc:   "Whether the exceptions to other rules are in force, and whether they excuse what was meant.",
		Rules: []*analysis.Rule{expiredRule, idleRule, sharedRule},
	}

	expiredRule = &analysis.Rule{
		ID: "EXC001", Severity: finding.Medium, Unit: "exceptions",
		Title:    "an exception has expired",
		Claim:    "This exception is still in force.",
		Claimant: "the file of exceptions, in which it stands like any other",
		Why: "Somebody accepted a risk until a day, and the day is over. Nobody decided again: the finding that was excused counts as before, " +
			"and the entry makes readers believe that it does not.",
		Fix: "Mend what it excused and delete the entry. If that takes longer, extend it knowingly: a new `expires`, with a reason that is true today and an owner who is still there.",
		Sources: []string{
			"An exception is valid through its last day in UTC; the clock is that of the run.",
		},
	}

	idleRule = &analysis.Rule{
		ID: "EXC002", Severity: finding.Low, Unit: "exceptions",
		Title:    "an exception matches nothing",
		Claim:    "This exception excuses a finding that exists.",
		Claimant: "the file of exceptions, which lists it as a risk that is accepted",
		Why: "The finding was mended, its subject was renamed, or the pattern never fitted. An entry that excuses nothing today excuses silently whatever " +
			"fits it tomorrow, and a pattern with a mistake leaves its author believing that the finding is excused.",
		Fix: "Delete the entry. If it was meant for a finding that is still there, copy rule and subject, or the fingerprint, from that finding.",
		Sources: []string{
			"Judged only where the rule was run, had its evidence and left nothing unproven.",
		},
	}

	sharedRule = &analysis.Rule{
		ID: "EXC003", Severity: finding.Medium, Unit: "exceptions by fingerprint",
		Title:    "an exception by fingerprint that several findings share",
		Claim:    "This exception excuses the one finding that was meant.",
		Claimant: "the author of the exception, who copied the fingerprint of one finding",
		Why: "Two plans can have one address, as dev and prod made from one module do. Without declared environments their findings have one fingerprint, " +
			"and an exception for dev would excuse prod. It excuses none of them, because it cannot tell which one was meant.",
		Fix: "Declare the environments in polygraph.yaml, and name one in the exception (`environment`), or copy the new fingerprint. " +
			"If all of them are meant, name the rule and the subject instead of the fingerprint.",
		Sources: []string{
			"docs/design/002-the-gate.md: the environment is part of a fingerprint once it is declared.",
		},
	}
)

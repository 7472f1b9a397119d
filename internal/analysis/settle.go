package analysis

import (
	"time"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// Policy is what the owners of the infrastructure decided about findings:
// environments, severities, exceptions, deadlines. It never decides what is
// true.
type Policy interface {
	Settle(*Settlement) error
}

// Settlement is what a Policy sees and may change: of a finding its
// environment (then call Rename), severity, first_seen, overdue and
// excepted_by; of a piece of evidence its environment. It may add findings of
// its own rules.
type Settlement struct {
	Clock    time.Time
	Findings []*finding.Finding
	Evidence []run.Evidence
	Things   map[string][]evidence.Thing // by path of the evidence; only with Runner.Things
	Rules    []*Rule                     // that were run
	Skips    []run.Skip                  // what was not examined
	Missing  []run.Gap                   // evidence that rules needed and that was not there
	Rows     []run.Row                   // a policy may add rows, which tables show
	// Conclusion is for commands that judge no claim; Open tells that it leaves
	// something to be settled.
	Conclusion string
	Open       bool
}

// Rename puts a finding into an environment, which is part of what it is
// called. inferred says from what, when nobody declared the environment.
func (s *Settlement) Rename(f *finding.Finding, environment, inferred string) {
	f.Subject.Environment, f.Subject.Inferred = environment, inferred
	f.Fingerprint = finding.Fingerprint(f.Rule, f.Subject, f.Discriminator)
}

// Report adds a finding of a policy's own rule.
func (s *Settlement) Report(a *Analyzer, r *Rule, f finding.Finding) {
	f.Rule, f.Analyzer, f.Claim = r.ID, a.Name, r.Claim
	f.Severity = r.Severity
	f.Fingerprint = finding.Fingerprint(r.ID, f.Subject, f.Discriminator)
	s.Findings = append(s.Findings, &f)
}

// rules are those of the analyzers that were asked for and are not off.
func (r *Runner) rules() []*Rule {
	var out []*Rule
	for _, a := range r.Analyzers {
		for _, rule := range a.Rules {
			if !r.Off[rule.ID] {
				out = append(out, rule)
			}
		}
	}
	return out
}

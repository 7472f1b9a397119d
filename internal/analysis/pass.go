package analysis

import (
	"fmt"
	"slices"
	"time"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// MaxRounds is how often an analyzer may ask live systems and be run again.
const MaxRounds = 3

// Pass is everything an analyzer may see and the only way it can answer.
type Pass struct {
	Clock time.Time // when the run started

	analyzer *Analyzer
	readings map[*Fact][]read
	visitors map[visitorKey]any
	findings map[*Analyzer][]finding.Finding
	answers  map[evidence.Request]evidence.Answer
	tables   bool
	skips    []run.Skip

	asked []evidence.Request
	out   []finding.Finding
	rows  []run.Row
	held  map[*Rule]int
	hold  map[holdKey][]string // hashes of what held, when somebody wants them
	off   map[string]bool      // rules that are switched off
	err   error
}

type read struct {
	item    *evidence.Item
	reading Reading
}

type visitorKey struct {
	analyzer *Analyzer
	fact     *Fact
	item     *evidence.Item
}

// Report adds a refuted or unproven finding. Claim, severity, analyzer and
// fingerprint are filled in from the rule when empty. A finding that accuses
// without proof, or is unproven without naming the missing evidence, is a bug
// and fails the run.
func (p *Pass) Report(r *Rule, f finding.Finding) {
	f.Rule, f.Analyzer = r.ID, p.analyzer.Name
	if f.Claim == "" {
		f.Claim = r.Claim
	}
	if f.Severity == finding.Info {
		f.Severity = r.Severity
	}
	f.Fingerprint = finding.Fingerprint(r.ID, f.Subject, f.Discriminator)
	switch {
	case !slices.Contains(p.analyzer.Rules, r):
		p.fail(fmt.Errorf("rule %s does not belong to analyzer %s", r.ID, p.analyzer.Name))
	case f.Subject.Identity == "":
		p.fail(fmt.Errorf("%s: a finding without a subject", r.ID))
	case f.Verdict == finding.Holds:
		p.fail(fmt.Errorf("%s: what holds is counted with Hold, not reported", r.ID))
	case f.Verdict == finding.Refuted && (len(f.Proof) == 0 || f.Proof[0].At.File == ""):
		p.fail(fmt.Errorf("%s on %s: refuted without a located proof", r.ID, f.Subject.Identity))
	case f.Verdict == finding.Unproven && len(f.Missing) == 0:
		p.fail(fmt.Errorf("%s on %s: unproven without naming the missing evidence", r.ID, f.Subject.Identity))
	}
	if !p.off[r.ID] {
		p.out = append(p.out, f)
	}
}

// Hold counts one subject for which the claim holds, as the evidence at path
// shows. The discriminator is the one that a finding of the rule about it would
// have.
func (p *Pass) Hold(r *Rule, path string, s finding.Subject, discriminator string) {
	if p.off[r.ID] {
		return
	}
	p.held[r]++
	if p.hold != nil {
		s.Environment = "" // see run.Held: bare
		at := holdKey{r, path}
		p.hold[at] = append(p.hold[at], finding.Short(finding.Fingerprint(r.ID, s, discriminator)))
	}
}

// holdKey is a rule and the evidence by which it holds.
type holdKey struct {
	rule *Rule
	path string
}

// Skips are the paths that were not examined. Whoever proves something by what is
// not among the evidence has to look at them.
func (p *Pass) Skips() []run.Skip { return p.skips }

// WantsRows tells whether anybody will see table rows; making 42,000 of them
// for nobody would be work for nothing.
func (p *Pass) WantsRows() bool { return p.tables }

// Row adds a row to a table. Rows are kept in the order they come in.
func (p *Pass) Row(r run.Row) {
	if p.tables {
		p.rows = append(p.rows, r)
	}
}

// FindingsOf returns the findings of an analyzer named in Requires.
func (p *Pass) FindingsOf(a *Analyzer) []finding.Finding {
	if !slices.Contains(p.analyzer.Requires, a) {
		p.fail(fmt.Errorf("analyzer %s reads findings of %s without requiring it", p.analyzer.Name, a.Name))
	}
	return p.findings[a]
}

// Visitor returns what Subscribe made for an item, after it was fed.
func (p *Pass) Visitor(f *Fact, item *evidence.Item) any {
	return p.visitors[visitorKey{p.analyzer, f, item}]
}

// Ask returns the recorded answer to a request. When there is none yet the
// request is noted, the runner asks the source and runs the analyzer again;
// after MaxRounds, or without such a source, ok stays false and the claim is
// unproven.
func (p *Pass) Ask(r evidence.Request) (a evidence.Answer, ok bool) {
	if a, ok = p.answers[r]; ok {
		return a, true
	}
	if !slices.Contains(p.asked, r) {
		p.asked = append(p.asked, r)
	}
	return evidence.Answer{}, false
}

func (p *Pass) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

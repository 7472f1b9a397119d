package analysis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// Runner applies analyzers to evidence and emits a run.
type Runner struct {
	Analyzers []*Analyzer
	Sources   []evidence.Source // who answers requests; none for `check`
	Clock     func() time.Time
	Tables    bool // emit rows
	// Parallel is how many items are read at once. Each reading has its own
	// bounded memory, so this multiplies it.
	Parallel int
	// Progress hears about long work; nil for nobody.
	Progress func(run.Progress)
	// Off are the IDs of rules that nobody wants to hear of.
	Off map[string]bool
	// Holds emits which subjects held, for a run that is saved or compared.
	Holds bool
	// Things asks the facts for every named object, with its other names.
	Things bool
	// Policies settle the findings, in this order, before they are counted.
	Policies []Policy
}

// Evidence is what one run looks at and what discovery could not take.
type Evidence struct {
	Items     []*evidence.Item
	Skips     []run.Skip
	Files     int // files seen
	NotNeeded int // files that are evidence of nothing known
}

// Run emits evidence, skips, rows, findings and the summary, in that order. The
// header is the caller's, who knows the command. An error means that the run
// itself failed; bad evidence is a skip.
func (r *Runner) Run(ctx context.Context, in Evidence, emit func(*run.Message) error) (*run.Summary, error) {
	start := r.Clock()
	if err := Validate(r.Analyzers); err != nil {
		return nil, err
	}
	order, err := ordered(r.Analyzers)
	if err != nil {
		return nil, err
	}
	read, err := r.read(ctx, order, in.Items)
	if err != nil {
		return nil, err
	}
	skips := slices.Concat(in.Skips, read.skips) // the caller keeps his as they are
	sum := newSummary(r, in, read, skips)

	findings := map[*Analyzer][]finding.Finding{}
	var wanted []*finding.Finding
	var rows []run.Row
	var held []run.Held
	for _, a := range order {
		p, err := r.analyze(ctx, a, read, skips, findings, start)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		findings[a] = p.out
		if !slices.Contains(r.Analyzers, a) {
			continue // run for another one's sake: not asked about
		}
		for i := range p.out {
			wanted = append(wanted, &p.out[i])
		}
		rows = append(rows, p.rows...)
		held = append(held, sum.hold(p)...)
	}
	settled := &Settlement{Clock: start, Findings: wanted, Evidence: read.evidence, Things: read.things, Rules: r.rules(), Skips: skips, Missing: sum.Missing}
	for _, policy := range r.Policies {
		if err := policy.Settle(settled); err != nil {
			return nil, err
		}
	}
	if err := emitEvidence(read, skips, emit); err != nil {
		return nil, err
	}
	rows = append(rows, settled.Rows...)
	for i := range rows {
		if err := emit(&run.Message{Row: &rows[i]}); err != nil {
			return nil, err
		}
	}
	for i := range held {
		if err := emit(&run.Message{Held: &held[i]}); err != nil {
			return nil, err
		}
	}
	if err := emitFindings(settled.Findings, emit); err != nil {
		return nil, err
	}
	sum.count(settled.Findings)
	sum.finish()
	if sum.Conclusion = settled.Conclusion; settled.Open && sum.Verdict == finding.Holds {
		sum.Verdict = finding.Unproven
	}
	sum.ElapsedMS = r.Clock().Sub(start).Milliseconds()
	return &sum.Summary, emit(&run.Message{Summary: &sum.Summary})
}

// analyze runs one analyzer, asking sources between rounds.
func (r *Runner) analyze(ctx context.Context, a *Analyzer, read *readings, skips []run.Skip, done map[*Analyzer][]finding.Finding, now time.Time) (*Pass, error) {
	answers := map[evidence.Request]evidence.Answer{}
	for round := 0; ; round++ {
		p := &Pass{
			Clock: now, analyzer: a, readings: read.byFact, visitors: read.visitors,
			findings: done, answers: answers, tables: r.Tables, skips: skips, held: map[*Rule]int{}, off: r.Off,
		}
		if r.Holds {
			p.hold = map[holdKey][]string{}
		}
		err := errors.Join(a.Run(p), p.err)
		if err != nil {
			return nil, err
		}
		if len(p.asked) == 0 || round == MaxRounds {
			return p, ctx.Err()
		}
		if !r.ask(ctx, p.asked, answers) {
			return p, ctx.Err() // nobody to ask: what was asked stays unproven
		}
	}
}

// ask records an answer for every request that has a source and tells whether
// there was any.
func (r *Runner) ask(ctx context.Context, asked []evidence.Request, answers map[evidence.Request]evidence.Answer) bool {
	any := false
	for _, q := range asked {
		for _, s := range r.Sources {
			if s.Name() != q.Source {
				continue
			}
			body, err := s.Ask(ctx, q)
			a := evidence.Answer{Request: q, Body: body, At: r.Clock()}
			if err != nil {
				a.Err = err.Error()
			}
			answers[q] = a
			any = true
			break
		}
	}
	return any
}

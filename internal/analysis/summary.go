package analysis

import (
	"cmp"
	"slices"
	"strings"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

type summary struct {
	run.Summary
	index map[string]int
	cut   bool // something the user named was not examined
}

func newSummary(runner *Runner, in Evidence, read *readings, skips []run.Skip) *summary {
	s := &summary{index: map[string]int{}}
	s.Rules = []run.RuleCount{}
	s.Coverage = run.Coverage{Files: in.Files, NotNeeded: in.NotNeeded + read.unread, Kinds: map[string]int{}}
	for _, e := range read.evidence {
		s.Coverage.Evidence++
		s.Coverage.Bytes += e.Bytes
		s.Coverage.Kinds[e.Kind]++
	}
	for _, k := range skips {
		s.Coverage.Skipped += k.Count
		s.cut = s.cut || k.Named
	}
	for _, a := range runner.Analyzers {
		for _, r := range a.Rules {
			if runner.Off[r.ID] {
				continue
			}
			s.index[r.ID] = len(s.Rules)
			s.Rules = append(s.Rules, run.RuleCount{Rule: r.ID})
			for _, k := range r.Needs {
				if s.Coverage.Kinds[k.Name] == 0 && (s.Coverage.Evidence == 0 || read.families[k.Family]) {
					s.Missing = append(s.Missing, gap(r, k))
				}
			}
		}
	}
	slices.SortFunc(s.Rules, func(a, b run.RuleCount) int { return strings.Compare(a.Rule, b.Rule) })
	for i, r := range s.Rules {
		s.index[r.Rule] = i
	}
	return s
}

func gap(r *Rule, k *evidence.Kind) run.Gap {
	return run.Gap{Rule: r.ID, Evidence: k.Title, Get: k.Get}
}

// hold counts what held and returns the messages that list it.
func (s *summary) hold(p *Pass) []run.Held {
	var out []run.Held
	for _, r := range p.analyzer.Rules {
		if i, known := s.index[r.ID]; known {
			s.Rules[i].Held += p.held[r]
		}
	}
	for at, all := range p.hold {
		for hashes := range slices.Chunk(all, heldPerMessage) {
			out = append(out, run.Held{Rule: at.rule.ID, Evidence: at.path, Hashes: hashes})
		}
	}
	slices.SortStableFunc(out, func(a, b run.Held) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Evidence, b.Evidence))
	})
	return out
}

// heldPerMessage keeps a line of a saved run in the order of 64 KiB.
const heldPerMessage = 4096

func (s *summary) count(findings []*finding.Finding) {
	for _, f := range findings {
		i, known := s.index[f.Rule]
		if !known { // of a policy, not of an analyzer
			i = len(s.Rules)
			s.index[f.Rule] = i
			s.Rules = append(s.Rules, run.RuleCount{Rule: f.Rule})
		}
		c := &s.Rules[i]
		switch {
		case f.ExceptedBy != "":
			c.Excepted++
		case f.Verdict == finding.Refuted:
			c.Refuted++
			if f.Overdue {
				s.Overdue++
			}
		default:
			c.Unproven++
		}
	}
}

// finish derives the verdict of the whole run. It is TRUE only when something
// was examined, nothing was refuted, nothing is unproven, no rule lacked its
// evidence and no path that the user named was left out.
func (s *summary) finish() {
	for i := range s.Rules {
		c := &s.Rules[i]
		c.Examined = c.Refuted + c.Unproven + c.Excepted + c.Held
		s.Refuted += c.Refuted
		s.Unproven += c.Unproven
		s.Held += c.Held
		s.Excepted += c.Excepted
	}
	switch {
	case s.Refuted > 0, s.Excepted > 0:
		// An exception excuses a lie; it does not make it true.
		s.Verdict = finding.Refuted
	case s.Unproven > 0 || s.cut || len(s.Missing) > 0 || s.Coverage.Evidence == 0 || s.Coverage.Skipped > 0:
		s.Verdict = finding.Unproven
	default:
		s.Verdict = finding.Holds
	}
}

func emitEvidence(read *readings, skips []run.Skip, emit func(*run.Message) error) error {
	for i := range read.evidence {
		if err := emit(&run.Message{Evidence: &read.evidence[i]}); err != nil {
			return err
		}
	}
	slices.SortStableFunc(skips, func(a, b run.Skip) int { return strings.Compare(a.Path+"\x00"+a.Reason, b.Path+"\x00"+b.Reason) })
	for i := range skips {
		if err := emit(&run.Message{Skip: &skips[i]}); err != nil {
			return err
		}
	}
	return nil
}

func emitFindings(all []*finding.Finding, emit func(*run.Message) error) error {
	slices.SortFunc(all, finding.Compare)
	for _, f := range all {
		if err := emit(&run.Message{Finding: f}); err != nil {
			return err
		}
	}
	return nil
}

package exceptions

import (
	"slices"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// Policy excuses findings and reports exceptions that are not in order. It
// must settle after the environments and before the deadlines. Besides the
// list it keeps a fixed amount of memory per exception.
type Policy struct {
	List []Exception
	// Partial tells that the run did not look at all that the exceptions are
	// about: a part of the repository was named, or a file was not examined. An
	// exception may then belong to the rest, and EXC002 accuses none.
	Partial bool
	// Known are the IDs of all rules there are. An exception by fingerprint does
	// not tell its rule, so EXC002 judges it only when all of them were run.
	Known []string
	// Off are the IDs of rules of this package that nobody wants to hear of.
	Off map[string]bool
}

// use is what became of one exception.
type use struct {
	*Exception
	expired  bool
	hits     tally // what it matches
	inferred tally // what it would match if an inferred environment were declared
}

// shared tells that its fingerprint belongs to several findings: of several
// environments, or in several pieces of evidence.
func (u *use) shared() bool { return u.Fingerprint != "" && u.hits.differ }

// Settle sets ExceptedBy and adds the findings about exceptions. It takes time
// in proportion to findings times exceptions with wildcards.
func (p *Policy) Settle(s *analysis.Settlement) error {
	uses := make([]*use, len(p.List))
	for i := range p.List {
		uses[i] = &use{Exception: &p.List[i], expired: p.List[i].Expired(s.Clock)}
	}
	x := indexed(uses)
	judged := p.scope(s)
	x.each(s.Findings, func(f *finding.Finding, u *use, inferred bool) {
		if inferred {
			u.inferred.add(f)
		} else {
			u.hits.add(f)
		}
	})
	excuse(x, s.Findings, s.Clock)
	reported := map[string]bool{} // by rule and identity
	for _, u := range uses {
		r, f := judged.judge(u)
		if r == nil || p.Off[r.ID] || reported[r.ID+u.name()] {
			continue // the same exception in two files is one thing to do
		}
		reported[r.ID+u.name()] = true
		f.Subject = finding.Subject{Kind: "exception", Identity: u.name()}
		s.Report(Analyzer(), r, f)
	}
	return nil
}

// excuse lets the exceptions that are in force act. Of several, the one that
// lasts longest speaks: it tells when the finding will count again.
func excuse(x *index, all []*finding.Finding, now time.Time) {
	var last *finding.Finding
	var by *use
	settle := func() {
		if by != nil && last.ExceptedBy == "" {
			last.ExceptedBy = by.By(now)
		}
	}
	x.each(all, func(f *finding.Finding, u *use, inferred bool) {
		if f != last {
			settle()
			last, by = f, nil
		}
		if !inferred && !u.expired && !u.shared() && (by == nil || u.Expires.After(by.Expires)) {
			by = u
		}
	})
	settle()
}

// scope is what the run looked at.
type scope struct {
	whole bool            // the run looked at everything
	all   bool            // every rule was run
	ran   map[string]bool // rules
	open  map[string]bool // rules that lack evidence or left something unproven
}

func (p *Policy) scope(s *analysis.Settlement) *scope {
	c := &scope{
		whole: !p.Partial && len(s.Evidence) > 0 && !slices.ContainsFunc(s.Skips, func(k run.Skip) bool { return k.Kind != "rule" }), all: len(p.Known) > 0,
		ran: map[string]bool{}, open: map[string]bool{},
	}
	for _, r := range s.Rules {
		c.ran[r.ID] = true
	}
	for _, id := range p.Known {
		c.all = c.all && (c.ran[id] || own(id))
	}
	for _, gap := range s.Missing {
		c.open[gap.Rule] = true
	}
	for _, f := range s.Findings {
		if f.Verdict == finding.Unproven {
			c.open[f.Rule] = true // what it leaves open may be what was excused
		}
	}
	return c
}

// examined tells whether a finding that the exception could excuse would have
// been found if there were one.
func (c *scope) examined(u *use) bool {
	if u.Rule == "" {
		return c.whole && c.all && len(c.open) == 0
	}
	return c.whole && c.ran[u.Rule] && !c.open[u.Rule]
}

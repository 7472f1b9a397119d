package baseline

import (
	"errors"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// evidence emits HEAD's evidence, that of BASE that is gone, and what HEAD
// skipped and tabulated.
func (c *comparison) evidence() error {
	var skips []run.Skip
	err := c.head.Replay(func(m *run.Message) error {
		switch {
		case m.Evidence != nil:
			if p := c.judge.head.byPath[m.Evidence.Path]; p != nil && p.other == nil {
				e := *m.Evidence
				e.Change = &finding.Change{Status: finding.New}
				return c.emit(&run.Message{Evidence: &e})
			}
			return c.emit(m)
		case m.Skip != nil:
			skips = append(skips, *m.Skip)
		case m.Finding != nil, m.Summary != nil:
			return errEnough // both come after all evidence and skips
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	for _, p := range c.judge.base.pieces {
		if p.other != nil {
			continue
		}
		e := p.Evidence
		e.Change = &finding.Change{Status: gone(p), Worse: gone(p) == finding.Lost, Why: "BASE examined it, HEAD did not"}
		if other := c.judge.head.named(p); other != nil {
			e.Change.Why = "what HEAD examined at this path has no name in common with it"
		}
		if err := c.emit(&run.Message{Evidence: &e}); err != nil {
			return err
		}
	}
	for i := range skips {
		if err := c.emit(&run.Message{Skip: &skips[i]}); err != nil {
			return err
		}
	}
	return nil
}

// errEnough ends a replay early.
var errEnough = errors.New("enough")

// named is the piece of the same kind at the same path.
func (s *side) named(p *piece) *piece {
	for _, q := range s.pieces {
		if q.Kind == p.Kind && q.name == p.name {
			return q
		}
	}
	return nil
}

// findings emits all findings with their changes: first what fails, the new
// before the worse, what was lost and what is overdue; then what nobody can
// judge, what is new, the same, and at last what is gone. Within one of these
// the order is that of the run.
func (c *comparison) findings() error {
	for _, status := range []finding.Status{finding.New, finding.Worse, finding.Lost, finding.Same} {
		if status == finding.Lost {
			if err := c.left(status); err != nil {
				return err
			}
			continue
		}
		if err := c.ofSide(status, true, c.worse[status]); err != nil {
			return err
		}
	}
	for _, status := range []finding.Status{finding.Unjudged, finding.New, finding.Worse, finding.Same} {
		if err := c.ofSide(status, false, c.plain[status]); err != nil {
			return err
		}
	}
	return errors.Join(c.left(finding.Fixed), c.left(finding.Removed))
}

// ofSide replays HEAD and emits its findings of one status that fail, or do not.
func (c *comparison) ofSide(status finding.Status, fails bool, n int) error {
	if n == 0 {
		return nil
	}
	at := 0
	return c.head.Replay(func(m *run.Message) error {
		if m.Finding == nil {
			return nil
		}
		e := c.judge.head.entries[at]
		at++
		ch := c.ofHead(e)
		if ch.Status != status || ch.Worse != fails {
			return nil
		}
		f := *m.Finding
		f.Change = &ch
		f.FirstSeen, f.Overdue = first(e), c.late(e)
		return c.emit(&run.Message{Finding: &f})
	})
}

// left replays BASE and emits its findings of one status that HEAD does not have.
func (c *comparison) left(status finding.Status) error {
	if c.diff.Count(status) == 0 {
		return nil
	}
	at := 0
	return c.base.Replay(func(m *run.Message) error {
		if m.Finding == nil {
			return nil
		}
		e := c.judge.base.entries[at]
		at++
		if e.other != nil {
			return nil
		}
		ch := c.ofBase(e)
		if ch.Status != status {
			return nil
		}
		f := *m.Finding
		f.Change = &ch
		return c.emit(&run.Message{Finding: &f})
	})
}

package html

import (
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// looked is what was examined and what was not.
type looked struct {
	Evidence     []run.Evidence // HEAD's, in a comparison
	Changed      [3]pieces      // in a comparison: lost, new, removed
	MoreEvidence tallies        // by kind
	Skips        []run.Skip
	MoreSkips    int // paths
	Limits       []*limit
	MoreLimits   int

	evidenceBytes, skipBytes int
	limitOf                  map[string]*limit
}

// pieces is evidence that only one side has.
type pieces struct {
	Mark  mark
	List  []run.Evidence
	N     int
	bytes int
}

// More is how many are not on the page.
func (c *pieces) More() int { return c.N - len(c.List) }

const (
	evidenceLost = iota // this alone fails the gate
	evidenceNew
	evidenceRemoved
)

// limit is what some evidence does not say, and which pieces that are.
type limit struct {
	Note   string
	Pieces []string
	N      int
}

// More is how many pieces are not named.
func (m *limit) More() int { return m.N - len(m.Pieces) }

func newLooked() looked {
	return looked{
		Changed: [3]pieces{
			evidenceLost: {Mark: mark{"✗", "LOST", "bad"}}, evidenceNew: {Mark: mark{"", "NEW", "plain"}}, evidenceRemoved: {Mark: mark{"", "REMOVED", "plain"}},
		},
		limitOf: map[string]*limit{},
	}
}

func (k *looked) hearEvidence(e *run.Evidence) {
	v := *e
	v.Sketch = nil // for machines
	v.Kind, v.Nature, v.Path, v.Detail, v.Environment = text(v.Kind), text(v.Nature), text(v.Path), text(v.Detail), text(v.Environment)
	v.Notes, _ = texts(e.Notes)
	bytes := len(v.Kind) + len(v.Nature) + len(v.Path) + len(v.Detail) + len(v.Environment) + 200
	for _, n := range v.Notes {
		bytes += len(n)
	}
	if e.Change != nil {
		c := *e.Change
		c.Why = text(c.Why)
		bytes += len(c.Why)
		v.Change = &c
		switch {
		case c.Worse, c.Status == finding.Lost:
			k.Changed[evidenceLost].add(v, bytes)
			return // HEAD did not examine it
		case c.Status == finding.Removed, c.Status == finding.Fixed:
			k.Changed[evidenceRemoved].add(v, bytes)
			return
		case c.Status == finding.New:
			k.Changed[evidenceNew].add(v, bytes)
		}
	}
	for _, n := range v.Notes {
		k.note(n, v.Path)
	}
	if k.evidenceBytes+bytes > maxEvidenceBytes || len(k.Evidence) == maxEvidence {
		k.MoreEvidence.add(v.Kind, maxList)
		return
	}
	k.evidenceBytes += bytes
	k.Evidence = append(k.Evidence, v)
}

func (c *pieces) add(e run.Evidence, bytes int) {
	c.N++
	if len(c.List) < maxChanged && c.bytes+bytes <= maxChangedBytes {
		c.List = append(c.List, e)
		c.bytes += bytes
	}
}

func (k *looked) note(n, path string) {
	m := k.limitOf[n]
	if m == nil {
		if len(k.Limits) == maxList {
			k.MoreLimits++
			return
		}
		m = &limit{Note: n}
		k.limitOf[n] = m
		k.Limits = append(k.Limits, m)
	}
	if m.N++; len(m.Pieces) < maxPieces {
		m.Pieces = append(m.Pieces, clip(path, maxLineText))
	}
}

// Changes is how many pieces of evidence only one side has.
func (k *looked) Changes() int {
	n := 0
	for i := range k.Changed {
		n += k.Changed[i].N
	}
	return n
}

func (k *looked) hearSkip(s *run.Skip) {
	v := *s
	v.Path, v.Reason, v.Do = text(v.Path), text(v.Reason), text(v.Do)
	bytes := len(v.Path) + len(v.Reason) + len(v.Do) + 100
	// What the user named is the last to be left out.
	full := k.skipBytes+bytes > maxSkipBytes || len(k.Skips) >= maxSkips
	if full && (!v.Named || k.skipBytes+bytes > 2*maxSkipBytes) {
		k.MoreSkips += s.Count
		return
	}
	k.skipBytes += bytes
	k.Skips = append(k.Skips, v)
}

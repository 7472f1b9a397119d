package term

import (
	"slices"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
)

// A terminal keeps some thousand lines; whoever scrolls through 42,000 findings
// reads none. So the first ones are printed in full, then one line each, then
// they are counted. What fails comes first in the stream and is cut last.
const (
	maxFull  = 200  // findings with their proofs
	maxLines = 5000 // findings on one line each
)

// capped is how much of the findings was printed.
type capped struct {
	full, lines int
	sorts       []*cut // at most one for each verdict and status
}

// cut are findings of one sort that were counted and not printed.
type cut struct {
	kind  string
	mark  string
	fails bool
	counts
}

// afford tells whether one more finding may have a line of its own, and counts
// it when not.
func (l *listener) afford(f *finding.Finding) bool {
	k := &l.capped
	if l.opts.Detail == Verbose {
		return true
	}
	if k.lines++; k.lines <= maxLines {
		return true
	}
	kind, fails := kindOf(f), f.Change != nil && f.Change.Worse
	i := slices.IndexFunc(k.sorts, func(c *cut) bool { return c.kind == kind && c.fails == fails })
	if i < 0 {
		i = len(k.sorts)
		k.sorts = append(k.sorts, &cut{kind: kind, mark: l.mark(f), fails: fails})
	}
	k.sorts[i].add(f.Rule)
	return false
}

// affordFull tells whether one more finding may be printed with its proof.
func (l *listener) affordFull(f *finding.Finding) bool {
	k := &l.capped
	if l.opts.Detail == Verbose {
		return true
	}
	if k.full == maxFull {
		k.full++ // said once
		l.separate(kindOf(f))
		l.line(l.ink.dim.paint(words.Number(maxFull) + " findings are printed with their proofs, the others on one line each (-v prints all with their proofs)"))
		return false
	}
	if k.full > maxFull {
		return false
	}
	k.full++
	return true
}

// endCut says what was not printed and how to see it.
func (l *listener) endCut() {
	k := &l.capped
	if len(k.sorts) == 0 {
		return
	}
	l.separate("cut")
	for _, c := range k.sorts {
		fail := ""
		if c.fails {
			fail = " that fail"
		}
		l.hang(c.mark+"  ", gutter, brush{}, "... and "+words.Number(c.n)+" more"+fail+": "+c.String())
	}
	l.line(l.ink.dim.paint("Not printed after " + words.Number(maxLines) + " lines: -v prints everything, -o jsonl=FILE keeps everything."))
	k.sorts = nil
}

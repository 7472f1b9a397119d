package term

import (
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// hearLeft takes evidence that only BASE examined. Lost is what fails, so it is
// listed first and also when little is wanted.
func (l *listener) hearLeft(e *run.Evidence) {
	k, c := &l.looked, e.Change
	lost := c.Status == finding.Lost
	if !lost && l.opts.Detail == Quiet {
		return
	}
	l.failing = l.failing || c.Worse
	if l.opts.Detail != Verbose && len(k.left) >= maxBrief {
		k.more++
		return
	}
	b := brief{l.ink.status(c) + "  " + e.Path + "  ", e.Kind}
	if c.Why != "" {
		b.text += "  " + c.Why
	}
	if lost {
		k.left = slices.Insert(k.left, k.lost, b)
		k.lost++
		return
	}
	k.left = append(k.left, b)
}

// endLeft prints what only BASE examined and what to do about it.
func (l *listener) endLeft() {
	k := &l.looked
	if len(k.left) > 0 {
		l.enter(inLeft)
	}
	margin := strings.Repeat(" ", statusWidth+2)
	for i, b := range k.left {
		l.hang(b.lead, len(margin), brush{}, b.text)
		if i == k.lost-1 {
			l.hang(margin, len(margin), brush{}, "Examine it in HEAD too; if it is gone for good, make BASE again without it.")
		}
	}
	if k.more > 0 {
		l.line(margin, "... and ", words.Number(k.more), " more that HEAD did not examine (use -v)")
	}
	k.left, k.lost, k.more = nil, 0, 0
}

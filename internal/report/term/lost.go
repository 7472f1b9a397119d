package term

import (
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
)

// lost are findings of BASE that went for one reason, mostly with the piece of
// evidence that showed them.
type lost struct {
	path, why string
	first     brief
	refuted   int
	counts
}

// foldLost takes a finding of BASE that was lost: what went together is one line.
func (l *listener) foldLost(f *finding.Finding) {
	k := &l.folded
	path, why := f.At().File, f.Change.Why
	if !strings.Contains(why, path) {
		path = "" // a rule that was not applied loses findings everywhere
	}
	i := slices.IndexFunc(k.lost, func(o *lost) bool { return o.path == path && o.why == why })
	if i < 0 {
		if len(k.lost) == maxBrief {
			k.lostMore.add(f.Rule)
			return
		}
		i = len(k.lost)
		b := l.briefly(f)
		b.text += reason(f.Change)
		k.lost = append(k.lost, &lost{path: path, why: why, first: b})
	}
	if f.Verdict == finding.Refuted {
		k.lost[i].refuted++
	}
	k.lost[i].add(f.Rule)
}

// endLost prints what was lost, in the line of the evidence that was lost.
func (l *listener) endLost() {
	k := &l.folded
	for _, o := range k.lost {
		l.separate("lost")
		if o.n == 1 {
			l.print(o.first)
			continue
		}
		what := o.path
		if what == "" {
			what = o.why
		}
		text := words.Number(o.n) + " findings went with it"
		switch {
		case o.refuted == o.n:
			text += ", all were FALSE"
		case o.refuted > 0:
			text += ", " + count(o.refuted, "was FALSE", "were FALSE")
		}
		text += ": " + o.String()
		if o.path != "" && o.why != o.path+" was not examined" {
			text += " (" + o.why + ")"
		}
		l.hang(l.lostMark()+"  "+what+"  ", statusWidth+2, brush{}, text+" (-v lists them)")
	}
	if n := k.lostMore.n; n > 0 {
		l.hang(l.lostMark()+"  ", statusWidth+2, brush{}, "... and "+words.Number(n)+" more findings: "+k.lostMore.String()+" (-v lists them)")
	}
	k.lost, k.lostMore = nil, counts{}
}

func (l *listener) lostMark() string {
	return l.ink.status(&finding.Change{Status: finding.Lost, Worse: true})
}

package term

import (
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
)

// Limits of what is folded when nobody asked for everything.
const (
	maxBrief = 20 // lines of one sort
	maxOpen  = 12 // different evidence that unproven findings lack
	maxAlike = 5  // findings listed that lack the same
)

// folded holds what is printed after the other findings, or as a number only.
type folded struct {
	open     []*lackers // unproven findings, by what they lack
	openMore int
	lost     []*lost // findings of BASE, by what they went with
	lostMore counts
	excepted []brief
	excepts  int
	gone     map[finding.Status]int // fixed and removed ones
	same     counts
	overdue  int // of the same ones
}

// lackers are unproven findings that lack the same evidence.
type lackers struct {
	key   string
	first *finding.Finding
	lines []brief
	rules map[string]bool
	n     int
}

// fold takes what fails nothing and is not printed in full.
func (l *listener) fold(f *finding.Finding) bool {
	k, c := &l.folded, f.Change
	switch {
	case f.ExceptedBy != "" && (c == nil || !gone(c.Status)):
		k.excepts++
		if len(k.excepted) < maxBrief {
			b := l.briefly(f)
			b.text += "  excepted by " + f.ExceptedBy
			k.excepted = append(k.excepted, b)
		}
	case c != nil && c.Status == finding.Same && c.Why == "":
		k.same.add(f.Rule)
		if f.Overdue {
			k.overdue++
		}
	case c != nil && c.Status == finding.Lost:
		l.foldLost(f)
	case c != nil && gone(c.Status):
		if k.gone == nil {
			l.endOpen() // once: what is unproven now stands before what is gone
			k.gone = map[finding.Status]int{}
		}
		if k.gone[c.Status]++; k.gone[c.Status] <= maxBrief {
			b := l.briefly(f)
			b.text += reason(c)
			l.separate(kindOf(f))
			l.print(b)
		}
	case f.Verdict == finding.Unproven && l.opts.Detail == Normal && len(f.Missing) > 0:
		l.foldOpen(f)
	default:
		return false
	}
	return true
}

func reason(c *finding.Change) string {
	if c.Why == "" {
		return ""
	}
	return "  (" + c.Why + ")"
}

func (l *listener) foldOpen(f *finding.Finding) {
	k := &l.folded
	var b strings.Builder
	if f.Change != nil {
		b.WriteString(f.Change.Status.String())
	}
	for _, m := range f.Missing {
		b.WriteString("\x00" + m.Evidence + "\x00" + m.Get)
	}
	key := b.String()
	i := slices.IndexFunc(k.open, func(o *lackers) bool { return o.key == key })
	if i < 0 {
		if len(k.open) == maxOpen {
			k.openMore++
			l.lacking.add(f)
			return
		}
		i = len(k.open)
		k.open = append(k.open, &lackers{key: key, first: f, rules: map[string]bool{}})
	}
	o := k.open[i]
	o.n++
	if len(o.rules) < 2 {
		o.rules[f.Rule] = true
	}
	if len(o.lines) < maxAlike {
		o.lines = append(o.lines, l.briefly(f))
	}
}

// endOpen prints the unproven findings that were held.
func (l *listener) endOpen() {
	k := &l.folded
	for _, o := range k.open {
		if o.n == 1 {
			l.full(o.first)
			continue
		}
		l.separate("")
		for _, b := range o.lines {
			l.print(b)
		}
		if more := o.n - len(o.lines); more > 0 {
			l.row("", "... and "+words.Number(more)+" more that lack the same (use -v)")
		}
		if l.claimed = ""; len(o.rules) == 1 {
			l.label("claim", `"`+o.first.Claim+`"`)
		}
		l.lacks(o.first.Missing)
	}
	if k.openMore > 0 {
		l.separate("")
		l.line(l.ink.mark(finding.Unproven), "  ... and ", count(k.openMore, "more finding that lacks", "more findings that lack"), " other evidence (use -v)")
	}
	k.open, k.openMore = nil, 0
}

// endFindings prints all that was held.
func (l *listener) endFindings() {
	l.endLost()
	l.endOpen()
	k := &l.folded
	for _, s := range []finding.Status{finding.Fixed, finding.Removed} {
		if more := k.gone[s] - maxBrief; more > 0 {
			l.enter(inFindings)
			l.line(pad(strings.ToUpper(s.String()), statusWidth), "  ... and ", words.Number(more), " more (use -v)")
		}
	}
	if k.excepts > 0 {
		l.separate("excepted")
		for _, b := range k.excepted {
			l.print(b)
		}
		if more := k.excepts - len(k.excepted); more > 0 {
			l.line(l.ink.head.paint("- EXCEPTED"), "  ... and ", words.Number(more), " more (use -v)")
		}
	}
	if n := k.same.n; n > 0 {
		l.separate("same")
		text := count(n, "known finding", "known findings") + " unchanged: " + k.same.String()
		if k.overdue > 0 {
			text += "; " + words.Number(k.overdue) + " overdue"
		}
		l.hang(l.ink.dim.paint(pad("SAME", statusWidth))+"  ", statusWidth+2, brush{}, text+" (-v lists them)")
	}
	l.endCut()
	l.folded = folded{}
}

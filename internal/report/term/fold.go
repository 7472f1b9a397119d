package term

import (
	"cmp"
	"slices"
	"strings"

	"polygraph/internal/finding"
)

// Limits of what is folded when nobody asked for everything.
const (
	maxBrief  = 20 // lines of one sort
	maxOpen   = 12 // different evidence that unproven findings lack
	maxAlike  = 5  // findings listed that lack the same
	maxCounts = 64 // rules that are counted one by one
)

// folded holds what is printed after the other findings, or as a number only.
type folded struct {
	open     []*lackers // unproven findings, by what they lack
	openMore int
	excepted []string // lines
	excepts  int
	gone     map[finding.Status]int // fixed and removed ones
	same     map[string]int         // per rule
	sames    int
	overdue  int // of the same ones
}

// lackers are unproven findings that lack the same evidence.
type lackers struct {
	key   string
	first *finding.Finding
	lines []string
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
			k.excepted = append(k.excepted, l.briefly(f)+"  "+l.ink.dim.paint("excepted by "+f.ExceptedBy))
		}
	case c != nil && c.Status == finding.Same && c.Why == "":
		k.sames++
		if f.Overdue {
			k.overdue++
		}
		if k.same == nil {
			k.same = map[string]int{}
		}
		if _, known := k.same[f.Rule]; known || len(k.same) < maxCounts {
			k.same[strings.Clone(f.Rule)]++
		}
	case c != nil && gone(c.Status):
		l.endOpen()
		if k.gone == nil {
			k.gone = map[finding.Status]int{}
		}
		if k.gone[c.Status]++; k.gone[c.Status] <= maxBrief {
			l.brief(f, reason(c))
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
		for _, text := range o.lines {
			l.line(text)
		}
		if more := o.n - len(o.lines); more > 0 {
			l.row("", "... and "+number(more)+" more that lack the same (use -v)")
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
	l.endOpen()
	k := &l.folded
	for _, s := range []finding.Status{finding.Fixed, finding.Removed, finding.Lost} {
		if more := k.gone[s] - maxBrief; more > 0 {
			l.enter(inFindings)
			l.line(pad(strings.ToUpper(s.String()), statusWidth), "  ... and ", number(more), " more (use -v)")
		}
	}
	if k.excepts > 0 {
		l.separate("excepted")
		for _, text := range k.excepted {
			l.line(text)
		}
		if more := k.excepts - len(k.excepted); more > 0 {
			l.line(l.ink.head.paint("- EXCEPTED"), "  ... and ", number(more), " more (use -v)")
		}
	}
	if k.sames > 0 {
		l.separate("same")
		text := count(k.sames, "known finding", "known findings") + " unchanged: " + k.counts()
		if k.overdue > 0 {
			text += "; " + number(k.overdue) + " overdue"
		}
		l.line(l.ink.dim.paint(pad("SAME", statusWidth)), "  ", text, l.ink.dim.paint(" (-v lists them)"))
	}
	l.folded = folded{}
}

// counts lists how many there are per rule, most first.
func (k *folded) counts() string {
	rules := make([]string, 0, len(k.same))
	rest := k.sames
	for r, n := range k.same {
		rules = append(rules, r)
		rest -= n
	}
	slices.SortFunc(rules, func(a, b string) int {
		return cmp.Or(cmp.Compare(k.same[b], k.same[a]), strings.Compare(a, b))
	})
	for i, r := range rules {
		rules[i] = r + " " + number(k.same[r])
	}
	if rest > 0 {
		rules = append(rules, number(rest)+" of others")
	}
	return strings.Join(rules, ", ")
}

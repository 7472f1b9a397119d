package html

import "polygraph/internal/finding"

// grouping is where a finding stands on the page, in the order of the page.
type grouping int

const (
	failing  grouping = iota // of a check: all that is not excepted; of a comparison: what got worse
	overdue                  // of a comparison: as before, and failing because of its age
	open                     // of a comparison: new or not judged, without failing the gate
	gone                     // of a comparison: fixed or removed
	same                     // of a comparison: as before
	excepted                 // an owner accepted it
	groupings
)

func groupOf(f *finding.Finding, comparison bool) grouping {
	c := f.Change
	switch {
	case comparison && c != nil && !c.Worse && (c.Status == finding.Fixed || c.Status == finding.Removed):
		return gone // whatever BASE excepted
	case comparison && c != nil && !c.Worse && c.Status == finding.Lost:
		return open
	case comparison && c != nil && c.Worse && c.Status == finding.Same && f.Overdue:
		return overdue
	case f.ExceptedBy != "" && (c == nil || !c.Worse):
		return excepted
	case !comparison || c != nil && c.Worse:
		return failing
	case c != nil && c.Status == finding.Same:
		return same
	default:
		return open
	}
}

// group holds the findings of one section as HTML: the first ones in full,
// the next ones as lines, of the rest their number by rule.
type group struct {
	ID, Title, Explain string
	Cards, Lines, Rest int
	RestByRule         tallies
	Statuses           [finding.Removed + 1]int // of a comparison
	Overdue            int

	limit  budget
	html   pile
	inLine bool // the budget for cards is used up, so order is kept by lines only
	bytes  int  // of lines
}

// Past is said of a group in which some are past their deadline without
// failing because of it.
func (g *group) Past() string {
	if g.ID != "same" || g.Overdue == 0 {
		return ""
	}
	return count(g.Overdue, "is", "are") + " past the deadline."
}

// left tells whether only BASE has f: what is said of it is not true of today.
func left(f *finding.Finding) bool {
	c := f.Change
	return c != nil && (c.Status == finding.Lost || c.Status == finding.Fixed || c.Status == finding.Removed)
}

// Total is how many findings the section is about.
func (g *group) Total() int { return g.Cards + g.Lines + g.Rest }

// Shown is how many of them stand on the page.
func (g *group) Shown() int { return g.Cards + g.Lines }

func newGroups(comparison bool) [groupings]*group {
	out := [groupings]*group{
		overdue:  {ID: "overdue", Title: "Overdue: this fails the gate", Explain: "Both runs have these; they are past their deadline."},
		open:     {ID: "open", Title: "New or not judged, without failing the gate", Explain: "One side did not look, or the gate does not fail on it."},
		gone:     {ID: "gone", Title: "Fixed or removed", Explain: "BASE had these, HEAD has not. Removed ones went with what they were about."},
		same:     {ID: "same", Title: "As before", Explain: "Both runs have these. They do not fail the gate and are as wrong as they were."},
		excepted: {ID: "excepted", Title: "Excepted", Explain: "Owners accepted these until a date. An exception excuses a lie; it does not make it true."},
	}
	for i := range out {
		if out[i] != nil {
			out[i].limit = otherBudget()
		}
	}
	out[failing] = &group{ID: "findings", Title: "Findings", limit: mainBudget()}
	if comparison {
		out[failing].Title = "Worse: this fails the gate"
		out[failing].Explain = "HEAD has these and BASE had not, or HEAD can no longer prove or see what BASE could."
	}
	return out
}

// hear renders f into its section, as long as there is room.
func (l *listener) hearFinding(f *finding.Finding) error {
	comparison := l.comparison()
	where := groupOf(f, comparison)
	l.counts.add(f, where)
	g := l.groups[where]
	if c := f.Change; c != nil && int(c.Status) < len(g.Statuses) {
		g.Statuses[c.Status]++
	}
	if f.Overdue && !left(f) {
		g.Overdue++
	}
	c := newCard(f)
	if len(l.looked.Evidence)+l.looked.Changes() > 1 {
		c.File = clip(f.At().File, maxLineText)
	}
	if l.named.MatchString(c.Fingerprint) && !l.used[c.Fingerprint] {
		c.ID = c.Fingerprint
	}
	if !g.inLine {
		if err := l.render("card", c); err != nil {
			return err
		}
		if g.Cards < g.limit.cards && g.html.size+l.scratch.Len() <= g.limit.cardBytes {
			g.Cards++
			g.html.add(l.scratch.Bytes())
			l.use(c.ID)
			return nil
		}
		g.inLine = true
	}
	if g.Rest == 0 && g.Lines < g.limit.lines {
		if err := l.render("line", c.short()); err != nil {
			return err
		}
		if g.bytes+l.scratch.Len() <= g.limit.lineBytes {
			g.Lines++
			g.bytes += l.scratch.Len()
			g.html.add(l.scratch.Bytes())
			l.use(c.ID)
			return nil
		}
	}
	g.Rest++
	g.RestByRule.add(clip(f.Rule, maxLineText), maxRules)
	return nil
}

func (l *listener) use(id string) {
	if id != "" {
		l.used[id] = true
	}
}

func (l *listener) render(name string, data any) error {
	l.scratch.Reset()
	return l.tmpl.ExecuteTemplate(&l.scratch, name, data)
}

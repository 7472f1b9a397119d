package html

import (
	"regexp"
	"slices"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
)

// card is a finding as the page shows it: a copy with every text and list
// bounded, and how much of each list was left out.
type card struct {
	finding.Finding
	ID      string // of the element, "" when it cannot have one
	Mark    mark
	Rank    int // of the severity, greater is worse
	Status  string
	Left    bool   // only BASE has it
	File    string // where several pieces of evidence have findings
	WasMark *mark  // the verdict in BASE, where it was another
	Chip    mark   // class of the status chip

	// First and Later are the proof: all of a long one is not seen at once.
	First, Later []finding.Statement
	LaterStart   int

	MoreProof, MoreAliases, MoreMissing, MoreCommands int
}

// newCard copies f: a message is only valid while it is heard.
func newCard(f *finding.Finding) *card {
	c := &card{Finding: *f, Mark: markOf(f.Verdict), Rank: int(f.Severity)}
	for _, s := range []*string{
		&c.Rule, &c.Analyzer, &c.Claim, &c.Title, &c.Subject.Kind, &c.Subject.Identity, &c.Subject.Environment,
		&c.Subject.Inferred, &c.FirstSeen, &c.ExceptedBy, &c.Discriminator, &c.Fingerprint, &c.Remedy.Language,
	} {
		*s = text(*s)
	}
	c.Picture, c.Remedy.Text, c.Remedy.Patch = block(f.Picture), block(f.Remedy.Text), block(f.Remedy.Patch)
	c.Subject.Aliases, c.MoreAliases = texts(f.Subject.Aliases)
	for i, a := range c.Subject.Aliases {
		c.Subject.Aliases[i] = words.Alias(a)
	}
	c.Remedy.Commands, c.MoreCommands = texts(f.Remedy.Commands)

	c.MoreProof = max(0, len(f.Proof)-maxProof)
	c.Proof = slices.Clone(f.Proof[:len(f.Proof)-c.MoreProof])
	for i := range c.Proof {
		s := &c.Proof[i]
		s.Text, s.At.Object, s.At.Pointer = text(s.Text), text(s.At.Object), text(s.At.Pointer)
		if s.At.Object == c.Subject.Identity {
			s.At.Object = "" // the card is about it
		}
	}
	first := 8
	if c.Picture != "" {
		first = 3 // the picture shows the same
	}
	// One statement is not worth a fold.
	if len(c.Proof) <= first+1 {
		first = len(c.Proof)
	}
	c.First, c.Later, c.LaterStart = c.Proof[:first], c.Proof[first:], first+1
	c.MoreMissing = max(0, len(f.Missing)-maxList)
	c.Missing = slices.Clone(f.Missing[:len(f.Missing)-c.MoreMissing])
	for i := range c.Missing {
		m := &c.Missing[i]
		m.Evidence, m.Get = text(m.Evidence), text(m.Get)
	}
	if f.Cost != nil {
		cost := *f.Cost
		cost.Currency, cost.Source = text(cost.Currency), text(cost.Source)
		c.Cost = &cost
	}
	if f.Change != nil {
		ch := *f.Change
		ch.Why = text(ch.Why)
		c.Change, c.Status = &ch, ch.Status.String()
		c.Chip = statusMark(&ch)
		var was finding.Verdict
		if c.Left = left(f); c.Left {
			c.Mark = former(ch.Status, f.Verdict)
		} else if ch.Was != "" && was.UnmarshalText([]byte(ch.Was)) == nil && was != f.Verdict {
			m := markOf(was)
			c.WasMark = &m
		}
	}
	return c
}

func statusMark(c *finding.Change) mark {
	switch {
	case c.Worse && c.Status != finding.Same: // that it is overdue is said beside
		return mark{Class: "bad"}
	case c.Status == finding.Fixed, c.Status == finding.Removed:
		return mark{Class: "good"}
	case c.Status == finding.Same:
		return mark{Class: "plain"}
	default:
		return mark{Class: "open"}
	}
}

// Filed is what the filter of the page knows the verdict by: one of BASE is
// not one of today.
func (c *card) Filed() string {
	if c.Left {
		return "was " + c.Verdict.String()
	}
	return c.Verdict.String()
}

// Late tells that its deadline has passed.
func (c *card) Late() bool { return c.Overdue && !c.Left && c.ExceptedBy == "" }

// short makes the card fit on one line.
func (c *card) short() *card {
	for _, s := range []*string{&c.Rule, &c.Analyzer, &c.Subject.Identity, &c.Subject.Environment, &c.Title, &c.FirstSeen} {
		*s = clip(*s, maxLineText)
	}
	return c
}

// fingerprints is what an element may be named by: a name of another form
// could be one that the page uses itself.
func fingerprints() *regexp.Regexp { return regexp.MustCompile(`^v1:[0-9a-f]{24}$`) }

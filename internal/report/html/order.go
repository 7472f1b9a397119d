package html

import "polygraph/internal/finding"

// section is a part of the page: findings, or a template over the page.
type section struct {
	template string
	group    *group
	Links    []link // to it, from the head of the page
}

// link is an entry of the list of contents.
type link struct {
	To, Title string
	N         int // of what there is, 0 when that is no number
}

// maxLinks is how many tables the head of the page links to one by one.
const maxLinks = 6

// order decides what stands where. What changed, or what was found, comes
// before what was not seen and before every overview; where nothing was to be
// found, the answer of the run is in its tables, and they come first.
func (l *listener) order(p *page) []section {
	var out []section
	add := func(there bool, template string, links ...link) {
		if there {
			out = append(out, section{template: template, Links: links})
		}
	}
	findings := func(which ...grouping) {
		for _, i := range which {
			if g := l.groups[i]; g.Total() > 0 {
				out = append(out, section{group: g, Links: []link{{g.ID, g.Title, g.Total()}}})
			}
		}
	}
	told := false
	tables := func() {
		if told {
			return
		}
		told = true
		var links []link
		for _, t := range p.Tables {
			links = append(links, link{t.ID, tableTitle(t.Name), t.Total()})
		}
		if len(links) > maxLinks {
			links = []link{{"tables", "Tables", len(links)}}
		}
		add(len(p.Tables) > 0, "tables", links...)
	}
	unseen := func() {
		k := p.Looked
		there := len(k.Skips) > 0 || k.MoreSkips > 0 || len(p.Lacking) > 0 || len(k.Limits) > 0 || p.Summary == nil
		add(there, "unseen", link{"unseen", "Not seen", 0})
	}
	overview := func() { add(len(p.Rules) > 0, "overview", link{"rules", "Claims", len(p.Rules)}) }

	add(p.Found > 0, "filter")
	if p.Found == 0 && len(p.Tables) > 0 {
		tables()
	}
	findings(failing, overdue)
	p.None = l.none()
	add(p.None != "" && l.groups[failing].Total()+l.groups[overdue].Total() == 0, "none")
	if p.Compare {
		add(p.Looked.Changes() > 0, "changes", link{"changes", "Evidence lost or new", p.Looked.Changes()})
		add(len(p.Warnings) > 0, "warnings", link{"warnings", "Warnings", len(p.Warnings)})
		findings(open, gone)
		unseen()
		overview()
		findings(same, excepted)
	} else {
		findings(open, gone, same, excepted)
		unseen()
		overview()
	}
	tables()
	add(true, "evidence", link{"evidence", "Evidence examined", 0})
	add(true, "made", link{"made", "How this was made", 0})
	return out
}

// none is said where what was looked for is not there. Runs that look for no
// lie do not say that they found none.
func (l *listener) none() string {
	s := l.summary
	switch {
	case s == nil:
		return "No finding was heard before the run was cut off."
	case s.Difference != nil:
		return "No finding got worse."
	case l.idle() || s.Excepted > 0:
		return ""
	default:
		return "There is no finding."
	}
}

// idle tells whether no rule judged anything, so that a table of how claims
// fared would say nothing.
func (l *listener) idle() bool {
	if l.summary == nil {
		return l.counts.refuted+l.counts.unproven+l.groups[excepted].Total() == 0
	}
	for _, c := range l.summary.Rules {
		if c.Examined > 0 {
			return false
		}
	}
	return true
}

// failed is how many findings fail the gate.
func (l *listener) failed() int { return l.groups[failing].Total() + l.groups[overdue].Total() }

// comparisonTiles count what the sections show, so that a number and the
// section it leads to agree.
func (l *listener) comparisonTiles(p *page) {
	of := func(i grouping, s finding.Status) int { return l.groups[i].Statuses[s] }
	known := of(failing, finding.New) + of(failing, finding.Worse) + of(failing, finding.Lost)
	k := p.Looked
	for _, t := range []tile{
		{of(failing, finding.New), "new", "bad", "findings"},
		{of(failing, finding.Worse), "worse", "bad", "findings"},
		{of(failing, finding.Lost), "lost", "bad", "findings"},
		{l.groups[failing].Total() - known, "failing otherwise", "bad", "findings"},
		{l.groups[overdue].Total(), "overdue", "bad", "overdue"},
		{k.Changed[evidenceLost].N, "evidence lost", "bad", "changes"},
		{k.Changed[evidenceNew].N, "evidence new", "plain", "changes"},
		{k.Changed[evidenceRemoved].N, "evidence removed", "plain", "changes"},
		{len(p.Warnings), plural(len(p.Warnings), "warning", "warnings"), "open", "warnings"},
		{of(open, finding.Unjudged), "not judged", "open", "open"},
		{l.groups[open].Total() - of(open, finding.Unjudged), "changed, not failing", "open", "open"},
		{of(gone, finding.Fixed), "fixed", "good", "gone"},
		{of(gone, finding.Removed), "removed", "plain", "gone"},
		{l.groups[same].Total(), "as before", "plain", "same"},
		{l.groups[excepted].Total(), "excepted", "excepted", "excepted"},
	} {
		if t.N > 0 {
			p.Tiles = append(p.Tiles, t)
		}
	}
}

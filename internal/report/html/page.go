package html

import (
	"html/template"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// page is what the templates see.
type page struct {
	Style  template.CSS
	Script template.JS
	Policy string
	Title  string

	Header     *run.Header
	Inputs     []string
	MoreInputs int
	Summary    *run.Summary // nil when the run was cut off
	Compare    bool

	Mark     mark // of the run; in a comparison the direction
	Outcome  string
	HeadMark mark // in a comparison, of HEAD itself
	Head     string
	Reasons  []string
	Warnings []string
	Tiles    []tile

	Lacking      []*need
	Ways         []*way  // of getting it
	Asks         []*need // what no command gets
	MoreLack     int
	Looked       *looked
	EvidenceLost bool
	Tables       []*table
	MoreRows     int
	Rules        []rule
	Idle         []rule // that had nothing to judge, when they are many
	Charts       []chart
	Columns      []mark // of tables that count findings
	True         mark   // and the last one
	Sections     []section
	None         string
	Command      string // as it is typed
	Kinds        []tallied
	Found        int // findings heard
	Shown        int // of them on the page
}

// tile is one number of the head of the page.
type tile struct {
	N     int
	Word  string
	Class string
	To    string // id of a section
}

// rule is a line of the table of rules.
type rule struct {
	run.RuleRef
	run.RuleCount
	Prose bool // there is more to tell than the claim
}

func (l *listener) page() *page {
	p := &page{
		Style: template.CSS(style), Script: template.JS(script), Policy: policy(),
		Header: l.header, Summary: l.summary, Compare: l.comparison(),
		Lacking: l.counts.lacking.List, MoreLack: l.counts.lacking.More,
		Ways: l.counts.lacking.Ways(), Asks: l.counts.lacking.Asks(), EvidenceLost: l.looked.Changed[evidenceLost].N > 0,
		Looked: &l.looked, Tables: l.tables.List, MoreRows: l.tables.More,
	}
	if p.Header == nil {
		p.Header = &run.Header{Command: "run"}
	}
	p.Inputs, p.MoreInputs = texts(p.Header.Inputs)
	for _, g := range l.groups {
		p.Found += g.Total()
		p.Shown += g.Shown()
	}
	l.judge(p)
	about := strings.Join(p.Inputs, " ")
	if p.Compare && p.Header.Head != nil {
		about = p.Header.Base.Name + " → " + p.Header.Head.Name
	}
	p.Title = p.Mark.Word + ": Polygraph " + text(p.Header.Command) + " " + clip(about, maxLineText)
	p.Command = l.command(p)
	p.Rules = l.ruleLines()
	if p.Found == 0 && (len(p.Tables) > 0 || l.summary != nil && l.summary.Conclusion != "") {
		p.Rules = slices.DeleteFunc(p.Rules, func(r rule) bool { return r.Examined == 0 })
	}
	p.foldIdle()
	p.Columns, p.True = l.columns(), markOf(finding.Holds)
	p.Charts = l.charts(p.Columns)
	if l.summary != nil {
		for k, n := range l.summary.Coverage.Kinds {
			p.Kinds = append(p.Kinds, tallied{Name: text(k), N: n})
		}
		slices.SortFunc(p.Kinds, func(a, b tallied) int { return strings.Compare(a.Name, b.Name) })
		p.Kinds = p.Kinds[:min(len(p.Kinds), maxList)]
	}
	p.Sections = l.order(p)
	return p
}

// mostIdle is how many rules without anything to judge stand in the table.
const mostIdle = 6

// foldIdle takes rules that had nothing to judge out of the table when they are
// many: they are listed below it.
func (p *page) foldIdle() {
	idle := func(r rule) bool { return r.Examined == 0 }
	var rest []rule
	for _, r := range p.Rules {
		if idle(r) {
			rest = append(rest, r)
		}
	}
	if p.Summary == nil || len(rest) <= mostIdle {
		return
	}
	p.Rules, p.Idle = slices.DeleteFunc(p.Rules, idle), rest
}

// command is what was typed, as far as the run says it.
func (l *listener) command(p *page) string {
	line := []string{"polygraph", text(p.Header.Command)}
	if p.Compare && p.Header.Head != nil {
		base, head := text(p.Header.Base.Name), text(p.Header.Head.Name)
		// compare --base-ref names its sides so.
		ref, commit, isRef := strings.Cut(base, " (")
		if !isRef || head != "working tree" || !strings.HasSuffix(commit, ")") {
			return strings.Join(append(line, quoted(base), quoted(head)), " ")
		}
		line = append(line, "--base-ref", quoted(ref))
	}
	for _, in := range p.Inputs {
		line = append(line, quoted(in))
	}
	if p.MoreInputs > 0 {
		line = append(line, "… and "+words.Number(p.MoreInputs)+" more")
	}
	return strings.Join(line, " ")
}

// ruleLines joins what rules say about themselves and how they fared. Of a run
// that was cut off the findings heard are counted; what held is not known.
func (l *listener) ruleLines() []rule {
	var out []rule
	index := map[string]int{}
	at := func(id string) *rule {
		id = clip(id, maxLineText)
		if i, ok := index[id]; ok {
			return &out[i]
		}
		if len(out) == maxRules {
			return nil
		}
		index[id] = len(out)
		out = append(out, rule{RuleRef: run.RuleRef{ID: id}})
		return &out[len(out)-1]
	}
	if l.header != nil {
		for _, ref := range l.header.Rules {
			if r := at(ref.ID); r != nil {
				r.RuleRef = shortRule(ref)
				r.Prose = ref.Why != "" || ref.Fix != "" || ref.Claimant != "" || len(ref.Sources) > 0
			}
		}
	}
	if l.summary != nil {
		for _, c := range l.summary.Rules {
			if r := at(c.Rule); r != nil {
				r.RuleCount = c
			}
		}
	} else {
		for id, c := range l.counts.rules {
			if r := at(id); r != nil {
				r.RuleCount = *c
			}
		}
	}
	if l.summary != nil {
		// Rules about exceptions are counted only where there is one to judge.
		out = slices.DeleteFunc(out, func(r rule) bool {
			return r.Analyzer == "exceptions" && r.Examined == 0
		})
	}
	slices.SortFunc(out, func(a, b rule) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func shortRule(r run.RuleRef) run.RuleRef {
	r.ID = clip(r.ID, maxLineText)
	for _, s := range []*string{&r.Analyzer, &r.Claim, &r.Title, &r.Claimant, &r.Why, &r.Fix} {
		*s = text(*s)
	}
	r.Sources, _ = texts(r.Sources)
	return r
}

package term

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// maxLacking and maxLackingAll bound how many different pieces of missing evidence are named
// at the end.
const (
	maxLacking    = 12
	maxLackingAll = 1000 // with -v
	mostRules     = 4    // named of those that lack one thing
)

// lacking collects which evidence would settle what is unproven. Findings that
// lack the same thing are counted together, whatever way each names to get it.
type lacking struct {
	order []string // of the evidence, as heard
	need  map[string]*need
	more  int
	limit int
	told  map[string]bool // printed beside a finding already; at most maxTold
}

// maxTold bounds what is remembered of missing evidence that was printed.
const maxTold = 1000

// tell notes that a finding says what is missing: the end does not say it again.
func (k *lacking) tell(evidence string) {
	if k.told == nil {
		k.told = map[string]bool{}
	}
	if len(k.told) < maxTold {
		k.told[evidence] = true
	}
}

type need struct {
	get      string
	others   bool // findings that name another way
	findings int
	rules    []string
}

func (k *lacking) add(f *finding.Finding) {
	if f.Verdict != finding.Unproven {
		return
	}
	for _, m := range f.Missing {
		if n := k.note(m.Evidence, m.Get, f.Rule); n != nil {
			n.findings++
		}
	}
}

func (k *lacking) note(evidence, get, rule string) *need {
	n := k.need[evidence]
	if n == nil {
		if len(k.order) == k.limit {
			k.more++
			return nil
		}
		if k.need == nil {
			k.need = map[string]*need{}
		}
		n = &need{get: get}
		k.need[evidence] = n
		k.order = append(k.order, evidence)
	}
	n.others = n.others || n.get != get
	if !slices.Contains(n.rules, rule) {
		n.rules = append(n.rules, rule)
	}
	return n
}

func (l *listener) hearSummary(s *run.Summary) {
	l.enter(inSummary)
	if l.opts.Detail != Quiet {
		l.ruleTable(s)
		l.coverage(s)
	}
	for _, g := range s.Missing {
		if !l.lacking.told[g.Evidence] {
			l.lacking.note(g.Evidence, g.Get, g.Rule)
		}
	}
	l.needs()
	if l.opts.Detail != Quiet {
		l.line()
	}
	l.verdict(s)
}

// ruleTable says per rule how many things were judged. Rules that had nothing
// to judge are counted, not listed.
func (l *listener) ruleTable(s *run.Summary) {
	idle := 0
	t := table{ink: l.ink, w: l.buf, width: l.opts.Width}
	for _, r := range s.Rules {
		if r.Examined == 0 && l.opts.Detail != Verbose {
			idle++
			continue
		}
		cells := []run.Cell{
			{Name: "rule", Value: r.Rule},
			{Name: "examined", Value: words.Number(r.Examined)},
			{Name: "false", Value: words.Number(r.Refuted)},
			{Name: "unproven", Value: words.Number(r.Unproven)},
			{Name: "true", Value: words.Number(r.Held)},
		}
		if s.Excepted > 0 {
			cells = append(cells, run.Cell{Name: "excepted", Value: words.Number(r.Excepted)})
		}
		t.add(&run.Row{Cells: append(cells, run.Cell{Name: "claim", Value: l.rules[r.Rule].Claim})})
	}
	t.end()
	if idle > 0 {
		l.line(l.ink.dim.paint(count(idle, "rule", "rules") + " had nothing to judge"))
	}
	if t.printed || idle > 0 {
		l.line()
	}
}

func (l *listener) coverage(s *run.Summary) {
	c := s.Coverage
	var kinds []string
	for _, k := range slices.Sorted(maps.Keys(c.Kinds)) {
		kinds = append(kinds, fmt.Sprintf("%s %s", words.Number(c.Kinds[k]), k))
	}
	parts := []string{count(c.Files, "file", "files") + " seen"}
	if len(kinds) > 0 {
		parts = append(parts, "examined "+strings.Join(kinds, ", ")+" ("+words.Size(c.Bytes)+")")
	} else {
		parts = append(parts, "examined nothing")
	}
	if c.Skipped > 0 {
		parts = append(parts, words.Number(c.Skipped)+" skipped")
	}
	if c.NotNeeded > 0 {
		parts = append(parts, count(c.NotNeeded, "is", "are")+" no evidence of anything known")
	}
	l.label("coverage", strings.Join(parts, "; "))
}

// needs names the evidence that is missing and how to get it.
func (l *listener) needs() {
	for i, evidence := range l.lacking.order {
		n := l.lacking.need[evidence]
		who := words.Some(n.rules, mostRules, "rules")
		if n.findings > 1 {
			who += ", " + count(n.findings, "finding", "findings")
		}
		l.label("missing", evidence+" ("+who+")")
		if !n.others && i+1 < len(l.lacking.order) {
			if next := l.lacking.need[l.lacking.order[i+1]]; next.get == n.get && !next.others {
				continue // one way gets both
			}
		}
		l.way("", n.get)
		if n.others {
			l.label("", "... the other findings say how to get theirs")
		}
	}
	if n := l.lacking.more; n > 0 && l.opts.Detail != Verbose {
		l.label("", "... and "+words.Number(n)+" more (-v lists them)")
	} else if n > 0 {
		l.label("", "... and "+words.Number(n)+" more; -o jsonl=FILE has them")
	}
}

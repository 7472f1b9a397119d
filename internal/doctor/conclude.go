package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// The states of a capability, the worst first.
const (
	missing  = "missing"  // nothing to judge
	partly   = "partly"   // something cannot be judged
	stale    = "stale"    // all of it can be judged, some as it was
	complete = "complete" // nothing is missing
)

// mostLacks bounds how many root modules are named with their command.
const mostLacks = 200

// lack is something to get.
type lack struct {
	evidence, get string
	rules         []string
}

// capability is the diagnosis of one analyzer.
type capability struct {
	name     string
	state    string
	lacking  bool     // something is missing
	aged     bool     // something is stale
	evidence []string // counts, "2 terraform-plan"
	newest   string
	said     []string // what is missing, in a few words each
	lacks    []lack
}

// conclude emits the tables and the summary.
func (d *Diagnosis) conclude(s *run.Summary) error {
	out := &run.Summary{
		Rules: []run.RuleCount{}, Coverage: s.Coverage, ElapsedMS: s.ElapsedMS, Verdict: finding.Holds,
	}
	var all []*capability
	for _, a := range d.everybody() {
		c := d.examine(a)
		all = append(all, c)
		err := d.row("doctor", "capability", c.name, "state", c.state, "evidence", strings.Join(c.evidence, ", "),
			"newest", c.newest, "missing", strings.Join(c.said, "; "))
		if err != nil {
			return err
		}
		for _, l := range c.lacks {
			for _, r := range l.rules {
				out.Missing = append(out.Missing, run.Gap{Rule: r, Evidence: l.evidence, Get: l.get})
			}
		}
	}
	if err := d.gate(); err != nil {
		return err
	}
	if len(out.Missing) > 0 || s.Coverage.Evidence == 0 || s.Coverage.Skipped > 0 {
		out.Verdict = finding.Unproven
	}
	out.Conclusion = conclusion(all, s.Coverage)
	return d.next.Hear(&run.Message{Summary: out})
}

// everybody are the analyzers that need something, and those that were not
// asked about but left something unproven.
func (d *Diagnosis) everybody() []*analysis.Analyzer {
	var out []*analysis.Analyzer
	known := map[string]bool{}
	for _, a := range d.o.Analyzers {
		if known[a.Name] = true; len(d.needs(a)) > 0 || d.open.count[a.Name] > 0 {
			out = append(out, a)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.open.count)) {
		if !known[name] {
			out = append(out, &analysis.Analyzer{Name: name})
		}
	}
	return out
}

func (d *Diagnosis) row(table string, cells ...string) error {
	r := run.Row{Table: table}
	for i := 0; i+1 < len(cells); i += 2 {
		r.Cells = append(r.Cells, run.Cell{Name: cells[i], Value: cells[i+1]})
	}
	return d.next.Hear(&run.Message{Row: &r})
}

func (d *Diagnosis) examine(a *analysis.Analyzer) *capability {
	c := &capability{name: a.Name, state: complete}
	var newest *piece
	for _, k := range d.needs(a) {
		pieces := d.of(k)
		if len(pieces) == 0 && !d.concerns(k) {
			continue
		}
		for i := range pieces {
			if newest == nil || pieces[i].at.After(newest.at) {
				newest = &pieces[i]
			}
		}
		c.evidence = append(c.evidence, fmt.Sprintf("%d %s", len(pieces), k.Name))
		rules := d.needing(a, k)
		switch {
		case k == evidence.TerraformPlan() || k == evidence.TerraformState():
			d.ofRoots(c, k, pieces, rules)
		case len(pieces) == 0:
			c.lack(missing, "no "+k.Title, lack{k.Title, k.Get, rules})
		}
		if len(pieces) > 0 {
			d.aged(c, k, pieces, rules)
		}
	}
	if newest != nil && !newest.at.IsZero() {
		c.newest = newest.at.UTC().Format(time.DateOnly) + " (" + newest.clock.short() + ")"
	}
	if n := d.open.count[a.Name]; n > 0 {
		c.worsen(partly, plural(n, "unproven finding", "unproven findings"))
	}
	for _, s := range d.open.sorts {
		if s.analyzer == a.Name {
			c.lacks = append(c.lacks, lack{s.said(), s.get, s.rules})
		}
	}
	if d.open.more > 0 && d.open.count[a.Name] > 0 {
		c.said = append(c.said, "more than is listed")
	}
	return c
}

func (c *capability) worsen(state, said string) {
	c.lacking = c.lacking || state == missing || state == partly
	c.aged = c.aged || state == stale
	order := []string{missing, partly, stale, complete}
	if slices.Index(order, state) < slices.Index(order, c.state) {
		c.state = state
	}
	if said != "" {
		c.said = append(c.said, said)
	}
}

func (c *capability) lack(state, said string, l lack) {
	c.worsen(state, said)
	c.lacks = append(c.lacks, l)
}

// concerns tells whether anything that is there speaks of the world of a kind,
// or nothing is there at all.
func (d *Diagnosis) concerns(k *evidence.Kind) bool {
	if len(d.repo.roots) > 0 && k.Family == evidence.TerraformPlan().Family {
		return true
	}
	if len(d.pieces) == 0 && len(d.repo.roots) == 0 {
		return true
	}
	for _, other := range evidence.Kinds() {
		if other.Family == k.Family && len(d.of(other)) > 0 {
			return true
		}
	}
	return false
}

// needs are the kinds of evidence that the rules of an analyzer need.
func (d *Diagnosis) needs(a *analysis.Analyzer) []*evidence.Kind {
	var out []*evidence.Kind
	for _, r := range a.Rules {
		for _, k := range r.Needs {
			if !d.o.Off[r.ID] && !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	return out
}

// needing are the rules that need a kind of evidence.
func (d *Diagnosis) needing(a *analysis.Analyzer, k *evidence.Kind) []string {
	var out []string
	for _, r := range a.Rules {
		if !d.o.Off[r.ID] && slices.Contains(r.Needs, k) {
			out = append(out, r.ID)
		}
	}
	return out
}

func (d *Diagnosis) of(k *evidence.Kind) []piece {
	var out []piece
	for _, p := range d.pieces {
		if p.kind == k.Name {
			out = append(out, p)
		}
	}
	return out
}

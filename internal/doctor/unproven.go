package doctor

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

// mostSorts bounds how many sorts of missing evidence are told apart.
const mostSorts = 64

// unproven folds findings into the evidence that would settle them.
type unproven struct {
	sorts []*gap
	more  int            // findings beyond mostSorts
	count map[string]int // unproven findings per analyzer
}

// gap is one sort of missing evidence and the one way to get it.
type gap struct {
	evidence, get string
	analyzer      string
	rules         []string
	findings      int
}

func (u *unproven) add(d *Diagnosis, f *finding.Finding) {
	// What an exception covers was decided about; nobody waits for evidence.
	if f.Verdict != finding.Unproven || f.ExceptedBy != "" {
		return
	}
	if u.count == nil {
		u.count = map[string]int{}
	}
	u.count[f.Analyzer]++
	for _, m := range f.Missing {
		what := m.Evidence
		if f.Subject.Identity != "" {
			what = strings.ReplaceAll(what, f.Subject.Identity, "...")
		}
		u.fold(what, d.here(m.Get, f.At().File), f)
	}
}

func (u *unproven) fold(what, get string, f *finding.Finding) {
	for _, s := range u.sorts {
		if s.evidence == what && s.get == get && s.analyzer == f.Analyzer {
			s.findings++
			if !slices.Contains(s.rules, f.Rule) {
				s.rules = append(s.rules, f.Rule)
			}
			return
		}
	}
	if len(u.sorts) == mostSorts {
		u.more++
		return
	}
	u.sorts = append(u.sorts, &gap{evidence: what, get: get, analyzer: f.Analyzer, rules: []string{f.Rule}, findings: 1})
}

// here turns the way to get a plan that a rule knows into the command for the
// root module whose plan the finding is about.
func (d *Diagnosis) here(get, file string) string {
	if !strings.Contains(get, "terraform show -json") || file == "" {
		return get
	}
	r := d.repo.rootOf(file)
	if r == nil {
		return get
	}
	command := planAgain(r, file)
	for _, known := range []string{evidence.TerraformPlan().Get, "terraform show -json tfplan > plan.json"} {
		if strings.Contains(get, known) {
			return strings.Replace(get, known, command, 1)
		}
	}
	return get
}

func (g *gap) said() string {
	return fmt.Sprintf("%s (would settle %s)", g.evidence, plural(g.findings, "finding", "findings"))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

package junit

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// rows are those of commands that judge no claim. Rows of other commands answer
// no question that a test could.
type rows struct {
	kept []answer
	text strings.Builder // of tables that are no tests
	more int
}

// answer is a row that is a test.
type answer struct {
	capability string // of doctor
	name       string
	state      string // "" passes
	missing    string
	get        string
}

func (r *rows) hear(row *run.Row) {
	cell := func(name string) string {
		for _, c := range row.Cells {
			if c.Name == name {
				return c.Value
			}
		}
		return ""
	}
	a := answer{}
	switch row.Table {
	case "doctor":
		a = answer{capability: cell("capability"), name: "capability: " + cell("capability"), state: words.First(cell("state"), "unknown"), missing: cell("missing")}
		if a.state == "complete" {
			a.state = ""
		}
	case "gate":
		a = answer{name: "gate: " + cell("gate"), get: cell("get")}
		if found := cell("found"); found == "" || strings.HasPrefix(found, "missing") {
			a.state, a.missing = "missing", strings.TrimPrefix(found, "missing: ")
		} else {
			a.missing = found
		}
	case "environments", "evidence", "unassigned":
		r.tell(row)
		return
	default:
		return
	}
	if len(r.kept) == maxListed {
		r.more++
		return
	}
	a.capability, a.name, a.state, a.missing, a.get = strings.Clone(cut(a.capability)), strings.Clone(cut(a.name)), strings.Clone(cut(a.state)), strings.Clone(cut(a.missing)), strings.Clone(cut(a.get))
	r.kept = append(r.kept, a)
}

// tell keeps a row as text, as long as there is room.
func (r *rows) tell(row *run.Row) {
	var cells []string
	for _, c := range row.Cells {
		cells = append(cells, c.Name+": "+c.Value)
	}
	line := row.Table + ": " + strings.Join(cells, ", ") + "\n"
	if r.text.Len()+len(line) > maxBody/2 {
		r.more++
		return
	}
	r.text.WriteString(line)
}

// answer adds the cases of a command that judges no claim: its rows, what is
// missing with the command that gets it, and its conclusion. It is green only
// when nothing is missing.
func (l *listener) answer(s *run.Summary) {
	gaps := distinct(s.Missing)
	open := 0
	for _, a := range l.rows.kept {
		if a.state != "" && a.capability != "" {
			open++
		}
	}
	for _, a := range l.rows.kept {
		if a.state == "" {
			l.about(a.name, passed, "", "", a.missing)
			continue
		}
		if a.get == "" && a.capability != "" {
			a.get = l.wayOf(a.capability, gaps, open == 1)
		}
		message := joined(a.state, a.missing)
		if a.get != "" {
			message += "; get it: " + a.get
		}
		l.about(a.name, skipped, a.state, message, "")
	}
	for i, g := range gaps {
		if i == maxListed {
			l.about(isListed+": missing evidence", skipped, "left-out", fmt.Sprintf("%d pieces of evidence more are missing", len(gaps)-i), "")
			break
		}
		l.about("missing: "+g.Evidence, skipped, "unproven", "UNPROVEN, missing: "+g.Evidence+"; get it: "+g.Get, "")
	}
	if l.rows.more > 0 {
		l.about(isListed+": rows", skipped, "left-out", fmt.Sprintf("%d rows more are not listed", l.rows.more), "")
	}
	said := words.First(s.Conclusion, "this command judges no claim")
	body := said + "\n" + l.rows.text.String()
	switch {
	case s.Verdict == finding.Refuted:
		l.about(isAnswered, failed, "refuted", "FALSE: "+said, body)
	case s.Verdict == finding.Holds && len(gaps) == 0:
		l.about(isAnswered, passed, "", "", body)
	default:
		l.about(isAnswered, skipped, "unproven", "UNPROVEN: "+said, body)
	}
}

// wayOf is how to get what a capability lacks first, when it can be told.
func (l *listener) wayOf(capability string, gaps []run.Gap, only bool) string {
	for _, g := range gaps {
		if only || l.rules[g.Rule].Analyzer == capability {
			return g.Get
		}
	}
	return ""
}

// distinct are the gaps without those that differ in their rule only.
func distinct(all []run.Gap) []run.Gap {
	var out []run.Gap
	for _, g := range all {
		if !slices.ContainsFunc(out, func(o run.Gap) bool { return o.Evidence == g.Evidence && o.Get == g.Get }) {
			if out = append(out, g); len(out) > 10*maxListed {
				break
			}
		}
	}
	return out
}

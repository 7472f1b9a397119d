package sarif

import (
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// hearRow makes a notification of a row of a command that judges no claim: SARIF
// has no other place for it. Rows of other commands stand beside findings, and
// there can be tens of thousands of them: -o jsonl has those.
func (l *listener) hearRow(r *run.Row) {
	title := ""
	switch r.Table {
	case "doctor":
		title = "Capability"
	case "gate":
		title = "The gate"
	case "environments":
		title = "Environment"
	case "evidence":
		title = "Evidence"
	case "unassigned":
		title = "No environment"
	default:
		return
	}
	level, get := "note", ""
	var cells []string
	for _, c := range r.Cells {
		switch {
		case c.Value == "":
			continue
		case c.Name == "get":
			get = words.Cut(c.Value, maxName)
			continue
		case c.Name == "state" && c.Value != "complete", c.Name == "found" && strings.HasPrefix(c.Value, "missing"):
			level = "warning"
		}
		cells = append(cells, words.Cut(c.Name, maxName)+" "+words.Cut(c.Value, maxName))
	}
	text := title + ": " + sentence(strings.Join(cells, "; "))
	if get != "" {
		text += " Get it: " + get
	}
	l.notes.add(diagnosis, level, text, nil, nil)
}

// conclude says what a command that judges no claim found, and why there are no
// results.
func (n *notes) conclude(s *run.Summary) {
	level := map[finding.Verdict]string{finding.Refuted: "error", finding.Holds: "note"}[s.Verdict]
	if level == "" {
		level = "warning"
	}
	text := ""
	if s.Conclusion != "" {
		text = sentence(words.Cut(s.Conclusion, maxText/2)) + " "
	}
	if s.Verdict != finding.Holds {
		text = s.Verdict.Label() + ": " + text
	}
	n.add(conclusion, level, text+"This command judges no claim, so this log has no results; what it shows is in the notifications.", nil, nil)
}

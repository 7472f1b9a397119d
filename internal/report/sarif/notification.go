package sarif

import (
	"fmt"
	"strings"
	"time"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// What a notification is about: the id of its descriptor.
const (
	notExamined      = "not-examined"
	nothingExamined  = "nothing-examined"
	evidenceChanged  = "evidence-changed" // in a comparison
	evidenceMissing  = "evidence-missing"
	comparison       = "comparison"
	diagnosis        = "diagnosis" // a row of a command that judges no claim
	conclusion       = "conclusion"
	resultsLeftOut   = "results-left-out"
	detailsLeftOut   = "details-left-out"
	notificationsCut = "notifications-left-out"
	cutOff           = "cut-off"
)

// notes collects notifications, a bounded number of each id.
type notes struct {
	list  []notification
	count map[string]int
	named bool // something that the user named was not examined
}

func (n *notes) add(id, level, text string, rule *reference, at *location) {
	if n.count == nil {
		n.count = map[string]int{}
	}
	if n.count[id]++; n.count[id] > maxNotifications {
		return
	}
	note := notification{Descriptor: reference{ID: id}, Level: level, Message: message{plain(words.Cut(text, maxText))}, Rule: rule}
	if at != nil {
		note.Locations = []location{*at}
	}
	n.list = append(n.list, note)
}

// wholeFile is the place of something that has no line.
func wholeFile(file string) *location {
	if file == "" {
		return nil
	}
	return &location{Physical: &physical{Artifact: artifactLocation{uri(file)}}}
}

func (l *listener) hearSkip(s *run.Skip) {
	text := "Not examined: " + words.Cut(s.Path, maxName)
	if s.Count > 1 {
		text += fmt.Sprintf(" (%d paths)", s.Count)
	}
	text += ". " + sentence(words.Cut(s.Reason, maxName))
	if s.Do != "" {
		text += " To do: " + sentence(words.Cut(s.Do, maxName))
	}
	level := "warning"
	if s.Named {
		level = "error"
		l.notes.named = true
	}
	l.notes.add(notExamined, level, text, nil, wholeFile(s.Path))
}

type artifactProperties struct {
	Kind        string   `json:"kind"`
	Nature      string   `json:"nature"`
	Environment string   `json:"environment,omitempty"`
	Recorded    string   `json:"recorded,omitempty"` // when the evidence was
	Notes       []string `json:"notes,omitempty"`
	Change      string   `json:"change,omitempty"`
}

func (l *listener) hearEvidence(e *run.Evidence) {
	gone := false
	if c := e.Change; c != nil {
		level := "note"
		if c.Worse {
			level = "error"
		}
		gone = c.Status == finding.Lost || c.Status == finding.Removed || c.Status == finding.Fixed
		text := fmt.Sprintf("Compared with BASE, this %s is %s: %s. ", words.Cut(words.First(e.Nature, "evidence"), maxName), strings.ToUpper(c.Status.String()), words.Cut(e.Path, maxName))
		l.notes.add(evidenceChanged, level, text+sentence(words.Cut(c.Why, maxName)), nil, wholeFile(e.Path))
	}
	if l.anywhere == "" && !gone {
		l.anywhere = cutPath(e.Path)
	}
	if len(l.artifacts) == maxArtifacts {
		l.moreFiles++
		return
	}
	a := artifact{
		Location: artifactLocation{uri(words.First(e.Path, "."))}, Roles: []string{"analysisTarget"},
		Properties: artifactProperties{
			Kind: words.Cut(e.Kind, maxName), Nature: words.Cut(e.Nature, maxName), Environment: words.Cut(e.Environment, maxName),
			Recorded: moment(e.Time), Notes: listed(e.Notes[:min(len(e.Notes), maxInMessage)]),
		},
	}
	if e.Detail != "" {
		a.Description = &message{plain(words.Cut(e.Detail, maxName))}
	}
	if !gone && e.Bytes >= 0 {
		a.Length = &e.Bytes
	}
	if e.Change != nil {
		a.Properties.Change = e.Change.Status.String()
		if gone {
			a.Roles = []string{"deleted"}
		}
	}
	l.artifacts = append(l.artifacts, a)
}

// moment writes a time as SARIF wants it (§3.9), in UTC; nothing when it is not
// known or has no four-digit year.
func moment(t time.Time) string {
	t = t.UTC()
	if t.IsZero() || t.Year() < 0 || t.Year() > 9999 {
		return ""
	}
	return t.Format("2006-01-02T15:04:05Z")
}

// invocation tells how the run went. It succeeded when it came to its end,
// examined something, and examined everything the user named.
func (l *listener) invocation() invocation {
	n := &l.notes
	if l.left > 0 {
		n.add(resultsLeftOut, "warning", fmt.Sprintf("This log has %d results, as many as code scanning takes. %d findings more, the last of the run, which has the worst first, are left out. -o jsonl has all of them.",
			l.written, l.left), nil, nil)
	}
	if l.shortened > 0 {
		n.add(detailsLeftOut, "note", fmt.Sprintf("%d results after the first %d have no places, pictures and remedies. -o jsonl has them.",
			l.shortened, maxDetailed), nil, nil)
	}
	if l.moreFiles > 0 {
		n.add(detailsLeftOut, "note", fmt.Sprintf("%d pieces of evidence more than the %d artifacts here were examined.", l.moreFiles, maxArtifacts), nil, nil)
	}
	ok := l.summary != nil && !n.named
	if s := l.summary; s != nil {
		answers := words.Answers(l.header.Command, s.Conclusion)
		for _, g := range s.Missing {
			text := "Rule " + words.Cut(g.Rule, maxName) + " has no evidence, so it says nothing. Missing: "
			if answers {
				text = "Rule " + words.Cut(g.Rule, maxName) + " lacks evidence. Missing: "
			}
			text += sentence(words.Cut(g.Evidence, maxName)) + " Get it: " + words.Cut(g.Get, maxName)
			ref := &reference{ID: g.Rule}
			if i, known := l.ruleIndex[g.Rule]; known {
				ref.Index = &i
			}
			n.add(evidenceMissing, "warning", text, ref, nil)
		}
		if d := s.Difference; d != nil {
			for _, w := range d.Warnings {
				n.add(comparison, "warning", sentence(w), nil, nil)
			}
			how := "note"
			switch {
			case d.Failing > 0 || d.Direction == "worse":
				how = "error"
			case d.Direction != "same" && d.Direction != "better":
				how = "warning"
			}
			for _, r := range d.Reasons {
				n.add(comparison, how, sentence(words.Direction(d.Direction)+": "+r), nil, nil)
			}
		}
		if answers {
			n.conclude(s)
		}
		if s.Coverage.Evidence == 0 { // in a comparison this is HEAD's
			ok = false
			n.add(nothingExamined, "error", "Nothing was examined, so nothing is known.", nil, nil)
		}
	} else {
		n.add(cutOff, "error", "The run was cut off before its summary: what it did not say is unproven. Run it again.", nil, nil)
	}
	for _, id := range []string{notExamined, evidenceChanged, evidenceMissing, comparison, diagnosis} {
		if more := n.count[id] - maxNotifications; more > 0 {
			n.add(notificationsCut, "warning", fmt.Sprintf("%d notifications more about %s are left out.", more, id), nil, nil)
		}
	}
	out := invocation{Successful: ok, Start: moment(l.header.Started), Notifications: n.list}
	if out.Notifications == nil {
		out.Notifications = []notification{}
	}
	return out
}

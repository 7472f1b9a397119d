package sarif

import (
	"fmt"
	"math"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
)

// resultProperties keep the words of Polygraph, spelled as in its stream.
type resultProperties struct {
	Verdict     string          `json:"verdict"`
	Label       string          `json:"label"` // the word for people
	Claim       string          `json:"claim,omitempty"`
	Severity    string          `json:"severity"`
	Analyzer    string          `json:"analyzer,omitempty"`
	Subject     subject         `json:"subject"`
	FirstSeen   string          `json:"first_seen,omitempty"`
	Overdue     bool            `json:"overdue,omitempty"`
	ExceptedBy  string          `json:"excepted_by,omitempty"`
	Missing     []missing       `json:"missing,omitempty"`
	Remedy      *remedy         `json:"remedy,omitempty"`
	Picture     string          `json:"picture,omitempty"`
	Cost        *cost           `json:"cost,omitempty"`
	Change      *finding.Change `json:"change,omitempty"`
	Statements  int             `json:"statements,omitempty"`   // of the proof
	PlacesLeft  int             `json:"places_left,omitempty"`  // statements that are not in relatedLocations
	DetailsLeft bool            `json:"details_left,omitempty"` // picture, patch and places are not here
}

type subject struct {
	Kind        string   `json:"kind,omitempty"`
	Identity    string   `json:"identity,omitempty"`
	Aliases     []string `json:"aliases,omitempty"`
	Environment string   `json:"environment,omitempty"`
	Inferred    string   `json:"inferred,omitempty"`
}

type missing struct {
	Evidence string `json:"evidence"`
	Get      string `json:"get"`
}

type remedy struct {
	Text     string   `json:"text,omitempty"`
	Commands []string `json:"commands,omitempty"`
	Patch    string   `json:"patch,omitempty"`
	Language string   `json:"language,omitempty"`
}

type cost struct {
	Monthly  float64 `json:"monthly"`
	Currency string  `json:"currency"`
	Source   string  `json:"source"`
}

func (l *listener) result(f *finding.Finding) result {
	r := result{
		RuleID: words.First(f.Rule, "unknown"), Kind: kind(f.Verdict), Level: "none",
		Suppressions: []suppression{}, Properties: l.describe(f),
	}
	if i, known := l.ruleIndex[f.Rule]; known {
		r.RuleIndex = &i
	}
	if l.compared {
		r.BaselineState = baseline(f.Change)
		r.Kind = kindNow(f.Change, r.Kind)
	}
	if r.Kind == "fail" {
		r.Level = level(f.Severity)
	}
	if l.excused(f) {
		r.Suppressions = append(r.Suppressions, suppression{"external", "accepted", words.Cut(f.ExceptedBy, maxText)})
	}
	if v := strings.TrimPrefix(f.Fingerprint, "v1:"); v != "" {
		v = words.Cut(v, maxName)
		r.PartialFingerprints = map[string]string{"polygraph/v1": words.Cut(f.Fingerprint, maxName), "primaryLocationLineHash": v}
	}
	at := place(f.At())
	if at == nil {
		at = place(finding.Location{File: words.First(l.anywhere, firstOf(l.header.Inputs), l.header.Config, ".")})
		at.Properties = &locationProperties{LineUnknown: true, PlaceAssumed: true}
	}
	at.Logical = names(f.Subject, f.At())
	r.Locations = []location{*at}
	detailed := l.written < maxDetailed
	if detailed {
		r.Related = related(f.Proof)
		r.Properties.PlacesLeft = max(0, len(f.Proof)-maxRelated)
	} else {
		r.Properties.DetailsLeft = true
		l.shortened++
	}
	r.Message.Text = joined(l.lines(f, detailed))
	return r
}

func kind(v finding.Verdict) string {
	switch v {
	case finding.Refuted:
		return "fail"
	case finding.Holds:
		return "pass"
	default:
		return "open"
	}
}

// baseline translates a status; doc.go says why.
func baseline(c *finding.Change) string {
	if c == nil {
		return "new"
	}
	switch c.Status {
	case finding.Same:
		return "unchanged"
	case finding.Worse, finding.Lost:
		return "updated"
	case finding.Fixed, finding.Removed:
		return "absent"
	default:
		return "new"
	}
}

// kindNow is the kind for findings of BASE that HEAD does not have.
func kindNow(c *finding.Change, was string) string {
	switch {
	case c == nil:
		return was
	case c.Status == finding.Lost:
		return "open"
	case c.Status == finding.Fixed, c.Status == finding.Removed:
		return "informational"
	}
	return was
}

// related are the places of the statements, with the statement as the message.
// The ids are the numbers of the statements: the text of the result links to
// them.
func related(proof []finding.Statement) []location {
	var out []location
	for i, s := range proof {
		if i == maxRelated {
			break
		}
		at := place(s.At)
		if at == nil {
			continue
		}
		at.ID = i + 1
		at.Message = &message{plain(words.Cut(words.First(s.Text, "place"), maxText))}
		if s.At.Object != "" {
			at.Logical = []logical{{words.Cut(s.At.Object, maxName), "object"}}
		}
		out = append(out, *at)
	}
	return out
}

// lines are the paragraphs of the text. The first is a sentence that says which
// thing breaks the claim how: where space is short it is all that is shown.
func (l *listener) lines(f *finding.Finding, detailed bool) []string {
	var out []string
	add := func(label, text string, n int) {
		if text != "" {
			out = append(out, label+plain(words.Cut(text, n)))
		}
	}
	add(l.standing(f), sentence(words.Cut(words.Called(f.Subject), maxName)+": "+words.First(f.Title, f.Claim, f.Rule)), maxText)
	is := "is"
	if l.gone(f) {
		is = "was"
	}
	if f.Claim != "" {
		add("", `The claim "`+words.Cut(f.Claim, maxText)+`" `+is+" "+l.label(f)+".", 2*maxText)
	} else {
		add("", l.label(f)+".", maxText)
	}
	if c := f.Change; l.compared && c != nil {
		text := strings.ToUpper(c.Status.String())
		if c.Was != "" {
			text += ", it was " + words.Verdict(c.Was)
		}
		if c.Why != "" {
			text += "; " + c.Why
		}
		add("Compared with BASE: ", sentence(text), maxText)
	}
	if f.Overdue && !l.gone(f) {
		add("", sentence("Overdue: known since "+words.First(f.FirstSeen, "an unknown date")), maxText)
	}
	if l.excused(f) {
		add("Excepted by ", f.ExceptedBy, maxText)
	} else {
		add("Excepted in BASE by ", f.ExceptedBy, maxText)
	}
	for i, m := range f.Missing {
		if i == maxInMessage {
			add("", fmt.Sprintf("%d more pieces of evidence are missing.", len(f.Missing)-i), maxText)
			break
		}
		add("Missing: ", m.Evidence, maxText)
		add("Get it: ", m.Get, maxText)
	}
	for i, s := range f.Proof {
		if i == maxInMessage {
			add("", fmt.Sprintf("%d more statements are in the proof.", len(f.Proof)-i), maxText)
			break
		}
		text := "Proof: " + plain(words.Cut(s.Text, maxText))
		if detailed && s.At.File != "" {
			text += fmt.Sprintf(" ([place %d](%d))", i+1, i+1)
		}
		out = append(out, text)
	}
	add("Remedy: ", f.Remedy.Text, 2*maxText)
	for i, c := range f.Remedy.Commands {
		if i == maxInMessage {
			break
		}
		add("Run: ", c, maxText)
	}
	return out
}

// joined puts the paragraphs together and leaves out whole ones that are too much:
// half of an escape would be a placeholder.
func joined(lines []string) string {
	size := 0
	for i, text := range lines {
		if size += len(text) + 1; size > maxBlock {
			return strings.Join(lines[:i], "\n") + fmt.Sprintf("\n%d more paragraphs are left out.", len(lines)-i)
		}
	}
	return strings.Join(lines, "\n")
}

// gone tells that only BASE has the finding: then its verdict is BASE's.
func (l *listener) gone(f *finding.Finding) bool {
	return l.compared && words.Gone(f.Change)
}

// excused tells that an exception covers the finding in HEAD. One of BASE does not
// excuse what got worse.
func (l *listener) excused(f *finding.Finding) bool {
	c := f.Change
	return f.ExceptedBy != "" && !(l.compared && c != nil && (c.Worse || c.Status == finding.Lost))
}

func (l *listener) label(f *finding.Finding) string {
	if l.gone(f) {
		return f.Verdict.Label() + " in BASE"
	}
	return f.Verdict.Label()
}

// standing is the word before the first sentence, where "it is false" would be
// the wrong thing to read.
func (l *listener) standing(f *finding.Finding) string {
	if c := f.Change; l.compared && c != nil {
		switch c.Status {
		case finding.Fixed:
			return "Fixed since BASE: "
		case finding.Removed:
			return "Removed since BASE: "
		case finding.Lost:
			return "Lost since BASE, UNPROVEN: "
		}
	}
	switch {
	case l.excused(f):
		return "Excepted: "
	case f.Verdict == finding.Refuted:
		return ""
	default:
		return f.Verdict.Label() + ": "
	}
}

func (l *listener) describe(f *finding.Finding) resultProperties {
	p := resultProperties{
		Verdict: f.Verdict.String(), Label: l.label(f), Claim: words.Cut(f.Claim, maxText), Severity: f.Severity.String(),
		Analyzer: words.Cut(f.Analyzer, maxName), FirstSeen: words.Cut(f.FirstSeen, maxName), Overdue: f.Overdue,
		ExceptedBy: words.Cut(f.ExceptedBy, maxText), Statements: len(f.Proof),
		Subject: subject{
			Kind: words.Cut(f.Subject.Kind, maxName), Identity: words.Cut(f.Subject.Identity, maxName), Aliases: listed(f.Subject.Aliases),
			Environment: words.Cut(f.Subject.Environment, maxName), Inferred: words.Cut(f.Subject.Inferred, maxName),
		},
	}
	for i, m := range f.Missing {
		if i == maxListed {
			break
		}
		p.Missing = append(p.Missing, missing{words.Cut(m.Evidence, maxText), words.Cut(m.Get, maxText)})
	}
	if r := f.Remedy; l.written < maxDetailed && (r.Text != "" || r.Patch != "" || len(r.Commands) > 0) {
		p.Remedy = &remedy{words.Cut(r.Text, 2*maxText), listed(r.Commands), words.Cut(r.Patch, maxBlock), words.Cut(r.Language, maxName)}
	}
	if l.written < maxDetailed {
		p.Picture = words.Cut(f.Picture, maxBlock)
	}
	if c := f.Cost; c != nil && !math.IsNaN(c.Monthly) && !math.IsInf(c.Monthly, 0) {
		p.Cost = &cost{c.Monthly, words.Cut(c.Currency, maxName), words.Cut(c.Source, maxText)}
	}
	if l.compared && f.Change != nil {
		c := *f.Change
		c.Was, c.Why = words.Cut(c.Was, maxName), words.Cut(c.Why, maxText)
		p.Change = &c
	}
	return p
}

func listed(in []string) []string {
	var out []string
	for i, s := range in {
		if i == maxListed {
			break
		}
		out = append(out, words.Cut(s, maxText))
	}
	return out
}

func firstOf(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return texts[0]
}

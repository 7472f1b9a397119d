package sarif

import (
	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// runProperties are the counts that a reader needs to tell what the results say.
type runProperties struct {
	Protocol string   `json:"protocol,omitempty"`
	Command  string   `json:"command,omitempty"`
	Inputs   []string `json:"inputs,omitempty"`
	Config   string   `json:"config,omitempty"`
	Base     *side    `json:"base,omitempty"`
	Head     *side    `json:"head,omitempty"`
	// Complete is false when the run was cut off: then there are no counts.
	Complete       bool            `json:"complete"`
	Verdict        string          `json:"verdict"`
	Conclusion     string          `json:"conclusion,omitempty"` // of a command that judges no claim
	Results        int             `json:"results"`
	ResultsLeftOut int             `json:"results_left_out"`
	Counts         *counts         `json:"counts,omitempty"`
	Coverage       *run.Coverage   `json:"coverage,omitempty"`
	Rules          []run.RuleCount `json:"rules,omitempty"`
	Difference     *run.Difference `json:"difference,omitempty"`
}

// side is one of the two runs of a comparison.
type side struct {
	Name    string   `json:"name"`
	Version string   `json:"version,omitempty"`
	Inputs  []string `json:"inputs,omitempty"`
	Started string   `json:"started,omitempty"`
}

func sideOf(s *run.Side) *side {
	if s == nil {
		return nil
	}
	return &side{words.Cut(s.Name, maxName), words.Cut(s.Version, maxName), listed(s.Inputs), moment(s.Started)}
}

type counts struct {
	Refuted  int `json:"refuted"`
	Unproven int `json:"unproven"`
	Held     int `json:"held"`
	Excepted int `json:"excepted"`
	Overdue  int `json:"overdue"`
}

func (l *listener) properties() runProperties {
	h := l.header
	p := runProperties{
		Protocol: words.Cut(h.Protocol, maxName), Command: words.Cut(h.Command, maxName), Inputs: listed(h.Inputs), Config: words.Cut(h.Config, maxName),
		Base: sideOf(h.Base), Head: sideOf(h.Head),
		Verdict: finding.Unproven.String(), Results: l.written, ResultsLeftOut: l.left,
	}
	if s := l.summary; s != nil {
		p.Complete, p.Verdict, p.Rules, p.Coverage, p.Difference = true, s.Verdict.String(), s.Rules, &s.Coverage, s.Difference
		p.Conclusion = words.Cut(s.Conclusion, maxText)
		p.Counts = &counts{s.Refuted, s.Unproven, s.Held, s.Excepted, s.Overdue}
	}
	return p
}

package run

import (
	"errors"
	"time"

	"polygraph/internal/finding"
)

// Protocol is the version of the stream. A reader refuses another major.
const Protocol = "1.0"

// Message is one line of the stream; exactly one field is set.
type Message struct {
	Header   *Header          `json:"header,omitempty"`
	Progress *Progress        `json:"progress,omitempty"`
	Evidence *Evidence        `json:"evidence,omitempty"`
	Skip     *Skip            `json:"skip,omitempty"`
	Row      *Row             `json:"row,omitempty"`
	Finding  *finding.Finding `json:"finding,omitempty"`
	Summary  *Summary         `json:"summary,omitempty"`
}

// Header is the first message: how we looked.
type Header struct {
	Protocol string    `json:"protocol"`
	Version  string    `json:"version"` // of Polygraph
	Command  string    `json:"command"` // "check", "change", ...
	Inputs   []string  `json:"inputs"`  // as the user named them
	Started  time.Time `json:"started"`
	// Rules are the rules this run applied, so that a saved run explains itself
	// even to a reader whose Polygraph has other ones.
	Rules []RuleRef `json:"rules,omitempty"`
}

// RuleRef is what a listener needs to know about a rule.
type RuleRef struct {
	ID       string           `json:"id"`
	Analyzer string           `json:"analyzer"`
	Claim    string           `json:"claim"`
	Severity finding.Severity `json:"severity"`
}

// Progress is talk; any of them may be missing.
type Progress struct {
	Stage string `json:"stage"`           // what is being done, e.g. "reading plan.json"
	Done  int64  `json:"done"`            // in Unit
	Total int64  `json:"total,omitempty"` // 0 when unknown
	Unit  string `json:"unit,omitempty"`  // "bytes", "files"
}

// Evidence is one piece of evidence that was examined.
type Evidence struct {
	Kind   string `json:"kind"`   // e.g. "terraform-plan"
	Nature string `json:"nature"` // "declaration" or "observation"
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	Detail string `json:"detail,omitempty"` // e.g. "Terraform 1.11.4, 42000 changes"
	// Notes are limits of this piece, e.g. "no configuration: references unknown".
	Notes []string `json:"notes,omitempty"`
}

// Skip says what was not examined, why, and what to do about it. Skips with
// one reason in one folder are rolled up: Count is how many, Path the folder.
type Skip struct {
	Path   string `json:"path"`
	Count  int    `json:"count"`
	Reason string `json:"reason"`
	Do     string `json:"do"`
	Named  bool   `json:"named,omitempty"` // the user named this path
}

// Row is one line of a table that answers a question without accusing anyone,
// such as "by which mechanism does each change happen".
type Row struct {
	Table string `json:"table"`
	Cells []Cell `json:"cells"`
}

// Cell is a named value of a Row; the order of cells is the order of columns.
type Cell struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Summary is the last message.
type Summary struct {
	Rules     []RuleCount     `json:"rules"`
	Refuted   int             `json:"refuted"`
	Unproven  int             `json:"unproven"`
	Held      int             `json:"held"`
	Coverage  Coverage        `json:"coverage"`
	Verdict   finding.Verdict `json:"verdict"` // of the whole run
	Missing   []Gap           `json:"missing,omitempty"`
	ElapsedMS int64           `json:"elapsed_ms"`
}

// RuleCount says how one rule fared.
type RuleCount struct {
	Rule     string `json:"rule"`
	Examined int    `json:"examined"`
	Refuted  int    `json:"refuted"`
	Unproven int    `json:"unproven"`
	Held     int    `json:"held"`
}

// Gap is evidence that a rule needs and the run did not have.
type Gap struct {
	Rule     string `json:"rule"`
	Evidence string `json:"evidence"`
	Get      string `json:"get"`
}

// Coverage says how much was looked at.
type Coverage struct {
	Files     int            `json:"files"`     // files seen by discovery
	Evidence  int            `json:"evidence"`  // pieces examined
	Bytes     int64          `json:"bytes"`     // of the evidence
	Kinds     map[string]int `json:"kinds"`     // pieces per kind
	Skipped   int            `json:"skipped"`   // not examined, with a reason
	NotNeeded int            `json:"notneeded"` // files that are evidence of nothing we know
}

// Validate reports a message that does not carry exactly one thing.
func (m *Message) Validate() error {
	n := 0
	for _, set := range []bool{
		m.Header != nil, m.Progress != nil, m.Evidence != nil, m.Skip != nil,
		m.Row != nil, m.Finding != nil, m.Summary != nil,
	} {
		if set {
			n++
		}
	}
	if n != 1 {
		return errors.New("a message must have exactly one of header, progress, evidence, skip, row, finding, summary")
	}
	return nil
}

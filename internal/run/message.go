package run

import (
	"errors"
	"time"

	"polygraph/internal/finding"
)

// Protocol is the version of the stream. A reader refuses another major.
const Protocol = "1.1"

// Message is one line of the stream; exactly one field is set.
type Message struct {
	Header   *Header          `json:"header,omitempty"`
	Progress *Progress        `json:"progress,omitempty"`
	Evidence *Evidence        `json:"evidence,omitempty"`
	Skip     *Skip            `json:"skip,omitempty"`
	Row      *Row             `json:"row,omitempty"`
	Held     *Held            `json:"held,omitempty"`
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
	// Config is the polygraph.yaml that was applied, as shown to the user.
	Config string `json:"config,omitempty"`
	// Policy is what of it decides about a gate, so that a later comparison
	// knows by which measure this run was judged.
	Policy *Policy `json:"policy,omitempty"`
	// Base and Head are the two runs of a comparison.
	Base *Side `json:"base,omitempty"`
	Head *Side `json:"head,omitempty"`
}

// Policy is the part of polygraph.yaml that a comparison has to know.
type Policy struct {
	MinSeverity  finding.Severity         `json:"min_severity"`
	SLA          map[finding.Severity]int `json:"sla,omitempty"` // days
	Environments []string                 `json:"environments,omitempty"`
}

// Side is one of the two runs of a comparison.
type Side struct {
	Name    string    `json:"name"` // as the user named it: a file, a folder, a revision
	Version string    `json:"version,omitempty"`
	Inputs  []string  `json:"inputs,omitempty"`
	Started time.Time `json:"started,omitzero"`
}

// RuleRef is what a listener needs to know about a rule.
type RuleRef struct {
	ID       string           `json:"id"`
	Analyzer string           `json:"analyzer"`
	Claim    string           `json:"claim"`
	Severity finding.Severity `json:"severity"` // as applied, after polygraph.yaml
	Title    string           `json:"title,omitempty"`
	Claimant string           `json:"claimant,omitempty"`
	Why      string           `json:"why,omitempty"`
	Fix      string           `json:"fix,omitempty"`
	Sources  []string         `json:"sources,omitempty"`
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
	// Time is when the evidence was recorded, as far as it or its file says.
	Time time.Time `json:"time,omitzero"`
	// Environment is where all of it belongs, when that is known.
	Environment string `json:"environment,omitempty"`
	// Inferred tells that nobody declared the environment.
	Inferred bool `json:"inferred,omitempty"`
	// Sketch are the least hashes of the names in it, in hexadecimal: enough to
	// know the same evidence again after its file was moved (bottom-k sketch).
	Sketch []string `json:"sketch,omitempty"`
	// Change is only set in a comparison of two runs.
	Change *finding.Change `json:"change,omitempty"`
}

// Held lists for which subjects the claim of a rule held, as short hashes
// (finding.Short) of the bare fingerprints. A saved run has it so that a
// comparison notices when one of them can no longer be proven. Several messages
// of one rule add up.
type Held struct {
	Rule     string   `json:"rule"`
	Evidence string   `json:"evidence"` // path of what shows it
	Hashes   []string `json:"hashes"`
}

// Skip says what was not examined, why, and what to do about it. Skips with
// one reason in one folder are rolled up: Count is how many, Path the folder.
type Skip struct {
	Path   string `json:"path"`
	Count  int    `json:"count"`
	Reason string `json:"reason"`
	Do     string `json:"do"`
	Named  bool   `json:"named,omitempty"` // the user named this path
	Kind   string `json:"kind,omitempty"`  // of evidence that was recognised and could not be read
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
	Rules    []RuleCount     `json:"rules"`
	Refuted  int             `json:"refuted"`
	Unproven int             `json:"unproven"`
	Held     int             `json:"held"`
	Coverage Coverage        `json:"coverage"`
	Verdict  finding.Verdict `json:"verdict"` // of the whole run
	// Excepted are refuted or unproven findings that an exception covers. They
	// are in the stream and in neither Refuted nor Unproven.
	Excepted int   `json:"excepted,omitempty"`
	Overdue  int   `json:"overdue,omitempty"` // of the refuted ones
	Missing  []Gap `json:"missing,omitempty"`
	// Conclusion is the sentence of commands that judge no claim (doctor,
	// environments): listeners show it in the place of the tally, beside Verdict.
	Conclusion string `json:"conclusion,omitempty"`
	ElapsedMS  int64  `json:"elapsed_ms"`
	// Difference is only set in a comparison of two runs.
	Difference *Difference `json:"difference,omitempty"`
}

// Count is the number of findings of one status.
func (d *Difference) Count(s finding.Status) int {
	return [...]int{d.Unjudged, d.New, d.Worse, d.Lost, d.Same, d.Fixed, d.Removed}[s]
}

// promised is how many findings the stream of this summary has.
func (s *Summary) promised() int {
	if d := s.Difference; d != nil {
		return d.New + d.Worse + d.Lost + d.Unjudged + d.Same + d.Fixed + d.Removed
	}
	return s.Refuted + s.Unproven + s.Excepted
}

// Difference counts what changed between two runs, findings and evidence apart.
type Difference struct {
	New      int `json:"new"`
	Worse    int `json:"worse"`
	Lost     int `json:"lost"`
	Unjudged int `json:"unjudged"`
	Same     int `json:"same"`
	Fixed    int `json:"fixed"`
	Removed  int `json:"removed"`

	EvidenceNew     int `json:"evidence_new"`
	EvidenceLost    int `json:"evidence_lost"`
	EvidenceRemoved int `json:"evidence_removed"`

	// Unread are pieces of evidence that HEAD recognised and could not examine,
	// and that BASE did not have.
	Unread int `json:"unread,omitempty"`
	// Excepted are findings that HEAD excepts and BASE did not.
	Excepted int `json:"excepted"`
	// Failing is how many findings and pieces of evidence got worse.
	Failing int `json:"failing"`
	// Direction is "worse" when Failing > 0, "unproven" when a side did not look
	// at what the other judged, else "better" when something was fixed or
	// removed, else "same".
	Direction string `json:"direction"`
	// Reasons say why, one sentence each, the worst first: for people.
	Reasons []string `json:"reasons,omitempty"`
	// Warnings are about the comparison itself: swapped sides, another version.
	Warnings []string `json:"warnings,omitempty"`
}

// RuleCount says how one rule fared.
type RuleCount struct {
	Rule     string `json:"rule"`
	Examined int    `json:"examined"`
	Refuted  int    `json:"refuted"`
	Unproven int    `json:"unproven"`
	Held     int    `json:"held"`
	Excepted int    `json:"excepted,omitempty"`
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
		m.Row != nil, m.Held != nil, m.Finding != nil, m.Summary != nil,
	} {
		if set {
			n++
		}
	}
	if n != 1 {
		return errors.New("a message must have exactly one of header, progress, evidence, skip, row, held, finding, summary")
	}
	return nil
}

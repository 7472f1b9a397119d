package finding

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Statement is one fact of a proof and where to look it up.
type Statement struct {
	Text string   `json:"text"`
	At   Location `json:"at"`
}

// Remedy says what to do about a refuted claim.
type Remedy struct {
	Text     string   `json:"text,omitempty"`
	Commands []string `json:"commands,omitempty"` // shell commands, in order
	Patch    string   `json:"patch,omitempty"`    // text to add to or change in a file
	Language string   `json:"language,omitempty"` // of Patch: "hcl", "yaml", "diff"
}

// Missing names evidence that would settle an unproven claim.
type Missing struct {
	Evidence string `json:"evidence"` // what is not there
	Get      string `json:"get"`      // how to get it
}

// IsCommand tells a command to type from a sentence, in what says how to get
// evidence: listeners print the one so that it survives being copied.
func IsCommand(get string) bool {
	program, _, _ := strings.Cut(strings.TrimPrefix(get, "("), " ")
	switch program {
	case "terraform", "tofu", "terragrunt", "kubectl", "helm", "aws", "polygraph", "docker", "crane", "git", "curl", "dig", "gcloud", "az", "cd":
		return true
	}
	return false
}

// Cost is a monthly amount with the source of its price.
type Cost struct {
	Monthly  float64 `json:"monthly"`
	Currency string  `json:"currency"`
	Source   string  `json:"source"`
}

// Finding is the verdict on one claim about one subject.
type Finding struct {
	Rule        string      `json:"rule"`
	Analyzer    string      `json:"analyzer"`
	Subject     Subject     `json:"subject"`
	Claim       string      `json:"claim"`
	Title       string      `json:"title"` // one line: how this subject breaks the claim
	Verdict     Verdict     `json:"verdict"`
	Severity    Severity    `json:"severity"`
	Proof       []Statement `json:"proof,omitempty"`
	Picture     string      `json:"picture,omitempty"` // the proof drawn in text, several lines
	Missing     []Missing   `json:"missing,omitempty"`
	Remedy      Remedy      `json:"remedy,omitzero"`
	Cost        *Cost       `json:"cost,omitempty"`
	Fingerprint string      `json:"fingerprint"`
	FirstSeen   string      `json:"first_seen,omitempty"` // RFC 3339 date
	Overdue     bool        `json:"overdue,omitempty"`
	ExceptedBy  string      `json:"excepted_by,omitempty"` // "polygraph.yaml:12, team-data, until 2026-12-31"
	Change      *Change     `json:"change,omitempty"`      // only in a comparison of two runs
	// Discriminator tells apart several findings of one rule about one subject.
	// It goes into the fingerprint, so it holds no path, line, time or value.
	Discriminator string `json:"discriminator,omitempty"`
}

// At is the place a reader should look first.
func (f *Finding) At() Location {
	if len(f.Proof) == 0 {
		return Location{}
	}
	return f.Proof[0].At
}

// Fingerprint computes fingerprint version 1 from what identifies the finding
// and nothing that an edit elsewhere changes.
func Fingerprint(rule string, s Subject, discriminator string) string {
	parts := []string{"1", rule, s.Kind, s.Identity, discriminator}
	if s.Environment != "" && s.Inferred == "" {
		parts = append(parts, s.Environment)
	}
	h := sha256.New()
	for _, part := range parts {
		// Length-free separators would let "a"+"bc" collide with "ab"+"c".
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return "v1:" + hex.EncodeToString(h.Sum(nil)[:12])
}

// Short shortens a fingerprint to the hash that run.Held lists.
func Short(fingerprint string) string {
	return strings.TrimPrefix(fingerprint, "v1:")[:16]
}

// Bare is the fingerprint without the environment: what the finding was called
// before somebody declared environments. It lets a ledger, an exception or a
// saved run from that time still be understood.
func (f *Finding) Bare() string {
	s := f.Subject
	s.Environment = ""
	return Fingerprint(f.Rule, s, f.Discriminator)
}

// Compare orders findings for output: what is refuted first, the worst first,
// then by rule, subject, file and fingerprint so that the order never depends
// on what ran in parallel.
func Compare(a, b *Finding) int {
	return cmp.Or(
		cmp.Compare(rank(a.Verdict), rank(b.Verdict)),
		cmp.Compare(b.Severity, a.Severity),
		strings.Compare(a.Rule, b.Rule),
		strings.Compare(a.At().File, b.At().File),
		strings.Compare(a.Subject.Identity, b.Subject.Identity),
		strings.Compare(a.Discriminator, b.Discriminator),
		strings.Compare(a.Fingerprint, b.Fingerprint),
	)
}

func rank(v Verdict) int {
	switch v {
	case Refuted:
		return 0
	case Unproven:
		return 1
	default:
		return 2
	}
}

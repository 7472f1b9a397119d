package finding

import "fmt"

// Verdict says what the evidence makes of a claim.
type Verdict uint8

// The zero Verdict is Unproven: a result that nobody filled in must never read
// as green.
const (
	Unproven Verdict = iota // evidence is missing; Finding.Missing names it
	Refuted                 // the evidence contradicts the claim
	Holds                   // the evidence supports the claim
)

// Label is the word printed for people beside the claim.
func (v Verdict) Label() string {
	switch v {
	case Refuted:
		return "FALSE"
	case Holds:
		return "TRUE"
	default:
		return "UNPROVEN"
	}
}

func (v Verdict) String() string {
	switch v {
	case Refuted:
		return "refuted"
	case Holds:
		return "holds"
	default:
		return "unproven"
	}
}

// MarshalText writes the protocol word: refuted, unproven or holds.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the protocol word and refuses any other.
func (v *Verdict) UnmarshalText(b []byte) error {
	for _, w := range []Verdict{Unproven, Refuted, Holds} {
		if string(b) == w.String() {
			*v = w
			return nil
		}
	}
	return fmt.Errorf("unknown verdict %q: want refuted, unproven or holds", b)
}

// Severity ranks what a false claim costs. Greater is worse.
type Severity uint8

// The five severities, least first so that they compare with <.
const (
	Info Severity = iota
	Low
	Medium
	High
	Critical
)

func severityNames() [5]string { return [5]string{"info", "low", "medium", "high", "critical"} }

func (s Severity) String() string {
	if n := severityNames(); int(s) < len(n) {
		return n[s]
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// MarshalText writes the protocol word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the protocol word and refuses any other.
func (s *Severity) UnmarshalText(b []byte) error {
	for i, w := range severityNames() {
		if string(b) == w {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("unknown severity %q: want info, low, medium, high or critical", b)
}

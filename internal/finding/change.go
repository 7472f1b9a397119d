package finding

import "fmt"

// Change says what became of a finding between two runs.
type Change struct {
	Status Status `json:"status"`
	// Was is the verdict in BASE: empty when BASE had no such finding.
	Was string `json:"was,omitempty"`
	// Worse tells that this alone is a reason to fail the gate.
	Worse bool `json:"worse,omitempty"`
	// Excepted tells that HEAD excepts it and BASE did not.
	Excepted bool   `json:"excepted,omitempty"`
	Why      string `json:"why,omitempty"` // one clause, when the status needs a reason
}

// Status is the direction of one finding, or of one piece of evidence.
type Status uint8

// The statuses. The zero value is the one that says least.
const (
	Unjudged Status = iota // one side did not look, so nobody can tell the direction
	New                    // HEAD has it, BASE looked and did not
	Worse                  // both have it; HEAD's verdict or severity is worse
	Lost                   // gone together with the observation that showed it
	Same                   // both have it
	Fixed                  // gone, and HEAD looked
	Removed                // gone together with its declaration
)

func statusNames() [7]string {
	return [7]string{"unjudged", "new", "worse", "lost", "same", "fixed", "removed"}
}

func (s Status) String() string {
	if n := statusNames(); int(s) < len(n) {
		return n[s]
	}
	return fmt.Sprintf("status(%d)", uint8(s))
}

// MarshalText writes the protocol word.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the protocol word and refuses any other.
func (s *Status) UnmarshalText(b []byte) error {
	for i, w := range statusNames() {
		if string(b) == w {
			*s = Status(i)
			return nil
		}
	}
	return fmt.Errorf("unknown status %q of a change: want unjudged, new, worse, lost, same, fixed or removed", b)
}

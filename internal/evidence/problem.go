package evidence

import "fmt"

// Problem is why a piece of evidence could not be examined: what is wrong and
// what to do about it. The runner turns it into a skip; it never becomes a
// verdict.
type Problem struct {
	Reason string // what is wrong, without the path
	Do     string // what the user can do
	Err    error  // the cause, if there is one
}

func (p *Problem) Error() string {
	if p.Do == "" {
		return p.Reason
	}
	return fmt.Sprintf("%s: %s", p.Reason, p.Do)
}

func (p *Problem) Unwrap() error { return p.Err }

package doctor

import (
	"fmt"
	"time"
)

// clock says whose time a piece of evidence carries.
type clock string

const (
	ownClock  clock = "its own time"
	fileClock clock = "its file's time"
)

// short is the clock in a table.
func (c clock) short() string {
	if c == ownClock {
		return "own"
	}
	return "file"
}

// slack is how far two clocks, or the writing of two files, may lie apart.
const (
	slack     = 2 * time.Minute
	wrongness = 5 * time.Minute // in the future
	// settling is how long after its log entry a checkout may still write.
	settling = 10 * time.Minute
)

// piece is one piece of evidence that was examined.
type piece struct {
	kind  string
	path  string
	at    time.Time
	file  time.Time // of its file; zero when not known
	clock clock
}

// stale says why a piece of evidence is too old to be relied on, or "" when it
// is not, or when that cannot be known.
func (d *Diagnosis) stale(p *piece, r *Root) string {
	switch {
	case p.at.IsZero():
		return ""
	case p.at.After(d.o.Now.Add(wrongness)):
		return fmt.Sprintf("%s (%s) is in the future: a wrong clock", stamp(p.at), p.clock)
	case d.o.Now.Sub(p.at) > d.o.StaleAfter:
		return fmt.Sprintf("%s, %s old (%s)", p.at.UTC().Format(time.DateOnly), age(d.o.Now.Sub(p.at)), p.clock)
	case r == nil || r.Newest.IsZero() || d.byGit(r.Newest):
		return ""
	}
	// The times of files are compared with one another: what the plan itself
	// says comes from another clock.
	before := p.at
	if !p.file.IsZero() {
		before = p.file
	}
	if r.Newest.Sub(before) > slack {
		return fmt.Sprintf("older than %s (%s, file times)", r.NewestFile, stamp(r.Newest))
	}
	return ""
}

// byGit tells whether a checkout may have set this time of a file.
func (d *Diagnosis) byGit(at time.Time) bool {
	for _, s := range d.o.Surveys {
		for _, c := range s.Checkouts {
			if since := at.Sub(c); since > -slack && since < settling {
				return true
			}
		}
	}
	return false
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04Z") }

// age is a duration as people say it.
func age(d time.Duration) string {
	unit := func(n int, one string) string {
		if n == 1 {
			return "1 " + one
		}
		return fmt.Sprintf("%d %ss", n, one)
	}
	switch {
	case d < 0:
		return "in the future"
	case d < time.Hour:
		return unit(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return unit(int(d/time.Hour), "hour")
	default:
		return unit(int(d/(24*time.Hour)), "day")
	}
}

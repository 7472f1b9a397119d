package baseline

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

// MaxLedger is the size that a ledger may have, in bytes. What is kept of it in
// memory is about three times as much.
const MaxLedger = 16 << 20

// Ledger tells when each finding was first seen. It is a text file that users
// commit, one line for each finding, sorted by fingerprint so that two branches
// seldom touch the same lines:
//
//	v1:fingerprint 2026-11-23 CHG002 environment/subject
//
// What follows the date is for people. Dates only become earlier and lines are
// never taken out, so no finding gets a younger one by making the file again.
// The zero Ledger is empty.
type Ledger struct {
	Name  string // as shown to the user
	lines map[string]sighting
}

type sighting struct {
	date string // YYYY-MM-DD; these sort as text
	note string
	line int // where it stands, 0 when it was added
}

var (
	ledgerPrint = regexp.MustCompile(`^v1:[0-9a-f]{24}$`)
	newerPrint  = regexp.MustCompile(`^v[0-9]+:`)
)

// ReadLedger reads a ledger; name is how it is shown to the user. Of two lines
// with one fingerprint, as a merge may leave them, the earlier date holds. The
// error is an *evidence.Problem that names up to ten lines.
func ReadLedger(name string, data []byte) (*Ledger, error) {
	if len(data) > MaxLedger {
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("%s: the ledger has %d bytes, the most is %d", name, len(data), MaxLedger),
			Do:     "take out the lines of findings that are long gone",
		}
	}
	l := &Ledger{Name: name, lines: map[string]sighting{}}
	var wrong []string
	do, n := "", 0
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte("\ufeff"))) {
		n++
		reason, advice := l.read(strings.TrimRight(string(line), "\r\n"), n)
		if reason == "" {
			continue
		}
		if do == "" {
			do = advice
		}
		if wrong = append(wrong, fmt.Sprintf("%s:%d: %s", name, n, reason)); len(wrong) == 10 {
			break
		}
	}
	if len(wrong) > 0 {
		return nil, &evidence.Problem{Reason: strings.Join(wrong, "\n"), Do: do}
	}
	return l, nil
}

// read takes one line, or says what is wrong with it and what to do.
func (l *Ledger) read(line string, n int) (reason, do string) {
	for _, mark := range []string{"<<<<<<<", "=======", ">>>>>>>", "|||||||"} {
		if strings.HasPrefix(line, mark) {
			return "a conflict marker of git (" + mark + ")", "keep the lines of both sides and delete the markers: of two lines with one fingerprint the earlier date holds"
		}
	}
	if !utf8.ValidString(line) {
		return "the line is not UTF-8", "restore the file: git checkout -- " + l.Name
	}
	if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
		return "", ""
	}
	print, rest, _ := strings.Cut(line, " ")
	date, note, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	switch at, err := time.Parse(time.DateOnly, date); {
	case !ledgerPrint.MatchString(print) && newerPrint.MatchString(print) && !strings.HasPrefix(print, "v1:"):
		return fmt.Sprintf("a fingerprint of another version: %+.40q", print), "use the Polygraph that wrote it, or a newer one"
	case !ledgerPrint.MatchString(print):
		return fmt.Sprintf("%+.40q is no fingerprint", print), "a line is `v1:` with 24 hexadecimal digits, a date, and what it is about; restore it from git"
	case err != nil || at.Format(time.DateOnly) != date:
		return fmt.Sprintf("%+.40q is no date", date), "write the date as YYYY-MM-DD"
	}
	l.put(print, sighting{date, tidy(note), n})
	return "", ""
}

// put adds a line or moves its date back, and tells whether it did.
func (l *Ledger) put(print string, s sighting) bool {
	old, known := l.lines[print]
	if known && old.date <= s.date {
		return false
	}
	if known && old.note != "" {
		s.note = old.note
	}
	if l.lines == nil {
		l.lines = map[string]sighting{}
	}
	l.lines[print] = s
	return true
}

// tidy makes a note fit on its line and readable: no space around it, no
// control and no invisible characters, at most 200 of them.
func tidy(note string) string {
	note = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r):
			return utf8.RuneError
		}
		return r
	}, note)
	note = strings.Join(strings.Fields(note), " ")
	if r := []rune(note); len(r) > 200 {
		note = strings.TrimSpace(string(r[:199])) + "…"
	}
	return note
}

const ledgerHeader = `# When Polygraph first saw each finding. Commit this file: deadlines (sla) count from these dates.
# After a merge conflict keep the lines of both sides; the earlier date holds.
`

// Write writes the ledger. Equal ledgers are written equally.
func (l *Ledger) Write(w io.Writer) error {
	size := len(ledgerHeader)
	for print, s := range l.lines {
		size += len(print) + len(s.date) + len(s.note) + 3
	}
	if size > MaxLedger {
		return &evidence.Problem{
			Reason: fmt.Sprintf("the ledger would have %d bytes, the most is %d", size, MaxLedger),
			Do:     "take out the lines of findings that are long gone",
		}
	}
	out := bufio.NewWriter(w)
	out.WriteString(ledgerHeader)
	for _, print := range slices.Sorted(maps.Keys(l.lines)) {
		s := l.lines[print]
		out.WriteString(strings.TrimRight(print+" "+s.date+" "+s.note, " ") + "\n")
	}
	return out.Flush() // a bufio.Writer keeps its first error
}

// Len is the number of fingerprints.
func (l *Ledger) Len() int { return len(l.lines) }

// FirstSeen is the earliest date (YYYY-MM-DD) under which a finding is known, by
// its fingerprint or by the one without environment; empty when it is not.
func (l *Ledger) FirstSeen(f *finding.Finding) string {
	date := l.lines[f.Fingerprint].date
	if bare := l.lines[f.Bare()].date; bare != "" && (date == "" || bare < date) {
		date = bare
	}
	return date
}

// Add notes that a finding was seen on a date and tells whether that changed
// the ledger: a later date than the known one does not.
func (l *Ledger) Add(f *finding.Finding, date string) bool {
	where := ""
	if f.Subject.Environment != "" && f.Subject.Inferred == "" {
		where = f.Subject.Environment + "/" // a guess may be another one tomorrow
	}
	return l.put(f.Fingerprint, sighting{date, tidy(f.Rule + " " + where + f.Subject.Identity), 0})
}

// Check refuses dates after now: a date in the future would keep a deadline
// from ever running out. One day is let through, for clocks that differ.
func (l *Ledger) Check(now time.Time) error {
	latest := now.UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	first, future := 0, sighting{}
	for _, s := range l.lines {
		if s.date > latest && (first == 0 || s.line < first) {
			first, future = max(s.line, 1), s
		}
	}
	if first == 0 {
		return nil
	}
	return &evidence.Problem{
		Reason: fmt.Sprintf("%s:%d: first seen on %s, which has not come yet", l.Name, first, future.date),
		Do:     "restore the line from git; if it is right, set this machine's clock",
	}
}

// clone returns a copy that can be added to.
func (l *Ledger) clone() *Ledger {
	if l == nil {
		return &Ledger{}
	}
	return &Ledger{Name: l.Name, lines: maps.Clone(l.lines)}
}

// SLAPolicy dates findings and tells which of them have stayed for too long. It
// must settle after environments, severities and exceptions.
type SLAPolicy struct {
	Ledger *Ledger                  // nil for none; it is not changed
	Days   map[finding.Severity]int // severities without a deadline are not in it

	recorded *Ledger
	changes  int
}

// Settle sets FirstSeen, of what the ledger does not know to today (UTC), and
// Overdue. A finding of which the last day of the deadline is over is overdue; an
// excused or unproven one never is.
func (p *SLAPolicy) Settle(s *analysis.Settlement) error {
	p.recorded, p.changes = p.Ledger.clone(), 0
	if err := p.recorded.Check(s.Clock); err != nil {
		return err
	}
	today := s.Clock.UTC().Format(time.DateOnly)
	for _, f := range s.Findings {
		if f.Verdict == finding.Holds {
			continue
		}
		first := p.recorded.FirstSeen(f)
		if first == "" || first > today {
			first = today
		}
		f.FirstSeen = first
		if p.recorded.Add(f, first) {
			p.changes++
		}
		f.Overdue = f.Verdict == finding.Refuted && f.ExceptedBy == "" && p.late(f, today)
	}
	return nil
}

func (p *SLAPolicy) late(f *finding.Finding, today string) bool {
	days, limited := p.Days[f.Severity]
	first, err := time.Parse(time.DateOnly, f.FirstSeen)
	return limited && err == nil && first.AddDate(0, 0, days).Format(time.DateOnly) < today
}

// Recorded is the ledger with what Settle found: lines were added or moved to an
// earlier date, none was taken out. It is nil before Settle.
func (p *SLAPolicy) Recorded() *Ledger { return p.recorded }

// Changes is the number of lines that Recorded has and the ledger did not, or
// had with a later date. Nothing needs to be written when it is 0.
func (p *SLAPolicy) Changes() int { return p.changes }

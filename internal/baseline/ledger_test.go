package baseline

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

const (
	printA = "v1:aaaaaaaaaaaaaaaaaaaaaaaa"
	printB = "v1:bbbbbbbbbbbbbbbbbbbbbbbb"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// sighted makes a refuted finding.
func sighted(identity, environment string) *finding.Finding {
	f := &finding.Finding{
		Rule: "CHG002", Verdict: finding.Refuted, Severity: finding.High,
		Subject: finding.Subject{Kind: "thing", Identity: identity, Environment: environment},
	}
	f.Fingerprint = finding.Fingerprint(f.Rule, f.Subject, "")
	return f
}

func written(t *testing.T, l *Ledger) string {
	t.Helper()
	var b bytes.Buffer
	if err := l.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func ledger(t *testing.T, text string) *Ledger {
	t.Helper()
	l, err := ReadLedger("polygraph.first-seen", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestReadLedger(t *testing.T) {
	l := ledger(t, "\ufeff# ours\r\n\r\n"+printB+" 2026-11-20 CHG002 prod/db\r\n"+printA+" 2026-11-23\n"+printB+" 2026-11-02   CHG002  db  with\tspace \n"+printB+" 2026-11-22 x")
	want := ledgerHeader + printA + " 2026-11-23\n" + printB + " 2026-11-02 CHG002 prod/db\n"
	if got := written(t, l); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if empty := ledger(t, ""); empty.Len() != 0 || written(t, empty) != ledgerHeader {
		t.Error("the empty ledger")
	}
}

func TestReadLedgerRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"<<<<<<< HEAD\n":                         "l:1: a conflict marker of git (<<<<<<<): keep the lines of both sides",
		printA + " 2026-01-01\n=======\n":        "l:2: a conflict marker of git (=======)",
		"||||||| base\n":                         "conflict marker",
		">>>>>>> branch\n":                       "conflict marker",
		"v1:xyz 2026-01-01\n":                    `l:1: "v1:xyz" is no fingerprint`,
		"v2:aaaaaaaaaaaaaaaaaaaaaaaa 2026-01-01": "a fingerprint of another version",
		"hello\n":                                `"hello" is no fingerprint`,
		printA + "\n":                            `"" is no date: write the date as YYYY-MM-DD`,
		printA + " 2026-02-30 x\n":               `"2026-02-30" is no date`,
		printA + " 2026-1-1\n":                   "is no date",
		printA + " 02026-01-01\n":                "is no date",
		"\xff\xfev\x001\x00":                     "is not UTF-8",
		"\x1b]0;x\a 2026-01-01":                  `"\x1b]0;x\a" is no fingerprint`,
		strings.Repeat("x\n", 20):                "l:10:",
		strings.Repeat("#", MaxLedger+1):         "the most is 16777216",
	} {
		l, err := ReadLedger("l", []byte(text))
		var p *evidence.Problem
		if l != nil || err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, &p) || p.Do == "" {
			t.Errorf("%.60q: got %v, want %s", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "l:11:") {
			t.Error("more than ten lines")
		}
	}
}

func TestSLA(t *testing.T) {
	full, bare := sighted("db", "prod"), sighted("db", "")
	old := func(f *finding.Finding, date string) string { return f.Fingerprint + " " + date + "\n" }
	for _, c := range []struct {
		name, ledger string
		change       func(f *finding.Finding)
		first        string
		overdue      bool
		changes      int
	}{
		{"new", "", nil, "2026-11-23", false, 1},
		{"known", old(full, "2026-11-20"), nil, "2026-11-20", false, 0},
		{"on its last day", old(full, "2026-10-24"), nil, "2026-10-24", false, 0},
		{"a day later", old(full, "2026-10-23"), nil, "2026-10-23", true, 0},
		{"known before the environment was declared", old(bare, "2026-10-01"), nil, "2026-10-01", true, 1},
		{"known by both", old(full, "2026-11-01") + old(bare, "2026-10-01"), nil, "2026-10-01", true, 1},
		{"known by both, the other way", old(full, "2026-10-01") + old(bare, "2026-11-01"), nil, "2026-10-01", true, 0},
		{"tomorrow", old(full, "2026-11-24"), nil, "2026-11-23", false, 1},
		{"unproven", old(full, "2026-01-01"), func(f *finding.Finding) { f.Verdict = finding.Unproven }, "2026-01-01", false, 0},
		{"excused", old(full, "2026-01-01"), func(f *finding.Finding) { f.ExceptedBy = "x" }, "2026-01-01", false, 0},
		{"without a deadline", old(full, "2026-01-01"), func(f *finding.Finding) { f.Severity = finding.Low }, "2026-01-01", false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := *full
			if c.change != nil {
				c.change(&f)
			}
			before := ledger(t, c.ledger)
			text := written(t, before)
			p := &SLAPolicy{Ledger: before, Days: map[finding.Severity]int{finding.High: 30}}
			s := &analysis.Settlement{Clock: day("2026-11-23").Add(23 * time.Hour), Findings: []*finding.Finding{&f}}
			if err := p.Settle(s); err != nil {
				t.Fatal(err)
			}
			if f.FirstSeen != c.first || f.Overdue != c.overdue || p.Changes() != c.changes {
				t.Errorf("%s, overdue %v, %d changes", f.FirstSeen, f.Overdue, p.Changes())
			}
			if written(t, before) != text {
				t.Error("the ledger that was handed in is another one now")
			}
		})
	}
}

// TestTheFutureIsRefused: clamping such a date to today would stop the clock
// until it comes.
func TestTheFutureIsRefused(t *testing.T) {
	l := ledger(t, printA+" 2026-11-23\n"+printB+" 2026-11-25 x\n")
	err := (&SLAPolicy{Ledger: l}).Settle(&analysis.Settlement{Clock: day("2026-11-23")})
	var p *evidence.Problem
	if !errors.As(err, &p) || !strings.Contains(p.Reason, "polygraph.first-seen:2: first seen on 2026-11-25") {
		t.Errorf("%v", err)
	}
	if err := l.Check(day("2026-11-24")); err != nil {
		t.Errorf("a clock that is one day behind: %v", err)
	}
}

func TestWithoutALedger(t *testing.T) {
	f := sighted("a\nb\x1b", "")
	p := &SLAPolicy{}
	if p.Recorded() != nil {
		t.Error("recorded before anything was")
	}
	if err := p.Settle(&analysis.Settlement{Clock: day("2026-11-23"), Findings: []*finding.Finding{f}}); err != nil {
		t.Fatal(err)
	}
	if got, want := written(t, p.Recorded()), ledgerHeader+f.Fingerprint+" 2026-11-23 CHG002 a b\ufffd\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	guess := sighted("db", "")
	guess.Subject.Environment, guess.Subject.Inferred = "prod", "its path"
	var l Ledger
	l.Add(guess, "2026-11-23")
	l.Add(sighted("db", "dev"), "2026-11-23")
	if got := written(t, &l); !strings.Contains(got, " CHG002 db\n") || !strings.Contains(got, " CHG002 dev/db\n") {
		t.Errorf("%s", got)
	}
}

// TestClocksOnlyRunForward: runs on random days over random findings. Recording
// twice changes nothing, no date becomes later, no line goes away, and what was
// written is read as it was.
func TestClocksOnlyRunForward(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		l := &Ledger{}
		today := day("2026-01-01")
		for range 6 {
			today = today.AddDate(0, 0, r.IntN(20))
			var findings []*finding.Finding
			for range r.IntN(30) {
				f := sighted(fmt.Sprint("s", r.IntN(20)), []string{"", "dev", "prod"}[r.IntN(3)])
				f.Verdict = finding.Verdict(r.IntN(2))
				findings = append(findings, f)
			}
			before := l.clone()
			record := func(at time.Time, from *Ledger) *SLAPolicy {
				p := &SLAPolicy{Ledger: from}
				if err := p.Settle(&analysis.Settlement{Clock: at, Findings: findings}); err != nil {
					t.Fatal(err)
				}
				return p
			}
			first := record(today, l)
			l = ledger(t, written(t, first.Recorded()))
			if a, b := written(t, l), written(t, first.Recorded()); a != b || l.Len() != first.Recorded().Len() {
				t.Fatalf("read back\n%s\nwritten\n%s", a, b)
			}
			if again := record(today.AddDate(0, 0, r.IntN(3)), l); again.Changes() != 0 || written(t, again.Recorded()) != written(t, l) {
				t.Fatal("recording twice changes something")
			}
			for print, was := range before.lines {
				if now, ok := l.lines[print]; !ok || now.date > was.date || now.note != was.note && was.note != "" {
					t.Fatalf("%s: %+v became %+v", print, was, now)
				}
			}
			// Made again from nothing, then merged with the old one as git's
			// union does: no date is later than it was.
			scratch := record(today, nil).Recorded()
			merged := ledger(t, written(t, scratch)+written(t, before))
			for print, was := range before.lines {
				if merged.lines[print].date > was.date {
					t.Fatalf("%s: %s became %s", print, was.date, merged.lines[print].date)
				}
			}
		}
	}
}

func TestWriteIsBounded(t *testing.T) {
	l := &Ledger{lines: map[string]sighting{}}
	for i := range 80000 {
		l.lines[fmt.Sprintf("v1:%024x", i)] = sighting{"2026-01-01", strings.Repeat("x", 200), 0}
	}
	if err := l.Write(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "the most is 16777216") {
		t.Errorf("%v", err)
	}
	if err := (&Ledger{}).Write(fullDisk{}); err == nil {
		t.Error("a full disk went unnoticed")
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func FuzzReadLedger(f *testing.F) {
	f.Add([]byte("# x\n" + printA + " 2026-11-23 CHG002 prod/db\n"))
	f.Add([]byte(printA + " 2026-11-23  \u2028x \u202e\n" + printA + " 2026-11-22 " + strings.Repeat("y", 300)))
	f.Add([]byte("<<<<<<< a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := ReadLedger("l", data)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x1b\u202e") {
				t.Errorf("%q would fool a terminal", err)
			}
			return
		}
		var first, second bytes.Buffer
		if err := l.Write(&first); err != nil {
			return
		}
		again, err := ReadLedger("l", first.Bytes())
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%q", err, first.String())
		}
		if err := again.Write(&second); err != nil || first.String() != second.String() || again.Len() != l.Len() {
			t.Errorf("%q\nbecame\n%q", first.String(), second.String())
		}
	})
}

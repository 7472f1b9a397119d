package exceptions

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// lie makes a finding of CHG002 in a file.
func lie(identity, environment, inferred, file string) *finding.Finding {
	f := &finding.Finding{
		Rule: "CHG002", Analyzer: "change", Verdict: finding.Refuted, Severity: finding.High,
		Subject: finding.Subject{Kind: "terraform-resource", Identity: identity, Environment: environment, Inferred: inferred},
		Proof:   []finding.Statement{{Text: "x", At: finding.Location{File: file}}},
	}
	f.Fingerprint = finding.Fingerprint(f.Rule, f.Subject, f.Discriminator)
	return f
}

// excuse is an exception in force for a rule.
func excused(subject, environment string) Exception {
	return Exception{
		Rule: "CHG002", Subject: subject, Environment: environment, Owner: "team", Reason: "two\n  lines",
		Expires: time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC), At: finding.Location{File: "e.yaml", Line: 3, Column: 5},
	}
}

func byPrint(print, environment string) Exception {
	e := excused("", environment)
	e.Rule, e.Fingerprint = "", print
	return e
}

func settle(t *testing.T, p *Policy, findings ...*finding.Finding) *analysis.Settlement {
	t.Helper()
	s := &analysis.Settlement{Clock: today, Findings: findings, Evidence: make([]run.Evidence, 1)}
	for _, id := range known[:4] {
		s.Rules = append(s.Rules, &analysis.Rule{ID: id})
	}
	if err := p.Settle(s); err != nil {
		t.Fatal(err)
	}
	return s
}

// said lists what a settlement reports about exceptions.
func said(s *analysis.Settlement) string {
	var out []string
	for _, f := range s.Findings {
		if own(f.Rule) {
			out = append(out, f.Rule+" "+f.Verdict.String())
		}
	}
	return strings.Join(out, ", ")
}

func TestWhatMatches(t *testing.T) {
	print := lie("db", "", "", "a").Fingerprint
	printOfProd := lie("db", "prod", "", "a").Fingerprint
	for _, c := range []struct {
		name     string
		e        Exception
		findings []*finding.Finding
		excused  int
		says     string
	}{
		{"all subjects", excused("", ""), []*finding.Finding{lie("a", "", "", "x"), lie("b", "prod", "", "y")}, 2, ""},
		{"one subject", excused("a", ""), []*finding.Finding{lie("a", "", "", "x"), lie("ab", "", "", "x")}, 1, ""},
		{"brackets are themselves", excused(`a["k"]`, ""), []*finding.Finding{lie(`a["k"]`, "", "", "x"), lie("ak", "", "", "x")}, 1, ""},
		{"brackets in a glob", excused(`a[*]`, ""), []*finding.Finding{lie(`a["k.l/m"]`, "", "", "x"), lie("ak", "", "", "x")}, 1, ""},
		{"declared environment", excused("*", "prod"), []*finding.Finding{lie("a", "prod", "", "x"), lie("a", "dev", "", "y"), lie("a", "", "", "z")}, 1, ""},
		{"inferred environment", excused("a", "prod"), []*finding.Finding{lie("a", "prod", "from the path", "x")}, 0, "EXC002 unproven"},
		{"inferred and declared", excused("a", "prod"), []*finding.Finding{lie("a", "prod", "from the path", "x"), lie("a", "prod", "", "y")}, 1, ""},
		{"another environment", excused("a", "prod"), []*finding.Finding{lie("a", "dev", "", "x")}, 0, "EXC002 refuted"},
		{"full fingerprint", byPrint(printOfProd, ""), []*finding.Finding{lie("db", "prod", "", "a"), lie("db", "dev", "", "b")}, 1, ""},
		{"bare fingerprint, one finding", byPrint(print, ""), []*finding.Finding{lie("db", "prod", "", "a")}, 1, ""},
		{"bare fingerprint, two environments", byPrint(print, ""), []*finding.Finding{lie("db", "prod", "", "a"), lie("db", "dev", "", "b")}, 0, "EXC003 refuted"},
		{"bare fingerprint and environment", byPrint(print, "dev"), []*finding.Finding{lie("db", "prod", "", "a"), lie("db", "dev", "", "b")}, 1, ""},
		{"two files of one fingerprint", byPrint(print, ""), []*finding.Finding{lie("db", "", "", "a"), lie("db", "", "", "b")}, 0, "EXC003 refuted"},
		{"said twice of one file", byPrint(print, ""), []*finding.Finding{lie("db", "", "", "a"), lie("db", "", "", "a")}, 2, ""},
		{"unknown fingerprint", byPrint("v1:000000000000000000000000", ""), []*finding.Finding{lie("db", "", "", "a")}, 0, "EXC002 refuted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := settle(t, &Policy{List: []Exception{c.e}, Known: known}, c.findings...)
			n := 0
			for _, f := range c.findings {
				if f.ExceptedBy != "" {
					n++
				}
			}
			if n != c.excused || said(s) != c.says {
				t.Errorf("%d excused, says %q; want %d, %q", n, said(s), c.excused, c.says)
			}
			for _, f := range s.Findings {
				if f.Verdict == finding.Refuted && (len(f.Proof) == 0 || f.At().File == "") || f.Verdict == finding.Unproven && len(f.Missing) == 0 {
					t.Errorf("an accusation without proof, or open without saying why: %+v", f)
				}
			}
		})
	}
}

func TestWhatIsSaid(t *testing.T) {
	soonOver := excused("db", "")
	soonOver.Expires = time.Date(2026, 12, 6, 0, 0, 0, 0, time.UTC)
	later := soonOver
	later.Expires = later.Expires.AddDate(0, 0, 1)
	for _, c := range []struct {
		list []Exception
		want string
	}{
		{[]Exception{excused("db", "")}, "e.yaml:3, team, until 2027-06-30: two lines"},
		{[]Exception{excused("", "")}, "e.yaml:3, team, until 2027-06-30, covers every subject of CHG002: two lines"},
		{[]Exception{excused("**", "")}, "e.yaml:3, team, until 2027-06-30, covers every subject of CHG002: two lines"},
		{[]Exception{soonOver}, "e.yaml:3, team, until 2026-12-06 (soon): two lines"},
		{[]Exception{later}, "e.yaml:3, team, until 2026-12-07: two lines"},
		{[]Exception{soonOver, excused("d*", "")}, "e.yaml:3, team, until 2027-06-30: two lines"}, // the longest speaks
	} {
		f := lie("db", "", "", "x")
		if settle(t, &Policy{List: c.list}, f); f.ExceptedBy != c.want {
			t.Errorf("got  %s\nwant %s", f.ExceptedBy, c.want)
		}
	}
	f := lie("db", "", "", "x")
	f.ExceptedBy = "vex.json"
	if s := settle(t, &Policy{List: []Exception{excused("db", "")}}, f); f.ExceptedBy != "vex.json" || said(s) != "" {
		t.Errorf("%q, %q", f.ExceptedBy, said(s))
	}
}

func TestTheLastDay(t *testing.T) {
	e := excused("db", "")
	e.Expires = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for at, expired := range map[time.Time]bool{
		today: false,
		time.Date(2026, 11, 23, 23, 59, 59, 999, time.UTC):                          false,
		time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC):                               true,
		time.Date(2026, 11, 24, 1, 0, 0, 0, time.FixedZone("two hours east", 7200)): false,
	} {
		if e.Expired(at) != expired {
			t.Errorf("%s: expired is %v", at, !expired)
		}
	}
}

// TestSilence: where nobody looked an exception that matches nothing is not
// accused.
func TestSilence(t *testing.T) {
	base := func() (*Policy, *analysis.Settlement) {
		return &Policy{List: []Exception{excused("gone", ""), byPrint("v1:000000000000000000000000", "")}, Known: known},
			&analysis.Settlement{
				Clock: today, Evidence: make([]run.Evidence, 1),
				Rules: []*analysis.Rule{{ID: "CHG001"}, {ID: "CHG002"}, {ID: "CHG003"}, {ID: "CHG004"}},
			}
	}
	for _, c := range []struct {
		name   string
		change func(*Policy, *analysis.Settlement)
		want   string
	}{
		{"all was looked at", func(*Policy, *analysis.Settlement) {}, "EXC002 refuted, EXC002 refuted"},
		{"no evidence", func(_ *Policy, s *analysis.Settlement) { s.Evidence = nil }, ""},
		{"a part", func(p *Policy, _ *analysis.Settlement) { p.Partial = true }, ""},
		{"the rule was not run", func(_ *Policy, s *analysis.Settlement) { s.Rules = s.Rules[:1] }, ""},
		{"another rule was not run", func(_ *Policy, s *analysis.Settlement) { s.Rules = s.Rules[:3] }, "EXC002 refuted"},
		{"the rules there are are not known", func(p *Policy, _ *analysis.Settlement) { p.Known = nil }, "EXC002 refuted"},
		{"a gap", func(_ *Policy, s *analysis.Settlement) { s.Missing = []run.Gap{{Rule: "CHG002"}} }, ""},
		{"a gap of another rule", func(_ *Policy, s *analysis.Settlement) { s.Missing = []run.Gap{{Rule: "CHG001"}} }, "EXC002 refuted"},
		{"something open", func(_ *Policy, s *analysis.Settlement) {
			f := lie("other", "", "", "x")
			f.Verdict = finding.Unproven
			s.Findings = append(s.Findings, f)
		}, ""},
		{"switched off", func(p *Policy, _ *analysis.Settlement) { p.Off = map[string]bool{"EXC002": true} }, ""},
	} {
		p, s := base()
		c.change(p, s)
		if err := p.Settle(s); err != nil || said(s) != c.want {
			t.Errorf("%s: %q, want %q (%v)", c.name, said(s), c.want, err)
		}
	}
}

func TestExceptionsAreNotExcused(t *testing.T) {
	old := excused("db", "")
	old.Expires = today.AddDate(0, -1, 0)
	s := settle(t, &Policy{List: []Exception{old}}, lie("db", "", "", "x"))
	about := s.Findings[1]
	all := excused("*", "")
	all.Rule = "EXC001"
	s = settle(t, &Policy{List: []Exception{old, all, byPrint(about.Fingerprint, "")}}, lie("db", "", "", "x"), about)
	for _, f := range s.Findings {
		if f.ExceptedBy != "" {
			t.Errorf("%s is excused by %s", f.Rule, f.ExceptedBy)
		}
	}
	// Two files with the same exception are one thing to do.
	other := old
	other.At.File, other.Owner = "other.yaml", "somebody else"
	if s = settle(t, &Policy{List: []Exception{old, other}}, lie("db", "", "", "x")); said(s) != "EXC001 refuted" {
		t.Error(said(s))
	}
}

// TestMany: the memory of a match does not grow with what it matches.
func TestMany(t *testing.T) {
	var findings []*finding.Finding
	for i := range 3000 {
		findings = append(findings, lie(fmt.Sprintf("r.n[%d]", i), "", "", "x"))
	}
	p := &Policy{}
	for i := range 300 {
		e := excused(fmt.Sprintf("r.n[*%d]", i), "")
		e.Expires = today.AddDate(0, -1, 0)
		p.List = append(p.List, e)
	}
	e := excused("r.n[12?]", "")
	e.Expires = today.AddDate(0, -1, 0)
	p.List = append(p.List, e)
	s := settle(t, p, findings...)
	last := s.Findings[len(s.Findings)-1]
	if !strings.Contains(last.Title, "10 findings count again") || len(last.Proof) != 1+shown || !strings.HasSuffix(last.Proof[shown].Text, "; and 7 more") {
		t.Errorf("%+v", last)
	}
}

package analysis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// oracle answers every request, or fails, and counts.
type oracle struct {
	name  string
	asked []string
	err   error
}

func (o *oracle) Name() string { return o.name }

func (o *oracle) Ask(_ context.Context, r evidence.Request) ([]byte, error) {
	o.asked = append(o.asked, r.Object)
	return []byte("re: " + r.Object), o.err
}

// asker asks a chain of questions, each after the answer to the one before.
func asker(r *Rule, source string, depth int, runs *int, last *evidence.Answer) *Analyzer {
	return &Analyzer{Name: "asker", Doc: "d", Rules: []*Rule{r}, Run: func(p *Pass) error {
		*runs++
		for i := range depth {
			q := evidence.Request{Source: source, Verb: "get", Object: fmt.Sprint(i)}
			a, ok := p.Ask(q)
			p.Ask(q) // asking twice is one question
			if !ok {
				p.Report(r, finding.Finding{Subject: finding.Subject{Kind: "k", Identity: "i"}, Verdict: finding.Unproven, Missing: []finding.Missing{{Evidence: q.Object, Get: "ask"}}})
				return nil
			}
			*last = a
			if a.Err != "" {
				p.Report(r, finding.Finding{Subject: finding.Subject{Kind: "k", Identity: "i"}, Verdict: finding.Unproven, Missing: []finding.Missing{{Evidence: a.Err, Get: "ask again"}}})
				return nil
			}
		}
		p.Hold(r, "f", finding.Subject{}, "")
		return nil
	}}
}

func TestRequests(t *testing.T) {
	for name, c := range map[string]struct {
		source         string
		depth          int
		err            error
		runs, asked    int
		held, unproven int
	}{
		"no question":              {"kube", 0, nil, 1, 0, 1, 0},
		"one":                      {"kube", 1, nil, 2, 1, 1, 0},
		"three rounds":             {"kube", 3, nil, 4, 3, 1, 0},
		"a fourth is one too many": {"kube", 4, nil, 4, 3, 0, 1},
		"endless":                  {"kube", 100, nil, 4, 3, 0, 1},
		"nobody to ask":            {"registry", 1, nil, 1, 0, 0, 1},
		"an error answers":         {"kube", 3, errors.New("forbidden"), 2, 1, 0, 1},
	} {
		r := rule("AAA001")
		runs := 0
		var last evidence.Answer
		kube := &oracle{name: "kube", err: c.err}
		runner := &Runner{Analyzers: []*Analyzer{asker(r, c.source, c.depth, &runs, &last)}, Sources: []evidence.Source{&oracle{name: "other"}, kube}}
		out, sum := stream(t, runner, Evidence{Items: nil})
		if runs != c.runs || len(kube.asked) != c.asked || sum.Held != c.held || sum.Unproven != c.unproven {
			t.Errorf("%s: %d runs, asked %v, %d held, %d unproven", name, runs, kube.asked, sum.Held, sum.Unproven)
		}
		if c.err != nil && (last.Err != "forbidden" || !strings.Contains(strings.Join(out, ""), "forbidden")) {
			t.Errorf("%s: recorded as %+v", name, last)
		}
		if c.asked > 0 && (last.At != clock() || string(last.Body) != "re: "+last.Request.Object) {
			t.Errorf("%s: recorded as %+v", name, last)
		}
	}
}

func TestReportRefuses(t *testing.T) {
	own, foreign := rule("AAA001"), rule("BBB001")
	subject := finding.Subject{Kind: "k", Identity: "i"}
	proof := []finding.Statement{{Text: "t", At: finding.Location{File: "f"}}}
	missing := []finding.Missing{{Evidence: "e", Get: "g"}}
	for name, c := range map[string]struct {
		rule   *Rule
		f      finding.Finding
		reason string
	}{
		"good":             {own, finding.Finding{Subject: subject, Verdict: finding.Refuted, Proof: proof}, ""},
		"good, unproven":   {own, finding.Finding{Subject: subject, Missing: missing}, ""},
		"a foreign rule":   {foreign, finding.Finding{Subject: subject, Verdict: finding.Refuted, Proof: proof}, "does not belong"},
		"no subject":       {own, finding.Finding{Verdict: finding.Refuted, Proof: proof}, "without a subject"},
		"it holds":         {own, finding.Finding{Subject: subject, Verdict: finding.Holds}, "Hold"},
		"no proof":         {own, finding.Finding{Subject: subject, Verdict: finding.Refuted}, "without a located proof"},
		"proof nowhere":    {own, finding.Finding{Subject: subject, Verdict: finding.Refuted, Proof: []finding.Statement{{Text: "t"}}}, "without a located proof"},
		"nothing missing":  {own, finding.Finding{Subject: subject, Verdict: finding.Unproven}, "without naming the missing"},
		"the zero finding": {own, finding.Finding{}, "without a subject"},
	} {
		a := &Analyzer{Name: "a", Doc: "d", Rules: []*Rule{own}, Run: func(p *Pass) error {
			p.Report(c.rule, c.f)
			return nil
		}}
		var got []finding.Finding
		_, err := (&Runner{Analyzers: []*Analyzer{a}, Clock: clock}).Run(context.Background(), Evidence{}, func(m *run.Message) error {
			if m.Finding != nil {
				got = append(got, *m.Finding)
			}
			return nil
		})
		if c.reason == "" {
			if err != nil || len(got) != 1 || got[0].Claim != own.Claim || got[0].Severity != finding.Medium || got[0].Analyzer != "a" || got[0].Fingerprint == "" {
				t.Errorf("%s: %v, %+v", name, err, got)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want %q", name, err, c.reason)
		}
	}
}

func TestFindingsOfWhatIsRequired(t *testing.T) {
	ra, rb := rule("AAA001"), rule("BBB001")
	first := &Analyzer{Name: "first", Doc: "d", Rules: []*Rule{ra}, Run: func(p *Pass) error {
		p.Report(ra, finding.Finding{Subject: finding.Subject{Kind: "k", Identity: "i"}, Missing: []finding.Missing{{}}})
		return nil
	}}
	seen := 0
	second := &Analyzer{Name: "second", Doc: "d", Rules: []*Rule{rb}, Requires: []*Analyzer{first}, Run: func(p *Pass) error {
		seen = len(p.FindingsOf(first))
		return nil
	}}
	stream(t, &Runner{Analyzers: []*Analyzer{second, first}}, Evidence{})
	if seen != 1 {
		t.Errorf("it saw %d findings of what it requires", seen)
	}
	second.Requires = nil
	if _, err := (&Runner{Analyzers: []*Analyzer{first, second}, Clock: clock}).Run(context.Background(), Evidence{}, func(*run.Message) error { return nil }); err == nil || !strings.Contains(err.Error(), "without requiring it") {
		t.Errorf("not required: %v", err)
	}
}

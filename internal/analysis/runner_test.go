package analysis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

var (
	textKind  = &evidence.Kind{Name: "text", Title: "Text", Nature: evidence.Declaration, Get: "write it"}
	otherKind = &evidence.Kind{Name: "other", Title: "Other", Nature: evidence.Observation, Get: "record it"}
)

// rule makes a rule that Validate accepts.
func rule(id string) *Rule {
	return &Rule{ID: id, Title: "t", Claim: "c", Claimant: "m", Why: "w", Fix: "f", Unit: "u", Severity: finding.Medium, Needs: []*evidence.Kind{textKind}}
}

func item(path string, kind *evidence.Kind) *evidence.Item {
	return &evidence.Item{Kind: kind, Path: path, Blob: evidence.Bytes([]byte(path))}
}

// words is a fact whose value is the path; it feeds its subscribers.
func words(name string, delay func()) *Fact {
	return &Fact{Name: name, Kinds: []*evidence.Kind{textKind}, Read: func(_ context.Context, in Input) (Reading, error) {
		delay()
		if strings.HasPrefix(in.Item.Path, "bad") {
			return Reading{}, &evidence.Problem{Reason: "it is bad", Do: "make it good"}
		}
		for _, s := range in.Subscribers {
			s.(*counter).fed++
		}
		return Reading{Value: in.Item.Path, Detail: name}, nil
	}}
}

type counter struct{ fed int }

// accuse refutes one claim about each item.
func accuse(r *Rule, f *Fact) func(*Pass) error {
	return func(p *Pass) error {
		for _, v := range Values[string](p, f) {
			p.Row(run.Row{Table: "t", Cells: []run.Cell{{Name: "path", Value: v.Value}}})
			p.Report(r, finding.Finding{
				Subject: finding.Subject{Kind: "k", Identity: v.Value}, Verdict: finding.Refuted,
				Proof: []finding.Statement{{Text: "it is so", At: finding.Location{File: v.Item.Path}}},
			})
		}
		return nil
	}
}

func clock() time.Time { return time.Unix(1_700_000_000, 0) }

// stream runs and returns the messages as JSON lines.
func stream(t *testing.T, r *Runner, in Evidence) ([]string, *run.Summary) {
	t.Helper()
	var out []string
	if r.Clock == nil {
		r.Clock = clock
	}
	sum, err := r.Run(context.Background(), in, func(m *run.Message) error {
		if err := m.Validate(); err != nil {
			return err
		}
		b, err := json.Marshal(m)
		out = append(out, string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, sum
}

func TestOutputDoesNotDependOnWhatRanInParallel(t *testing.T) {
	r := rand.New(rand.NewSource(6))
	var first []string
	for i := range 20 {
		nap := make(chan time.Duration, 100)
		for range 100 {
			nap <- time.Duration(r.Intn(3)) * time.Millisecond
		}
		delay := func() { time.Sleep(<-nap) }
		one, two := words("one", delay), words("two", delay)
		ra, rb := rule("AAA001"), rule("BBB001")
		a := &Analyzer{Name: "a", Doc: "d", Rules: []*Rule{ra}, Facts: []*Fact{one, two}, Run: accuse(ra, one)}
		b := &Analyzer{Name: "b", Doc: "d", Rules: []*Rule{rb}, Facts: []*Fact{two}, Run: accuse(rb, two)}
		var in Evidence
		for _, k := range r.Perm(12) {
			in.Items = append(in.Items, item(fmt.Sprintf("%s%02d", []string{"file", "bad"}[k%2], k), textKind))
		}
		in.Skips = []run.Skip{{Path: "z", Count: 1, Reason: "r"}, {Path: "a", Count: 1, Reason: "r"}}
		given := slices.Clone(in.Skips)
		out, _ := stream(t, &Runner{Analyzers: []*Analyzer{b, a}, Parallel: i % 5, Tables: true}, in)
		if first == nil {
			first = out
			if len(out) != 6+6+2+12+12+1 {
				t.Errorf("%d messages:\n%s", len(out), strings.Join(out, "\n"))
			}
		}
		if !slices.Equal(out, first) {
			t.Fatalf("run %d:\n%s\nthe first:\n%s", i, strings.Join(out, "\n"), strings.Join(first, "\n"))
		}
		if !slices.Equal(in.Skips, given) {
			t.Fatal("the caller's skips were sorted in place")
		}
	}
	order := []string{`{"evidence"`, `{"skip"`, `{"row"`, `{"finding"`, `{"summary"`}
	last := 0
	for _, line := range first {
		i := slices.IndexFunc(order, func(p string) bool { return strings.HasPrefix(line, p) })
		if i < last {
			t.Errorf("out of order: %s", line)
		}
		last = i
	}
}

func TestSubscribersAreFedOncePerFactAndItem(t *testing.T) {
	var reads atomic.Int32
	shared := words("shared", func() { reads.Add(1) })
	var made []*counter
	subscription := func() []Subscription {
		return []Subscription{{Fact: shared, New: func(*evidence.Item) any {
			c := &counter{}
			made = append(made, c)
			return c
		}}}
	}
	items := []*evidence.Item{item("x", textKind), item("y", textKind), item("o", otherKind)}
	visited := 0
	analyzer := func(name, id string) *Analyzer {
		return &Analyzer{Name: name, Doc: "d", Rules: []*Rule{rule(id)}, Facts: []*Fact{shared}, Subscribe: subscription(), Run: func(p *Pass) error {
			for _, v := range Values[string](p, shared) {
				if c, ok := p.Visitor(shared, v.Item).(*counter); ok && c.fed == 1 {
					visited++
				}
			}
			if p.Visitor(shared, items[2]) != nil {
				t.Error("a visitor for an item that the fact does not read")
			}
			return nil
		}}
	}
	stream(t, &Runner{Analyzers: []*Analyzer{analyzer("a", "AAA001"), analyzer("b", "BBB001"), analyzer("c", "CCC001")}, Parallel: 4}, Evidence{Items: items})
	if reads.Load() != 2 || len(made) != 6 || visited != 6 {
		t.Errorf("%d readings, %d visitors, %d of them seen by their analyzers", reads.Load(), len(made), visited)
	}
	for i, c := range made {
		if c.fed != 1 {
			t.Errorf("visitor %d was fed %d times", i, c.fed)
		}
	}
}

func TestFailingFactBecomesASkip(t *testing.T) {
	plain := &Fact{Name: "plain", Kinds: []*evidence.Kind{textKind}, Read: func(context.Context, Input) (Reading, error) { return Reading{}, errors.New("disk on fire") }}
	f := words("f", func() {})
	a := &Analyzer{Name: "a", Doc: "d", Rules: []*Rule{rule("AAA001")}, Facts: []*Fact{f, plain}, Run: func(p *Pass) error {
		if n := len(Values[string](p, f)); n != 1 {
			t.Errorf("%d values, want that of the good item", n)
		}
		if n := len(Values[string](p, plain)); n != 0 {
			t.Errorf("%d values of a fact that fails", n)
		}
		p.Hold(p.analyzer.Rules[0], "f", finding.Subject{}, "")
		return nil
	}}
	bad := item("bad", textKind)
	bad.Named = true
	out, sum := stream(t, &Runner{Analyzers: []*Analyzer{a}}, Evidence{Items: []*evidence.Item{bad, item("good", textKind)}})
	text := strings.Join(out, "\n")
	if !strings.Contains(text, `"reason":"it is bad","do":"make it good","named":true`) || !strings.Contains(text, "disk on fire") {
		t.Error(text)
	}
	if sum.Verdict != finding.Unproven || sum.Coverage.Skipped < 2 {
		t.Errorf("%+v", sum)
	}
}

func TestVerdictOfTheRun(t *testing.T) {
	f := words("f", func() {})
	for name, c := range map[string]struct {
		items   []*evidence.Item
		skips   []run.Skip
		verdict []finding.Verdict // of the findings
		held    int
		needs   []*evidence.Kind
		want    finding.Verdict
	}{
		"all is well":          {items: []*evidence.Item{item("x", textKind)}, held: 1, want: finding.Holds},
		"nothing to judge":     {items: []*evidence.Item{item("x", textKind)}, want: finding.Holds},
		"no evidence":          {want: finding.Unproven},
		"one refuted":          {items: []*evidence.Item{item("x", textKind)}, held: 9, verdict: []finding.Verdict{finding.Refuted, finding.Unproven}, want: finding.Refuted},
		"one unproven":         {items: []*evidence.Item{item("x", textKind)}, held: 9, verdict: []finding.Verdict{finding.Unproven}, want: finding.Unproven},
		"a skip of discovery":  {items: []*evidence.Item{item("x", textKind)}, held: 1, skips: []run.Skip{{Path: "s", Count: 1}}, want: finding.Unproven},
		"a skip that is named": {items: []*evidence.Item{item("x", textKind)}, held: 1, skips: []run.Skip{{Path: "s", Named: true}}, want: finding.Unproven},
		"an unreadable item":   {items: []*evidence.Item{item("x", textKind), item("bad", textKind)}, held: 1, want: finding.Unproven},
		"a kind is missing":    {items: []*evidence.Item{item("x", textKind)}, held: 1, needs: []*evidence.Kind{textKind, otherKind}, want: finding.Unproven},
	} {
		r := rule("AAA001")
		if c.needs != nil {
			r.Needs = c.needs
		}
		a := &Analyzer{Name: "a", Doc: "d", Rules: []*Rule{r}, Facts: []*Fact{f}, Run: func(p *Pass) error {
			for range c.held {
				p.Hold(r, "f", finding.Subject{}, "")
			}
			for i, v := range c.verdict {
				p.Report(r, finding.Finding{
					Subject: finding.Subject{Kind: "k", Identity: fmt.Sprint(i)}, Verdict: v,
					Proof: []finding.Statement{{At: finding.Location{File: "x"}}}, Missing: []finding.Missing{{Evidence: "e", Get: "g"}},
				})
			}
			return nil
		}}
		_, sum := stream(t, &Runner{Analyzers: []*Analyzer{a}}, Evidence{Items: c.items, Skips: c.skips})
		if sum.Verdict != c.want || sum.Held != c.held || sum.Refuted+sum.Unproven != len(c.verdict) || sum.Rules[0].Examined != c.held+len(c.verdict) {
			t.Errorf("%s: %+v, want %v", name, sum, c.want)
		}
	}
}

func TestRowsOnlyWhereWanted(t *testing.T) {
	f, r := words("f", func() {}), rule("AAA001")
	a := &Analyzer{Name: "a", Doc: "d", Rules: []*Rule{r}, Facts: []*Fact{f}, Run: accuse(r, f)}
	out, _ := stream(t, &Runner{Analyzers: []*Analyzer{a}}, Evidence{Items: []*evidence.Item{item("x", textKind)}})
	if strings.Contains(strings.Join(out, "\n"), `{"row"`) {
		t.Error("rows for nobody")
	}
}

func TestRunStops(t *testing.T) {
	f, r := words("f", func() {}), rule("AAA001")
	a := &Analyzer{Name: "a", Doc: "d", Rules: []*Rule{r}, Facts: []*Fact{f}, Run: accuse(r, f)}
	in := Evidence{Items: []*evidence.Item{item("x", textKind)}}
	full := errors.New("full disk")
	for n := range 3 { // evidence, finding, summary
		heard := 0
		_, err := (&Runner{Analyzers: []*Analyzer{a}, Clock: clock}).Run(context.Background(), in, func(*run.Message) error {
			if heard++; heard > n {
				return full
			}
			return nil
		})
		if !errors.Is(err, full) || heard != n+1 {
			t.Errorf("after %d messages: %v, %d heard", n, err, heard)
		}
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (&Runner{Analyzers: []*Analyzer{a}, Clock: clock}).Run(gone, in, func(*run.Message) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	broken := &Analyzer{Name: "broken", Doc: "d", Rules: []*Rule{r}, Run: func(*Pass) error { return errors.New("a bug") }}
	if _, err := (&Runner{Analyzers: []*Analyzer{broken}, Clock: clock}).Run(context.Background(), in, func(*run.Message) error { return nil }); err == nil || !strings.Contains(err.Error(), "broken: a bug") {
		t.Errorf("a broken analyzer: %v", err)
	}
}

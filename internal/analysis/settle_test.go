package analysis

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

type policy func(*Settlement) error

func (p policy) Settle(s *Settlement) error { return p(s) }

// TestPoliciesSettleBeforeCounting: what a policy decides is in the counts, and
// no policy turns a lie into a truth.
func TestPoliciesSettleBeforeCounting(t *testing.T) {
	f := words("w", func() {})
	r := rule("AAA001")
	own := &Analyzer{Name: "own", Doc: "d", Settles: true, Rules: []*Rule{rule("OWN001")}}
	a := &Analyzer{Name: "a", Doc: "d", Rules: []*Rule{r}, Facts: []*Fact{f}, Run: accuse(r, f)}
	excuse := policy(func(s *Settlement) error {
		for _, f := range s.Findings {
			f.ExceptedBy = "somebody"
			s.Rename(f, "prod", "")
		}
		return nil
	})
	added := policy(func(s *Settlement) error {
		s.Report(own, own.Rules[0], finding.Finding{
			Subject: finding.Subject{Kind: "k", Identity: fmt.Sprint(len(s.Rules), s.Rules[0].ID)}, Verdict: finding.Refuted,
			Proof: []finding.Statement{{Text: "p", At: finding.Location{File: "f"}}},
		})
		return nil
	})
	in := Evidence{Items: []*evidence.Item{item("x", textKind), item("y", textKind)}}

	lines, sum := stream(t, &Runner{Analyzers: []*Analyzer{a}, Policies: []Policy{excuse}}, in)
	if sum.Excepted != 2 || sum.Refuted != 0 || sum.Verdict != finding.Refuted || sum.Rules[0].Excepted != 2 {
		t.Errorf("excepted: %+v", sum)
	}
	want := finding.Fingerprint("AAA001", finding.Subject{Kind: "k", Identity: "x", Environment: "prod"}, "")
	if !strings.Contains(strings.Join(lines, "\n"), want) {
		t.Error("the declared environment is not in the fingerprint")
	}
	if err := run.Read(strings.NewReader(strings.Join(lines, "\n")), func(*run.Message) error { return nil }); err == nil {
		t.Error("a stream without a header was read")
	}
	_, sum = stream(t, &Runner{Analyzers: []*Analyzer{a}, Policies: []Policy{excuse, added}}, in)
	if sum.Excepted != 2 || sum.Refuted != 1 {
		t.Errorf("a finding of a policy: %+v", sum)
	}
	broken := policy(func(*Settlement) error { return fmt.Errorf("no") })
	if _, err := (&Runner{Analyzers: []*Analyzer{a}, Policies: []Policy{broken}, Clock: clock}).Run(context.Background(), in, func(*run.Message) error { return nil }); err == nil {
		t.Error("an error of a policy is lost")
	}
}

func TestRulesThatAreOff(t *testing.T) {
	f := words("w", func() {})
	one, two := rule("AAA001"), rule("AAA002")
	a := &Analyzer{Name: "a", Doc: "d", Rules: []*Rule{one, two}, Facts: []*Fact{f}, Run: func(p *Pass) error {
		p.Hold(one, "f", finding.Subject{Kind: "k", Identity: "i"}, "")
		return accuse(two, f)(p)
	}}
	in := Evidence{Items: []*evidence.Item{item("x", textKind)}}
	lines, sum := stream(t, &Runner{Analyzers: []*Analyzer{a}, Off: map[string]bool{"AAA001": true, "AAA002": true}, Holds: true}, in)
	if len(sum.Rules) != 0 || sum.Held+sum.Refuted != 0 || strings.Contains(strings.Join(lines, ""), "AAA00") {
		t.Errorf("%+v\n%s", sum, lines)
	}
}

// TestWhatHeldIsListed for runs that are saved, under names without environments.
func TestWhatHeldIsListed(t *testing.T) {
	r := rule("AAA001")
	f := words("w", func() {})
	a := &Analyzer{Name: "a", Doc: "d", Rules: []*Rule{r}, Facts: []*Fact{f}, Run: func(p *Pass) error {
		for i := range heldPerMessage + 1 {
			p.Hold(r, "f", finding.Subject{Kind: "k", Identity: fmt.Sprint(i), Environment: "prod"}, "")
		}
		return nil
	}}
	in := Evidence{Items: []*evidence.Item{item("x", textKind)}}
	for _, wanted := range []bool{true, false} {
		var hashes []string
		messages := 0
		runner := &Runner{Analyzers: []*Analyzer{a}, Clock: clock, Holds: wanted}
		sum, err := runner.Run(context.Background(), in, func(m *run.Message) error {
			if m.Held != nil {
				messages++
				hashes = append(hashes, m.Held.Hashes...)
			}
			return nil
		})
		if err != nil || sum.Held != heldPerMessage+1 {
			t.Fatal(sum, err)
		}
		bare := finding.Short((&finding.Finding{Rule: "AAA001", Subject: finding.Subject{Kind: "k", Identity: "7", Environment: "prod"}}).Bare())
		if (messages == 2) != wanted || slices.Contains(hashes, bare) != wanted {
			t.Errorf("wanted %v: %d messages with %d hashes", wanted, messages, len(hashes))
		}
	}
}

// TestSketch: the share of equal hashes follows the share of equal names, and
// neither order nor repetition matters.
func TestSketch(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	names := make([]string, 500)
	for i := range names {
		names[i] = fmt.Sprintf("module.m[%d].aws_thing.x", i)
	}
	whole := sketch(slices.Values(names))
	if len(whole) != sketchSize || !slices.IsSorted(whole) {
		t.Fatalf("%d hashes, sorted %v", len(whole), slices.IsSorted(whole))
	}
	again := append(slices.Clone(names), names...)
	r.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
	if !slices.Equal(whole, sketch(slices.Values(again))) {
		t.Error("order or repetition changes the sketch")
	}
	common := 0
	for _, h := range sketch(slices.Values(names[:400])) {
		if slices.Contains(whole, h) {
			common++
		}
	}
	if common < sketchSize/2 {
		t.Errorf("four fifths of the names are there and only %d of %d hashes", common, sketchSize)
	}
	if sketch(nil) != nil || len(sketch(slices.Values([]string{"a", "a"}))) != 1 {
		t.Error("a small sketch")
	}
}

package baseline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// recording is a run in pieces that a test can take away and put back.
type recording struct {
	inputs  []string
	started time.Time
	version string
	rules   []run.RuleRef
	pieces  []run.Evidence
	skips   []run.Skip
	policy  *run.Policy
	found   []finding.Finding
	held    map[string][]finding.Subject // by rule; of the evidence in their folder
	moved   map[string]string            // new path -> folder, for pieces that were moved
	order   *rand.Rand                   // shuffles findings; nil: sorted
}

var ruleIDs = []string{"AAA001", "AAA002", "BBB001"}

// random makes a run over a few files. Subjects belong to files, so that one
// file's evidence can go with what it shows.
func random(r *rand.Rand) *recording {
	a := &recording{inputs: []string{"repo"}, started: time.Unix(1_700_000_000, 0).UTC(), version: "v1", held: map[string][]finding.Subject{}}
	for i, id := range ruleIDs {
		a.rules = append(a.rules, run.RuleRef{ID: id, Analyzer: "x", Claim: "c", Severity: finding.Severity(1 + i)})
	}
	for i := range 1 + r.IntN(5) {
		p := run.Evidence{Kind: "plan", Nature: "observation", Path: fmt.Sprintf("repo/d%d/plan.json", i)}
		if r.IntN(3) == 0 {
			p.Kind, p.Nature, p.Path = "manifest", "declaration", fmt.Sprintf("repo/d%d/app.yaml", i)
		}
		for range 1 + r.IntN(20) {
			p.Sketch = append(p.Sketch, fmt.Sprintf("%016x", r.Uint64()))
		}
		slices.Sort(p.Sketch)
		a.pieces = append(a.pieces, p)
		for j := range r.IntN(6) {
			s := finding.Subject{Kind: "thing", Identity: fmt.Sprintf("d%d.s%d", i, j)}
			id := ruleIDs[r.IntN(len(ruleIDs))]
			switch r.IntN(3) {
			case 0:
				a.held[id] = append(a.held[id], s)
			case 1:
				a.add(id, s, finding.Refuted, p.Path)
			default:
				a.add(id, s, finding.Unproven, p.Path)
			}
		}
	}
	return a
}

func (a *recording) add(rule string, s finding.Subject, v finding.Verdict, file string) *finding.Finding {
	a.found = append(a.found, finding.Finding{
		Rule: rule, Analyzer: "x", Subject: s, Claim: "c", Title: "t", Verdict: v, Severity: finding.Medium,
		Proof:       []finding.Statement{{Text: "p", At: finding.Location{File: file}}},
		Fingerprint: finding.Fingerprint(rule, s, ""),
	})
	return &a.found[len(a.found)-1]
}

func (a *recording) clone() *recording {
	b := *a
	b.inputs, b.pieces, b.skips = slices.Clone(a.inputs), slices.Clone(a.pieces), slices.Clone(a.skips)
	b.rules, b.held = slices.Clone(a.rules), map[string][]finding.Subject{}
	for id, s := range a.held {
		b.held[id] = slices.Clone(s)
	}
	b.found = nil
	for _, f := range a.found {
		f.Proof = slices.Clone(f.Proof)
		b.found = append(b.found, f)
	}
	b.started = a.started.Add(time.Hour)
	return &b
}

// drop takes a piece of evidence away with everything that rests on it.
func (a *recording) drop(i int) (gone []finding.Finding) {
	p := a.pieces[i]
	a.pieces = slices.Delete(slices.Clone(a.pieces), i, i+1)
	a.found = slices.DeleteFunc(a.found, func(f finding.Finding) bool {
		if f.At().File == p.Path {
			gone = append(gone, f)
			return true
		}
		return false
	})
	dir := path.Base(path.Dir(p.Path))
	for id := range a.held {
		a.held[id] = slices.DeleteFunc(a.held[id], func(s finding.Subject) bool { return bytes.HasPrefix([]byte(s.Identity), []byte(dir+".")) })
	}
	return gone
}

// fileOf is the evidence of a subject: "d3.s1" is in folder d3, everything else
// in the first piece.
func (a *recording) fileOf(s finding.Subject) string {
	dir, _, _ := strings.Cut(s.Identity, ".")
	for _, p := range a.pieces {
		if a.moved[p.Path] == dir || strings.Contains(p.Path, "/"+dir+"/") {
			return p.Path
		}
	}
	return a.pieces[0].Path
}

// replay returns the messages of the run.
func (a *recording) replay() Replay {
	var stream []run.Message
	put := func(m run.Message) { stream = append(stream, m) }
	put(run.Message{Header: &run.Header{Protocol: run.Protocol, Version: a.version, Command: "check", Inputs: a.inputs, Started: a.started, Rules: a.rules, Policy: a.policy}})
	for i := range a.pieces {
		put(run.Message{Evidence: &a.pieces[i]})
	}
	for i := range a.skips {
		put(run.Message{Skip: &a.skips[i]})
	}
	sum := run.Summary{}
	sum.Coverage.Evidence = len(a.pieces)
	counts := map[string]*run.RuleCount{}
	for _, r := range a.rules {
		sum.Rules = append(sum.Rules, run.RuleCount{Rule: r.ID})
	}
	for i := range sum.Rules {
		counts[sum.Rules[i].Rule] = &sum.Rules[i]
	}
	for _, id := range slices.Sorted(maps.Keys(a.held)) {
		for _, s := range a.held[id] {
			put(run.Message{Held: &run.Held{Rule: id, Evidence: a.fileOf(s), Hashes: []string{finding.Short(finding.Fingerprint(id, s, ""))}}})
			sum.Held++
			if c := counts[id]; c != nil {
				c.Held++
				c.Examined++
			}
		}
	}
	found := slices.Clone(a.found)
	slices.SortFunc(found, func(x, y finding.Finding) int { return finding.Compare(&x, &y) })
	if a.order != nil {
		a.order.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	}
	for i := range found {
		put(run.Message{Finding: &found[i]})
		switch f := &found[i]; {
		case f.ExceptedBy != "":
			sum.Excepted++
		case f.Verdict == finding.Refuted:
			sum.Refuted++
		default:
			sum.Unproven++
		}
		if c := counts[found[i].Rule]; c != nil {
			c.Examined++
		}
	}
	put(run.Message{Summary: &sum})
	return func(hear func(*run.Message) error) error {
		for i := range stream {
			if err := hear(&stream[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// saved is the run as JSON lines, read back.
func saved(t *testing.T, replay Replay) Replay {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	if err := replay(func(m *run.Message) error { return enc.Encode(m) }); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	return func(hear func(*run.Message) error) error { return run.Read(bytes.NewReader(data), hear) }
}

// outcome is a comparison with everything it emitted.
type outcome struct {
	*run.Difference
	stream   []run.Message
	found    []finding.Finding
	evidence []run.Evidence
	header   run.Header
}

func compare(t *testing.T, base, head *recording, o Options) *outcome {
	t.Helper()
	out := &outcome{}
	d, err := Compare(Named{"BASE", base.replay()}, Named{"HEAD", head.replay()}, o, func(m *run.Message) error {
		c := *m
		out.stream = append(out.stream, c)
		switch {
		case m.Header != nil:
			out.header = *m.Header
		case m.Finding != nil:
			out.found = append(out.found, *m.Finding)
		case m.Evidence != nil:
			out.evidence = append(out.evidence, *m.Evidence)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out.Difference = d
	out.check(t, base, head)
	return out
}

// check holds what is true of every comparison: each finding of HEAD and each
// of BASE that HEAD has not is there exactly once, and the counts say so.
func (o *outcome) check(t *testing.T, base, head *recording) {
	t.Helper()
	tally, ofHead, failing := map[finding.Status]int{}, 0, 0
	for _, f := range o.found {
		if f.Change == nil {
			t.Fatalf("%s has no change", f.Fingerprint)
		}
		tally[f.Change.Status]++
		if f.Change.Worse {
			failing++
		}
		switch f.Change.Status {
		case finding.Fixed, finding.Removed, finding.Lost:
		default:
			ofHead++
		}
	}
	if ofHead != len(head.found) {
		t.Errorf("%d findings of HEAD in the comparison, %d in HEAD", ofHead, len(head.found))
	}
	for s := finding.Unjudged; s <= finding.Removed; s++ {
		if tally[s] != o.Count(s) {
			t.Errorf("%d are %s, the summary counts %d", tally[s], s, o.Count(s))
		}
	}
	if gone := o.Fixed + o.Removed + o.Lost; len(base.found)-gone != len(head.found)-o.New-o.Unjudged-fromHeld(o.found) {
		t.Errorf("BASE %d, HEAD %d: the pairs do not add up: %+v", len(base.found), len(head.found), o.Difference)
	}
	if (o.Direction == "worse") != (o.Failing > 0) || o.Failing < failing {
		t.Errorf("direction %s with %d failing, %d of them findings", o.Direction, o.Failing, failing)
	}
	if o.Failing > 0 && len(o.Reasons) == 0 {
		t.Error("it fails and does not say why")
	}
}

// fromHeld are findings that are worse and were none in BASE.
func fromHeld(found []finding.Finding) int {
	n := 0
	for _, f := range found {
		if f.Change.Status == finding.Worse && (f.Change.Was == "holds" || f.Change.Was == "") {
			n++
		}
	}
	return n
}

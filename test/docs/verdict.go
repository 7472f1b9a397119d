package docs

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers"
	"polygraph/internal/config"
	"polygraph/internal/environment"
	"polygraph/internal/evidence"
	"polygraph/internal/exceptions"
	"polygraph/internal/report/term"
	"polygraph/internal/run"
)

// today is the day on which the cases are judged: some have dates in them.
func today() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

// printed is what a terminal shows of the rule for one side of its case, and
// how many of its claims held.
func (e entry) printed(files []source) (text string, held int, err error) {
	runner := analysis.Runner{Analyzers: []*analysis.Analyzer{e.of.Analyzer}, Clock: today}
	if e.of.Settles {
		runner.Analyzers = analyzers.All()
	}
	var in analysis.Evidence
	for _, f := range files {
		switch item, policy, err := e.understand(f); {
		case err != nil:
			return "", 0, err
		case item != nil:
			in.Items = append(in.Items, item)
		case f.name == "polygraph.yaml": // environments before exceptions
			runner.Policies = slices.Insert(runner.Policies, 0, policy)
		default:
			runner.Policies = append(runner.Policies, policy)
		}
	}
	var out bytes.Buffer
	listener := term.New(&out, term.Options{})
	// A case may touch other rules; the page is about one.
	sum, err := runner.Run(context.Background(), in, func(m *run.Message) error {
		if m.Finding == nil || m.Finding.Rule != e.ID {
			return nil
		}
		return listener.Hear(m)
	})
	if err != nil {
		return "", 0, err
	}
	for _, c := range sum.Rules {
		if c.Rule == e.ID {
			held = c.Held
		}
	}
	return strings.TrimRight(out.String(), "\n"), held, listener.Close()
}

// understand reads a file of a case as evidence, or as what a policy reads.
func (e entry) understand(f source) (*evidence.Item, analysis.Policy, error) {
	data := f.data()
	for _, detect := range e.of.detectors {
		if kind, _ := detect(f.name, data); kind != nil {
			return &evidence.Item{Kind: kind, Path: f.name, Blob: evidence.Bytes(data)}, nil, nil
		}
	}
	if !e.of.Settles {
		return nil, nil, fmt.Errorf("%s: %s of its case is no evidence of a known kind", e.ID, f.name)
	}
	var known []string
	for _, other := range entries() {
		known = append(known, other.ID)
	}
	if f.name == "polygraph.yaml" {
		return e.declared(f.name, data, known)
	}
	list, err := exceptions.ParseFile(f.name, data, known)
	if err != nil {
		return nil, nil, err
	}
	return nil, &exceptions.Policy{List: list, Known: known}, nil
}

// declared are the environments of a case's polygraph.yaml.
func (e entry) declared(name string, data []byte, known []string) (*evidence.Item, analysis.Policy, error) {
	c, err := config.Parse(name, data, known)
	if err != nil {
		return nil, nil, err
	}
	var all []environment.Declared
	for _, d := range c.Environments {
		all = append(all, environment.Declared{Name: d.Name, At: d.At, Paths: d.Paths})
	}
	set, err := environment.NewSet(all)
	if err != nil {
		return nil, nil, err
	}
	return nil, environment.NewPolicy(set), nil
}

package docs

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/report/term"
	"polygraph/internal/run"
)

// printed is what a terminal shows of the rule for one side of its case, and
// how many claims of the rule held.
func (e entry) printed(files []source) (text string, held int, err error) {
	in, err := e.evidence(files)
	if err != nil {
		return "", 0, err
	}
	var out bytes.Buffer
	listener := term.New(&out, term.Options{})
	// A case may touch other rules of the analyzer; the page is about one.
	runner := analysis.Runner{Analyzers: []*analysis.Analyzer{e.of.Analyzer}, Clock: func() time.Time { return time.Unix(1_700_000_000, 0) }}
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

func (e entry) evidence(files []source) (analysis.Evidence, error) {
	var in analysis.Evidence
	for _, f := range files {
		data := f.data()
		for _, detect := range e.of.detectors {
			if kind, _ := detect(f.name, data); kind != nil {
				in.Items = append(in.Items, &evidence.Item{Kind: kind, Path: f.name, Blob: evidence.Bytes(data)})
				break
			}
		}
	}
	if len(in.Items) != len(files) {
		return in, fmt.Errorf("%s: only %d of %d files of its case are recognised as evidence", e.ID, len(in.Items), len(files))
	}
	return in, nil
}

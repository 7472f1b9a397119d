package baseline

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// Replay passes all messages of one run to hear, from the start, as often as
// it is called. It returns run.ErrTruncated for a run that was cut off.
type Replay func(hear func(*run.Message) error) error

// side is what is kept of one run.
type side struct {
	header  run.Header
	summary run.Summary
	pieces  []*piece
	byPath  map[string]*piece
	entries []*entry
	rules   map[string]run.RuleRef
	held    map[scope][]uint64 // sorted: run.Held
	skips   []run.Skip
}

// piece is one piece of evidence and its counterpart in the other run.
type piece struct {
	run.Evidence
	name  string         // path below the input that led to it
	bare  map[string]int // bare fingerprints of its findings, and how many
	other *piece
}

// entry is one finding, without its words.
type entry struct {
	rule     string
	print    string // fingerprint
	bare     string
	short    uint64 // of the bare fingerprint, as run.Held has it
	declared bool   // its environment is part of the fingerprint
	where    string // its environment, declared or inferred
	aliases  []string
	verdict  finding.Verdict
	severity finding.Severity
	overdue  bool
	excepted bool
	first    string // first_seen
	piece    *piece
	whole    bool   // about its evidence as a whole
	other    *entry // its counterpart in the other run
}

// load replays a run once.
func load(replay Replay) (*side, error) {
	s := &side{byPath: map[string]*piece{}, rules: map[string]run.RuleRef{}, held: map[scope][]uint64{}}
	var err error
	hear := func(m *run.Message) error {
		switch {
		case m.Header != nil:
			s.header = *m.Header
			if m.Header.Command == "compare" || m.Header.Base != nil || m.Header.Head != nil {
				return errors.New("this is a comparison of two runs and not a run: save one with `polygraph check PATH -o jsonl=run.jsonl`")
			}
			for _, r := range m.Header.Rules {
				s.rules[r.ID] = r
			}
		case m.Evidence != nil:
			p := &piece{Evidence: *m.Evidence, name: below(m.Evidence.Path, s.header.Inputs)}
			s.pieces = append(s.pieces, p)
			s.byPath[p.Path] = p
		case m.Skip != nil:
			s.skips = append(s.skips, *m.Skip)
		case m.Held != nil:
			at := scope{m.Held.Rule, s.byPath[m.Held.Evidence]}
			for _, h := range m.Held.Hashes {
				n, err := strconv.ParseUint(h, 16, 64)
				if err != nil {
					return fmt.Errorf("held: %q is not a hash of 16 hexadecimal digits", h)
				}
				s.held[at] = append(s.held[at], n)
			}
		case m.Finding != nil:
			if m.Finding.Verdict == finding.Holds {
				return fmt.Errorf("%s on %s: what holds is no finding: this run was changed", m.Finding.Rule, m.Finding.Subject.Identity)
			}
			s.entries = append(s.entries, s.entry(m.Finding))
		case m.Summary != nil:
			s.summary = *m.Summary
		}
		return nil
	}
	if err = replay(hear); err != nil {
		return nil, err
	}
	for _, e := range s.entries {
		if e.piece == nil {
			continue
		}
		if e.piece.bare == nil {
			e.piece.bare = map[string]int{}
		}
		e.piece.bare[e.bare]++
	}
	for _, h := range s.held {
		slices.Sort(h)
	}
	return s, nil
}

func (s *side) entry(f *finding.Finding) *entry {
	e := &entry{
		rule: f.Rule, print: f.Fingerprint, bare: f.Bare(), where: f.Subject.Environment,
		declared: f.Subject.Environment != "" && f.Subject.Inferred == "",
		verdict:  f.Verdict, severity: f.Severity, overdue: f.Overdue, excepted: f.ExceptedBy != "",
		first: f.FirstSeen, aliases: f.Subject.Aliases, piece: s.byPath[f.At().File],
	}
	e.whole = e.piece != nil && f.Subject.Kind == e.piece.Kind
	if e.bare == e.print {
		e.bare = e.print // one string less
	}
	if n, err := strconv.ParseUint(finding.Short(e.bare), 16, 64); err == nil {
		e.short = n
	}
	return e
}

// scope is a rule on one piece of evidence.
type scope struct {
	rule  string
	piece *piece
}

// proven tells that the claim of a rule held for a subject, by one piece of
// evidence: what holds in one plan says nothing about another.
func (s *side) proven(at scope, short uint64) bool {
	_, ok := slices.BinarySearch(s.held[at], short)
	return ok
}

// below is the path below the input that leads to it, so that the same folder
// under another name has the same paths.
func below(file string, inputs []string) string {
	file = path.Clean(file)
	best, length := file, -1
	for _, in := range inputs {
		in = path.Clean(strings.ReplaceAll(in, `\`, "/"))
		switch rest, within := strings.CutPrefix(file, in+"/"); {
		case file == in && len(in) > length:
			best, length = path.Base(file), len(in)
		case within && len(in) > length:
			best, length = rest, len(in)
		}
	}
	return best
}

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// The exit codes. When several apply, wrong usage comes first, then refuted,
// then not examined.
const (
	exitFine        = 0   // no claim was refuted
	exitRefuted     = 1   // a claim was refuted
	exitUsage       = 2   // the command line is wrong
	exitUnexamined  = 3   // something named was not examined, or nothing is proven
	exitInterrupted = 130 // by a signal, as shells write it
)

// exitError is an error that says what is wrong, what to do and how to exit.
type exitError struct {
	code int
	what string
	do   string
	err  error
}

func (e *exitError) Error() string { return e.what }
func (e *exitError) Unwrap() error { return e.err }

func usage(what, do string) error { return &exitError{code: exitUsage, what: what, do: do} }

func unexamined(what, do string) error {
	return &exitError{code: exitUnexamined, what: what, do: do}
}

// verdict listens to a run and knows how the process has to exit.
type verdict struct {
	failOn      string
	minSeverity finding.Severity
	heard       bool // a run was judged
	spared      int  // refuted ones below minSeverity
	named       []run.Skip
	summary     *run.Summary
}

// Hear takes in what decides.
func (v *verdict) Hear(m *run.Message) error {
	switch {
	case m.Header != nil:
		v.heard = true
	case m.Skip != nil && m.Skip.Named:
		v.named = append(v.named, *m.Skip)
	case m.Finding != nil:
		if f := m.Finding; f.Verdict == finding.Refuted && f.ExceptedBy == "" && f.Change == nil && f.Severity < v.minSeverity {
			v.spared++
		}
	case m.Summary != nil:
		s := *m.Summary
		v.summary = &s
	}
	return nil
}

// Close has nothing to do.
func (v *verdict) Close() error { return nil }

// code is the exit code of the run that was heard.
func (v *verdict) code() int {
	if !v.heard {
		return exitFine
	}
	s := v.summary
	if s == nil {
		return exitUnexamined // cut off
	}
	if s.Difference != nil {
		return v.direction(s)
	}
	strict := v.failOn == "unproven"
	switch {
	case s.Refuted > v.spared, strict && s.Unproven > 0:
		return exitRefuted
	case len(v.named) > 0, s.Coverage.Evidence == 0, s.Held+s.Refuted+s.Excepted == 0 && (s.Unproven > 0 || len(s.Missing) > 0):
		return exitUnexamined
	case strict && s.Verdict == finding.Unproven:
		return exitRefuted
	default:
		return exitFine
	}
}

// direction is the exit code of a comparison: 1 only where it got worse.
func (v *verdict) direction(s *run.Summary) int {
	switch d := s.Difference; {
	case d.Failing > 0:
		return exitRefuted
	case len(v.named) > 0, s.Coverage.Evidence == 0, d.Direction == "unproven":
		return exitUnexamined
	}
	return exitFine
}

// exit turns the error of a command into the exit code and says what it is.
func (a *app) exit(err error) int {
	if err == nil {
		return a.code()
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		a.complain(exitInterrupted, "interrupted: the run was cut off and has no verdict", "")
		return exitInterrupted
	}
	var e *exitError
	if errors.As(err, &e) {
		a.complain(e.code, e.what, e.do)
		return e.code
	}
	what, do := err.Error(), ""
	var p *evidence.Problem
	if errors.As(err, &p) {
		what, do = p.Reason, p.Do
	}
	a.complain(exitUnexamined, what, do)
	return exitUnexamined
}

// complain says what is wrong and what to do, as JSON to whoever reads JSON.
func (a *app) complain(code int, what, do string) {
	if a.wantsJSON() {
		type problem struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
			Do      string `json:"do,omitempty"`
		}
		line, err := json.Marshal(map[string]problem{"error": {code, what, do}})
		if err == nil {
			a.talk(string(line))
			return
		}
	}
	text := "polygraph: " + what
	if do != "" {
		text += "\n  " + do
	}
	a.talk(text)
}

// wantsJSON also looks at the bare arguments: they may be what could not be
// parsed.
func (a *app) wantsJSON() bool {
	args := a.Args
	if i := slices.Index(args, "--"); i >= 0 {
		args = args[:i]
	}
	return a.global.json || slices.Contains(args, "--json")
}

// crashed says that it is our fault. The stack is for those who ask for it.
func (a *app) crashed(p any, stack []byte) int {
	a.complain(exitUnexamined, fmt.Sprintf("this is a bug in Polygraph, not in what it examined: %v", p),
		"please report this line, the command and the output of `polygraph version`; POLYGRAPH_DEBUG=1 adds the stack")
	if a.env("POLYGRAPH_DEBUG") != "" {
		a.talk(string(stack))
	}
	return exitUnexamined
}

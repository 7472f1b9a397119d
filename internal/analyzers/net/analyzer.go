package net

import (
	"net/netip"

	"polygraph/internal/analysis"
	"polygraph/internal/facts"
)

// Options say what the evidence does not, and what is asked.
type Options struct {
	// CNI is the engine as the user names it; "" is what the objects show.
	CNI string
	// PodRanges are where pods have their addresses.
	PodRanges []netip.Prefix
	// Surveyed: a live cluster was asked for everything, so what is not there is not
	// there.
	Surveyed bool
	List     *Listing    // of net list; nil when it is not asked for
	Compare  *Comparison // of net compare
	Ask      *Asking     // of net explain
}

// Analyzer returns the net analyzer.
func Analyzer() *analysis.Analyzer { return analyzer }

var analyzer = &analysis.Analyzer{
	Name:  "net",
	Doc:   "Who may talk to whom on Kubernetes, by which rule, and which network policy is accepted and enforced by nothing.",
	Rules: rules,
	Facts: []*analysis.Fact{facts.Objects()},
	Run:   func(pass *analysis.Pass) error { return examine(pass, &Options{}) },
}

// At returns the analyzer of a command. o is read when it runs.
func At(o *Options) *analysis.Analyzer {
	a := *analyzer
	a.Run = func(pass *analysis.Pass) error { return examine(pass, o) }
	switch {
	case o.List != nil:
		a.Rules = enforcementRules
	case o.Compare != nil:
		a.Rules = compareRules
	case o.Ask != nil:
		a.Rules = askRules
	}
	return &a
}

// Asked has the rules that only commands of their own judge.
func Asked() *analysis.Analyzer {
	return &analysis.Analyzer{
		Name: "net", Doc: analyzer.Doc, Facts: analyzer.Facts,
		Rules: append(append([]*analysis.Rule(nil), compareRules...), askRules...),
		Run:   func(*analysis.Pass) error { return nil },
	}
}

func examine(pass *analysis.Pass, o *Options) error {
	s := readSides(pass)
	if o.Compare != nil {
		return s.compare(o)
	}
	if len(s.now) == 0 {
		return nil
	}
	w, err := s.world(o, s.now)
	if err != nil {
		return err
	}
	if o.Ask != nil {
		return w.ask(o.Ask)
	}
	w.enforced()
	w.outside()
	if o.List != nil {
		return w.list(o.List)
	}
	w.behindOtherPorts()
	w.open()
	w.names()
	w.dead()
	w.nothing()
	w.conflicts()
	w.databases()
	return nil
}

package config

import (
	"polygraph/internal/exceptions"
	"polygraph/internal/finding"
)

// Config is a polygraph.yaml that was read and found in order.
type Config struct {
	File           string        // as shown to the user; "" for the default
	Environments   []Environment // in the order of the file
	Rules          map[string]RuleSetting
	SLA            map[finding.Severity]int // days that a refuted finding may stay
	Ledger         string                   // slash-separated, relative to the folder of the file and within it
	Gate           Gate
	Exceptions     []exceptions.Exception
	ExceptionFiles []string // globs of path.Match, relative to the folder of the file and within it
}

// Environment says how an environment is recognised. Any one selector is
// enough; at least one is there.
type Environment struct {
	Name       string
	At         finding.Location
	Accounts   []string
	VPCs       []string
	CIDRs      []string // canonical prefixes, IPv4 and IPv6; no two environments overlap
	Namespaces []string // globs: * is any text, ? any character, all else is itself
	Names      []string // globs
	Paths      []string // globs by segment; ** crosses folders
	Tags       map[string][]string
}

// RuleSetting is what was decided about a rule.
type RuleSetting struct {
	Severity *finding.Severity // nil: as the rule has it
	Off      bool              // then Reason is there
	Reason   string
	At       finding.Location
}

// Gate says what fails a run.
type Gate struct {
	FailOn      string           // "refuted" or "unproven"
	MinSeverity finding.Severity // milder findings do not fail it
}

// DefaultLedger is where first-seen dates are kept.
const DefaultLedger = "polygraph.first-seen"

// Default is what holds without a polygraph.yaml.
func Default() *Config {
	return &Config{
		Rules: map[string]RuleSetting{}, SLA: map[finding.Severity]int{},
		Ledger: DefaultLedger, Gate: Gate{FailOn: "refuted"},
	}
}

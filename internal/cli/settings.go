package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/baseline"
	"polygraph/internal/config"
	"polygraph/internal/environment"
	"polygraph/internal/evidence"
	"polygraph/internal/exceptions"
	"polygraph/internal/run"
)

// configName is what the file is called where nobody names another.
const configName = "polygraph.yaml"

// settings are polygraph.yaml and the files that it names.
type settings struct {
	*config.Config
	exceptions []exceptions.Exception
	ledger     *baseline.Ledger
	ledgerFile string
	dated      bool     // there is a ledger, or a deadline
	known      []string // IDs of all rules
	folder     string   // of the file, "" without one
	configPath string   // of the file, or where it would be
	declared   *environment.Set
	places     *environment.Policy
	sla        *baseline.SLAPolicy
}

func (a *app) configFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.configFile, "config", "", "`FILE` with environments, exceptions and deadlines (default: "+configName+" here or in a folder above, up to the repository's)")
	_ = c.MarkFlagFilename("config", "yaml", "yml")
}

// load reads the settings that apply in a folder: the file that was named, else
// polygraph.yaml in the folder or above it, as far as the repository reaches.
func (a *app) load(dir string) (*settings, error) {
	name := a.configFile
	if name == "" {
		name = findConfig(dir)
	}
	return a.loadFile(name)
}

// loadDefault are the settings where there is no file.
func (a *app) loadDefault() (*settings, error) { return a.loadFile("") }

func (a *app) loadFile(name string) (*settings, error) {
	s := &settings{Config: config.Default()}
	known := a.ruleIDs()
	if name != "" {
		data, err := readBounded(name, maxSettings)
		if a.configFile == "" {
			// It was found, not named: a change of the repository may have put a
			// link there to read something else.
			data, err = readWithin(filepath.Dir(name), filepath.Base(name), maxSettings)
		}
		if err != nil {
			return nil, usage(fmt.Sprintf("%s: %v", name, causeOf(err)), "name a polygraph.yaml that can be read; `polygraph init` writes one")
		}
		if s.Config, err = config.Parse(filepath.ToSlash(name), data, known); err != nil {
			return nil, asUsage(err)
		}
	}
	folder := filepath.Dir(name)
	s.known, s.configPath = a.checkedIDs(), name
	if name == "" {
		s.configPath = configName
	}
	if name != "" {
		s.folder = folder
	}
	s.exceptions = slices.Clone(s.Exceptions)
	for _, pattern := range s.ExceptionFiles {
		files, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			return nil, usage(fmt.Sprintf("%s: exception_files: %q names no file", s.File, pattern), "write an exception file there or take the line out")
		}
		for _, f := range files {
			rel, err := filepath.Rel(folder, f)
			if err != nil {
				return nil, err
			}
			data, err := readWithin(folder, rel, maxSettings)
			if err != nil {
				return nil, usage(fmt.Sprintf("%s: %v", f, causeOf(err)), "it is named by exception_files in "+s.File)
			}
			more, err := exceptions.ParseFile(filepath.ToSlash(f), data, known)
			if err != nil {
				return nil, asUsage(err)
			}
			s.exceptions = append(s.exceptions, more...)
		}
	}
	if err := s.knownEnvironments(); err != nil {
		return nil, err
	}
	s.ledgerFile = filepath.Join(folder, filepath.FromSlash(s.Ledger))
	data, err := readWithin(folder, filepath.FromSlash(s.Ledger), baseline.MaxLedger)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		data = nil
	case err != nil:
		return nil, usage(fmt.Sprintf("%s: %v", s.ledgerFile, causeOf(err)), "the first-seen ledger has to be readable; `ledger:` in "+configName+" names another")
	}
	if s.ledger, err = baseline.ReadLedger(filepath.ToSlash(s.ledgerFile), data); err != nil {
		return nil, asUsage(err)
	}
	if err := s.ledger.Check(a.Now()); err != nil {
		return nil, asUsage(err)
	}
	s.dated = len(data) > 0 || len(s.SLA) > 0
	s.sla = &baseline.SLAPolicy{Ledger: s.ledger, Days: s.SLA}
	if s.declared, err = declaredIn(s.Config); err != nil {
		return nil, asUsage(err)
	}
	s.places = environment.NewPolicy(s.declared)
	return s, nil
}

// knownEnvironments: an exception for an environment that nobody declared
// excuses nothing, and mostly is a typing error.
func (s *settings) knownEnvironments() error {
	var names []string
	for _, e := range s.Environments {
		names = append(names, e.Name)
	}
	for _, e := range s.exceptions {
		if e.Environment == "" || slices.Contains(names, e.Environment) {
			continue
		}
		do := "declare it under `environments` in " + configName
		if len(names) > 0 {
			do = didYouMean(e.Environment, names, "declared are "+join(names))
		}
		return usage(fmt.Sprintf("%s:%d:%d: the environment %q is not declared", e.At.File, e.At.Line, e.At.Column, e.Environment), do)
	}
	return nil
}

func declaredIn(c *config.Config) (*environment.Set, error) {
	var out []environment.Declared
	for _, e := range c.Environments {
		out = append(out, environment.Declared{
			Name: e.Name, At: e.At, Accounts: e.Accounts, VPCs: e.VPCs, Namespaces: e.Namespaces,
			Names: e.Names, Paths: e.Paths, CIDRs: e.CIDRs, Tags: e.Tags,
		})
	}
	return environment.NewSet(out)
}

// asUsage: a settings file that is wrong is wrong usage, found before anything
// is examined.
func asUsage(err error) error {
	var p *evidence.Problem
	if errors.As(err, &p) {
		return usage(p.Reason, p.Do)
	}
	return usage(err.Error(), "")
}

// policies are what is applied to the findings, in this order.
// partial tells that not every analyzer was run: then nobody knows which
// exceptions are needed.
func (s *settings) policies(dir string, inputs []string, partial bool) []analysis.Policy {
	out := []analysis.Policy{
		s.places,
		&exceptions.Policy{List: s.exceptions, Partial: partial || s.elsewhere(dir, inputs), Known: s.known, Off: s.off()},
		severities(s.Rules), // after exceptions, whose findings have a severity too
	}
	if s.dated {
		out = append(out, s.sla)
	}
	return out
}

func (s *settings) off() map[string]bool {
	off := map[string]bool{}
	for id, r := range s.Rules {
		if r.Off {
			off[id] = true
		}
	}
	return off
}

// policy is what a later comparison has to know of the settings.
func (s *settings) policy() *run.Policy {
	p := &run.Policy{MinSeverity: s.Gate.MinSeverity, SLA: s.SLA}
	for _, e := range s.Environments {
		p.Environments = append(p.Environments, e.Name)
	}
	return p
}

// silenced says which rules are off, and why: what nobody asked is not true.
func (s *settings) silenced(all []*analysis.Analyzer) []run.Skip {
	var out []run.Skip
	for _, a := range all {
		for _, r := range a.Rules {
			if set := s.Rules[r.ID]; set.Off {
				out = append(out, run.Skip{
					Path: s.File, Count: 1, Kind: "rule", Reason: "rule " + r.ID + " is off: " + set.Reason,
					Do: "take `off` out to have it judged: \"" + r.Claim + "\"",
				})
			}
		}
	}
	return out
}

// rules are those that a run applies, as its header lists them.
func (s *settings) rules(all []*analysis.Analyzer, off map[string]bool) []run.RuleRef {
	var out []run.RuleRef
	for _, a := range append(slices.Clip(all), exceptions.Analyzer()) {
		for _, r := range a.Rules {
			if off[r.ID] {
				continue
			}
			ref := run.RuleRef{
				ID: r.ID, Analyzer: a.Name, Claim: r.Claim, Severity: r.Severity,
				Title: r.Title, Claimant: r.Claimant, Why: r.Why, Fix: r.Fix, Sources: r.Sources,
			}
			if set := s.Rules[r.ID].Severity; set != nil {
				ref.Severity = *set
			}
			out = append(out, ref)
		}
	}
	return out
}

// ruleIDs are all IDs that a settings file may name.
func (a *app) ruleIDs() []string {
	var out []string
	for _, x := range a.catalogue() {
		for _, r := range x.Rules {
			out = append(out, r.ID)
		}
	}
	slices.SortFunc(out, strings.Compare)
	return out
}

// checkedIDs are those that a check of everything runs.
func (a *app) checkedIDs() []string {
	var out []string
	for _, x := range append(slices.Clip(a.analyzers()), exceptions.Analyzer()) {
		for _, r := range x.Rules {
			out = append(out, r.ID)
		}
	}
	return out
}

// severities are the overrides of polygraph.yaml.
type severities map[string]config.RuleSetting

// Settle gives every finding of a rule the severity that its owners chose.
func (s severities) Settle(x *analysis.Settlement) error {
	for _, f := range x.Findings {
		if set := s[f.Rule].Severity; set != nil {
			f.Severity = *set
		}
	}
	return nil
}

// record writes the ledger with what this run saw for the first time.
func (s *settings) record(a *app) error {
	if s.sla.Changes() == 0 {
		return nil
	}
	// A link that a change of the repository planted would lead elsewhere.
	if info, err := os.Lstat(s.ledgerFile); err == nil && !info.Mode().IsRegular() {
		return usage(s.ledgerFile+" is not a regular file and is not written", "remove the link; --record writes the ledger anew")
	}
	if !within(filepath.Dir(s.ledgerFile), filepath.Dir(s.configPath)) {
		return usage(s.ledgerFile+" is reached through a link that leads out of the folder of "+configName, "name a ledger below that folder")
	}
	f, err := createAtomic(s.ledgerFile)
	if err != nil {
		return usage(fmt.Sprintf("%s cannot be written: %v", s.ledgerFile, err), "`ledger:` in "+configName+" names another file")
	}
	if err := s.sla.Recorded().Write(f); err != nil {
		f.discard()
		return err
	}
	if err := f.commit(); err != nil {
		return err
	}
	a.talk(fmt.Sprintf("recorded in %s: %d new or earlier dates, %d findings in all", s.ledgerFile, s.sla.Changes(), s.sla.Recorded().Len()))
	return nil
}

// gates puts the flags that decide about the exit status over the file's.
func (a *app) gates(c *cobra.Command, s *settings) error {
	if !c.Flags().Changed("fail-on") && s.Gate.FailOn != "" {
		a.failOn = s.Gate.FailOn
	}
	if a.severityFlag != "" {
		if err := s.Gate.MinSeverity.UnmarshalText([]byte(a.severityFlag)); err != nil {
			known := []string{"info", "low", "medium", "high", "critical"}
			return usage(fmt.Sprintf("--min-severity does not know %q", a.severityFlag), didYouMean(a.severityFlag, known, "it is "+join(known)))
		}
	}
	a.minSeverity = s.Gate.MinSeverity
	return nil
}

func (a *app) severityFlags(c *cobra.Command) {
	c.Flags().StringVar(&a.severityFlag, "min-severity", "", "the least severity of a false claim that fails: `LEVEL` is info, low, medium, high or critical")
	_ = c.RegisterFlagCompletionFunc("min-severity", cobra.FixedCompletions([]string{"info", "low", "medium", "high", "critical"}, cobra.ShellCompDirectiveNoFileComp))
}

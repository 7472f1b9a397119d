package config

import (
	"fmt"
	"strings"

	"polygraph/internal/exceptions"
	"polygraph/internal/finding"
	"polygraph/internal/strictyaml"
)

// Parse reads polygraph.yaml; name is how it is shown to the user, rules are
// the IDs of all rules, to name unknown ones. The error is a
// strictyaml.Problems: everything that is wrong, in the order of the file.
func Parse(name string, data []byte, rules []string) (*Config, error) {
	var f document
	d, ok := strictyaml.Read(name, data, &f)
	if !ok {
		return nil, d.Err()
	}
	d.CheckVersion(f.Version)
	c := Default()
	c.File = name
	c.environments(d, f.Environments)
	c.settings(d, f.Rules, rules)
	for _, e := range f.SLA {
		n := e.Value.Value
		if n < 1 || n > mostDays {
			d.Report(e.Value.At, fmt.Sprintf("write a number of days from 1 to %d, or remove the severity", mostDays), "a deadline of %d days", n)
		}
		c.SLA[e.Key.level()] = int(n)
	}
	if f.Ledger != nil {
		c.Ledger = string(*f.Ledger)
	}
	if f.Gate.FailOn != nil {
		c.Gate.FailOn = string(*f.Gate.FailOn)
	}
	if f.Gate.MinSeverity != nil {
		c.Gate.MinSeverity = f.Gate.MinSeverity.level()
	}
	c.Exceptions = exceptions.Collect(d, f.Exceptions, rules)
	c.ExceptionFiles = words(f.ExceptionFiles)
	if err := d.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Config) settings(d *strictyaml.Document, list strictyaml.Map[exceptions.RuleID, *setting], rules []string) {
	for _, e := range list {
		s := e.Value
		exceptions.CheckRule(d, string(e.Key), e.At, rules)
		switch {
		case s.Off && s.Reason == "":
			d.Report(s.At, "add `reason`", "%s is off without a reason", e.Key)
		case !s.Off && s.Severity == nil:
			d.Report(s.At, "add `severity`, or `off: true` and `reason`", "%s is set to nothing", e.Key)
		}
		out := RuleSetting{Off: s.Off, Reason: strings.TrimSpace(string(s.Reason)), At: e.At}
		if s.Severity != nil {
			level := s.Severity.level()
			out.Severity = &level
		}
		c.Rules[string(e.Key)] = out
	}
}

func (c *Config) environments(d *strictyaml.Document, list strictyaml.Map[exceptions.Name, *environment]) {
	accounts, vpcs := claims{what: "account"}, claims{what: "network"}
	var ranges []claim
	for _, e := range list {
		v, name := e.Value, string(e.Key)
		out := Environment{
			Name: name, At: e.At, Namespaces: words(v.Namespaces), Names: words(v.Names), Paths: words(v.Paths),
		}
		for _, a := range v.Accounts {
			out.Accounts = append(out.Accounts, string(a.Value))
			accounts.add(d, name, string(a.Value), a.At)
		}
		for _, n := range v.VPCs {
			out.VPCs = append(out.VPCs, string(n.Value))
			vpcs.add(d, name, string(n.Value), n.At)
		}
		for _, r := range v.CIDRs {
			out.CIDRs = append(out.CIDRs, string(r.Value))
			ranges = append(ranges, claim{name, string(r.Value), r.At})
		}
		for _, t := range v.Tags {
			if out.Tags == nil {
				out.Tags = map[string][]string{}
			}
			out.Tags[string(t.Key)] = words(t.Value)
			if len(t.Value) == 0 {
				d.Report(t.At, "list the values that mean "+name, "the tag %s has no values", strictyaml.Quote(string(t.Key)))
			}
		}
		if len(out.Accounts)+len(out.VPCs)+len(out.CIDRs)+len(out.Namespaces)+len(out.Names)+len(out.Paths)+len(out.Tags) == 0 {
			d.Report(e.At, "give it accounts, vpcs, cidrs, namespaces, names, tags or paths", "the environment %s has nothing to be recognised by", name)
		}
		c.Environments = append(c.Environments, out)
	}
	overlaps(d, ranges)
}

func words[T ~string](list []T) []string {
	var out []string
	for _, w := range list {
		out = append(out, string(w))
	}
	return out
}

// claim is something that an environment calls its own.
type claim struct {
	environment, value string
	at                 finding.Location
}

// claims are of one sort of thing that lives in one environment only.
type claims struct {
	what  string
	first map[string]claim
}

func (c *claims) add(d *strictyaml.Document, environment, value string, at finding.Location) {
	if c.first == nil {
		c.first = map[string]claim{}
	}
	other, taken := c.first[value]
	if !taken {
		c.first[value] = claim{environment, value, at}
		return
	}
	if other.environment != environment {
		d.Report(at, "leave it out of both and tell them apart by something else", "the %s %s is in %s and, in line %d, in %s",
			c.what, strictyaml.Quote(value), environment, other.at.Line, other.environment)
	}
}

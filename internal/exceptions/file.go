package exceptions

import (
	"regexp"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/strictyaml"
)

// Entry is an exception as it is written.
type Entry struct {
	Rule        strictyaml.Located[RuleID]      `yaml:"rule" doc:"The rule that is excused, by its ID. Either this or fingerprint."`
	Fingerprint strictyaml.Located[fingerprint] `yaml:"fingerprint" doc:"The one finding that is excused, by its fingerprint. Either this or rule."`
	Subject     strictyaml.Located[Glob]        `yaml:"subject" doc:"Which subjects of the rule: a glob on their identity, with * and ?. Without it, all. Only with rule."`
	Environment Name                            `yaml:"environment" doc:"The declared environment in which it is excused. Without it, everywhere."`
	Owner       strictyaml.Line                 `yaml:"owner,required" doc:"Who answers for it: a team or a person."`
	Reason      strictyaml.Text                 `yaml:"reason,required" doc:"Why it is right, for now."`
	Expires     strictyaml.Date                 `yaml:"expires,required" doc:"The last day on which it is valid (UTC), YYYY-MM-DD."`
	At          finding.Location                `yaml:"-"`
}

// Shape says that exactly one of rule and fingerprint names what is excused.
func (Entry) Shape() map[string]any {
	return map[string]any{"oneOf": []any{
		map[string]any{"required": []string{"rule"}},
		map[string]any{"required": []string{"fingerprint"}, "not": map[string]any{"required": []string{"subject"}}},
	}}
}

// document is a file of exceptions.
type document struct {
	Version    strictyaml.Located[strictyaml.Version] `yaml:"version,required" doc:"The version of this format: 1."`
	Exceptions []*Entry                               `yaml:"exceptions,required" doc:"The exceptions."`
}

// ParseFile reads a file of exceptions; name is how it is shown to the user,
// rules are the IDs of all rules. The error is a strictyaml.Problems.
func ParseFile(name string, data []byte, rules []string) ([]Exception, error) {
	var f document
	d, ok := strictyaml.Read(name, data, &f)
	if !ok {
		return nil, d.Err()
	}
	d.CheckVersion(f.Version)
	list := Collect(d, f.Exceptions, rules)
	if err := d.Err(); err != nil {
		return nil, err
	}
	return list, nil
}

// Schema is the JSON schema of a file of exceptions.
func Schema() []byte {
	return strictyaml.Schema(document{}, "urn:polygraph:exceptions:1", "Polygraph exceptions",
		"Findings that are excused, by whom, why and until when.")
}

// Collect checks the entries of a document against each other and the rules,
// and reports into it. What it returns is of use only when d.Err is nil.
func Collect(d *strictyaml.Document, entries []*Entry, rules []string) []Exception {
	type key struct{ what, subject, environment string }
	first := map[key]int{}
	var out []Exception
	for _, e := range entries {
		byRule, byFingerprint := e.Rule.Value != "", e.Fingerprint.Value != ""
		switch {
		case byRule == byFingerprint:
			reason := "an exception with both `rule` and `fingerprint`"
			if !byRule {
				reason = "an exception with neither `rule` nor `fingerprint`"
			}
			d.Report(e.At, "name one of them: a rule (with a subject), or the fingerprint of one finding", "%s", reason)
		case byRule:
			CheckRule(d, string(e.Rule.Value), e.Rule.At, rules)
			if own(string(e.Rule.Value)) {
				d.Report(e.Rule.At, "mend or remove the exception that it is about", "an exception cannot excuse exceptions")
			}
		case e.Subject.Value != "":
			d.Report(e.Subject.At, "remove `subject`", "a fingerprint names one finding and its subject already")
		}
		k := key{string(e.Rule.Value) + string(e.Fingerprint.Value), string(e.Subject.Value), string(e.Environment)}
		if line := first[k]; line > 0 {
			d.Report(e.At, "keep one of them", "the same exception as in line %d", line)
		}
		first[k] = e.At.Line
		out = append(out, Exception{
			Rule: string(e.Rule.Value), Fingerprint: string(e.Fingerprint.Value), Subject: string(e.Subject.Value),
			Environment: string(e.Environment), Owner: string(e.Owner), Reason: strings.TrimSpace(string(e.Reason)),
			Expires: e.Expires.Time, At: e.At,
		})
	}
	return out
}

// CheckRule reports an ID that no rule has. Without rules it reports nothing.
func CheckRule(d *strictyaml.Document, id string, at finding.Location, rules []string) {
	if len(rules) == 0 || slices.Contains(rules, id) {
		return
	}
	do := strictyaml.Suggest(id, rules)
	if do == "" {
		do = "`polygraph rules` lists them"
	}
	d.Report(at, do, "no rule is called %s", strictyaml.Quote(id))
}

// RuleID has the form of the ID of a rule.
type RuleID string

const ruleForm = `^[A-Z]{3}[0-9]{3}$`

// UnmarshalText checks the form and not whether there is such a rule.
func (r *RuleID) UnmarshalText(b []byte) error {
	if !regexp.MustCompile(ruleForm).Match(b) {
		return &strictyaml.Advice{Reason: strictyaml.Quote(string(b)) + " is no rule ID", Do: "it has three capitals and three digits, as CHG001; `polygraph rules` lists them"}
	}
	*r = RuleID(b)
	return nil
}

// Shape is the schema of it.
func (RuleID) Shape() map[string]any { return map[string]any{"pattern": ruleForm} }

type fingerprint string

const fingerprintForm = `^v1:[0-9a-f]{24}$`

func (f *fingerprint) UnmarshalText(b []byte) error {
	switch s := string(b); {
	case regexp.MustCompile(fingerprintForm).MatchString(s):
		*f = fingerprint(s)
		return nil
	case strings.ContainsAny(s, "*?["):
		return &strictyaml.Advice{Reason: strictyaml.Quote(s) + ": a fingerprint takes no wildcards", Do: "name a rule and a subject"}
	default:
		return &strictyaml.Advice{Reason: strictyaml.Quote(s) + " is no fingerprint", Do: "copy the whole of it: v1: and 24 hexadecimal digits"}
	}
}

func (fingerprint) Shape() map[string]any { return map[string]any{"pattern": fingerprintForm} }

// Name is the name of an environment.
type Name string

const nameForm = `^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`

// UnmarshalText takes what can stand in a file name.
func (n *Name) UnmarshalText(b []byte) error {
	if !regexp.MustCompile(nameForm).Match(b) {
		return &strictyaml.Advice{Reason: strictyaml.Quote(string(b)) + " is no name of an environment", Do: "use letters, digits, dots, dashes and underscores, at most 63"}
	}
	*n = Name(b)
	return nil
}

// Shape is the schema of it.
func (Name) Shape() map[string]any { return map[string]any{"pattern": nameForm} }

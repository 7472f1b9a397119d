package config

import (
	"polygraph/internal/exceptions"
	"polygraph/internal/finding"
	"polygraph/internal/strictyaml"
)

// document is polygraph.yaml as it is written. Its tags are the only place
// where keys and what they mean are written down.
type document struct {
	Version        strictyaml.Located[strictyaml.Version]                 `yaml:"version,required" doc:"The version of this format: 1."`
	Environments   strictyaml.Map[exceptions.Name, *environment]          `yaml:"environments" doc:"How each environment is recognised, by its name. Any one selector is enough. Declared environments become part of fingerprints."`
	Rules          strictyaml.Map[exceptions.RuleID, *setting]            `yaml:"rules" doc:"Severities of rules, and rules that are off, by rule ID."`
	SLA            strictyaml.Map[severity, strictyaml.Located[deadline]] `yaml:"sla" doc:"How many days a refuted finding of each severity may stay before it is overdue."`
	Ledger         *folderPath                                            `yaml:"ledger" doc:"The file that keeps when each finding was first seen, relative to this file. Commit it. Default: polygraph.first-seen."`
	Gate           gate                                                   `yaml:"gate" doc:"What fails a run."`
	Exceptions     []*exceptions.Entry                                    `yaml:"exceptions" doc:"Findings that are excused, by whom, why and until when."`
	ExceptionFiles []folderGlob                                           `yaml:"exception_files" doc:"Files with more exceptions: globs relative to this file, where * stays within a folder."`
}

type environment struct {
	Accounts   []strictyaml.Located[account]             `yaml:"accounts" doc:"AWS accounts, Google projects or Azure subscriptions. Quote numbers: \"011122223333\"."`
	VPCs       []strictyaml.Located[strictyaml.Line]     `yaml:"vpcs" doc:"Networks by their identifier, as vpc-0a1b2c3d."`
	CIDRs      []strictyaml.Located[cidr]                `yaml:"cidrs" doc:"Address ranges, IPv4 or IPv6. No two environments may overlap."`
	Namespaces []glob                                    `yaml:"namespaces" doc:"Kubernetes namespaces: globs."`
	Names      []glob                                    `yaml:"names" doc:"Names of objects: globs, as *-prod-*."`
	Tags       strictyaml.Map[strictyaml.Line, nonEmpty] `yaml:"tags" doc:"Tags and labels: for each key the values that mean this environment."`
	Paths      []pathGlob                                `yaml:"paths" doc:"Where the evidence lies, relative to this file: globs, where ** crosses folders, as envs/prod/**."`
	At         finding.Location                          `yaml:"-"`
}

// Shape says that an environment without a selector is none.
func (environment) Shape() map[string]any { return map[string]any{"minProperties": 1} }

type nonEmpty []strictyaml.Line

func (nonEmpty) Shape() map[string]any { return map[string]any{"minItems": 1} }

type setting struct {
	Severity *severity        `yaml:"severity" doc:"The severity that findings of this rule have."`
	Off      bool             `yaml:"off" doc:"true: the rule is not run. It needs a reason."`
	Reason   strictyaml.Text  `yaml:"reason" doc:"Why."`
	At       finding.Location `yaml:"-"`
}

// Shape says that a rule is off for a reason, and that a setting says something.
func (setting) Shape() map[string]any {
	return map[string]any{
		"anyOf": []any{map[string]any{"required": []string{"severity"}}, map[string]any{"required": []string{"off"}}},
		"if":    map[string]any{"properties": map[string]any{"off": map[string]any{"const": true}}, "required": []string{"off"}},
		"then":  map[string]any{"required": []string{"reason"}},
	}
}

type gate struct {
	FailOn      *failOn   `yaml:"fail_on" doc:"refuted (default): a refuted claim fails the run. unproven: so does one that could not be proven."`
	MinSeverity *severity `yaml:"min_severity" doc:"The mildest severity that fails the run. Default: info, so all do."`
}

// Schema is the JSON schema (draft 2020-12) of polygraph.yaml.
func Schema() []byte {
	return strictyaml.Schema(document{}, "urn:polygraph:config:1", "polygraph.yaml",
		"What the owners of this infrastructure declared and decided. Every key but version is optional.")
}

package effect

import (
	"fmt"
	"strconv"
	"strings"

	"polygraph/internal/tfplan"
)

// VersionNamed: an alias of a state machine, and an association of a document,
// that name a version by its number go on with it.
func VersionNamed() Case {
	return Case{Types: []string{"aws_sfn_alias", "aws_ssm_association"}, Judge: func(w *World, o *Object) []Outcome {
		switch {
		case !o.Runs():
			return nil
		case o.TypeName() == "aws_sfn_alias":
			return machineAlias(w, o)
		}
		return documentAssociation(w, o)
	}}
}

// machineSettings are those of a state machine that a version freezes.
var machineSettings = []string{"definition", "role_arn", "logging_configuration", "tracing_configuration", "encryption_configuration"}

func machineAlias(w *World, alias *Object) []Outcome {
	machines := once(w, "state machines", func() map[string][]*Object {
		changed := func(m *Object) bool { return m.Action == tfplan.Update && len(m.EditedOf(machineSettings...)) > 0 }
		return byName(those(w.Of("aws_sfn_state_machine"), changed), "arn")
	})
	if len(machines) == 0 {
		return nil
	}
	named := Text(alias.Before("routing_configuration.0.state_machine_version_arn"))
	for _, m := range machines[named[:max(0, strings.LastIndexByte(named, ':'))]] {
		edited := m.EditedOf(machineSettings...)
		version := machineVersion(alias.Before("routing_configuration"), m)
		if version == "" {
			continue
		}
		proof := editedHow(m, edited[0])
		after := machineVersion(alias.After("routing_configuration"), m)
		switch {
		case alias.Unknown("routing_configuration"):
			return []Outcome{{Verdict: InEffect}}
		case after == "":
			return []Outcome{notShown(alias, "routing_configuration", "which version the alias runs is not shown", proof)}
		case newer(after, Text(m.Before("state_machine_version_arn"))):
			return []Outcome{{Verdict: InEffect}}
		}
		o := Outcome{
			Verdict: NotInEffect, Title: fmt.Sprintf("alias %s still starts version %s of the state machine", Text(alias.Before("name")), after),
			Proof: []Fact{fact(alias, "routing_configuration", "the alias names version %s", after), proof},
			Remedy: Remedy{
				Text:  "Publish a version with each change, and let the alias name it.",
				Patch: fmt.Sprintf("routing_configuration {\n  state_machine_version_arn = %s.state_machine_version_arn\n  weight                    = 100\n}", local(m.Address)),
			},
		}
		edited, _ = certain(m, edited)
		return []Outcome{ifChanged(o, m, edited)}
	}
	return nil
}

// machineVersion is the newest version of a state machine that an alias names.
func machineVersion(routing any, m *Object) string {
	arn, best := Text(m.Before("arn")), ""
	for _, e := range elements(routing) {
		r, _ := e.(map[string]any)
		v, ok := strings.CutPrefix(Text(r["state_machine_version_arn"]), arn+":")
		if ok && arn != "" && digits(v) && (best == "" || newer(v, best)) {
			best = v
		}
	}
	return best
}

// newer compares version numbers, the last part of what is given. Nothing is
// newer than one that is not known.
func newer(version, than string) bool {
	a, err1 := strconv.Atoi(version)
	b, err2 := strconv.Atoi(than[strings.LastIndexByte(than, ':')+1:])
	return err1 == nil && err2 == nil && a > b
}

func documentAssociation(w *World, a *Object) []Outcome {
	documents := once(w, "documents", func() map[string][]*Object {
		changed := func(d *Object) bool { return d.Action == tfplan.Update && d.Edited("content") }
		return byName(those(w.Of("aws_ssm_document"), changed), "name", "arn", "id")
	})
	if len(documents) == 0 {
		return nil
	}
	if found := near(a, documents[Text(a.Before("name"))]); len(found) > 0 {
		doc := found[0]
		if !digits(Text(a.Before("document_version"))) {
			return []Outcome{{Verdict: InEffect}} // the default or the newest one: the provider moves the default
		}
		proof := editedHow(doc, "content")
		version := Text(a.After("document_version"))
		switch {
		case a.Unknown("document_version"), a.Says("document_version") && !digits(version):
			return []Outcome{{Verdict: InEffect}}
		case !a.Says("document_version"):
			return []Outcome{notShown(a, "document_version", "which version of the document it applies is not shown", proof)}
		case newer(version, Text(doc.Before("latest_version"))):
			return []Outcome{{Verdict: InEffect}}
		}
		return []Outcome{ifChanged(Outcome{
			Verdict: NotInEffect, Title: fmt.Sprintf("it goes on applying version %s of the document", version),
			Proof: []Fact{fact(a, "document_version", "it names version %s", version), proof},
			Remedy: Remedy{
				Text:  "Let the association name the version that the document has.",
				Patch: fmt.Sprintf("document_version = %s.latest_version", local(doc.Address)),
			},
		}, doc, []string{"content"})}
	}
	return nil
}

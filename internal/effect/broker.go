package effect

import (
	"fmt"
	"slices"

	"polygraph/internal/tfplan"
)

// BrokerRevision: another text of an MSK or MQ configuration makes a new revision
// of it. A cluster or broker runs the revision that it names; an MQ broker takes
// it in its maintenance window unless it is told to do it immediately.
func BrokerRevision() Case {
	return Case{Types: []string{"aws_msk_cluster", "aws_mq_broker"}, Judge: func(w *World, o *Object) []Outcome {
		if !o.Runs() {
			return nil
		}
		if o.TypeName() == "aws_msk_cluster" {
			return brokerRevision(w, o, revisionNames{config: "aws_msk_configuration", by: "arn", block: "configuration_info", text: "server_properties"})
		}
		return brokerRevision(w, o, revisionNames{config: "aws_mq_configuration", by: "id", block: "configuration", text: "data"})
	}}
}

// revisionNames are the names that MSK and MQ give to the same things.
type revisionNames struct{ config, by, block, text string }

func brokerRevision(w *World, o *Object, n revisionNames) []Outcome {
	at := n.block + ".0.revision"
	for _, c := range w.Of(n.config) {
		if c.Action != tfplan.Update || !o.Names(n.block+".0."+n.by, c, n.by) {
			continue
		}
		known, open := edits(c, n.text)
		if len(known)+len(open) == 0 {
			continue
		}
		proof := append(changes(c, n.text), Fact{Text: o.Address + " names revision " + shown(o, o.Before(at)), Object: o, Path: "/before/" + n.block + "/0/revision"})
		latest, said := Number(c.Before("latest_revision"))
		next, planned := Number(o.After(at))
		switch {
		case o.Unknown(at) && !follows(w, o, n.block, c, "latest_revision"):
			return []Outcome{{
				Title: "which revision of its configuration it takes is not known until apply", Proof: proof, Missing: []Gap{gap(at, o)},
			}}
		case !o.Unknown(at) && planned && said && next <= latest && len(known) > 0:
			return []Outcome{{
				Verdict: NotInEffect,
				Title:   fmt.Sprintf("it stays on revision %s of its configuration: this apply makes a newer one", shown(o, o.After(at))),
				Proof:   proof,
				Remedy: Remedy{
					Text: "Name the revision that the configuration has after the apply.",
					Patch: fmt.Sprintf("%s {\n  %s = %s.%s\n  revision = %s.latest_revision\n}",
						n.block, pad(n.by), reference(c), n.by, reference(c)),
				},
			}}
		case !o.Unknown(at) && !(planned && said):
			return []Outcome{{
				Title: "which revision of its configuration it names is not in the plan", Proof: proof, Missing: []Gap{gap(at, o)},
			}}
		case !o.Unknown(at) && len(known) == 0:
			return []Outcome{{
				Title: "whether its configuration changes is not known until apply", Proof: proof, Missing: []Gap{gap(n.text, c)},
			}}
		}
		return brokerWindow(o, proof)
	}
	if known, open := edits(o, n.block); len(known)+len(open) > 0 {
		return brokerWindow(o, changes(o, slices.Concat(known, open)...))
	}
	return nil
}

// brokerWindow answers for one that takes the new revision: MSK rolls it out at once,
// MQ as apply_immediately says.
func brokerWindow(o *Object, proof []Fact) []Outcome {
	if o.TypeName() == "aws_msk_cluster" {
		return []Outcome{{Verdict: InEffect}}
	}
	now, said := flag(o, "apply_immediately")
	known, _ := edits(o, "configuration")
	switch {
	case now:
		return []Outcome{{Verdict: InEffect}}
	case !said, len(known) == 0 && !o.Unknown("configuration.0.revision"):
		return []Outcome{{
			Title: "whether it takes its configuration now or in its maintenance window is not known", Proof: proof,
			Missing: []Gap{gap("apply_immediately", o)},
		}}
	}
	return []Outcome{{
		Verdict: NotInEffect, Title: "it keeps its old configuration until its maintenance window or a reboot",
		Proof: append(proof, Fact{Text: "apply_immediately is not true", Object: o, Path: "/after/apply_immediately"}),
		Remedy: Remedy{
			Text:  "Let the broker reboot in the apply, if a short outage is allowed.",
			Patch: "apply_immediately = true",
		},
	}}
}

// follows tells whether a top-level attribute or block of an object is computed
// from an attribute of another one.
func follows(w *World, o *Object, block string, c *Object, attr string) bool {
	for _, s := range sourcesOf(w, o, block) {
		if s.Node == c.Node && c.Node >= 0 && s.Attr == w.Sym(attr) && w.Graph.Meant(s, c.Address) {
			return true
		}
	}
	return false
}

// sourcesOf is what a top-level attribute or block is computed from, as far as
// the configuration spells it out.
func sourcesOf(w *World, o *Object, attr string) []tfplan.Source {
	if w.Graph == nil || o.Node < 0 {
		return nil
	}
	sources := w.Graph.Inputs(o.Node)[w.Sym(attr)]
	if sources == nil {
		return nil
	}
	return sources.From
}

// reference is how a resource of the same module is written, without the key of
// its instance.
func reference(o *Object) string { return o.world.Name(o.Resource) }

func pad(name string) string { return fmt.Sprintf("%-8s", name) }

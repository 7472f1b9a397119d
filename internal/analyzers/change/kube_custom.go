package change

import (
	"slices"

	"polygraph/internal/crd"
	"polygraph/internal/fields"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// remark is what becomes of an object beyond its edits, one by one: what its
// definition refuses, drops or leaves as it is.
type remark struct {
	path    string
	at      finding.Location
	text    string
	defs    []finding.Statement // where the definition says so
	source  string
	outcome fields.Outcome
}

// definitions are those that hold when NEW has been applied: its own, and those
// of OLD that it leaves alone.
func (k *kube) definitions() *crd.Set {
	var all []*kubeobj.Object
	for _, o := range k.old.objects {
		if crd.Is(o) && k.pairOf[o] == nil {
			all = append(all, o)
		}
	}
	for _, o := range k.new.objects {
		if crd.Is(o) {
			all = append(all, o)
		}
	}
	set, _ := crd.Read(k.Version, all)
	return set
}

// custom judges the objects of definitions, and edits of definitions.
func (k *kube) custom() {
	set := k.defined
	for _, p := range k.pairs {
		switch {
		case crd.Is(p.new) && len(p.Edits) > 0:
			j := crd.JudgeDefinition(k.Version, p.old, p.new)
			k.remark(p, &j.Judgement)
			for i := range j.Effects {
				e := &j.Effects[i]
				p.remarks = append(p.remarks, remark{path: e.Path, at: k.offset(p.new, e.Offset), text: because(&e.Outcome), source: e.Source, outcome: e.Outcome})
			}
		case k.builtIn(p.new):
		case set.Knows(p.new.Group, p.new.Version, p.new.Kind) || set.Defines(p.new.Group, p.new.Kind) != nil:
			j := set.Judge(p.old, p.new)
			p.defined = true
			for i := range p.outcomes {
				if o := &p.outcomes[i]; o.Mechanism == fields.Unknown {
					*o = p.ofDefinition(&j, p.Edits[i].Path)
				}
			}
			j.Dropped = slices.DeleteFunc(j.Dropped, func(d crd.Dropped) bool { // said of the edits themselves
				return slices.ContainsFunc(p.Edits, func(e fields.Edit) bool { return d.Path == e.Path || within(e.Path, d.Path) })
			})
			k.remark(p, &j)
		}
	}
}

// ofDefinition is what becomes of an edit that the definition accepts.
func (p *pair) ofDefinition(j *crd.Judgement, path string) fields.Outcome {
	for _, d := range j.Dropped {
		if d.Path == path || within(path, d.Path) {
			return fields.Outcome{Mechanism: fields.Dropped, Because: d.Because, Source: d.Source}
		}
	}
	return fields.Outcome{Mechanism: fields.InPlace, Because: "stored; what its controller makes of it the definition does not say"}
}

// builtIn tells the kinds of Kubernetes itself.
func (k *kube) builtIn(o *kubeobj.Object) bool {
	_, ok := kubeschema.Lookup(o.Group, o.Version, o.Kind)
	return ok
}

func (k *kube) remark(p *pair, j *crd.Judgement) {
	for i := range j.Refusals {
		r := &j.Refusals[i]
		m := remark{path: r.Path, at: k.offset(p.new, r.Offset), text: r.Rule, source: r.Source, outcome: fields.Outcome{Mechanism: fields.Refused, Rule: r.Rule, Source: r.Source}}
		if r.Definition != nil && r.At >= 0 {
			m.defs = []finding.Statement{{Text: "the definition says so", At: k.offset(r.Definition, r.At)}}
		}
		p.remarks = append(p.remarks, m)
	}
	for i := range j.Dropped {
		d := &j.Dropped[i]
		p.remarks = append(p.remarks, remark{path: d.Path, at: k.offset(p.new, d.Offset), text: d.Because, source: d.Source, outcome: fields.Outcome{Mechanism: fields.Dropped, Because: d.Because, Source: d.Source}})
	}
	p.unknowns = append(p.unknowns, j.Unknown...)
}

func (k *kube) offset(o *kubeobj.Object, offset int64) finding.Location {
	at := k.at(o, nil)
	if offset >= 0 {
		at.Offset = offset
	}
	return at
}

// remarked are the remarks of one mechanism.
func (p *pair) remarked(m fields.Mechanism) []*remark {
	var out []*remark
	for i := range p.remarks {
		if p.remarks[i].outcome.Mechanism == m {
			out = append(out, &p.remarks[i])
		}
	}
	return out
}

func (r *remark) statements() []finding.Statement {
	text := r.path + ": " + r.text
	if r.source != "" {
		text += " (" + r.source + ")"
	}
	return append([]finding.Statement{{Text: text, At: r.at}}, r.defs...)
}

package change

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/crd"
	"polygraph/internal/fields"
	"polygraph/internal/kubeobj"
	"polygraph/internal/run"
)

// EditsTable is the name of the rows about Kubernetes objects.
const EditsTable = "edits"

// tableOfEdits answers for every edit by which mechanism it happens.
func (k *kube) tableOfEdits() {
	if !k.WantsRows() || len(k.old.objects) == 0 || len(k.new.objects) == 0 {
		return
	}
	byNew := map[*kubeobj.Object]*pair{}
	kept := map[*kubeobj.Object]bool{}
	for _, p := range k.pairs {
		byNew[p.new], kept[p.old] = p, true
	}
	for _, n := range k.new.objects {
		p := byNew[n]
		switch {
		case n.Name == "" && n.GenerateName != "":
			k.row(n, "", "", "created", "generateName: each create makes another object, and kubectl apply refuses it")
		case k.again[n] != nil:
			k.row(n, "", "", "overwritten", "NEW has it again in "+k.again[n].Path+", and the last that is applied stays")
		case p == nil && k.unsure[n]:
			k.row(n, "", "", "unknown", "one of them has no namespace: which object of this name it is, or whether it is one, the applier decides")
		case p == nil && k.isUnseen(n):
			k.row(n, "", "", "unknown", "whether OLD has it was not shown")
		case p == nil:
			k.row(n, "", "", "created", "")
		default:
			k.rowsOf(p)
			for i := range p.remarks {
				r := &p.remarks[i]
				at := p.place(r)
				if slices.ContainsFunc(p.Edits, func(e fields.Edit) bool { return e.Path == at }) {
					continue // it stands with the edit
				}
				k.row(n, at, "", mechanismOf(&r.outcome), r.text)
			}
		}
	}
	for _, o := range k.old.objects {
		switch {
		case kept[k.old.by[o.Identity()][0]] || kept[o] || o.Live: // that a dump has more than the manifests says nothing about them
		case k.partial:
			k.row(o, "", "", "unknown", "it is not in what was read of NEW, and parts of NEW were not read")
		default:
			k.row(o, "", "", "left behind", "it is not in NEW: it goes on unless the applier prunes")
		}
	}
}

// rowsOf are the rows of a pair. Of a definition's schema there is one for each
// version: its fields are hundreds, and what they do stands in the remarks.
func (k *kube) rowsOf(p *pair) {
	schemas := map[string]int{}
	whole := "" // for which all of it is refused
	if guilty := p.by(fields.Refused); len(guilty) > 0 {
		whole = p.Edits[guilty[0]].Path
	} else if said := p.remarked(fields.Refused); len(said) > 0 {
		whole = cmp.Or(k.some(p, nil, said[:1]), "the object")
	}
	for i := range p.Edits {
		e, o := &p.Edits[i], &p.outcomes[i]
		if at := strings.Index(e.Path, ".schema.openAPIV3Schema"); at > 0 && crd.Is(p.new) {
			schema := e.Path[:at+len(".schema")]
			if schemas[schema]++; schemas[schema] == 1 {
				defer func() {
					k.row(p.new, schema, count(schemas[schema], "field")+" of the schema", mechanismOf(o), because(o))
				}()
			}
			continue
		}
		if r := p.remarkOn(e.Path); r != nil {
			k.row(p.new, e.Path, difference(e), mechanismOf(&r.outcome), r.text)
			continue
		}
		if whole != "" && o.Mechanism != fields.Refused && o.Mechanism != fields.Unknown {
			k.row(p.new, e.Path, difference(e), fields.Refused.String(), "with "+whole+": the server takes an object whole or not at all")
			continue
		}
		k.row(p.new, e.Path, difference(e), mechanismOf(o), because(o))
	}
	for _, why := range p.Lacks {
		k.row(p.new, "", "", "unknown", why)
	}
	for _, path := range p.withheld {
		k.row(p.new, path, "(sensitive)", "unknown", "the saved file has no values of Secrets")
	}
}

// remarkOn is what the definition says about one edit; a refusal goes first.
func (p *pair) remarkOn(path string) *remark {
	var found *remark
	for i := range p.remarks {
		if r := &p.remarks[i]; p.place(r) == path && (found == nil || r.outcome.Mechanism == fields.Refused) {
			found = r
		}
	}
	return found
}

func (k *kube) row(o *kubeobj.Object, field, change, how, why string) {
	k.Row(run.Row{Table: EditsTable, Cells: []run.Cell{
		{Name: "object", Value: o.Identity()},
		{Name: "mechanism", Value: how},
		{Name: "field", Value: field},
		{Name: "change", Value: change},
		{Name: "because", Value: why},
	}})
}

// mechanismOf says how an edit happens, in the words of the table.
func mechanismOf(o *fields.Outcome) string {
	if o.Mechanism == fields.Recreated && o.By != "" {
		return "recreated by " + o.By
	}
	return o.Mechanism.String()
}

func because(o *fields.Outcome) string {
	text := o.Because
	if o.Rule != "" {
		text = strings.TrimPrefix(text+": "+o.Rule, ": ")
	}
	if o.Still != "" {
		text = strings.TrimPrefix(text+"; the old value stays with "+o.Still, "; ")
	}
	if o.Documented {
		text += " (documented)"
	}
	return text
}

// difference is the change of a value, short, and never that of a secret.
func difference(e *fields.Edit) string {
	old, new := value(e.Old, e.OldDefault), value(e.New, e.NewDefault)
	switch {
	case e.Secret && e.Old.Empty():
		return "set (sensitive)"
	case e.Secret && e.New.Empty():
		return "removed (sensitive)"
	case e.Secret:
		return "(sensitive)"
	case e.Order:
		return "another order"
	case strings.HasSuffix(e.Path, "]") && e.Old == nil && e.New.Is(kubeobj.Map):
		return "added"
	case strings.HasSuffix(e.Path, "]") && e.New == nil && e.Old.Is(kubeobj.Map):
		return "removed"
	}
	if e.Old != nil && e.New != nil && e.Old.Kind != e.New.Kind { // "1" is not 1
		old, new = marked(e.Old, old), marked(e.New, new)
	}
	same := 0
	for same < len(old) && same < len(new) && old[same] == new[same] {
		same++
	}
	// Images and the like differ at their end: what both begin with is left out.
	if at := strings.LastIndexAny(old[:same], "/:@, "); at > 12 && len(old)+len(new) > maxBrief {
		old, new = "…"+old[at:], "…"+new[at:]
	}
	return clip(old) + " -> " + clip(new)
}

// value is one as it is written, or what stands for it.
func value(v *kubeobj.Value, filled string) string {
	if v == nil && filled != "" {
		return filled + " (default)"
	}
	return brief(v)
}

// maxBrief is how many characters of a value a table shows.
const maxBrief = 40

func brief(v *kubeobj.Value) string {
	switch {
	case v == nil || v.Kind == kubeobj.Absent:
		return "(none)"
	case v.Kind == kubeobj.Null:
		return "null"
	case v.Kind == kubeobj.Map:
		if name := v.Get("name").Str(); name != "" {
			return "{name: " + clip(name) + ", ...}"
		}
		return "{" + count(len(v.Items), "field") + "}"
	case v.Kind == kubeobj.List:
		return "[" + count(len(v.Items), "item") + "]"
	case v.Kind == kubeobj.String && (v.Text == "" || strings.ContainsAny(v.Text, "\n\t")):
		return fmt.Sprintf("%q", clip(v.Text))
	}
	return v.Text
}

// marked puts a string in quotes.
func marked(v *kubeobj.Value, text string) string {
	if v.Kind == kubeobj.String && !strings.HasPrefix(text, `"`) {
		return strconv.Quote(clip(text))
	}
	return text
}

func clip(s string) string {
	r := []rune(s)
	if len(r) <= maxBrief {
		return s
	}
	return string(r[:maxBrief-1]) + "…"
}

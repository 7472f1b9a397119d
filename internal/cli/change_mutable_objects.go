package cli

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"polygraph/internal/fields"
	"polygraph/internal/kubeschema"
	"polygraph/internal/report/sanitize"
)

// mutableObject is what an edit of a field of a Kubernetes object does.
type mutableObject struct {
	kind, field string // as asked; field is "" for all of the kind
	version     kubeschema.Version
}

// objectAsked reads KIND[.FIELD]; ok is false for what is no kind of Kubernetes.
// A type of Terraform has an underscore, and no kind has one.
func objectAsked(arg string, version kubeschema.Version) (mutableObject, bool) {
	known := fields.KindsKnown()
	if kind, field, ok := fields.Split(arg); ok && !strings.Contains(kind, "_") {
		return mutableObject{kind, field, version}, true
	}
	if _, err := fields.Mutable(arg, "metadata.labels"); err == nil {
		return mutableObject{arg, "", version}, true
	}
	first, _, _ := strings.Cut(arg, ".")
	// A name like a kind's, in no provider's form, was meant as one.
	return mutableObject{first, "", version}, !strings.Contains(first, "_") && didYouMean(first, kindNames(known), "") != ""
}

func kindNames(known []string) []string {
	out := make([]string, len(known))
	for i, k := range known {
		out[i], _, _ = strings.Cut(k, ".")
	}
	return out
}

// fieldDoc is an answer for programs: what an edit does on one version.
type fieldDoc struct {
	Kind    string `json:"kind"`
	Field   string `json:"field"`
	Version string `json:"version"`
	// Absent is true where the version has no such field.
	Absent bool `json:"absent,omitempty"`
	// Proven is the release whose own code was asked; without it the answer is
	// interpolated from rules that were read in the source of that version.
	Proven       string    `json:"proven,omitempty"`
	Interpolated bool      `json:"interpolated,omitempty"`
	Cases        []caseDoc `json:"cases,omitempty"`
}

type caseDoc struct {
	If         string `json:"if,omitempty"`
	Mechanism  string `json:"mechanism"`
	Because    string `json:"because,omitempty"`
	Message    string `json:"message,omitempty"` // of the server
	Still      string `json:"still,omitempty"`
	Source     string `json:"source,omitempty"`
	Documented bool   `json:"documented,omitempty"`
}

func (a *app) mutableFields(q mutableObject) error {
	if q.field != "" {
		cells, err := fields.Mutable(q.kind, q.field)
		if err == nil {
			return a.mutableField(q, cells)
		}
		if len(fields.FieldsOf(q.kind, q.field)) == 0 {
			return q.unknown(err)
		}
	}
	all := q.list()
	if len(all) == 0 {
		return q.unknown(fmt.Errorf("no built-in kind is called %s", q.kind))
	}
	if q.version == 0 {
		q.version = kubeschema.Newest
	}
	var docs []fieldDoc
	for _, f := range all {
		cells, err := fields.Mutable(q.kind, f)
		if err != nil {
			continue // it has fields of its own
		}
		docs = append(docs, fieldDocOf(q.kind, f, &cells[q.version-kubeschema.Oldest]))
	}
	if a.global.json {
		return a.writeJSON(docs)
	}
	fmt.Fprintf(a.stdout, "%s in Kubernetes %s; * is interpolated, the rest was asked of its own code\n\n", sanitize.Text(q.kind), q.version)
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FIELD\tEDIT\tWHEN, OR WHY")
	for i := range docs {
		d := &docs[i]
		if d.Absent {
			continue
		}
		mark := ""
		if d.Interpolated {
			mark = "*"
		}
		fmt.Fprintf(w, "%s\t%s%s\t%s\n", d.Field, d.words(), mark, d.first())
	}
	return w.Flush()
}

// list are the fields of a kind, one step below spec and its likes.
func (q *mutableObject) list() []string {
	if q.field != "" {
		return fields.FieldsOf(q.kind, q.field)
	}
	var out []string
	for _, top := range fields.FieldsOf(q.kind, "") {
		if top == "apiVersion" || top == "kind" || top == "status" {
			continue
		}
		if below := fields.FieldsOf(q.kind, top); len(below) > 0 {
			out = append(out, below...)
		} else {
			out = append(out, top)
		}
	}
	return out
}

func (q *mutableObject) unknown(err error) error {
	known := fields.KindsKnown()
	if len(fields.FieldsOf(q.kind, "")) == 0 {
		return unexamined(err.Error(), didYouMean(q.kind, kindNames(known),
			"objects of CustomResourceDefinitions are judged with their definition: polygraph change OLD NEW crds.yaml"))
	}
	parent := q.field
	for parent != "" && len(fields.FieldsOf(q.kind, parent)) == 0 {
		parent = parent[:max(strings.LastIndexByte(parent, '.'), 0)]
	}
	return unexamined(err.Error(), didYouMean(q.field, fields.FieldsOf(q.kind, parent), "`polygraph change mutable "+q.kind+"` lists its fields"))
}

func fieldDocOf(kind, field string, c *fields.Cell) fieldDoc {
	d := fieldDoc{Kind: kind, Field: field, Version: c.Version.String(), Absent: c.Absent, Proven: c.Proven, Interpolated: !c.Absent && c.Proven == ""}
	for i := range c.Cases {
		x := &c.Cases[i]
		d.Cases = append(d.Cases, caseDoc{x.If, x.Mechanism.String(), x.Because, x.Rule, x.Still, x.Source, x.Documented})
	}
	return d
}

// words are what may happen, each once.
func (d *fieldDoc) words() string {
	var out []string
	for i := range d.Cases {
		if !slices.Contains(out, d.Cases[i].Mechanism) {
			out = append(out, d.Cases[i].Mechanism)
		}
	}
	return strings.Join(out, " or ")
}

// first is what the first case depends on, or why it is so.
func (d *fieldDoc) first() string {
	c := &d.Cases[0]
	if len(d.Cases) == 1 || c.If == "" {
		return c.Because
	}
	return c.Mechanism + " if " + c.If
}

// mutableField answers about one field: on the version that was asked for, or on
// all of them, those that do the same together.
func (a *app) mutableField(q mutableObject, cells []fields.Cell) error {
	if q.version != 0 {
		cells = cells[q.version-kubeschema.Oldest:][:1]
	}
	docs := make([]fieldDoc, len(cells))
	for i := range cells {
		docs[i] = fieldDocOf(q.kind, q.field, &cells[i])
	}
	if a.global.json {
		return a.writeJSON(docs)
	}
	var b strings.Builder
	for len(docs) > 0 {
		n := 1
		for n < len(docs) && docs[n].same(&docs[0]) {
			n++
		}
		writeField(&b, docs[:n])
		docs = docs[n:]
	}
	_, err := fmt.Fprint(a.stdout, sanitize.Block(b.String()))
	return err
}

func (d *fieldDoc) same(other *fieldDoc) bool {
	return d.Absent == other.Absent && slices.Equal(d.Cases, other.Cases)
}

func writeField(b *strings.Builder, docs []fieldDoc) {
	d := &docs[0]
	versions := d.Version
	if n := len(docs); n > 1 {
		versions += " to " + docs[n-1].Version
	}
	if d.Absent {
		fmt.Fprintf(b, "%s.%s in Kubernetes %s: there is no such field\n", d.Kind, d.Field, versions)
		return
	}
	fmt.Fprintf(b, "%s.%s in Kubernetes %s: %s\n", d.Kind, d.Field, versions, d.words())
	for i := range d.Cases {
		c := &d.Cases[i]
		if len(d.Cases) > 1 {
			on := "otherwise"
			if c.If != "" {
				on = "if " + c.If
			}
			fmt.Fprintf(b, "  %s  %s\n", c.Mechanism, on)
		}
		for _, line := range [...][2]string{{"because", c.Because}, {"server", c.Message}, {"still", c.Still}, {"source", c.Source}} {
			if line[1] != "" {
				fmt.Fprintf(b, "    %-8s %s\n", line[0], line[1])
			}
		}
		if c.Documented {
			b.WriteString("             argued from documentation: only a kubelet shows it\n")
		}
	}
	var proven, told []string
	for i := range docs {
		if docs[i].Proven != "" {
			proven = append(proven, docs[i].Proven)
		} else {
			told = append(told, docs[i].Version)
		}
	}
	if len(proven) > 0 {
		fmt.Fprintf(b, "  proven against the code of Kubernetes %s\n", join(proven))
	}
	if len(told) > 0 {
		fmt.Fprintf(b, "  interpolated for %s: told by rules that were read in its source, and not run against it\n", join(told))
	}
}

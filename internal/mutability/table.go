package mutability

import (
	_ "embed"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The table is made by `go test ./internal/mutability -update` from the schema
// of the provider, what was read in its source, and CloudFormation's
// specification. Its lines:
//
//	! NUMBER SOURCE
//	= TYPE CLOUDFORMATION-TYPE|- SOURCE-OF-THE-SCHEMA|-
//	FIELD PROVIDER CLOUDFORMATION     separated by tabs
//
// PROVIDER is R (replaces), U (in place) or K (conditional) with the number of
// the source and for U and K a reason behind a colon, a for an attribute that
// the schema does not mark, - for nothing. CLOUDFORMATION is M, I or C
// (mutable, immutable, conditional) with the property behind a colon, or -.
//
//go:embed table.txt
var tableText string

// Table is what is documented.
type Table struct {
	sources []string
	types   map[string]*entry
}

type entry struct {
	cloudFormation string
	source         int // of the provider's schema, -1 when it was not read
	fields         map[string]row
}

type row struct{ provider, cloudFormation string }

var documented = sync.OnceValue(func() *Table { return parse(tableText) })

// Documented returns the table.
func Documented() *Table { return documented() }

// parse reads the table, which is our own: a line that is none is left out, and
// the tests count them.
func parse(text string) *Table {
	t := &Table{types: map[string]*entry{}}
	var cur *entry
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "! "):
			if _, source, ok := strings.Cut(line[2:], " "); ok {
				t.sources = append(t.sources, source)
			}
		case strings.HasPrefix(line, "= "):
			f := strings.Fields(line[2:])
			if len(f) != 3 {
				continue
			}
			cur = &entry{fields: map[string]row{}, source: -1}
			if f[1] != "-" {
				cur.cloudFormation = f[1]
			}
			if n, err := strconv.Atoi(f[2]); err == nil {
				cur.source = n
			}
			t.types[f[0]] = cur
		default:
			if f := strings.Split(line, "\t"); len(f) == 3 && cur != nil {
				cur.fields[f[0]] = row{f[1], f[2]}
			}
		}
	}
	return t
}

// Types are the types about which something is documented, sorted.
func (t *Table) Types() []string { return slices.Sorted(maps.Keys(t.types)) }

// Has tells whether something is documented about a type.
func (t *Table) Has(typ string) bool { return t.types[typ] != nil }

// Fields are the arguments of a type, sorted. Attributes that nobody can set are
// not among them.
func (t *Table) Fields(typ string) []string {
	e := t.types[typ]
	if e == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(e.fields))
}

// Lookup answers about one field. It is false when the type or the field is not
// known at all.
func (t *Table) Lookup(typ, field string) (Answer, bool) {
	field = Plain(field)
	a := Answer{Type: typ, Field: field, Verdict: Unknown}
	e := t.types[typ]
	if e == nil {
		return a, false
	}
	r, ok := e.fields[field]
	if !ok {
		return a, false
	}
	if v, ok := t.provider(e, field, r.provider); ok {
		a.Views = append(a.Views, v)
	}
	if v, ok := cloudFormationView(e, r.cloudFormation); ok {
		a.Views = append(a.Views, v)
	}
	a.settle()
	return a, true
}

func (t *Table) provider(e *entry, field, code string) (View, bool) {
	v := View{By: Provider}
	head, reason, _ := strings.Cut(code, ":")
	if head == "a" {
		v.Source = t.source(e.source)
		if inner := e.below(field); len(inner) > 0 {
			v.Verdict, v.Reason = Conditional, "it depends on the field of the block; these replace the object: "+strings.Join(inner, ", ")
			return v, true
		}
		v.Verdict, v.Weak, v.Reason = InPlace, true, "the provider's schema has no mark for it (its code may have conditions)"
		return v, true
	}
	if len(head) < 2 {
		return v, false
	}
	n, err := strconv.Atoi(head[1:])
	if err != nil {
		return v, false
	}
	v.Source, v.Reason = t.source(n), reason
	switch head[0] {
	case 'R':
		v.Verdict, v.Reason = Replaces, "the provider's schema says that a new value forces a new object"
	case 'U':
		v.Verdict = InPlace
	case 'K':
		v.Verdict = Conditional
	default:
		return v, false
	}
	return v, true
}

// below are the fields inside a block that replace the object.
func (e *entry) below(block string) []string {
	var out []string
	for name, r := range e.fields {
		if rest, ok := strings.CutPrefix(name, block+"."); ok && strings.HasPrefix(r.provider, "R") {
			out = append(out, rest)
		}
	}
	slices.Sort(out)
	return out
}

func (t *Table) source(n int) string {
	if n < 0 || n >= len(t.sources) {
		return ""
	}
	return t.sources[n]
}

func cloudFormationView(e *entry, code string) (View, bool) {
	kind, property, ok := strings.Cut(code, ":")
	if !ok {
		return View{}, false
	}
	v := View{By: CloudFormation, Source: specification + ", " + e.cloudFormation + "." + property}
	switch kind {
	case "M":
		v.Verdict, v.Reason = InPlace, "CloudFormation's view: mutable"
	case "I":
		v.Verdict, v.Reason = Replaces, "CloudFormation's view: immutable, an update replaces"
	case "C":
		v.Verdict, v.Reason = Conditional, "CloudFormation's view: some values interrupt or replace, others do not"
	default:
		return View{}, false
	}
	return v, true
}

const specification = "CloudFormation resource specification 117.0.0 (@aws-cdk/cfnspec 2.72.1)"

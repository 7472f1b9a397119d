package oracle

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Row is what is known of a field: which outcomes its mutations had, from which base.
type Row struct {
	Field    string
	outcomes map[Outcome]map[string]bool // bases
	seen     map[string]map[Outcome]bool // by mutation
	messages map[string]bool
}

// Table collects the cases of one kind.
type Table struct {
	Kind  string
	rows  map[string]*Row
	bases map[string]bool
}

// NewTable is an empty one.
func NewTable(kind string) *Table {
	return &Table{Kind: kind, rows: map[string]*Row{}, bases: map[string]bool{}}
}

// Add counts a case.
func (t *Table) Add(c Case) {
	r := t.rows[c.Field]
	if r == nil {
		r = &Row{Field: c.Field, outcomes: map[Outcome]map[string]bool{}, seen: map[string]map[Outcome]bool{}, messages: map[string]bool{}}
		t.rows[c.Field] = r
	}
	if r.outcomes[c.Outcome] == nil {
		r.outcomes[c.Outcome] = map[string]bool{}
	}
	r.outcomes[c.Outcome][c.Base] = true
	t.bases[c.Base] = true
	if r.seen[c.Mutation] == nil {
		r.seen[c.Mutation] = map[Outcome]bool{}
	}
	r.seen[c.Mutation][c.Outcome] = true
	if c.Outcome == Refused {
		r.messages[message(c.Causes)] = true
	}
}

// message is the first line of the first reason: what follows in some is a dump of the object.
func message(causes []Cause) string {
	if len(causes) == 0 {
		return ""
	}
	first, _, _ := strings.Cut(causes[0].Detail, "\n")
	return strings.TrimSpace(first)
}

// verdict is the row without its field: `in-place`, `refused "field is immutable"`, or on what it depends.
func (r *Row) verdict() string {
	outcomes := maps.Clone(r.outcomes)
	delete(outcomes, Invalid)
	switch len(outcomes) {
	case 0:
		return "invalid-only"
	case 1:
		for o := range outcomes {
			return string(o) + r.said()
		}
	}
	var parts []string
	for _, o := range []Outcome{InPlace, Dropped, Refused} {
		if bases := outcomes[o]; bases != nil {
			parts = append(parts, fmt.Sprintf("%s[%s; %s]", o, strings.Join(slices.Sorted(maps.Keys(bases)), ","), strings.Join(r.mutations(o), ",")))
		}
	}
	return "depends " + strings.Join(parts, " ") + r.said()
}

// mutations are those that had the outcome at least once.
func (r *Row) mutations(o Outcome) []string {
	var found []string
	for mutation, outcomes := range r.seen {
		if outcomes[o] {
			found = append(found, mutation)
		}
	}
	slices.Sort(found)
	return found
}

func (r *Row) said() string {
	if len(r.messages) != 1 {
		return ""
	}
	for m := range r.messages {
		return fmt.Sprintf(" %q", m)
	}
	return ""
}

// Lines are the rows, a subtree in one line `field.**` where all of it agrees; what could not be tried
// (invalid-only) agrees with everything and is counted by the summary instead.
func (t *Table) Lines() []string {
	verdicts := map[string]string{}
	for field, r := range t.rows {
		verdicts[field] = r.verdict()
	}
	var lines []string
	var under func(prefix string)
	children := map[string][]string{}
	for field := range verdicts {
		parent := ""
		if i := strings.LastIndexByte(field, '.'); i >= 0 {
			parent = field[:i]
		}
		children[parent] = append(children[parent], field)
	}
	under = func(prefix string) {
		slices.Sort(children[prefix])
		for _, field := range children[prefix] {
			if agreed, ok := unanimous(field, verdicts, children); ok && len(children[field]) > 0 {
				lines = append(lines, t.Kind+"\t"+field+".**\t"+agreed)
				continue
			}
			lines = append(lines, t.Kind+"\t"+field+"\t"+verdicts[field])
			under(field)
		}
	}
	under("")
	return lines
}

// unanimous is the verdict of all fields of a subtree, the root included.
func unanimous(field string, verdicts map[string]string, children map[string][]string) (string, bool) {
	agreed := verdicts[field]
	for _, child := range children[field] {
		below, ok := unanimous(child, verdicts, children)
		switch {
		case !ok:
			return "", false
		case agreed == "invalid-only":
			agreed = below
		case below != agreed && below != "invalid-only":
			return "", false
		}
	}
	return agreed, true
}

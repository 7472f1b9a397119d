package change

import (
	"fmt"
	"path"
	"strings"

	"polygraph/internal/identity"
	"polygraph/internal/run"
)

// row answers for one name.
func (x *comparison) row(r *identity.Row, lags map[string]string) {
	if !x.WantsRows() {
		return
	}
	name := r.Name
	if x.several && r.After != nil {
		name += " (" + path.Base(r.After.At.File) + ")"
	}
	x.Row(run.Row{Table: IdentityTable, Cells: []run.Cell{
		{Name: "name", Value: name},
		{Name: "identity", Value: happened(r)},
		{Name: "old version", Value: lags[r.Name]},
		{Name: "known by", Value: knownBy(r)},
	}})
}

// rank is how soon somebody has to see a row.
func rank(r *identity.Row, lags map[string]string) int {
	switch {
	case r.How == identity.New:
		return 0
	case lags[r.Name] != "" && lags[r.Name] != notKnown:
		return 1
	case r.How == identity.Gone || r.How == identity.Moved || r.How == identity.Added || r.How == identity.Revised:
		return 2
	case r.How == identity.Altered:
		return 3
	case r.How == identity.CannotTell:
		return 4
	}
	return 5
}

func happened(r *identity.Row) string {
	switch r.How {
	case identity.Kept:
		return "kept"
	case identity.Altered:
		return "kept, changed: " + few(r.Differs)
	case identity.Revised:
		return "next revision"
	case identity.New:
		how := "NEW object under the old name"
		switch {
		case r.After.Reborn == "created":
			how += " (created by the plan)"
		case r.After.Reborn != "":
			how += " (" + r.After.Reborn + ")"
		case r.Was != "":
			how += ", was " + r.Was
		}
		if r.Now != "" && r.Now != r.Name {
			how += "; the old one is now " + r.Now
		}
		return how
	case identity.Moved:
		s := "moved, was " + r.Was
		if len(r.Differs) > 0 {
			s += "; changed: " + few(r.Differs)
		}
		return s
	case identity.Gone:
		if r.Now != "" {
			return "gone; the object is now " + r.Now
		}
		return "gone"
	case identity.Added:
		if r.After.Reborn != "" {
			return "added by the plan"
		}
		return "added"
	}
	s := "cannot be told" // the finding says why
	if r.Was != "" {
		s += " (was " + r.Was + ")"
	}
	if len(r.Differs) > 0 {
		s += "; differs: " + few(r.Differs)
	}
	return s
}

// few names a few attributes, and never their values.
func few(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func knownBy(r *identity.Row) string {
	switch {
	case r.How == identity.Gone:
		return markOf(r.Old)
	case r.After != nil && r.Before == nil:
		if r.After.Reborn != "" || len(r.After.Marks) == 0 {
			return ""
		}
		return markOf(r.After.Marks[0])
	case r.After != nil && r.After.Reborn != "":
		return markOf(r.Old) + " -> (known after apply)"
	case (r.How == identity.New || r.How == identity.Revised) && r.Old.Attribute == r.New.Attribute:
		old, now := apart(r.Old.Value, r.New.Value)
		return r.Old.Attribute + " " + old + " -> " + now
	}
	return markOf(r.New)
}

// markOf is a mark in a cell of the table; the proof has all of it.
func markOf(m identity.Mark) string {
	if m.Attribute == "" || m.Value == "" {
		return "no id"
	}
	return m.Attribute + " " + middle(ownPart(m.Value))
}

// ownPart is an ARN without what all ARNs of an account have in common.
func ownPart(s string) string {
	if p := strings.SplitN(s, ":", 6); len(p) == 6 && p[0] == "arn" {
		return p[5]
	}
	return s
}

// middle cuts the middle out of a long identifier: its ends tell more.
func middle(s string) string {
	const most = 40
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most/2-2]) + "..." + string(r[len(r)-most/2+1:])
}

// apart are two identifiers as short as they still differ: long ones from where
// they do.
func apart(a, b string) (x, y string) {
	a, b = ownPart(a), ownPart(b)
	if x, y = middle(a), middle(b); x != y && max(len(a), len(b)) <= 40 {
		return x, y
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	i = strings.LastIndexAny(a[:i], ":/|-") + 1
	if i == 0 {
		return x, y
	}
	if x, y = middle(a[i:]), middle(b[i:]); x != y {
		return "..." + x, "..." + y
	}
	return clipped(a), clipped(b)
}

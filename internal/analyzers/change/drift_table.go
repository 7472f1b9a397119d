package change

import (
	"slices"
	"strings"

	"polygraph/internal/run"
	"polygraph/internal/tfplan"
)

// DriftTable is the name of the rows that tell what becomes of drift, and who
// caused it.
const DriftTable = "drift"

// driftRows answers for one drifted object, one row for each thing that the plan
// does with its attributes.
func (x *examination) driftRows(dr, c *tfplan.Change) {
	if !x.WantsRows() {
		return
	}
	// Read again: what is sealed here must not change what the rule compares.
	d, err := x.Detail(dr)
	if err != nil || d.Before == nil {
		return // the rule says so
	}
	var cd *tfplan.Detail
	if c != nil {
		if cd, err = x.Detail(c); err != nil {
			return
		}
		sealBoth(d, cd)
	} else if d.Unmasked {
		d.SealAll()
	}
	if dr.Action == tfplan.Delete {
		does := "gone, and not created again"
		if c != nil && c.Action == tfplan.Create {
			does = "created again"
		}
		x.driftRow(dr, "(the object)", does, x.writer(dr, d, nil))
		return
	}
	var order []string
	groups := map[string][]tfplan.Difference{}
	for _, df := range tfplan.Diff(d.Before, d.After) {
		does := x.does(c, d, cd, df)
		if groups[does] == nil {
			order = append(order, does)
		}
		groups[does] = append(groups[does], df)
	}
	for _, does := range order {
		var names []string
		for _, df := range groups[does] {
			names = append(names, df.Dotted())
		}
		if len(names) > 6 {
			names = append(names[:6], "...")
		}
		x.driftRow(dr, strings.Join(names, ", "), does, x.writer(dr, d, groups[does]))
	}
}

func (x *examination) driftRow(dr *tfplan.Change, attributes, does string, w writer) {
	who, when := "unknown", ""
	newest := w.Newest()
	switch {
	case newest != nil:
		who, when = strings.Join(w.names(true), ", "), clock(newest.Event.Time)
		if some := w.some(); some != "" {
			who = strings.ReplaceAll(some, "`", "") + ": " + who
		}
	case len(w.trailOf()) > 0:
		who, when = "perhaps "+strings.Join(w.trailOf(), ", "), clock(w.Writes[0].Event.Time)
	case w.Terraform != nil:
		who, when = "unknown (last: Terraform)", clock(w.Terraform.Event.Time)
	}
	x.Row(run.Row{Table: DriftTable, Cells: []run.Cell{
		{Name: "address", Value: dr.Address},
		{Name: "attribute", Value: attributes},
		{Name: "this plan", Value: does},
		{Name: "writer", Value: who},
		{Name: "when", Value: when},
	}})
}

// does says what the plan does with one drifted attribute, in the words of the
// table.
func (x *examination) does(c *tfplan.Change, d, cd *tfplan.Detail, df tfplan.Difference) string {
	switch {
	case c == nil:
		return "kept"
	case c.Action == tfplan.Delete:
		return "destroyed with the object"
	case c.Action == tfplan.Forget:
		return "forgotten with the object"
	}
	outs := x.outcomes(c, d, cd)
	i := slices.IndexFunc(outs, func(o outcome) bool { return slices.Equal(o.Path, df.Path) })
	if i < 0 {
		return "kept"
	}
	switch outs[i].fate {
	case setBack:
		return "reverted"
	case another:
		return "set to a third value"
	case open:
		return "not known until apply"
	case computed:
		return "computed by the provider"
	}
	return x.why(c, df)
}

// why tells a value that the configuration took over from one that it ignores:
// where it spells a value out, that is the drifted one or the old one.
func (x *examination) why(c *tfplan.Change, df tfplan.Difference) string {
	e, known := x.expression(c, df.Path[0])
	if !known {
		return "kept"
	}
	if !e.set {
		return "kept: not configured"
	}
	value, ok := e.constant, e.isConstant
	if ok && len(df.Path) > 1 {
		m, _ := value.(map[string]any)
		value, ok = tfplan.Lookup(m, df.Path[1:])
	}
	switch {
	case !ok:
		return "kept"
	case same(value, df.New):
		return "adopted"
	case same(value, df.Old):
		return "ignored (ignore_changes)"
	}
	return "kept"
}

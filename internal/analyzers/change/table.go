package change

import (
	"slices"
	"strings"

	"polygraph/internal/run"
	"polygraph/internal/tfplan"
)

// Table is the name of the rows that this analyzer emits.
const Table = "changes"

// table answers for every change by which mechanism it happens.
func (x *examination) table() {
	if !x.WantsRows() {
		return
	}
	deleted := map[string]bool{}
	for i := range x.Drift {
		if x.Drift[i].Action == tfplan.Delete {
			deleted[x.Drift[i].Address] = true
		}
	}
	for i := range x.Changes {
		c := &x.Changes[i]
		if c.Action == tfplan.NoOp && c.Previous == "" && !c.Import {
			continue
		}
		x.Row(x.row(c, deleted[c.Address]))
	}
	for i := range x.Deferred {
		r := x.row(&x.Deferred[i], false)
		r.Cells[1].Value = "deferred: " + r.Cells[1].Value
		x.Row(r)
	}
}

func (x *examination) row(c *tfplan.Change, deletedOutside bool) run.Row {
	how := mechanism(c)
	if deletedOutside && c.Action == tfplan.Create {
		how = "created again (deleted outside)"
	}
	address := c.Address
	if c.Deposed != "" {
		address += " (deposed " + c.Deposed + ")"
	}
	return run.Row{Table: Table, Cells: []run.Cell{
		{Name: "address", Value: address},
		{Name: "mechanism", Value: how},
		{Name: "because", Value: x.because(c)},
		{Name: "new identity", Value: x.identity(c)},
	}}
}

// mechanism says how the change happens, in the words of the table.
func mechanism(c *tfplan.Change) string {
	var how string
	switch c.Action {
	case tfplan.NoOp:
		how = "unchanged"
	case tfplan.DataRead:
		how = "read during apply"
	case tfplan.Create:
		how = "created"
	case tfplan.Update:
		how = "updated in place"
	case tfplan.DestroyCreate:
		how = "replaced, old one destroyed first"
	case tfplan.CreateDestroy:
		how = "replaced, new one created first"
	case tfplan.CreateThenForget:
		how = "replaced, old one left running"
	case tfplan.Delete:
		how = "destroyed"
	case tfplan.Forget:
		how = "forgotten, left running"
	default:
		how = "an action this version does not know"
	}
	switch {
	case c.Import && c.Action == tfplan.NoOp:
		how = "imported"
	case c.Import:
		how = "imported, then " + how
	}
	if c.Previous != "" {
		how = strings.TrimSuffix("moved, "+how, ", unchanged")
	}
	return how
}

// because names what forces a replacement, what was edited in place, or why
// Terraform acts at all.
func (x *examination) because(c *tfplan.Change) string {
	var parts []string
	if c.Previous != "" {
		parts = append(parts, "was "+c.Previous)
	}
	if c.Action.Replaces() || c.Action == tfplan.Update {
		attrs := x.forcing(c)
		if len(attrs) > 4 {
			attrs = append(attrs[:4], "...")
		}
		if len(attrs) > 0 {
			parts = append(parts, strings.Join(attrs, ", "))
		} else if unknown := x.inputs(c); len(unknown) > 0 {
			parts = append(parts, strings.Join(unknown, ", ")+" (known after apply)")
		}
	}
	if r := reasonText(x.Name(c.Reason)); r != "" && len(parts) == 0 {
		parts = append(parts, r)
	}
	return strings.Join(parts, "; ")
}

// inputs lists the configured attributes that are not known yet.
func (x *examination) inputs(c *tfplan.Change) []string {
	if c.Node < 0 {
		return nil
	}
	in := x.Graph.Inputs(c.Node)
	var out []string
	for _, a := range x.Members(c.Unknown) {
		if _, ok := in[a]; ok {
			out = append(out, x.Name(a))
		}
	}
	slices.Sort(out)
	return out
}

// identity lists the identifiers that will be new ones. It is empty for what
// stays the same object.
func (x *examination) identity(c *tfplan.Change) string {
	if !c.Action.Replaces() {
		return ""
	}
	var ids []string
	for name := range x.Names(c.Unknown) {
		switch {
		case name == "id", name == "arn", strings.HasSuffix(name, "_endpoint_address"), name == "public_ip", name == "private_ip",
			name == "endpoint", name == "address", name == "dns_name", name == "fqdn", name == "unique_id", name == "self_link":
			ids = append(ids, name)
		}
	}
	if len(ids) == 0 {
		return "yes"
	}
	slices.SortFunc(ids, func(a, b string) int {
		// id and arn first: they are what others refer to.
		rank := func(s string) string { return map[string]string{"id": "0", "arn": "1"}[s] + s }
		return strings.Compare(rank(a), rank(b))
	})
	return strings.Join(ids, ", ")
}

// reasonText puts Terraform's action_reason into words. The keys are those of
// the JSON format; an unknown one is shown as it is.
func reasonText(reason string) string {
	switch reason {
	case "":
		return ""
	case "replace_because_tainted":
		return "tainted"
	case "replace_because_cannot_update":
		return "cannot be updated in place"
	case "replace_by_request":
		return "asked for with -replace"
	case "replace_by_triggers":
		return "replace_triggered_by"
	case "delete_because_no_resource_config":
		return "no longer in the configuration"
	case "delete_because_no_module":
		return "its module is gone"
	case "delete_because_wrong_repetition":
		return "count or for_each was added or taken away"
	case "delete_because_count_index":
		return "beyond the new count"
	case "delete_because_each_key":
		return "its for_each key is gone"
	case "delete_because_no_move_target":
		return "moved to an address that is not configured"
	case "read_because_config_unknown":
		return "its arguments are not known yet"
	case "read_because_dependency_pending":
		return "what it depends on changes"
	case "read_because_check_nested":
		return "read by a check"
	}
	return strings.ReplaceAll(reason, "_", " ")
}

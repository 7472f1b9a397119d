package planbench

import "encoding/json"

// The field order of these structs is Terraform's own.
type resourceChange struct {
	Address         string          `json:"address"`
	PreviousAddress string          `json:"previous_address,omitempty"`
	ModuleAddress   string          `json:"module_address,omitempty"`
	Mode            string          `json:"mode"`
	Type            string          `json:"type"`
	Name            string          `json:"name"`
	Index           json.RawMessage `json:"index,omitempty"`
	ProviderName    string          `json:"provider_name"`
	Change          change          `json:"change"`
	ActionReason    string          `json:"action_reason,omitempty"`
}

type change struct {
	Actions         []string `json:"actions"`
	Before          any      `json:"before"`
	After           any      `json:"after"`
	AfterUnknown    any      `json:"after_unknown"`
	BeforeSensitive any      `json:"before_sensitive"`
	AfterSensitive  any      `json:"after_sensitive"`
	ReplacePaths    [][]any  `json:"replace_paths,omitempty"`
}

func (k *kind) mode() string {
	if k.data {
		return "data"
	}
	return "managed"
}

func (i *instance) header() resourceChange {
	return resourceChange{
		Address: i.address(), PreviousAddress: i.previous, ModuleAddress: i.module.address, Mode: i.kind.mode(),
		Type: i.kind.name, Name: i.kind.block, Index: i.key.index(), ProviderName: provider,
	}
}

// states gives the object as the refresh found it and as the plan wants it; nil where there is none.
func (i *instance) states() (before, after object) {
	now, want := view{i, false}, view{i, true}
	base := i.kind.values(now)
	switch {
	case i.fate == created || i.fate == read:
		return nil, i.fresh(i.kind.values(want))
	case i.fate.removes():
		return base, nil
	case i.fate.replaces() && i.root == nil:
		return i.kind.forced(now, base), i.fresh(i.kind.values(want))
	case i.fate.replaces():
		return base, i.fresh(i.kind.values(want))
	case i.fate == updated && i.root != nil:
		return base, i.unsettle(i.kind.values(want), i.kind.unsettled)
	case i.fate == updated:
		return i.kind.stale(now, base), i.unsettle(base, i.kind.unsettled)
	case i.drift == edited:
		// Nobody puts this one back: the configuration ignores the attribute.
		base = i.kind.stale(now, base)
	}
	return base, base
}

func (i *instance) fresh(o object) object { return i.unsettle(o, i.kind.computed) }

func (i *instance) unsettle(o object, names map[string]unknown) object {
	if len(names) == 0 {
		return o
	}
	changes := object{}
	for name, container := range names {
		changes[name] = container
	}
	return with(o, changes)
}

func (i *instance) change() resourceChange {
	rc := i.header()
	before, after := i.states()
	rc.Change = i.describe(i.fate.actions(), before, after)
	if i.fate.replaces() {
		rc.Change.ReplacePaths = i.replacePaths()
	}
	rc.ActionReason = i.reason()
	return rc
}

func (i *instance) describe(actions []string, before, after object) change {
	c := change{Actions: actions, AfterUnknown: object{}, BeforeSensitive: false, AfterSensitive: false}
	if before != nil {
		c.Before, c.BeforeSensitive = before, secrets(before, i.kind.secrets)
	}
	if after != nil {
		c.After, c.AfterSensitive = known(after), secrets(after, i.kind.secrets)
		if open(after) {
			c.AfterUnknown = unknowns(after)
		}
	}
	return c
}

// open tells whether anything in the value is unknown. Terraform prints an empty object otherwise.
func open(v any) bool {
	switch v := v.(type) {
	case object:
		for _, element := range v {
			if open(element) {
				return true
			}
		}
	case []any:
		for _, element := range v {
			if open(element) {
				return true
			}
		}
	case unknown:
		return true
	}
	return false
}

func (i *instance) replacePaths() [][]any {
	if i.root == nil {
		return [][]any{i.kind.forcedPath}
	}
	for n, used := range i.uses {
		if used == i.root {
			return [][]any{i.kind.usePaths[n]}
		}
	}
	return nil
}

func (i *instance) reason() string {
	switch {
	case i.fate.replaces():
		return "replace_because_cannot_update"
	case i.fate == orphaned:
		return "delete_because_no_module"
	case i.fate == deleted && i.key.kind == countKey:
		return "delete_because_count_index"
	case i.fate == deleted:
		return "delete_because_each_key"
	case i.fate == read:
		return "read_because_dependency_pending"
	}
	return ""
}

// drifted describes what the refresh found changed since the last apply.
func (i *instance) drifted() resourceChange {
	rc := i.header()
	base := i.kind.values(view{i, false})
	if i.drift == vanished {
		rc.Change = i.describe([]string{"delete"}, base, nil)
		return rc
	}
	rc.Change = i.describe([]string{"update"}, base, i.kind.stale(view{i, false}, base))
	return rc
}

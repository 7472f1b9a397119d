package planbench

import "encoding/json"

// stateResource is a resource as planned_values and prior_state print it, in Terraform's field order.
type stateResource struct {
	Address         string          `json:"address"`
	Mode            string          `json:"mode"`
	Type            string          `json:"type"`
	Name            string          `json:"name"`
	Index           json.RawMessage `json:"index,omitempty"`
	ProviderName    string          `json:"provider_name"`
	SchemaVersion   int             `json:"schema_version"`
	Values          any             `json:"values"`
	SensitiveValues any             `json:"sensitive_values"`
	DependsOn       []string        `json:"depends_on,omitempty"`
}

func (i *instance) stored(value object) stateResource {
	return stateResource{
		Address: i.address(), Mode: i.kind.mode(), Type: i.kind.name, Name: i.kind.block, Index: i.key.index(),
		ProviderName: provider, SchemaVersion: i.kind.schemaVersion,
		Values: known(value), SensitiveValues: secrets(value, i.kind.secrets),
	}
}

// planned is the resource after the plan, absent when it goes. Data sources that are still to be read
// have no planned value.
func (i *instance) planned() (stateResource, bool) {
	_, after := i.states()
	if after == nil || i.kind.data {
		return stateResource{}, false
	}
	return i.stored(after), true
}

// prior is the resource as the refresh found it.
func (i *instance) prior() (stateResource, bool) {
	before, _ := i.states()
	if before == nil {
		return stateResource{}, false
	}
	r := i.stored(before)
	for _, used := range i.uses {
		r.DependsOn = append(r.DependsOn, used.block())
	}
	return r, true
}

// block is the address without instance keys, as dependencies are stored.
func (i *instance) block() string {
	address := i.kind.name + "." + i.kind.block
	if i.kind.data {
		address = "data." + address
	}
	for m := i.module; m.parent != nil; m = m.parent {
		address = "module." + m.name + "." + address
	}
	return address
}

// tree writes a module and everything below it, or nothing at all when no resource is in there.
func (m *module) tree(w *writer, each func(*instance) (stateResource, bool)) {
	w.raw("{")
	first := true
	for _, i := range m.instances {
		r, ok := each(i)
		if !ok {
			continue
		}
		if first {
			w.raw(`"resources":[`)
		}
		w.item(&first, r)
	}
	if !first {
		w.raw("]")
	}
	if m.address != "" {
		w.separate(&first)
		w.raw(`"address":`)
		w.value(m.address)
	}
	inner := true
	for _, c := range m.children {
		if !c.holds(each) {
			continue
		}
		if inner {
			w.separate(&first)
			w.raw(`"child_modules":[`)
		}
		w.separate(&inner)
		c.tree(w, each)
	}
	if !inner {
		w.raw("]")
	}
	w.raw("}")
}

// holds stops at the first resource found, so asking costs little.
func (m *module) holds(each func(*instance) (stateResource, bool)) bool {
	for _, i := range m.instances {
		if _, ok := each(i); ok {
			return true
		}
	}
	for _, c := range m.children {
		if c.holds(each) {
			return true
		}
	}
	return false
}

package planbench

import "strings"

var planVariables = object{
	"cost_center": object{"value": "4711"},
	"db_password": object{"value": "correct-horse"},
	"owner":       object{"value": "platform"},
}

// outputs are one list of machine addresses per module call and a secret.
func (f *fleet) outputs() object {
	all := object{"db_password": object{"sensitive": true, "type": "string", "value": "correct-horse"}}
	for name, addresses := range f.fleetAddresses() {
		all[name] = object{"sensitive": false, "type": list("list", "string"), "value": addresses}
	}
	return all
}

func (f *fleet) fleetAddresses() map[string][]any {
	all := map[string][]any{}
	for _, c := range f.cells {
		name := c.module.name + "_networks"
		all[name] = append(all[name], c.machines[0].vpc())
	}
	return all
}

// outputChanges has an entry for every output. Some become unknown because their call has a cascade.
func (f *fleet) outputChanges() object {
	same := func(v, sensitive any) object {
		return object{
			"actions": list("no-op"), "before": v, "after": v, "after_unknown": false,
			"before_sensitive": sensitive, "after_sensitive": sensitive,
		}
	}
	all := object{"db_password": same("correct-horse", true)}
	for name, addresses := range f.fleetAddresses() {
		all[name] = same(addresses, false)
		if strings.HasPrefix(name, "s") {
			all[name] = object{
				"actions": list("update"), "before": addresses, "after_unknown": true,
				"before_sensitive": false, "after_sensitive": false,
			}
		}
	}
	return all
}

type relevantAttribute struct {
	Resource  string `json:"resource"`
	Attribute []any  `json:"attribute"`
}

// relevant lists what the dependents of the replaced resources read.
func (f *fleet) relevant() []relevantAttribute {
	var all []relevantAttribute
	seen := map[*instance]bool{}
	for _, i := range f.instances {
		if i.root != nil && !seen[i.root] {
			seen[i.root] = true
			all = append(all, relevantAttribute{i.root.address(), list(i.root.kind.identity())})
		}
	}
	return all
}

// identity is the attribute that dependents read.
func (k *kind) identity() string {
	if k.prefix == "" {
		return "arn"
	}
	return "id"
}

// checks has one check block per cell and the preconditions of its databases.
func (f *fleet) checks() []object {
	var all []object
	for _, c := range f.cells {
		where := c.module.address
		passed := func(display string) object {
			return object{"address": object{"module": where, "to_display": display}, "status": "pass"}
		}
		all = append(all, object{
			"address": object{
				"kind": "check", "module": "module." + c.module.name, "name": "capacity",
				"to_display": "module." + c.module.name + ".check.capacity",
			},
			"status": "pass", "instances": list(passed(where + ".check.capacity")),
		})
		var instances []any
		for _, d := range c.databases {
			status := "pass"
			if d.fate == created || d.fate.replaces() {
				status = "unknown"
			}
			instances = append(instances, object{
				"address": object{"instance_key": d.key.text, "module": d.module.address, "to_display": d.address()},
				"status":  status,
			})
		}
		first := c.databases[0]
		all = append(all, object{
			"address": object{
				"kind": "resource", "mode": "managed", "module": "module." + c.module.name + ".module.data",
				"name": first.kind.block, "to_display": first.block(), "type": first.kind.name,
			},
			"status": "pass", "instances": instances,
		})
	}
	return all
}

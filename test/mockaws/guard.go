package mockaws

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// guardDelete asks every guard of a type. It returns what the deletion leaves behind or takes
// along, or the refusal. The prior state decides: at a destroy the provider never sees the
// configuration.
func (t *Type) guardDelete(c *Cloud, id string, prior map[string]any) (note string, err error) {
	var notes []string
	for _, guard := range t.Facts.Guards {
		note, err := guard.check(c, t, id, prior)
		if err != nil {
			return "", err
		}
		if note != "" {
			notes = append(notes, note)
		}
	}
	return strings.Join(notes, "; "), nil
}

func (g Guard) check(c *Cloud, t *Type, id string, prior map[string]any) (string, error) {
	armed, _ := prior[g.Attribute].(bool)
	switch g.Kind {
	case "protect":
		if armed {
			return "", fmt.Errorf("%s %s cannot be deleted: %s is true; set it to false and apply first", t.Name, id, g.Attribute)
		}
	case "not_empty":
		contents, err := c.Get("contents", t.Name, id)
		if err != nil || contents == nil || fmt.Sprint(contents["items"]) == "0" {
			return "", err
		}
		if !armed {
			return "", fmt.Errorf("%s %s cannot be deleted: it holds %v items and %s is false; empty it first", t.Name, id, contents["items"], g.Attribute)
		}
		return fmt.Sprintf("deleted %v items", contents["items"]), c.Remove("contents", t.Name, id)
	case "final_snapshot":
		name, _ := prior[g.Name].(string)
		if g.Attribute != "" { // RDS: a switch decides, and without the switch a name is demanded
			if armed {
				return "no final snapshot", nil
			}
			if name == "" {
				return "", fmt.Errorf("%s %s: %s is required when %s is false; set it and apply first", t.Name, id, g.Name, g.Attribute)
			}
		}
		if name == "" { // ElastiCache: the name alone decides
			return "no final snapshot", nil
		}
		if taken, err := c.Get("snapshots", "", name); err != nil || taken != nil {
			return "", fmt.Errorf("%s %s: a snapshot named %s exists already; choose another %s", t.Name, id, name, g.Name)
		}
		return "final snapshot " + name, c.Put("snapshots", "", name, prior)
	case "snapshot_if":
		if !armed {
			return "no final snapshot", nil
		}
		return "final snapshot of " + id, c.Put("snapshots", "", id, prior)
	case "recovery_window":
		if days := fmt.Sprint(prior[g.Attribute]); days != "0" {
			return "recoverable for " + days + " days", c.Put("recoverable", t.Name, id, prior)
		}
		return "no recovery window", nil
	case "retain": // delete asked already
	case "in_use":
		users, err := c.users(id, t.Name, id)
		if err != nil {
			return "", err
		}
		users = slices.DeleteFunc(users, func(user string) bool { return strings.HasPrefix(user, t.Name+" ") })
		if len(users) > 0 {
			return "", fmt.Errorf("DependencyViolation: %s %s is used by %s; remove the use first", t.Name, id, strings.Join(users, ", "))
		}
	default:
		return "", fmt.Errorf("behaviour.json: %s: no guard of kind %q; see guard.go", t.Name, g.Kind)
	}
	return "", nil
}

// delete is the API's DELETE.
func (t *Type) delete(c *Cloud, prior map[string]any) error {
	id, _ := prior["id"].(string)
	call := Call{Call: "delete", Type: t.Name, ID: id}
	if t.retained(prior) {
		return c.Log(Call{Call: "retain", Type: t.Name, ID: id})
	}
	object, err := c.Get("objects", t.Name, id)
	if err == nil && object != nil {
		call.Note, err = t.guardDelete(c, id, t.merged(prior, object))
		if err == nil {
			err = c.Remove("objects", t.Name, id)
		}
	}
	if err != nil {
		call.Error, call.Note = err.Error(), ""
	}
	if logged := c.Log(call); logged != nil {
		return logged
	}
	return err
}

// retained says that the provider drops the object from the state and calls no DELETE at all.
func (t *Type) retained(prior map[string]any) bool {
	return slices.ContainsFunc(t.Facts.Guards, func(g Guard) bool {
		return g.Kind == "retain" && prior[g.Attribute] == true
	})
}

// merged is the cloud's view with the arguments that only the state knows.
func (t *Type) merged(state, object map[string]any) map[string]any {
	out := map[string]any{}
	for name := range t.tfType().AttributeTypes {
		out[name] = object[name]
		if slices.Contains(t.Facts.Local, name) {
			out[name] = state[name]
		}
	}
	return out
}

// create is the API's CREATE and the read after it.
func (t *Type) create(c *Cloud, s Settings, planned map[string]any) (map[string]any, error) {
	configuration, err := json.Marshal(planned)
	if err != nil {
		return nil, err
	}
	seed, err := c.Issue(t.Name, string(configuration))
	if err != nil {
		return nil, err
	}
	if planned, err = t.count(c, planned); err != nil {
		return nil, err
	}
	object, err := t.settle(s, seed, nil, planned)
	if err != nil {
		return nil, err
	}
	id := fmt.Sprint(object["id"])
	taken, err := c.Get("objects", t.Name, id)
	if err == nil && taken != nil {
		err = fmt.Errorf("AlreadyExists: %s %s exists; choose another name or import it", t.Name, id)
	}
	return t.store(c, Call{Call: "create", Type: t.Name, ID: id}, object, err)
}

// count gives the numbers that the cloud counts beyond the life of one object: the revision of
// a task definition goes up when another one replaces it.
func (t *Type) count(c *Cloud, planned map[string]any) (map[string]any, error) {
	planned = clone(planned).(map[string]any)
	for name, by := range t.Facts.Counters {
		if _, open := planned[name].(unknown); !open {
			continue
		}
		n, err := c.Count(t.Name, fmt.Sprint(planned[by]))
		if err != nil {
			return nil, err
		}
		planned[name] = n
	}
	return planned, nil
}

// update is the API's UPDATE and the read after it.
func (t *Type) update(c *Cloud, s Settings, prior, planned map[string]any) (map[string]any, error) {
	object, err := t.settle(s, canon(planned), prior, planned)
	if err != nil {
		return nil, err
	}
	if d := t.Facts.Deferred; d.Unless != "" && planned[d.Unless] != true {
		for _, name := range d.Attributes {
			object[name] = prior[name]
		}
	}
	id := fmt.Sprint(prior["id"])
	existing, err := c.Get("objects", t.Name, id)
	if err == nil && existing == nil {
		err = fmt.Errorf("NotFound: %s %s does not exist any more; plan again", t.Name, id)
	}
	return t.store(c, Call{Call: "update", Type: t.Name, ID: id}, object, err)
}

func (t *Type) settle(s Settings, seed string, prior, planned map[string]any) (map[string]any, error) {
	r := resolver{t: t, settings: s, seed: seed, prior: prior, object: clone(planned).(map[string]any), busy: map[string]bool{}}
	err := r.resolveAll()
	return r.object, err
}

func (t *Type) store(c *Cloud, call Call, object map[string]any, err error) (map[string]any, error) {
	if err == nil {
		shown := map[string]any{}
		for name, value := range object {
			if !slices.Contains(t.Facts.Local, name) {
				shown[name] = value
			}
		}
		err = c.Put("objects", t.Name, call.ID, shown)
	}
	if err != nil {
		call.Error = err.Error()
	}
	if logged := c.Log(call); logged != nil {
		return nil, logged
	}
	return object, err
}

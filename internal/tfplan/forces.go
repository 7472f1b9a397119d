package tfplan

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// mask keeps what is marked as sensitive, for the paths in replace_paths.
func (r *reader) mask() error {
	v, err := r.value()
	if err == nil && hasTrue(v) {
		r.masks = append(r.masks, bytes.Clone(v))
	}
	return err
}

func (r *reader) replacePaths() error {
	return r.array(func(int) error {
		var path []string
		err := r.array(func(int) error {
			v, err := r.value()
			if err != nil {
				return err
			}
			step := string(v)
			if v.Kind() == '"' {
				b, _ := jsontext.AppendUnquote(nil, v)
				step = string(b)
			}
			path = append(path, step)
			r.scratch += int64(len(step)) + nameCost
			return nil
		})
		if len(path) > 0 {
			r.forces = append(r.forces, path)
		}
		return err
	})
}

// forcing interns the replace_paths, each cut where the plan starts to hide:
// the names inside a value that is sensitive as a whole are secret too.
func (r *reader) forcing() Set {
	if len(r.forces) == 0 {
		return 0
	}
	var hidden []any
	for _, raw := range r.masks {
		var m any
		if json.Unmarshal(raw, &m) == nil {
			hidden = append(hidden, m)
		}
	}
	members := make([]Sym, 0, len(r.forces))
	for _, path := range r.forces {
		n := len(path)
		for _, m := range hidden {
			n = min(n, shown(path, m))
		}
		members = append(members, r.sym.internString(strings.Join(path[:n], ".")))
	}
	return r.sym.set(members)
}

// shown is how many steps of a path may be shown under a mask: attribute names
// always, a step below a mask of true never.
func shown(path []string, mask any) int {
	for i, step := range path {
		switch m := mask.(type) {
		case bool:
			if m {
				return max(i, 1)
			}
			return len(path)
		case map[string]any:
			mask = m[step]
		case []any:
			mask = spread(m) // the elements of a set have no fixed place
		case everyElement:
			mask = m.mask
		default:
			return len(path)
		}
	}
	return len(path)
}

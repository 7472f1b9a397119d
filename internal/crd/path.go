package crd

import (
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// step is one level of a path: a key of a map, or an index of a list.
type step struct {
	key   string
	index int // -1 for a key
}

// locate follows a path as the server writes it. Keys of maps stand in it with
// and without brackets, and may have dots in them, so the document decides where
// a key ends. It returns how it went and the offset of the last value that is
// there.
func locate(root *kubeobj.Value, path string) ([]step, int64) {
	if root == nil {
		return nil, -1
	}
	best := found{offset: int64(root.Offset)}
	if path != "" && path != Whole {
		follow(root, path, nil, &best)
	}
	return best.steps, best.offset
}

type found struct {
	steps  []step
	offset int64
	length int // of what was followed
	whole  bool
}

// follow goes down. In a map each child is tried whose name the path goes on
// with: names that begin alike are few.
func follow(v *kubeobj.Value, rest string, steps []step, best *found) {
	switch v.Kind {
	case kubeobj.List:
		if i, after, ok := index(rest); ok && i < len(v.Items) {
			arrive(&v.Items[i], after, append(steps[:len(steps):len(steps)], step{index: i}), best)
		}
	case kubeobj.Map:
		for i := range v.Items {
			if best.whole {
				return
			}
			item := &v.Items[i]
			if after, ok := cut(item.Name, rest); ok {
				arrive(item, after, append(steps[:len(steps):len(steps)], step{key: item.Name, index: -1}), best)
			}
		}
	}
}

func arrive(v *kubeobj.Value, after string, steps []step, best *found) {
	if len(steps) > best.length || after == "" {
		*best = found{steps: steps, offset: int64(v.Offset), length: len(steps), whole: after == ""}
	}
	if after != "" {
		follow(v, strings.TrimPrefix(after, "."), steps, best)
	}
}

// index takes [3] off the front; OpenAPI's errors write it without brackets too.
func index(rest string) (int, string, bool) {
	rest, bracket := strings.CutPrefix(rest, "[")
	end := 0
	for end < len(rest) && end < 9 && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	if end == 0 {
		return 0, "", false
	}
	i, _ := strconv.Atoi(rest[:end])
	if rest = rest[end:]; bracket {
		rest = strings.TrimPrefix(rest, "]")
	}
	return i, rest, true
}

// cut takes one key off the front of a path.
func cut(key, rest string) (string, bool) {
	if bracketed, ok := strings.CutPrefix(rest, "["); ok {
		if after, ok := strings.CutPrefix(bracketed, key+"]"); ok {
			return after, true
		}
	}
	after, ok := strings.CutPrefix(rest, key)
	return after, ok && (after == "" || after[0] == '.' || after[0] == '[')
}

// schemaAt follows the same steps in a schema, as it is written in the
// definition, and returns the deepest node.
func schemaAt(schema *kubeobj.Value, steps []step) *kubeobj.Value {
	for _, s := range steps {
		var next *kubeobj.Value
		if s.index >= 0 {
			next = schema.Get("items")
		} else if next = schema.Get("properties", s.key); next == nil {
			next = schema.Get("additionalProperties")
		}
		if !next.Is(kubeobj.Map) {
			break
		}
		schema = next
	}
	return schema
}

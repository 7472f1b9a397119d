package edits

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// change says what is edited: values by JSON pointer, of which nil takes the field
// away, and - as the last name appends to a list.
type change map[string]any

func (c change) String() string {
	var out []string
	for _, at := range slices.Sorted(maps.Keys(c)) {
		text, err := json.Marshal(c[at])
		if err != nil {
			text = []byte(err.Error())
		}
		out = append(out, at+": "+string(text))
	}
	return strings.Join(out, ", ")
}

// to makes the change to a copy of an object.
func (c change) to(u *unstructured.Unstructured, name string) (*unstructured.Unstructured, error) {
	out := u.DeepCopy()
	for _, at := range slices.Sorted(maps.Keys(c)) {
		value, err := plain(c[at], name)
		if err != nil {
			return nil, err
		}
		root, err := set(out.Object, strings.Split(at, "/")[1:], value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		out.Object = root.(map[string]any)
	}
	return out, nil
}

// plain is a value of its own, with whole numbers as int64 as the object has them.
func plain(v any, name string) (any, error) {
	text, err := json.Marshal(map[string]any{"kind": "any", "value": v})
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON([]byte(strings.ReplaceAll(string(text), "NAME", name))); err != nil {
		return nil, err
	}
	return u.Object["value"], nil
}

// set returns v with the value at a path.
func set(v any, path []string, value any) (any, error) {
	if len(path) == 0 {
		return value, nil
	}
	name := strings.ReplaceAll(strings.ReplaceAll(path[0], "~1", "/"), "~0", "~")
	last := len(path) == 1
	switch v := v.(type) {
	case map[string]any:
		if last && value == nil {
			if _, ok := v[name]; !ok {
				return nil, fmt.Errorf("there is no %s", name)
			}
			delete(v, name)
			return v, nil
		}
		next, ok := v[name]
		if !ok && !last {
			next = map[string]any{}
		}
		next, err := set(next, path[1:], value)
		v[name] = next
		return v, err
	case []any:
		if name == "-" && last {
			return append(v, value), nil
		}
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(v) {
			return nil, fmt.Errorf("there is no item %s of %d", name, len(v))
		}
		if last && value == nil {
			return slices.Delete(v, i, i+1), nil
		}
		v[i], err = set(v[i], path[1:], value)
		return v, err
	}
	return nil, fmt.Errorf("%s is in neither a map nor a list", name)
}

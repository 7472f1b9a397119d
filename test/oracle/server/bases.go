package main

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

//go:embed objects
var objects embed.FS

// base is an object from which fields are mutated, as the server stores it when it is created.
type base struct {
	name   string
	tree   tree
	pruned []string
	broken []cause
}

// bases reads the objects of a kind: files are named after the kind, in lower case, and the variant.
func (k *kind) bases() ([]base, error) {
	names, err := fs.Glob(objects, "objects/"+strings.ToLower(k.gvk.Kind)+"-*.yaml")
	if err != nil {
		return nil, err
	}
	var found []base
	for _, name := range names {
		if k.subresource != "" && !strings.HasSuffix(name, "-running.yaml") {
			continue // what another request writes is asked for once
		}
		text, err := objects.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var t tree
		if err := yaml.Unmarshal(text, &t); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if t, err = expanded(t); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		m, ok := t.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s is no object", name)
		}
		m["apiVersion"] = k.gvk.GroupVersion().String()
		variant := strings.TrimSuffix(path.Base(name), ".yaml")[len(k.gvk.Kind)+1:]
		b := base{name: variant}
		k.normalize(&b, m)
		found = append(found, b)
	}
	if found == nil {
		return nil, errors.New("no base objects of " + k.Name)
	}
	return found, nil
}

// expanded replaces each map with a `$part` by the file of that name, over which the rest of the map is laid.
func expanded(t tree) (tree, error) {
	switch t := t.(type) {
	case map[string]any:
		part, _ := t["$part"].(string)
		over := map[string]any{}
		for name, value := range t {
			if name == "$part" {
				continue
			}
			inner, err := expanded(value)
			if err != nil {
				return nil, err
			}
			over[name] = inner
		}
		if part == "" {
			return over, nil
		}
		text, err := objects.ReadFile("objects/parts/" + part + ".yaml")
		if err != nil {
			return nil, err
		}
		var under tree
		if err := yaml.Unmarshal(text, &under); err != nil {
			return nil, fmt.Errorf("%s: %w", part, err)
		}
		return laid(under, over), nil
	case []any:
		for i := range t {
			inner, err := expanded(t[i])
			if err != nil {
				return nil, err
			}
			t[i] = inner
		}
	}
	return t, nil
}

// laid lays one tree over another; null takes away.
func laid(under, over tree) tree {
	u, ok := under.(map[string]any)
	o, also := over.(map[string]any)
	if !ok || !also {
		return over
	}
	all := maps.Clone(u)
	for name, value := range o {
		if value == nil {
			delete(all, name)
		} else {
			all[name] = laid(all[name], value)
		}
	}
	return all
}

// normalize stores the object as a create would, without what this release refuses, and with its status.
func (k *kind) normalize(b *base, object map[string]any) {
	t := tree(object)
	for i := 0; i < 60; i++ {
		text, err := json.Marshal(t)
		if err != nil {
			b.broken = []cause{{Type: "Unmarshalable", Detail: err.Error()}}
			return
		}
		decoded, err := k.decode(text)
		if err != nil {
			b.broken = []cause{{Type: "Undecodable", Detail: err.Error()}}
			return
		}
		created, refusal := k.created(decoded)
		if refusal == nil {
			b.tree, b.broken = k.stored(created, object["status"])
			return
		}
		found := refusal.said()
		place := locate(found[0].Field)
		if place == nil {
			b.broken = found
			return
		}
		b.pruned = append(b.pruned, found[0].Field+": "+found[0].Detail)
		t = patched(t, []patch{{Path: place, Remove: true}})
	}
	b.broken = []cause{{Type: "Unending", Detail: "sixty fields were taken away and it is still refused"}}
}

// stored gives the created object what it has once it lives: a status and a resource version.
func (k *kind) stored(created runtime.Object, status tree) (tree, []cause) {
	if accessor, err := meta.Accessor(created); err == nil {
		accessor.SetResourceVersion("1")
	}
	text, err := k.encode(created)
	if err != nil {
		return nil, []cause{{Type: "Unencodable", Detail: err.Error()}}
	}
	t, err := parse(text)
	if err != nil {
		return nil, []cause{{Type: "Unencodable", Detail: err.Error()}}
	}
	if status != nil {
		t = patched(t, []patch{{Path: []step{"status"}, Value: status}})
	}
	return t, nil
}

var segment = regexp.MustCompile(`[^.\[\]]+|\[[^\]]*\]`)

// locate is where to prune for an error: the innermost item of a list around the field, or the field.
func locate(field string) []step {
	var steps []step
	last := -1
	for _, s := range segment.FindAllString(field, -1) {
		if inner, ok := strings.CutPrefix(s, "["); ok {
			inner = strings.TrimSuffix(inner, "]")
			if n, err := strconv.Atoi(inner); err == nil {
				steps = append(steps, n)
				last = len(steps)
				continue
			}
			steps = append(steps, inner)
			continue
		}
		steps = append(steps, s)
	}
	if last > 0 {
		return slices.Clone(steps[:last])
	}
	if len(steps) < 2 {
		return nil
	}
	return steps
}

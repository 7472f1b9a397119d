package main

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// candidates are values to try for a field, those that are most likely valid first. Old is what it has, or nil.
func candidates(m member, old tree) []tree {
	var found []tree
	for _, table := range [][]tree{valuesOfField[m.owner+"."+m.name], valuesOfType[typeKey(m.typ)]} {
		found = append(found, table...)
	}
	found = append(found, byShape(m.typ, m.name, old)...)
	return distinct(found, old)
}

// distinct leaves out what the field has already, and what came before.
func distinct(values []tree, old tree) []tree {
	var found []tree
	for _, v := range values {
		if old != nil && same(v, old) {
			continue
		}
		seen := false
		for _, f := range found {
			seen = seen || same(f, v)
		}
		if !seen {
			found = append(found, v)
		}
	}
	return found
}

// byShape are values by the Go type alone.
func byShape(t reflect.Type, name string, old tree) []tree {
	key := typeKey(t)
	switch {
	case key == "resource.Quantity":
		return []tree{"1", "1Gi", "100m"}
	case opaque[key]:
		return valuesOfType[key]
	}
	switch t.Kind() {
	case reflect.Bool:
		return []tree{true, false}
	case reflect.String:
		found := append([]tree{}, valuesOfName[strings.ToLower(name)]...)
		if text, ok := old.(string); ok && text != "" {
			found = append(found, text+"x", text+"/x")
		}
		return append(found, "changed", "/changed", "example.com/changed", "10.0.7.7", "10.7.0.0/16", "https://example.com/changed", "Changed", "changed.example.com", "1", "v1", "*", "")
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint32, reflect.Uint64, reflect.Int16, reflect.Uint16:
		if n, ok := old.(float64); ok {
			return []tree{n + 1, n - 1}
		}
		return []tree{1.0, 2.0, 30.0, 300.0, 1000.0, 8081.0, 30080.0, 100000.0, 0.0}
	case reflect.Float32, reflect.Float64:
		return []tree{1.5}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return []tree{"Y2hhbmdlZA==", "Y2hhbmdlZDI="}
		}
		var lists []tree
		for _, item := range items(t, name) {
			lists = append(lists, []any{item})
		}
		return lists
	case reflect.Map:
		var maps []tree
		for _, value := range byShape(deref(t.Elem()), name, nil) {
			maps = append(maps, map[string]any{"changed": value}, map[string]any{"example.com/changed": value})
		}
		return limited(maps, 8)
	case reflect.Struct:
		return samples(t, nil)
	}
	return nil
}

// items are values for one more item of a list.
func items(t reflect.Type, name string) []tree {
	e := deref(t.Elem())
	found := append([]tree{}, valuesOfType[typeKey(e)]...)
	return distinct(append(found, byShape(e, singular(name), nil)...), nil)
}

// samples are small valid structures: those of the table, what is required, and each with one optional field.
func samples(t reflect.Type, above []reflect.Type) []tree {
	found := append([]tree{}, valuesOfType[typeKey(t)]...)
	for _, a := range above {
		if a == t {
			return append(found, map[string]any{})
		}
	}
	above = append(above[:len(above):len(above)], t)
	needed := map[string]any{}
	for _, m := range members(t) {
		if m.required {
			needed[m.name] = first(m, above)
		}
	}
	found = append(found, needed)
	for _, m := range members(t) {
		if !m.required && len(found) < 8 {
			if value := first(m, above); value != nil {
				one := map[string]any{m.name: value}
				for name, v := range needed {
					one[name] = v
				}
				found = append(found, one)
			}
		}
	}
	return found
}

// first is the first candidate of a field that stands in a sample.
func first(m member, above []reflect.Type) tree {
	for _, table := range [][]tree{valuesOfField[m.owner+"."+m.name], valuesOfType[typeKey(m.typ)]} {
		if len(table) > 0 {
			return table[0]
		}
	}
	if shapeOf(m.typ) == structure {
		return samples(m.typ, above)[0]
	}
	if shapeOf(m.typ) == list {
		e := deref(m.typ.Elem())
		if table := valuesOfType[typeKey(e)]; len(table) > 0 {
			return []any{table[0]}
		}
		return []any{samples(e, above)[0]}
	}
	if values := byShape(m.typ, m.name, nil); len(values) > 0 {
		return values[0]
	}
	return nil
}

// larger and smaller are the neighbours of a number or quantity, nil where it is none.
func larger(t reflect.Type, old tree) []tree { return scaled(t, old, 2, 1) }

func smaller(t reflect.Type, old tree) []tree { return scaled(t, old, 0.5, -1) }

func scaled(t reflect.Type, old tree, factor, add float64) []tree {
	switch v := old.(type) {
	case float64:
		if k := t.Kind(); k == reflect.Float32 || k == reflect.Float64 {
			return []tree{v * factor}
		}
		return distinct([]tree{v + add, math.Trunc(v * factor), v + 10*add}, old)
	case string:
		if typeKey(t) != "resource.Quantity" {
			return nil
		}
		q, err := resource.ParseQuantity(v)
		if err != nil {
			return nil
		}
		return []tree{resource.NewMilliQuantity(int64(float64(q.MilliValue())*factor), q.Format).String()}
	}
	return nil
}

func limited(values []tree, n int) []tree { return values[:min(n, len(values))] }

func singular(name string) string { return strings.TrimSuffix(name, "s") }

// v reads a table's entry, which is written as JSON.
func v(texts ...string) []tree {
	var values []tree
	for _, text := range texts {
		var value tree
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			panic("a table of values: " + err.Error() + ": " + text)
		}
		values = append(values, value)
	}
	return values
}

// s is a list of words.
func s(words string) []tree {
	var values []tree
	for _, word := range strings.Fields(words) {
		values = append(values, word)
	}
	return values
}

package managers

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// TestAtomicFields compares the table with the schema of every built-in kind:
// each object with all its fields set is taken apart by the library that the
// server uses, and a map that it leaves whole is one value.
func TestAtomicFields(t *testing.T) {
	converter := applyconfigurations.NewTypeConverter(scheme.Scheme)
	whole, split := map[string]int{}, map[string]int{}
	kinds := 0
	for gvk, typ := range scheme.Scheme.AllKnownTypes() {
		if !builtIn(gvk.Group) || gvk.Version == runtime.APIVersionInternal || strings.HasSuffix(gvk.Kind, "List") {
			continue
		}
		v := reflect.New(typ)
		fill(v.Elem(), 0)
		o, ok := v.Interface().(runtime.Object)
		if !ok {
			continue
		}
		o.GetObjectKind().SetGroupVersionKind(gvk)
		typed, err := converter.ObjectToTyped(o)
		if err != nil {
			continue // options, and kinds that cannot be applied
		}
		set, err := typed.ToFieldSet()
		if err != nil {
			t.Fatal(gvk, err)
		}
		kinds++
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(gvk, err)
		}
		var tree any
		if err := json.Unmarshal(text, &tree); err != nil {
			t.Fatal(err)
		}
		count(tree, set, whole, split)
	}
	if kinds < 60 {
		t.Errorf("only %d kinds were taken apart", kinds)
	}
	for name, n := range whole {
		if split[name] == 0 && !atomic[name] {
			t.Errorf("%s is one value in %d places and not in the table", name, n)
		}
	}
	for name := range atomic {
		if whole[name] == 0 {
			t.Errorf("%s is in the table and nowhere one value", name)
		}
		if split[name] > 0 {
			t.Errorf("%s is in the table and has parts in %d places", name, split[name])
		}
	}
}

// count goes through an object along the set of its fields. Only what is a map
// can be one value or have parts.
func count(v any, set *fieldpath.Set, whole, split map[string]int) {
	m, ok := v.(map[string]any)
	if !ok || set == nil {
		return
	}
	for name, child := range m {
		e := fieldpath.FieldNameElement(name)
		below, parts := set.Children.Get(e)
		inner, isMap := child.(map[string]any)
		if isMap && len(inner) > 0 {
			if parts {
				split[name]++
			} else if set.Members.Has(e) {
				whole[name]++
			}
		}
		if parts {
			count(child, below, whole, split)
			if list, ok := child.([]any); ok && len(list) == 1 {
				for item := range below.Children.All() {
					if under, ok := below.Children.Get(item); ok {
						count(list[0], under, whole, split)
					}
				}
			}
		}
	}
}

// fill sets every field to something, once.
func fill(v reflect.Value, depth int) {
	if depth > 14 || !v.CanSet() {
		return
	}
	if v.Type() == reflect.TypeFor[resource.Quantity]() {
		v.Set(reflect.ValueOf(resource.MustParse("1")))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Struct:
		switch v.Type().Name() {
		case "Time", "MicroTime", "ManagedFieldsEntry", "RawExtension", "JSONSchemaProps", "TypeMeta":
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, depth+1)
		fill(value, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("a")
	case reflect.Int32, reflect.Int64, reflect.Int:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	}
}

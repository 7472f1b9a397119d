package main

import (
	"path"
	"reflect"
	"strings"
)

// member is a field of a struct, those of embedded structs included, under the name that JSON has for it.
type member struct {
	name     string
	typ      reflect.Type // without pointer
	owner    string       // key of the struct that declares it
	required bool         // JSON never leaves it out
	pointer  bool
}

// typeKey names a type by group and name: core.PodSpec.
func typeKey(t reflect.Type) string {
	if t.PkgPath() == "" {
		return t.Kind().String()
	}
	pkg := t.PkgPath()
	if last := path.Base(pkg); len(last) > 1 && last[0] == 'v' && last[1] >= '0' && last[1] <= '9' {
		pkg = path.Dir(pkg)
	}
	return path.Base(pkg) + "." + t.Name()
}

func deref(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func members(t reflect.Type) []member {
	var found []member
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || f.PkgPath != "" && !f.Anonymous:
		case name == "" && (f.Anonymous || strings.Contains(options, "inline")):
			if inner := deref(f.Type); inner.Kind() == reflect.Struct {
				found = append(found, members(inner)...)
			}
		case name != "":
			found = append(found, member{
				name: name, typ: deref(f.Type), owner: typeKey(t), pointer: f.Type.Kind() == reflect.Pointer,
				required: !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero"),
			})
		}
	}
	return found
}

// shape is how the walk treats a type.
type shape int

const (
	leaf shape = iota
	structure
	list       // of structures
	scalars    // a list of leaves
	dictionary // a map
)

// opaque are types that JSON has as one value, whatever Go makes of them.
var opaque = map[string]bool{
	"meta.Time": true, "meta.MicroTime": true, "meta.Duration": true, "meta.FieldsV1": true, "resource.Quantity": true, "intstr.IntOrString": true,
	"runtime.RawExtension": true, "runtime.Unknown": true, "apiextensions.JSON": true, "apiextensions.JSONSchemaPropsOrArray": true, "apiextensions.JSONSchemaPropsOrBool": true,
	"apiextensions.JSONSchemaPropsOrStringArray": true,
}

func shapeOf(t reflect.Type) shape {
	switch {
	case opaque[typeKey(t)]:
		return leaf
	case t.Kind() == reflect.Struct:
		return structure
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return leaf
	case t.Kind() == reflect.Slice:
		if e := deref(t.Elem()); e.Kind() == reflect.Struct && !opaque[typeKey(e)] {
			return list
		}
		return scalars
	case t.Kind() == reflect.Map:
		return dictionary
	}
	return leaf
}

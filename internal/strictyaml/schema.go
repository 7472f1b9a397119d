package strictyaml

import (
	"encoding"
	"encoding/json"
	"maps"
	"reflect"
)

// Shaped is a type that adds keywords to its JSON schema: the pattern of a
// scalar, a condition of a struct.
type Shaped interface{ Shape() map[string]any }

// Schema writes the JSON schema (draft 2020-12) of a file that Read reads into
// the type of v.
func Schema(v any, id, title, doc string) []byte {
	s := shape(reflect.TypeOf(v))
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["$id"] = id
	s["title"] = title
	s["description"] = doc
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err) // a Shape that JSON cannot write: a mistake in this program
	}
	return append(b, '\n')
}

// shape describes a type. The keywords that Read enforces by itself come from
// the type, the others from Shape.
func shape(t reflect.Type) map[string]any {
	s := map[string]any{}
	zero := reflect.Zero(t).Interface()
	_, isLocated := zero.(located)
	_, isMap := zero.(mapping)
	_, isText := reflect.New(t).Interface().(encoding.TextUnmarshaler)
	switch {
	case isText:
		s["type"] = "string"
	case t.Kind() == reflect.Pointer:
		return shape(t.Elem())
	case isLocated:
		f, _ := t.FieldByName("Value")
		return shape(f.Type)
	case isMap:
		key, _ := t.Elem().FieldByName("Key")
		val, _ := t.Elem().FieldByName("Value")
		s["type"], s["additionalProperties"] = "object", shape(val.Type)
		s["propertyNames"] = shape(key.Type)
	case t.Kind() == reflect.Struct:
		properties, required := map[string]any{}, []string{}
		for _, f := range fields(t) {
			p := shape(f.typ)
			if f.doc != "" {
				p["description"] = f.doc
			}
			properties[f.name] = p
			if f.required {
				required = append(required, f.name)
			}
		}
		s["type"], s["properties"], s["additionalProperties"] = "object", properties, false
		if len(required) > 0 {
			s["required"] = required
		}
	case t.Kind() == reflect.Slice:
		s["type"], s["items"] = "array", shape(t.Elem())
	case t.Kind() == reflect.Int:
		s["type"] = "integer"
	case t.Kind() == reflect.Bool:
		s["type"] = "boolean"
	default:
		s["type"] = "string"
	}
	if d, ok := zero.(Shaped); ok {
		maps.Copy(s, d.Shape())
	}
	return s
}

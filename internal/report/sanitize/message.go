package sanitize

import (
	"reflect"
	"time"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// Message returns a copy of m in which every string is clean. It walks the
// types instead of naming fields, so a field that somebody adds later is
// cleaned without anybody remembering to. The message itself is not changed:
// other listeners and the runner still hold it.
func Message(m *run.Message) *run.Message {
	if m == nil {
		return nil
	}
	out := reflect.New(reflect.TypeFor[run.Message]())
	copyClean(out.Elem(), reflect.ValueOf(m).Elem(), false)
	return out.Interface().(*run.Message)
}

// multiline tells which fields may hold several lines. Everything else is one
// line, also what is added later: a newline in a name could fake a line of
// output.
func multiline(owner reflect.Type, field string) bool {
	switch owner {
	case reflect.TypeFor[finding.Remedy]():
		return field == "Patch" || field == "Text"
	case reflect.TypeFor[finding.Finding]():
		return field == "Picture"
	}
	return false
}

func copyClean(dst, src reflect.Value, block bool) {
	switch src.Kind() {
	case reflect.String:
		dst.SetString(clean(src.String(), block))
	case reflect.Pointer:
		if !src.IsNil() {
			dst.Set(reflect.New(src.Type().Elem()))
			copyClean(dst.Elem(), src.Elem(), block)
		}
	case reflect.Interface:
		if !src.IsNil() {
			v := reflect.New(src.Elem().Type()).Elem()
			copyClean(v, src.Elem(), block)
			dst.Set(v)
		}
	case reflect.Struct:
		copyStruct(dst, src)
	case reflect.Slice:
		if !src.IsNil() {
			dst.Set(reflect.MakeSlice(src.Type(), src.Len(), src.Len()))
			for i := range src.Len() {
				copyClean(dst.Index(i), src.Index(i), block)
			}
		}
	case reflect.Array:
		for i := range src.Len() {
			copyClean(dst.Index(i), src.Index(i), block)
		}
	case reflect.Map:
		copyMap(dst, src, block)
	default:
		dst.Set(src)
	}
}

func copyStruct(dst, src reflect.Value) {
	t := src.Type()
	if t == reflect.TypeFor[time.Time]() {
		dst.Set(src) // its text is digits and a zone that time formats itself
		return
	}
	for i := range t.NumField() {
		copyClean(dst.Field(i), src.Field(i), multiline(t, t.Field(i).Name))
	}
}

func copyMap(dst, src reflect.Value, block bool) {
	if src.IsNil() {
		return
	}
	dst.Set(reflect.MakeMapWithSize(src.Type(), src.Len()))
	for it := src.MapRange(); it.Next(); {
		k := reflect.New(src.Type().Key()).Elem()
		v := reflect.New(src.Type().Elem()).Elem()
		copyClean(k, it.Key(), false)
		copyClean(v, it.Value(), block)
		dst.SetMapIndex(k, v)
	}
}

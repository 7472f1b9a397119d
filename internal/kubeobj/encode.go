package kubeobj

import (
	"encoding/json"
	"strings"
)

// JSON is the value as JSON; false where a number in it is none in JSON.
func (v *Value) JSON() ([]byte, bool) { return v.append(nil) }

func (v *Value) append(to []byte) ([]byte, bool) {
	switch v.Kind {
	case Absent, Null:
		return append(to, "null"...), true
	case Bool:
		return append(to, v.Text...), true
	case Number:
		return append(to, v.Text...), json.Valid([]byte(v.Text))
	case String:
		return quote(to, v.Text)
	}
	open, end := byte('{'), byte('}')
	if v.Kind == List {
		open, end = '[', ']'
	}
	to = append(to, open)
	for i := range v.Items {
		item := &v.Items[i]
		ok := true
		if i > 0 {
			to = append(to, ',')
		}
		if v.Kind == Map {
			if to, ok = quote(to, item.Name); !ok {
				return to, false
			}
			to = append(to, ':')
		}
		if to, ok = item.append(to); !ok {
			return to, false
		}
	}
	return append(to, end), true
}

func quote(to []byte, s string) ([]byte, bool) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return to, false
	}
	return append(to, strings.TrimSuffix(b.String(), "\n")...), true
}

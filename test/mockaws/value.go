package mockaws

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Inside the mock a value is plain Go: nil, string, bool, json.Number, []any,
// map[string]any, or unknown. Sets are slices in canonical order.

// unknown stands for a value that only the apply will tell.
type unknown struct{}

func (unknown) MarshalJSON() ([]byte, error) { return []byte(`{"unknown":true}`), nil }

func fromTF(v tftypes.Value) (any, error) {
	if !v.IsKnown() {
		return unknown{}, nil
	}
	if v.IsNull() {
		return nil, nil
	}
	switch t := v.Type().(type) {
	case tftypes.List, tftypes.Set, tftypes.Tuple:
		var elements []tftypes.Value
		if err := v.As(&elements); err != nil {
			return nil, err
		}
		list := make([]any, len(elements))
		for i, element := range elements {
			var err error
			if list[i], err = fromTF(element); err != nil {
				return nil, err
			}
		}
		if t.Is(tftypes.Set{}) {
			sortSet(list)
		}
		return list, nil
	case tftypes.Map, tftypes.Object:
		var members map[string]tftypes.Value
		if err := v.As(&members); err != nil {
			return nil, err
		}
		object := make(map[string]any, len(members))
		for name, member := range members {
			var err error
			if object[name], err = fromTF(member); err != nil {
				return nil, err
			}
		}
		return object, nil
	}
	switch {
	case v.Type().Is(tftypes.Number):
		var n big.Float
		if err := v.As(&n); err != nil {
			return nil, err
		}
		return json.Number(n.Text('f', -1)), nil
	case v.Type().Is(tftypes.Bool):
		var b bool
		return b, v.As(&b)
	}
	var s string
	err := v.As(&s)
	return s, err
}

func toTF(t tftypes.Type, v any) (tftypes.Value, error) {
	switch v.(type) {
	case nil:
		return tftypes.NewValue(t, nil), nil
	case unknown:
		return tftypes.NewValue(t, tftypes.UnknownValue), nil
	}
	wrong := func() (tftypes.Value, error) {
		return tftypes.Value{}, fmt.Errorf("%v (%T) is not a %s; was an object in the cloud directory edited?", v, v, t)
	}
	switch t := t.(type) {
	case tftypes.List:
		return elementsToTF(t, t.ElementType, v)
	case tftypes.Set:
		return elementsToTF(t, t.ElementType, v)
	case tftypes.Map:
		object, ok := v.(map[string]any)
		if !ok {
			return wrong()
		}
		members := map[string]tftypes.Value{}
		for name, member := range object {
			value, err := toTF(t.ElementType, member)
			if err != nil {
				return tftypes.Value{}, fmt.Errorf("%s: %w", name, err)
			}
			members[name] = value
		}
		return tftypes.NewValue(t, members), nil
	case tftypes.Object:
		object, ok := v.(map[string]any)
		if !ok {
			return wrong()
		}
		members := map[string]tftypes.Value{}
		for name, memberType := range t.AttributeTypes {
			value, err := toTF(memberType, object[name])
			if err != nil {
				return tftypes.Value{}, fmt.Errorf("%s: %w", name, err)
			}
			members[name] = value
		}
		return tftypes.NewValue(t, members), nil
	}
	switch {
	case t.Is(tftypes.Number):
		n, _, err := big.ParseFloat(fmt.Sprint(v), 10, 512, big.ToNearestEven)
		if err != nil {
			return wrong()
		}
		return tftypes.NewValue(t, n), nil
	case t.Is(tftypes.Bool):
		if b, ok := v.(bool); ok {
			return tftypes.NewValue(t, b), nil
		}
	case t.Is(tftypes.String):
		if s, ok := v.(string); ok {
			return tftypes.NewValue(t, s), nil
		}
	}
	return wrong()
}

func elementsToTF(t, elementType tftypes.Type, v any) (tftypes.Value, error) {
	list, ok := v.([]any)
	if !ok {
		return tftypes.Value{}, fmt.Errorf("%v (%T) is not a %s; was an object in the cloud directory edited?", v, v, t)
	}
	elements := make([]tftypes.Value, len(list))
	for i, element := range list {
		var err error
		if elements[i], err = toTF(elementType, element); err != nil {
			return tftypes.Value{}, err
		}
	}
	return tftypes.NewValue(t, elements), nil
}

// decode reads what terraform sent; a null object is a nil map.
func decode(t tftypes.Type, d *tfprotov6.DynamicValue) (map[string]any, error) {
	if d == nil {
		return nil, nil
	}
	v, err := d.Unmarshal(t)
	if err != nil {
		return nil, err
	}
	plain, err := fromTF(v)
	if err != nil {
		return nil, err
	}
	object, _ := plain.(map[string]any)
	return object, nil
}

func encode(t tftypes.Type, object map[string]any) (*tfprotov6.DynamicValue, error) {
	var plain any
	if object != nil {
		plain = object
	}
	v, err := toTF(t, plain)
	if err != nil {
		return nil, err
	}
	d, err := tfprotov6.NewDynamicValue(t, v)
	return &d, err
}

// canon is equal for equal values: json.Marshal sorts keys and sets are in order already.
func canon(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("mockaws: a value that is not plain: %v", err)) // a bug of ours, never of the input
	}
	return string(b)
}

func sortSet(list []any) {
	slices.SortFunc(list, func(a, b any) int {
		x, y := canon(a), canon(b)
		if x < y {
			return -1
		} else if x > y {
			return 1
		}
		return 0
	})
}

func equal(a, b any) bool { return canon(a) == canon(b) }

func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := maps.Clone(v)
		for name, member := range out {
			out[name] = clone(member)
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i, element := range out {
			out[i] = clone(element)
		}
		return out
	}
	return v
}

// hasUnknown tells whether anything inside is unknown.
func hasUnknown(v any) bool {
	switch v := v.(type) {
	case unknown:
		return true
	case map[string]any:
		for _, member := range v {
			if hasUnknown(member) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, hasUnknown)
	}
	return false
}

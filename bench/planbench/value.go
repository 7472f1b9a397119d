package planbench

import (
	"fmt"
	"maps"
)

// object is the value of a resource or nested block. The encoder sorts its keys, as Terraform does.
type object = map[string]any

// unknown stands for a value that is known only after apply. It remembers the container it will be,
// because Terraform tells containers apart even while they are unknown.
type unknown uint8

const (
	unknownText unknown = iota
	unknownMap
	unknownList
)

// known drops unknown attributes; unknown list elements become null so that positions stay right.
func known(v any) any {
	switch v := v.(type) {
	case object:
		out := make(object, len(v))
		for name, element := range v {
			if _, hidden := element.(unknown); !hidden {
				out[name] = known(element)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for n, element := range v {
			out[n] = known(element)
		}
		return out
	case unknown:
		return nil
	}
	return v
}

// unknowns mirrors the value: true where it is unknown, containers in between, nothing else.
func unknowns(v any) any {
	return mirror(v, func(string) bool { return false }, func(unknown) any { return true })
}

// secrets mirrors the value: true at the named top-level attributes.
func secrets(v object, names []string) any {
	return mirror(v, func(name string) bool {
		for _, secret := range names {
			if secret == name {
				return true
			}
		}
		return false
	}, func(u unknown) any {
		switch u {
		case unknownMap:
			return object{}
		case unknownList:
			return []any{}
		}
		return nil
	})
}

func mirror(v any, named func(string) bool, hidden func(unknown) any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		for name, element := range v {
			if named(name) && element != nil {
				out[name] = true
			} else if m := mirror(element, named, hidden); m != nil && m != false {
				out[name] = m
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for n, element := range v {
			if out[n] = mirror(element, named, hidden); out[n] == nil {
				out[n] = false
			}
		}
		return out
	case unknown:
		return hidden(v)
	}
	return nil
}

// with returns a copy of o in which some attributes have other values.
func with(o object, changes object) object {
	out := maps.Clone(o)
	maps.Copy(out, changes)
	return out
}

// mix is a fixed hash, so that identifiers do not depend on the standard library's generators.
func mix(seed uint64) uint64 {
	seed += 0x9e3779b97f4a7c15
	seed = (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
	seed = (seed ^ seed>>27) * 0x94d049bb133111eb
	return seed ^ seed>>31
}

func hex(seed uint64, salt uint64) string {
	return fmt.Sprintf("%016x", mix(seed*31+salt)) + fmt.Sprintf("%x", mix(seed+salt)&15)
}

func choose[T any](seed uint64, among ...T) T { return among[mix(seed)%uint64(len(among))] }

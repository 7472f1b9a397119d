package tfplan

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/evidence"
)

// Equal compares two decoded values. Numbers compare by value (1 and 1.0), a
// sealed value by what it hides.
func Equal(a, b any) bool {
	if s, ok := a.(evidence.Secret); ok {
		return s.SameAs(b, Equal)
	}
	if s, ok := b.(evidence.Secret); ok {
		return s.SameAs(a, Equal)
	}
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			w, ok := y[k]
			if !ok || !Equal(v, w) {
				return false
			}
		}
		return true
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, Equal)
	case json.Number:
		y, ok := b.(json.Number)
		return ok && (x == y || equalNumbers(x, y))
	default:
		return a == b
	}
}

func equalNumbers(a, b json.Number) bool {
	// Rat would expand a huge exponent into gigabytes; such numbers are equal
	// only when written alike.
	if len(a) > 64 || len(b) > 64 || exponent(a) > 400 || exponent(b) > 400 {
		return false
	}
	x, ok1 := new(big.Rat).SetString(string(a))
	y, ok2 := new(big.Rat).SetString(string(b))
	return ok1 && ok2 && x.Cmp(y) == 0
}

func exponent(n json.Number) int {
	i := strings.IndexAny(string(n), "eE")
	if i < 0 {
		return 0
	}
	e, err := strconv.Atoi(string(n[i+1:]))
	if err != nil {
		return 1 << 30
	}
	return max(e, -e)
}

// IsEmpty tells whether a value says nothing: null, "", [] or {}, or hides that.
func IsEmpty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case evidence.Secret:
		return x.SameAs(nil, func(hidden, _ any) bool { return IsEmpty(hidden) })
	case string:
		return x == ""
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	}
	return false
}

// Unsettled tells whether anything below an after_unknown value is unknown.
func Unsettled(u any) bool {
	switch x := u.(type) {
	case bool:
		return x
	case []any:
		return slices.ContainsFunc(x, Unsettled)
	case map[string]any:
		for _, v := range x {
			if Unsettled(v) {
				return true
			}
		}
	}
	return false
}

// maxShown is how much of a value is quoted in a proof.
const maxShown = 80

// Show renders a value for people, in one line. Secrets show as such.
func Show(v any) string {
	switch x := v.(type) {
	case evidence.Secret:
		return evidence.Redacted
	case nil:
		return "null"
	case string:
		return clip(strconv.Quote(x))
	default:
		b, err := json.Marshal(x)
		if err != nil {
			return fmt.Sprintf("(%T)", x)
		}
		return clip(string(b))
	}
}

func clip(s string) string {
	if len(s) <= maxShown {
		return s
	}
	cut := maxShown
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut-- // not inside a UTF-8 sequence
	}
	return s[:cut] + "..."
}

// EscapePointer writes a name as a JSON pointer token.
func EscapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// Difference is a leaf at which two objects differ.
type Difference struct {
	Path     []string // names from the top; an array is a leaf
	Old, New any
}

// Dotted is the path for people.
func (d Difference) Dotted() string { return strings.Join(d.Path, ".") }

// Pointer is the path as the tail of a JSON pointer.
func (d Difference) Pointer() string {
	var b strings.Builder
	for _, p := range d.Path {
		b.WriteByte('/')
		b.WriteString(EscapePointer(p))
	}
	return b.String()
}

// Diff lists the leaves at which two objects differ, sorted by path. Arrays
// are compared as a whole: what a plan prints as a list may be a set.
func Diff(old, new map[string]any) []Difference {
	var out []Difference
	diff(nil, old, new, &out)
	slices.SortFunc(out, func(a, b Difference) int { return slices.Compare(a.Path, b.Path) })
	return out
}

func diff(path []string, old, new map[string]any, out *[]Difference) {
	at := func(k string) []string { return append(slices.Clone(path), k) }
	for k, a := range old {
		b := new[k]
		x, ok1 := a.(map[string]any)
		y, ok2 := b.(map[string]any)
		switch {
		case ok1 && ok2:
			diff(at(k), x, y, out)
		case !Equal(a, b) && !(IsEmpty(a) && IsEmpty(b)):
			*out = append(*out, Difference{at(k), a, b})
		}
	}
	for k, b := range new {
		if _, both := old[k]; !both && !IsEmpty(b) {
			*out = append(*out, Difference{at(k), nil, b})
		}
	}
}

// Lookup follows a path of names through objects.
func Lookup(v map[string]any, path []string) (any, bool) {
	var cur any = v
	for _, name := range path {
		m, ok := cur.(map[string]any)
		if !ok {
			return nil, false
		}
		if cur, ok = m[name]; !ok {
			return nil, false
		}
	}
	return cur, true
}

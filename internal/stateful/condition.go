package stateful

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// truth has three values: evidence can be missing.
type truth int

const (
	no truth = iota
	yes
	untold // cannot be told
)

// reading is what one condition says about an object.
type reading struct {
	holds     truth
	attribute string
	value     any
	defaulted bool
	missing   []string
	newer     bool // all of missing came with a known provider version
}

func (c Condition) evaluate(before map[string]any) reading {
	f := reading{attribute: c.Attribute}
	if c.Outside {
		return f.open(c)
	}
	value, found := find(before, c.Attribute)
	if c.Keeps == Always {
		f.holds, f.value = yes, value
		if value == nil {
			f.value, f.defaulted = c.Default, true
		}
		return f
	}
	if !found {
		return f.open(c)
	}
	if unset(value, c.Keeps) {
		f.defaulted = true
		if value = c.Default; value == nil {
			return f // null fails every test
		}
	}
	f.value = value
	ok, fits := c.test(value)
	switch {
	case !fits:
		return f.open(c)
	case ok:
		f.holds = yes
	}
	return f
}

func (f reading) open(c Condition) reading {
	f.holds, f.missing, f.newer = untold, []string{c.Attribute}, c.Since != ""
	return f
}

// unset tells null, and the empty string that states of Terraform 0.11 have where a bool or a number
// was not set.
func unset(value any, test Test) bool {
	return value == nil || value == "" && (test == IsTrue || test == IsFalse || test == Positive)
}

// test compares; fits is false for a value of the wrong kind, which proves nothing.
func (c Condition) test(value any) (ok, fits bool) {
	switch c.Keeps {
	case IsTrue, IsFalse:
		b, isBool := boolean(value)
		return b == (c.Keeps == IsTrue), isBool
	case Positive:
		n, isNumber := number(value)
		return n > 0, isNumber
	case NonEmpty:
		switch v := value.(type) {
		case string:
			return v != "", true
		case []any:
			return len(v) > 0, true
		case map[string]any:
			return len(v) > 0, true
		}
	case OneOf:
		s, isString := value.(string)
		return slices.Contains(c.Values, s), isString
	}
	return false, false
}

// boolean also reads the strings in which Terraform 0.11 kept every value.
func boolean(value any) (b, ok bool) {
	switch v := value.(type) {
	case bool:
		return v, true
	case string:
		return v == "true", v == "true" || v == "false"
	}
	return false, false
}

func number(value any) (n float64, ok bool) {
	switch v := value.(type) {
	case float64:
		n, ok = v, true
	case int:
		n, ok = float64(v), true
	case int64:
		n, ok = float64(v), true
	case json.Number:
		return number(string(v))
	case string:
		var err error
		n, err = strconv.ParseFloat(v, 64)
		ok = err == nil
	}
	return n, ok && n == n // not a number is no evidence
}

// find walks a path. It tells null (nil, true) from a key that is not there (nil, false). A block that
// is null or an empty list is one that is not set: what is in it is null, not missing.
func find(object map[string]any, path string) (any, bool) {
	var at any = object
	for segment := range strings.SplitSeq(path, ".") {
		index, err := strconv.Atoi(segment)
		switch v := at.(type) {
		case map[string]any:
			if err == nil {
				continue // a block kept as one object where others keep a list of one
			}
			next, ok := v[segment]
			if !ok {
				return nil, false
			}
			at = next
		case []any:
			if err != nil || index < 0 || len(v) > 0 && index >= len(v) {
				return nil, false
			}
			if len(v) == 0 {
				return nil, true
			}
			at = v[index]
		case nil:
			return nil, true
		default:
			return nil, false
		}
	}
	return at, true
}

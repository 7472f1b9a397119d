package kubeobj

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// yamlFloat is what go-yaml v2 takes for a float.
var yamlFloat = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

// resolve says what a scalar without quotes and without a tag is, as the YAML
// of kubectl does: nil, bool, int64, uint64, float64 or string. That is YAML
// 1.1 with Go's integers: yes is true, 0644 and 0o644 are 420, 1_000 is 1000,
// 1:30 and 2001-01-01 are strings.
//
// Source: go.yaml.in/yaml/v2 v2.4.4, resolve.go, through sigs.k8s.io/yaml v1.6.0.
func resolve(s string) any {
	if s == "" {
		return nil
	}
	switch c := s[0]; {
	case strings.IndexByte("yYnNtTfFoO~", c) >= 0:
		return word(s)
	case c == '.':
		switch s {
		case ".inf", ".Inf", ".INF":
			return math.Inf(1)
		case ".nan", ".NaN", ".NAN":
			return math.NaN()
		}
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return f
		}
	case c >= '0' && c <= '9', c == '-', c == '+':
		return number(s)
	}
	return s
}

func word(s string) any {
	switch s {
	case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return true
	case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return false
	case "~", "null", "Null", "NULL":
		return nil
	}
	return s
}

func number(s string) any {
	switch s {
	case "+.inf", "+.Inf", "+.INF":
		return math.Inf(1)
	case "-.inf", "-.Inf", "-.INF":
		return math.Inf(-1)
	}
	plain := strings.ReplaceAll(s, "_", "")
	if i, err := strconv.ParseInt(plain, 0, 64); err == nil {
		return i
	}
	if u, err := strconv.ParseUint(plain, 0, 64); err == nil {
		return u
	}
	if yamlFloat.MatchString(plain) {
		if f, err := strconv.ParseFloat(plain, 64); err == nil {
			return f
		}
	}
	if digits, ok := strings.CutPrefix(plain, "0b"); ok {
		if i, err := strconv.ParseInt(digits, 2, 64); err == nil {
			return i
		}
	}
	return s
}

// scalar makes a Value of what resolve returned; false when JSON has no such
// value.
func scalar(v any, written string) (Value, bool) {
	switch v := v.(type) {
	case nil:
		return Value{Kind: Null}, true
	case bool:
		return Value{Kind: Bool, Text: strconv.FormatBool(v)}, true
	case int64:
		return Value{Kind: Number, Text: same(strconv.FormatInt(v, 10), written)}, true
	case uint64:
		return Value{Kind: Number, Text: same(strconv.FormatUint(v, 10), written)}, true
	case float64:
		b, err := json.Marshal(v)
		return Value{Kind: Number, Text: same(string(b), written)}, err == nil
	}
	return Value{Kind: String, Text: written}, true
}

// same keeps the text of the file where it is equal, so that the other can go.
func same(made, written string) string {
	if made == written {
		return written
	}
	return made
}

// keyName is the name that a key has in JSON; false when it cannot be one.
//
// Source: sigs.k8s.io/yaml v1.6.0, convertToJSONableObject.
func keyName(v any, written string) (string, bool) {
	switch v := v.(type) {
	case string:
		return written, true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		switch s := strconv.FormatFloat(v, 'g', -1, 32); s {
		case "+Inf":
			return ".inf", true
		case "-Inf":
			return "-.inf", true
		case "NaN":
			return ".nan", true
		default:
			return s, true
		}
	}
	return "", false
}

// ordinary tells that a text without quotes is a string at first sight.
func ordinary(s string) bool {
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == '~':
		return false
	case len(s) > 5:
		return true
	default:
		return strings.IndexByte("yYnNtTfFoO", c) < 0
	}
}

// decimal tells that a text is an integer as JSON writes it.
func decimal(s string) bool {
	if len(s) > 18 || s[0] == '0' && len(s) > 1 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// timestamp tells whether a text is one for go-yaml v2. It stays a string.
func timestamp(s string) bool {
	for _, layout := range []string{"2006-1-2T15:4:5.999999999Z07:00", "2006-1-2t15:4:5.999999999Z07:00", "2006-1-2 15:4:5.999999999", "2006-1-2"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

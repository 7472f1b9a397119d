package fields

import (
	"encoding/base64"
	"math/big"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// mistype notes what the type wants; the value stays as it is written.
func (s *stored) mistype(wants string) {
	is := map[kubeobj.Kind]string{
		kubeobj.Bool: "a bool", kubeobj.Number: "a number", kubeobj.String: "a string", kubeobj.Map: "an object", kubeobj.List: "a list",
	}[s.kind]
	s.bad = is + " where " + wants + " is wanted"
	if is == wants {
		s.bad = "no valid value"
	}
	if s.kind == kubeobj.Map || s.kind == kubeobj.List {
		(&form{}).plain(s)
	}
}

// scalar gives a value its canonical form, as its type decodes it.
func (s *stored) scalar() {
	if s.kind == kubeobj.Map || s.kind == kubeobj.List {
		s.mistype(wanted(s.typ))
		return
	}
	switch s.typ.Shape {
	case kubeschema.Quantity:
		s.quantity()
	case kubeschema.IntOrString:
		switch s.kind {
		case kubeobj.Number:
			s.integer(32)
		case kubeobj.Bool:
			s.mistype("a number or a string")
		}
	case kubeschema.Time:
		s.parsed(func(text string) (string, error) {
			t, err := time.Parse(time.RFC3339, text)
			return t.UTC().Format(time.RFC3339), err
		})
	case kubeschema.MicroTime:
		s.parsed(func(text string) (string, error) {
			t, err := time.Parse(time.RFC3339, text)
			return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano), err
		})
	case kubeschema.Duration:
		s.parsed(func(text string) (string, error) {
			d, err := time.ParseDuration(text)
			return d.String(), err
		})
	case kubeschema.Bytes:
		s.parsed(func(text string) (string, error) {
			data, err := base64.StdEncoding.DecodeString(text)
			return string(data), err
		})
	default:
		s.basic()
	}
}

func wanted(t *kubeschema.Type) string {
	switch {
	case t.Shape == kubeschema.IntOrString:
		return "a number or a string"
	case t.Shape != kubeschema.Scalar:
		return "a string"
	case t.Basic == "bool":
		return "a bool"
	case t.Basic != "string":
		return "a number"
	}
	return "a string"
}

func (s *stored) basic() {
	switch s.typ.Basic {
	case "string":
		if s.kind != kubeobj.String {
			s.mistype("a string")
		}
	case "bool":
		if s.kind != kubeobj.Bool {
			s.mistype("a bool")
			return
		}
		s.text = boolean(s.text)
	case "float64", "float32":
		if s.kind != kubeobj.Number {
			s.mistype("a number")
			return
		}
		s.text = decimal(s.text)
	case "int32":
		s.integer(32)
	default:
		s.integer(64)
	}
}

func (s *stored) integer(bits int) {
	if s.kind != kubeobj.Number {
		s.mistype(wanted(s.typ))
		return
	}
	s.text = decimal(s.text)
	if _, err := strconv.ParseInt(s.text, 10, bits); err != nil {
		s.bad = "no whole number of " + strconv.Itoa(bits) + " bits"
	}
}

func (s *stored) parsed(parse func(string) (string, error)) {
	if s.kind != kubeobj.String {
		s.mistype("a string")
		return
	}
	text, err := parse(s.text)
	if err != nil {
		s.bad = "no valid value"
		return
	}
	s.text = text
}

func boolean(text string) string {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "y":
		return "true"
	case "false", "no", "off", "n":
		return "false"
	}
	return text
}

// decimal writes a number in one way: 1, 1.0, 0x1 and 1e0 are the same once
// kubectl has made JSON of them.
func decimal(text string) string {
	if plainInteger(text) {
		return text
	}
	clean := strings.ReplaceAll(text, "_", "")
	if i, err := strconv.ParseInt(clean, 0, 64); err == nil {
		return strconv.FormatInt(i, 10)
	}
	x, err := strconv.ParseFloat(clean, 64)
	if err != nil {
		return text
	}
	if x == float64(int64(x)) && x < 1<<53 && x > -(1<<53) {
		return strconv.FormatInt(int64(x), 10)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

func plainInteger(text string) bool {
	if text == "" || len(text) > 18 || text[0] == '0' && len(text) > 1 {
		return false
	}
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// quantity gives 1000m, 1 and 1.0 the same form: a whole number without zeros at
// its end, and a power of ten.
func (s *stored) quantity() {
	if s.kind == kubeobj.Bool {
		s.mistype("a quantity")
		return
	}
	text := s.text
	s.kind = kubeobj.String
	if plainInteger(text) {
		s.text = scientific(text, 0)
		return
	}
	// An exponent of more than two digits would be computed in full.
	if i := strings.LastIndexAny(text, "eE"); i >= 0 && len(text)-i > 4 {
		s.bad = "no valid quantity"
		return
	}
	q, err := resource.ParseQuantity(text)
	if err != nil {
		s.bad = "no valid quantity"
		return
	}
	if i, ok := q.AsInt64(); ok {
		s.text = scientific(strconv.FormatInt(i, 10), 0)
		return
	}
	d := q.AsDec()
	s.text = scientific(d.UnscaledBig().String(), -int(d.Scale()))
}

func scientific(digits string, exponent int) string {
	trimmed := strings.TrimRight(digits, "0")
	if trimmed == "" || trimmed == "-" {
		return "0"
	}
	exponent += len(digits) - len(trimmed)
	if exponent == 0 {
		return trimmed
	}
	return trimmed + "e" + strconv.Itoa(exponent)
}

// suffixed writes a canonical quantity as Kubernetes prints it: 100m, 2k, 1Gi.
// Which suffix was meant is not kept; the shorter one is taken.
func suffixed(text string) string {
	q, err := resource.ParseQuantity(text)
	if err != nil {
		return text
	}
	i, ok := q.AsInt64()
	if !ok {
		return resource.NewDecimalQuantity(*q.AsDec(), resource.DecimalSI).String()
	}
	decimal, binary := resource.NewQuantity(i, resource.DecimalSI).String(), resource.NewQuantity(i, resource.BinarySI).String()
	if len(binary) < len(decimal) {
		return binary
	}
	return decimal
}

// toMilli rounds a canonical quantity up to thousandths, as lists of resources
// are (SetDefaults_ResourceList).
func toMilli(text string) string {
	digits, exp, ok := strings.Cut(text, "e-")
	if !ok {
		return text
	}
	places, err := strconv.Atoi(exp)
	if err != nil || places <= 3 {
		return text
	}
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return text
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places-3)), nil)
	quotient, rest := new(big.Int).QuoRem(n, scale, new(big.Int))
	if rest.Sign() > 0 {
		quotient.Add(quotient, big.NewInt(1))
	}
	return scientific(quotient.String(), -3)
}

package evidence

import (
	"encoding/json"
	"fmt"
	"io"
)

// Redacted is what stands in for a sensitive value in every output.
const Redacted = "(sensitive)"

// Secret holds a value that may be compared but never shown. Its content is
// unexported and every way Go has of printing a value writes Redacted, so a
// leak needs a deliberate call, and there is none to make.
//
// The value is behind a pointer because fmt asks the methods below neither for
// %p and %w nor for the unexported field of a struct; a pointer inside of a
// struct prints as an address then.
type Secret struct{ value *any }

// Seal wraps a value.
func Seal(v any) Secret { return Secret{&v} }

// SameAs tells whether the secret equals another value or secret under eq.
func (s Secret) SameAs(other any, eq func(a, b any) bool) bool {
	if o, ok := other.(Secret); ok {
		other = o.open()
	}
	return eq(s.open(), other)
}

func (s Secret) open() any {
	if s.value == nil {
		return nil
	}
	return *s.value
}

func (s Secret) String() string               { return Redacted }
func (s Secret) GoString() string             { return Redacted }
func (s Secret) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, Redacted) }
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(Redacted) }
func (s Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

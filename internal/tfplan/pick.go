package tfplan

import (
	"bytes"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
)

// Picker reads changes again for a few of their attributes: for who needs
// something of every change. It is for one goroutine.
type Picker struct {
	plan   *Plan
	wanted func(name []byte) bool
	both   bool
	buffer []byte
}

// keptBuffer is how much room a Picker keeps between two changes.
const keptBuffer = 1 << 20

// Picker makes one that wants these attributes.
func (p *Plan) Picker(wanted func(name []byte) bool) *Picker {
	return &Picker{plan: p, wanted: wanted}
}

// SidesPicker makes one that wants these attributes of Before and of After, and
// what is unknown of them.
func (p *Plan) SidesPicker(wanted func(name []byte) bool) *Picker {
	return &Picker{plan: p, wanted: wanted, both: true}
}

// Pick is Plan.Detail with the wanted attributes of Before or, without one, of
// After, and nothing else. They are sealed in the same way.
func (k *Picker) Pick(c *Change) (*Detail, error) {
	if int64(c.length) > MaxDetail {
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("%s is %d MiB long; its values are read up to %d MiB", c.Address, c.length>>20, MaxDetail>>20),
			Do:     "look at it by hand",
		}
	}
	n := int(c.length)
	if cap(k.buffer) < n || cap(k.buffer) > keptBuffer {
		k.buffer = make([]byte, max(n, 64<<10))
	}
	// A short read shows as JSON that is cut off.
	got, _ := io.ReadFull(k.plan.text.section(c.offset, int64(n)), k.buffer[:n])
	return k.plan.open(c, readAgain(k.buffer[:got]), choice{k.wanted, k.both})
}

// readAgain walks an entry that the pass over the plan has read already. That
// pass refuses a name that comes twice; looking for one again costs half the time.
func readAgain(entry []byte) *cursor {
	return &cursor{dec: jsontext.NewDecoder(bytes.NewBuffer(entry), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))}
}

// picks tells which members of a change Pick needs: the masks of both sides,
// before, and after unless before came first.
func (r *rawChange) picks(name string) bool {
	switch name {
	case "before", "before_sensitive", "after_sensitive":
		return true
	case "after":
		return r.both || r.Before == nil
	case "after_unknown":
		return r.both
	}
	return false
}

// choice is what of a change is decoded: without a function, all of it.
type choice struct {
	only func(name []byte) bool
	both bool
}

// picked decodes the wanted members of an object, or any other value as it is.
func (c *cursor) picked(only func([]byte) bool) (any, error) {
	if only == nil || c.kind() != '{' {
		return c.any()
	}
	m := map[string]any{}
	err := c.object(func(name []byte) (err error) {
		if !only(name) {
			_, err = c.value()
			return err
		}
		key := string(name)
		m[key], err = c.any()
		return err
	})
	return m, err
}

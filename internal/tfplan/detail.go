package tfplan

import (
	"encoding/json"
	"fmt"

	"polygraph/internal/evidence"
)

// MaxDetail bounds a change that is read again with all its values.
const MaxDetail = 8 << 20

// Detail is one change with its values. Sensitive ones are evidence.Secret.
type Detail struct {
	Before, After map[string]any // nil when the plan says null
	AfterUnknown  map[string]any // true at what is not known
	Identity      string         // before.id when it is a plain string
	ReplacePaths  [][]any
	Importing     map[string]any

	hidden any // what either side marks as sensitive, whatever its place in a list
}

type rawEntry struct {
	Address any `json:"address"`
	Change  *struct {
		Before          any     `json:"before"`
		After           any     `json:"after"`
		AfterUnknown    any     `json:"after_unknown"`
		BeforeSensitive any     `json:"before_sensitive"`
		AfterSensitive  any     `json:"after_sensitive"`
		ReplacePaths    [][]any `json:"replace_paths"`
		Importing       any     `json:"importing"`
	} `json:"change"`
}

// Detail reads one change again. It needs the blob to be what it was.
func (p *Plan) Detail(c *Change) (*Detail, error) {
	if int64(c.length) > MaxDetail {
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("%s is %d MiB long; its values are compared up to %d MiB", c.Address, c.length>>20, MaxDetail>>20),
			Do:     "compare it by hand",
		}
	}
	dec := json.NewDecoder(p.text.section(c.offset, int64(c.length)))
	dec.UseNumber() // 64-bit identifiers do not fit a float
	var raw rawEntry
	err := dec.Decode(&raw)
	if name, named := raw.Address.(string); err != nil || named && name != "" && name != c.Address {
		// Not the decoder's own text: it may quote what it met.
		return nil, &evidence.Problem{
			Reason: c.Address + " cannot be read again: the file changed while it was read",
			Do:     "run again on a copy of the plan",
		}
	}
	if raw.Change == nil {
		return &Detail{}, nil
	}
	before, after := raw.Change.BeforeSensitive, raw.Change.AfterSensitive
	d := &Detail{ReplacePaths: raw.Change.ReplacePaths, hidden: union(loosen(before), loosen(after))}
	// A value is sealed when either side is marked: a value that stops being
	// sensitive in this plan was a secret all the same. Its own side's mask is
	// exact; the other side's lists may have another order.
	d.Before, _ = seal(seal(raw.Change.Before, before, 0), loosen(after), 0).(map[string]any)
	d.After, _ = seal(seal(raw.Change.After, after, 0), loosen(before), 0).(map[string]any)
	d.AfterUnknown, _ = raw.Change.AfterUnknown.(map[string]any)
	d.Importing, _ = raw.Change.Importing.(map[string]any)
	d.Identity, _ = d.Before["id"].(string)
	return d, nil
}

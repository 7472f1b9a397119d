package tfplan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

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
	// Unmasked tells that the plan does not say what of it is sensitive: its
	// values may be compared and must not be shown.
	Unmasked  bool
	Importing map[string]any

	hidden any // what either side marks as sensitive, whatever its place in a list
}

type rawEntry struct {
	Address any
	Change  *rawChange
}

type rawChange struct {
	Before, After, AfterUnknown     any
	BeforeSensitive, AfterSensitive any
	ReplacePaths                    [][]any
	Importing                       any
	masked                          bool
}

// Detail reads one change again. It needs the blob to be what it was.
func (p *Plan) Detail(c *Change) (*Detail, error) {
	if int64(c.length) > MaxDetail {
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("%s is %d MiB long; its values are compared up to %d MiB", c.Address, c.length>>20, MaxDetail>>20),
			Do:     "compare it by hand",
		}
	}
	raw, err := decodeEntry(p.text.section(c.offset, int64(c.length)))
	if err != nil || raw.belongsToAnother(c) {
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
	d.Unmasked = !raw.Change.masked
	return d, nil
}

// belongsToAnother tells that what stands at the offset now is another change.
func (e *rawEntry) belongsToAnother(c *Change) bool {
	name, named := e.Address.(string)
	return named && name != "" && name != c.Address
}

// decodeEntry decodes into maps on purpose: names of struct fields would match
// in any case, and an entry with "before" and "Before" would be read one way in
// the pass over the plan and another way here.
func decodeEntry(r io.Reader) (*rawEntry, error) {
	var entry map[string]json.RawMessage
	if err := json.NewDecoder(r).Decode(&entry); err != nil {
		return nil, err
	}
	out := &rawEntry{}
	if err := value(entry["address"], &out.Address); err != nil {
		return nil, err
	}
	var change map[string]json.RawMessage
	if err := value(entry["change"], &change); err != nil || change == nil {
		return out, err
	}
	out.Change = &rawChange{}
	for name, into := range map[string]any{
		"before": &out.Change.Before, "after": &out.Change.After, "after_unknown": &out.Change.AfterUnknown,
		"before_sensitive": &out.Change.BeforeSensitive, "after_sensitive": &out.Change.AfterSensitive,
		"replace_paths": &out.Change.ReplacePaths, "importing": &out.Change.Importing,
	} {
		if err := value(change[name], into); err != nil {
			return nil, err
		}
	}
	_, before := change["before_sensitive"]
	_, after := change["after_sensitive"]
	out.Change.masked = before || after
	return out, nil
}

// value decodes one value; an absent one leaves into as it is.
func value(raw json.RawMessage, into any) error {
	if raw == nil {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber() // 64-bit identifiers do not fit a float
	return dec.Decode(into)
}

package tfplan

import (
	"encoding/json"
	"errors"
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
	Importing     map[string]any
}

type rawEntry struct {
	Change *struct {
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
	if err := dec.Decode(&raw); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the file changed while it was read")
		}
		return nil, &evidence.Problem{Reason: fmt.Sprintf("%s cannot be read again: %v", c.Address, err), Do: "run again on a copy of the plan", Err: err}
	}
	if raw.Change == nil {
		return &Detail{}, nil
	}
	d := &Detail{ReplacePaths: raw.Change.ReplacePaths}
	// A value is sealed when either side is marked: a value that stops being
	// sensitive in this plan was a secret all the same.
	mask := func(v any) map[string]any {
		m, _ := seal(seal(v, raw.Change.BeforeSensitive), raw.Change.AfterSensitive).(map[string]any)
		return m
	}
	d.Before, d.After = mask(raw.Change.Before), mask(raw.Change.After)
	d.AfterUnknown, _ = raw.Change.AfterUnknown.(map[string]any)
	d.Importing, _ = raw.Change.Importing.(map[string]any)
	d.Identity, _ = d.Before["id"].(string)
	return d, nil
}

// seal wraps what the mask marks. A mask of true seals everything below it.
func seal(v, mask any) any {
	if _, done := v.(evidence.Secret); done || v == nil {
		return v
	}
	switch m := mask.(type) {
	case bool:
		if !m {
			return v
		}
		if o, ok := v.(map[string]any); ok {
			// Keep the shape: which attributes there are is no secret.
			out := make(map[string]any, len(o))
			for k, x := range o {
				out[k] = seal(x, true)
			}
			return out
		}
		return evidence.Seal(v)
	case map[string]any:
		o, ok := v.(map[string]any)
		if !ok {
			return v
		}
		out := make(map[string]any, len(o))
		for k, x := range o {
			out[k] = seal(x, m[k])
		}
		return out
	case []any:
		list, ok := v.([]any)
		if !ok {
			return v
		}
		out := make([]any, len(list))
		for i, x := range list {
			if i < len(m) {
				x = seal(x, m[i])
			}
			out[i] = x
		}
		return out
	}
	return v
}

package tfplan

import (
	"bytes"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/go-json-experiment/json/jsontext"
)

// change reads one entry: its summary into c and, for visitors, its raw values.
func (r *reader) change(c *Change) error {
	r.before, r.after = r.before[:0], r.after[:0]
	r.unknown, r.changed, r.forces, r.masks = r.unknown[:0], r.changed[:0], r.forces[:0], r.masks[:0]
	r.partial = r.partial[:0]
	r.rawB, r.rawA, r.rawU, r.scratch = nil, nil, nil, 0
	r.keepRaw = len(r.opts.Visitors) > 0 && c.Section == ResourceChanges
	var module, name string
	start := int64(-1)
	err := r.object(func(key []byte) (err error) {
		if start < 0 {
			start = r.opened // before a nested object moves it
		}
		switch string(key) {
		case "address":
			c.Address, err = r.str()
		case "previous_address":
			c.Previous, err = r.str()
		case "module_address":
			module, err = r.str()
		case "mode":
			var m string
			m, err = r.str()
			c.Data = m == "data"
		case "type":
			c.Type, err = r.symbol()
		case "name":
			name, err = r.str()
		case "deposed":
			c.Deposed, err = r.str()
		case "provider_name":
			c.Provider, err = r.symbol()
		case "action_reason":
			c.Reason, err = r.symbol()
		case "change":
			err = r.values(c)
		default:
			err = r.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	if start < 0 {
		start = min(r.opened, r.offset())
	}
	c.offset, c.length = start, int32(min(r.offset()-start, 1<<31-1))
	r.named(c, module, name)
	r.summarise(c)
	r.sym.kept += int64(len(c.Address)+len(c.Previous)+len(c.Deposed)) + changeCost
	if r.keepRaw {
		for _, v := range r.opts.Visitors {
			v.Change(r.Plan, c, Raw{r.rawB, r.rawA, r.rawU})
		}
	}
	return nil
}

// changeCost is the size of a Change, and some of what growing a list of them takes.
const changeCost = 200

// named fills in the names of a change. Trimmed plans lack some of them, and
// each can be told from the others; an entry without any is no change we know.
func (r *reader) named(c *Change, module, name string) {
	if module == "" {
		module = moduleOf(c.Address)
	}
	if c.Type == 0 || name == "" {
		steps := strings.Split(strings.TrimPrefix(StripKeys(strings.TrimPrefix(c.Address, moduleOf(c.Address))), "."), ".")
		if steps[0] == "data" {
			steps = steps[1:]
		}
		if len(steps) == 2 {
			c.Type, name = r.sym.internString(steps[0]), steps[1]
		}
	}
	resource := r.Name(c.Type) + "." + name
	if c.Data {
		resource = "data." + resource
	}
	if c.Address == "" {
		c.Address = strings.TrimPrefix(module+"."+resource, ".")
		if c.Type == 0 || name == "" {
			c.Address, c.Action = c.Pointer(""), UnknownAction
		}
	}
	c.Module = r.sym.internString(StripKeys(module))
	c.Resource = r.sym.internString(resource)
}

// symbol reads a string value as a symbol without allocating for known ones.
func (r *reader) symbol() (Sym, error) {
	if err := r.want('"', "a string"); err != nil {
		return 0, err
	}
	v, err := r.value()
	if err != nil || v.Kind() != '"' {
		return 0, err
	}
	return r.internValue(v), nil
}

func (r *reader) internValue(v jsontext.Value) Sym {
	raw := v[1 : len(v)-1]
	if bytes.IndexByte(raw, '\\') >= 0 {
		raw, _ = jsontext.AppendUnquote(nil, v)
	}
	return r.sym.intern(raw)
}

// values reads `change`. Terraform writes actions first; where another writer
// does not, everything is read as if the action could need it.
func (r *reader) values(c *Change) error {
	return r.object(func(key []byte) (err error) {
		switch string(key) {
		case "actions":
			c.Action, err = r.actions()
		case "before":
			err = r.attributes(c, &r.before, &r.rawB)
		case "after":
			err = r.attributes(c, &r.after, &r.rawA)
		case "after_unknown":
			err = r.unknowns(c)
		case "before_sensitive", "after_sensitive":
			err = r.mask()
		case "replace_paths":
			err = r.replacePaths()
		case "importing":
			c.Import = r.kind() == '{'
			err = r.skip()
		default:
			err = r.skip()
		}
		return err
	})
}

func (r *reader) actions() (Action, error) {
	var words []string
	err := r.array(func(int) error {
		w, err := r.str()
		if strings.Contains(w, "+") {
			w = "" // one strange word is not two known ones
		}
		if len(words) < 3 { // no action has more
			words = append(words, w)
		}
		return err
	})
	switch strings.Join(words, "+") {
	case "no-op":
		return NoOp, err
	case "read":
		return DataRead, err
	case "create":
		return Create, err
	case "update":
		return Update, err
	case "delete+create":
		return DestroyCreate, err
	case "create+delete":
		return CreateDestroy, err
	case "delete":
		return Delete, err
	case "forget":
		return Forget, err
	case "create+forget", "forget+create":
		return CreateThenForget, err
	}
	return UnknownAction, err
}

// attributes reads before or after into name/hash pairs. Values are hashed as
// they are written: both sides come from one encoder. Detail compares by value
// before anybody is accused.
func (r *reader) attributes(c *Change, into *[]attribute, raw *[]byte) error {
	if c.Action == NoOp || r.kind() != '{' {
		return r.skip() // nothing changes; or null, or a whole value that is no object
	}
	from := r.cursor
	if r.keepRaw {
		v, err := r.value()
		if err != nil {
			return err
		}
		*raw = bytes.Clone(v)
		from = memoryCursor(*raw)
	}
	return from.object(func(key []byte) error {
		name := r.sym.intern(key)
		v, err := from.value()
		if err != nil {
			return err
		}
		*into = append(*into, attribute{name, xxhash.Sum64(v), isEmpty(v)})
		return nil
	})
}

func isEmpty(v []byte) bool {
	switch string(v) {
	case "null", `""`, "[]", "{}":
		return true
	}
	return false
}

func (r *reader) unknowns(c *Change) error {
	if c.Action == NoOp || c.Action == Delete || r.kind() != '{' {
		return r.skip()
	}
	from := r.cursor
	if r.keepRaw {
		v, err := r.value()
		if err != nil {
			return err
		}
		r.rawU = bytes.Clone(v)
		from = memoryCursor(r.rawU)
	}
	return from.object(func(key []byte) error {
		name := r.sym.intern(key)
		v, err := from.value()
		if err == nil && hasTrue(v) {
			r.unknown = append(r.unknown, name)
			if v.Kind() != 't' {
				r.partial = append(r.partial, name)
			}
		}
		return err
	})
}

// hasTrue tells whether a JSON value contains the literal true outside strings.
func hasTrue(v []byte) bool {
	inString := false
	for i := 0; i < len(v); i++ {
		switch b := v[i]; {
		case inString && b == '\\':
			i++
		case b == '"':
			inString = !inString
		case b == 't' && !inString:
			return true
		}
	}
	return false
}

// summarise turns the scratch of one change into its fixed-size summary.
func (r *reader) summarise(c *Change) {
	if c.Action != NoOp && c.Action != Delete {
		c.Unknown = r.sym.set(r.unknown)
		c.Partial = r.sym.set(r.partial)
	}
	c.Forces = r.forcing()
	switch {
	case c.Action == Update || c.Action.Replaces():
		r.difference()
		c.Changed = r.sym.set(r.changed)
	case c.Action == Delete:
		c.filter(r.before)
	case c.Action == Create:
		// What is known of a partly unknown block is not the whole old block.
		c.filter(slices.DeleteFunc(r.after, func(a attribute) bool { return slices.Contains(r.unknown, a.name) }))
	}
}

// difference collects the attributes whose known new value is another one. An
// attribute that is absent on one side and null on the other did not change.
func (r *reader) difference() {
	unknown := func(s Sym) bool {
		for _, u := range r.unknown {
			if u == s {
				return true
			}
		}
		return false
	}
	find := func(list []attribute, s Sym, guess int) *attribute {
		if guess < len(list) && list[guess].name == s {
			return &list[guess]
		}
		for i := range list {
			if list[i].name == s {
				return &list[i]
			}
		}
		return nil
	}
	for i, a := range r.after {
		if b := find(r.before, a.name, i); (b == nil && !a.empty || b != nil && b.value != a.value) && !unknown(a.name) {
			r.changed = append(r.changed, a.name)
		}
	}
	for i, b := range r.before {
		if find(r.after, b.name, i) == nil && !b.empty && !unknown(b.name) {
			r.changed = append(r.changed, b.name)
		}
	}
}

func (c *Change) filter(attrs []attribute) {
	for _, a := range attrs {
		if a.empty {
			continue
		}
		h := a.value ^ uint64(a.name)*0x9E3779B97F4A7C15
		h ^= h >> 29
		c.Attributes[h>>6&3] |= 1 << (h & 63)
		c.Pairs = uint16(min(int(c.Pairs)+1, math.MaxUint16))
	}
}

// Within tells whether every pair of c may be among those of other: never
// false when it is so, now and then true when it is not.
func (c *Change) Within(other *Change) bool {
	for i, w := range c.Attributes {
		if w&^other.Attributes[i] != 0 {
			return false
		}
	}
	return true
}

// Weight is the number of bits that stand for pairs: how much two changes that
// agree have in common, at least.
func (c *Change) Weight() int {
	n := 0
	for _, w := range c.Attributes {
		n += bits.OnesCount64(w)
	}
	return n
}

package fields

import (
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// change is an object before and after, as the server would have it: what NEW
// does not mention and no edit removes is as it was.
type change struct {
	version  kubeschema.Version
	kind     string
	book     *ruling
	old, new *kubeobj.Object
	edits    []Edit

	// What rules ask of the whole object is answered once, and not for each of
	// thousands of edits. The rules name what they ask, so there are a few of each.
	subjects map[string]bool              // edited, by field
	maps     map[string]map[string]string // labels, by field
	answers  map[string]answer            // once, by what is asked
}

// once answers what is the same for each edit of the object.
func (c *change) once(asked string, answers func(*change) answer) answer {
	a, ok := c.answers[asked]
	if !ok {
		a = answers(c)
		if c.answers == nil {
			c.answers = map[string]answer{}
		}
		c.answers[asked] = a
	}
	return a
}

// was is the value of a field before; nil where it is not there. A path goes
// through maps only.
func (c *change) was(field string) *kubeobj.Value {
	path := strings.Split(field, ".")
	if v := c.old.Get(path...); v != nil {
		return v
	}
	if c.edited(field) {
		return nil
	}
	return c.new.Get(path...)
}

// is is the value of a field after.
func (c *change) is(field string) *kubeobj.Value {
	path := strings.Split(field, ".")
	if v := c.new.Get(path...); v != nil {
		return v
	}
	if c.edited(field) {
		return nil
	}
	return c.old.Get(path...)
}

// edited tells whether a field is the subject of an edit, or comes or goes with
// one.
func (c *change) edited(field string) bool {
	found, ok := c.subjects[field]
	if ok {
		return found
	}
	for i := range c.edits {
		if found = covers(&c.edits[i], field); found {
			break
		}
	}
	if c.subjects == nil {
		c.subjects = map[string]bool{}
	}
	c.subjects[field] = found
	return found
}

// covers tells whether an edit is of a field or of something that the field is
// in. The star of an edit is any name, and the last one its own.
func covers(e *Edit, field string) bool {
	of := e.Field
	for {
		name, rest, more := strings.Cut(of, ".")
		at, below, deeper := strings.Cut(field, ".")
		if name == "*" && !more {
			return named(e, at)
		}
		if name != at && name != "*" {
			return false
		}
		if !more {
			return true
		}
		if !deeper {
			return false
		}
		of, field = rest, below
	}
}

// labels is a map of strings after. Who asks does not write to it.
func (c *change) labels(field string) map[string]string {
	if m, ok := c.maps[field]; ok {
		return m
	}
	m := map[string]string{}
	if c.maps == nil {
		c.maps = map[string]map[string]string{}
	}
	c.maps[field] = m
	path := strings.Split(field, ".")
	if !c.edited(field) {
		for _, v := range c.old.Get(path...).Each() {
			m[v.Name] = v.Str()
		}
	}
	for i := range c.edits {
		if e := &c.edits[i]; e.Old != nil && e.New == nil && e.Field == field+".*" {
			delete(m, e.Old.Name)
		}
	}
	for _, v := range c.new.Get(path...).Each() {
		m[v.Name] = v.Text
	}
	return m
}

// has tells whether a map of strings has a key after.
func (c *change) has(field, key string) bool {
	_, ok := c.labels(field)[key]
	return ok
}

// observed tells whether the old object says what the server knows: it came out of
// a cluster.
func (c *change) observed() bool { return c.old.Live }

// text is a string, or what absence means.
func text(v *kubeobj.Value, absent string) string {
	if s := v.Str(); s != "" {
		return s
	}
	return absent
}

// integer is a number, or what absence means.
func integer(v *kubeobj.Value, absent int64) int64 {
	if !v.Is(kubeobj.Number) {
		return absent
	}
	n, err := strconv.ParseInt(v.Text, 10, 64)
	if err != nil {
		return absent
	}
	return n
}

// share is a number, or a percentage as its number; whether it is a percentage.
func share(v *kubeobj.Value, absent string) (int64, bool) {
	s := absent
	if v != nil && v.Text != "" {
		s = v.Text
	}
	p, percent := strings.CutSuffix(s, "%")
	n, err := strconv.ParseInt(p, 10, 64)
	if err != nil {
		return -1, false
	}
	return n, percent
}

// blank tells whether a value is as good as none: a string may be empty.
func blank(v *kubeobj.Value) bool { return v.Empty() || v.Kind == kubeobj.String && v.Text == "" }

func isTrue(v *kubeobj.Value) bool { return v.Is(kubeobj.Bool) && v.Text == "true" }

// holds tells whether there is something at a path of fields, through the items
// of lists and, where the path has a star, through any key.
func holds(v *kubeobj.Value, field string) bool {
	if v == nil || v.Kind == kubeobj.Null {
		return false
	}
	if v.Kind == kubeobj.List {
		for _, item := range v.Each() {
			if holds(item, field) {
				return true
			}
		}
		return false
	}
	if field == "" {
		return true
	}
	name, rest, _ := strings.Cut(field, ".")
	if name == "*" {
		for _, item := range v.Each() {
			if holds(item, rest) {
				return true
			}
		}
		return false
	}
	if next := v.Get(name); next != nil {
		return holds(next, rest)
	}
	return false
}

// named tells whether an edit is of one entry of a map.
func named(e *Edit, key string) bool {
	return e.Old != nil && e.Old.Name == key || e.New != nil && e.New.Name == key
}

package fields

import (
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// differ compares two values that stand in the same place; nil is a value that
// is not there.
func (c *comparison) differ(was, now *stored, at *step) {
	switch {
	case was == nil && now == nil:
	case was == nil || now == nil:
		c.one(was, now, at)
	case was.kind != now.kind || was.alien || now.alien || was.bad != "" || now.bad != "":
		if !was.equal(now) {
			c.emit(was, now, at)
		}
	case was.kind == kubeobj.Map:
		c.fields(was, now, at)
	case was.kind == kubeobj.List:
		c.list(was, now, at)
	case was.text != now.text:
		c.emit(was, now, at)
	}
}

// fields compares structs and maps, both in the order of their names.
func (c *comparison) fields(was, now *stored, at *step) {
	edits, silent := len(c.edits), len(c.silent)
	here := step{up: at, sort: entry(was, now)}
	i, j := 0, 0
	for i < len(was.items) || j < len(now.items) {
		switch {
		case j == len(now.items) || i < len(was.items) && was.items[i].name < now.items[j].name:
			here.name = was.items[i].name
			if !c.setAside(&was.items[i], now) {
				c.differ(&was.items[i], nil, &here)
			}
			i++
		case i == len(was.items) || now.items[j].name < was.items[i].name:
			here.name = now.items[j].name
			if !c.setAside(&now.items[j], was) {
				c.differ(nil, &now.items[j], &here)
			}
			j++
		default:
			here.name = was.items[i].name
			c.differ(&was.items[i], &now.items[j], &here)
			i++
			j++
		}
	}
	c.leave(edits, silent)
}

func entry(was, now *stored) stepSort {
	for _, s := range []*stored{was, now} {
		if s.typ != nil && s.typ.Shape == kubeschema.Map {
			return stepEntry
		}
	}
	return stepField
}

// setAside tells whether the other version of the API has no such field.
func (c *comparison) setAside(s, other *stored) bool {
	if !c.across || s.alien || other.typ == nil || other.typ.Shape != kubeschema.Struct {
		return false
	}
	for i := range other.typ.Fields {
		if other.typ.Fields[i].Name == s.name {
			return false
		}
	}
	if s.value != nil {
		c.aside++
	}
	return true
}

// one is a value that comes or goes.
func (c *comparison) one(was, now *stored, at *step) {
	s := was
	if s == nil {
		s = now
	}
	switch {
	case s.value == nil && !s.written():
		// A default comes or goes, mostly with a field that stands beside it.
		c.silent = append(c.silent, c.edit(was, now, at))
	case s.value == nil || s.kind == kubeobj.Map && s.typ != nil && s.typ.Shape == kubeschema.Map:
		// What is written inside: an entry, or a part of a struct filled in.
		c.parts(was, now, at)
	case s.kind == kubeobj.List && s.typ != nil && keyed(s.typ):
		c.parts(was, now, at)
	default:
		c.emit(was, now, at)
		if now != nil {
			c.faults(now, at)
		}
	}
}

func (c *comparison) parts(was, now *stored, at *step) {
	empty := &stored{}
	if was != nil {
		*empty = stored{typ: was.typ, kind: was.kind}
		now = empty
	} else {
		*empty = stored{typ: now.typ, kind: now.kind}
		was = empty
	}
	if was.kind == kubeobj.List {
		c.list(was, now, at)
		return
	}
	c.fields(was, now, at)
}

// written tells whether anything in it was written by somebody.
func (s *stored) written() bool {
	if s.value != nil {
		return true
	}
	for i := range s.items {
		if s.items[i].written() {
			return true
		}
	}
	return false
}

// faults reports what the server drops or cannot decode inside a value that
// comes as a whole.
func (c *comparison) faults(now *stored, at *step) {
	for i := range now.items {
		in := &now.items[i]
		here := &step{up: at, name: in.name, sort: entry(now, now)}
		if now.kind == kubeobj.List {
			here = itemStep(at, now.typ, in, i)
		}
		if in.alien || in.bad != "" {
			c.emit(nil, in, here)
			continue
		}
		c.faults(in, here)
	}
}

// leave ends the comparison of a struct, map or list that began with so many
// edits: defaults that came or went in it are told only where nothing else in it
// explains them.
func (c *comparison) leave(edits, silent int) {
	if len(c.edits) == edits {
		c.edits = append(c.edits, c.silent[silent:]...)
	}
	c.silent = c.silent[:silent]
}

// emit notes an edit.
func (c *comparison) emit(was, now *stored, at *step) {
	c.edits = append(c.edits, c.edit(was, now, at))
}

func (c *comparison) edit(was, now *stored, at *step) Edit {
	e := Edit{Path: at.path(), Field: at.field()}
	if was != nil {
		e.Old, e.OldDefault = was.value, was.filled()
		e.Unknown = was.alien
	}
	if now != nil {
		e.New, e.NewDefault, e.Mistyped = now.value, now.filled(), now.bad
		e.Unknown = now.alien
	}
	if e.Secret = c.secret && (within(e.Field, "data") || within(e.Field, "stringData")); e.Secret {
		e.OldDefault, e.NewDefault = "", ""
	}
	return e
}

// filled is what the server filled in, as text.
func (s *stored) filled() string {
	switch {
	case s.value != nil:
		return ""
	case s.kind == kubeobj.Map, s.kind == kubeobj.List:
		text := ""
		for i := range s.items {
			if i > 0 {
				text += ", "
			}
			if s.items[i].name != "" {
				text += s.items[i].name + ": "
			}
			text += s.items[i].filled()
		}
		if s.kind == kubeobj.Map {
			return "{" + text + "}"
		}
		return "[" + text + "]"
	case s.bad == "" && s.typ != nil && s.typ.Shape == kubeschema.Quantity:
		return suffixed(s.text)
	}
	return s.text
}

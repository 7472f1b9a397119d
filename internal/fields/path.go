package fields

import (
	"strconv"
	"strings"
)

// step is one step of a path; the whole is written only where there is an edit.
type step struct {
	up    *step
	name  string // of a field, of a map's entry
	keys  string // of a list's item: name=web
	index int    // of a list's item without a key
	sort  stepSort
}

type stepSort uint8

const (
	stepField stepSort = iota
	stepEntry          // of a map of any names
	stepKeyed          // an item of a list, by key
	stepIndex          // an item of a list, by place
)

// path writes the steps with keys.
func (p *step) path() string {
	var b strings.Builder
	p.write(&b)
	return b.String()
}

func (p *step) write(b *strings.Builder) {
	if p == nil {
		return
	}
	p.up.write(b)
	switch p.sort {
	case stepField, stepEntry:
		if !plainWord(p.name) {
			b.WriteString("[" + p.name + "]")
			return
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(p.name)
	case stepKeyed:
		b.WriteString("[" + p.keys + "]")
	case stepIndex:
		b.WriteString("[" + strconv.Itoa(p.index) + "]")
	}
}

// field writes the steps without keys, for tables.
func (p *step) field() string {
	var b strings.Builder
	p.writeField(&b)
	return b.String()
}

func (p *step) writeField(b *strings.Builder) {
	if p == nil {
		return
	}
	p.up.writeField(b)
	name := p.name
	switch p.sort {
	case stepKeyed, stepIndex:
		return
	case stepEntry:
		name = "*"
	}
	if b.Len() > 0 {
		b.WriteByte('.')
	}
	b.WriteString(name)
}

func plainWord(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '$' {
			return false
		}
	}
	return s != ""
}

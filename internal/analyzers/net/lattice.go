package net

import (
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/netpol"
)

// atom is a selector or a peer as it is written, in one form: two atoms of one key
// match the same, whatever pods there are.
type atom struct {
	key     string
	fixed   bool // compared as a whole: it has a block, or selects no pods
	terms   []term
	outside bool
	nodes   string
}

// term is one requirement of an atom.
type term struct {
	key    string
	op     netpol.Op
	on     string   // attribute and key
	values []string // sorted, of In with few values
}

// maxValues bounds the values of a term that is compared value by value: a term
// with more is compared as a whole.
const maxValues = 16

func selectorAtom(e *netpol.Expr) *atom {
	a := &atom{}
	a.require(e)
	slices.SortFunc(a.terms, func(x, y term) int { return strings.Compare(x.key, y.key) })
	a.terms = slices.CompactFunc(a.terms, func(x, y term) bool { return x.key == y.key })
	var b strings.Builder
	for i := range a.terms {
		b.WriteString(a.terms[i].key)
	}
	a.key = b.String()
	return a
}

func peerAtom(p *netpol.Peer) *atom {
	a := &atom{fixed: true}
	if p.Pods != nil {
		a = selectorAtom(p.Pods)
		a.fixed = p.Block != nil
	}
	a.outside = p.Outside
	if p.Nodes != nil {
		a.nodes = "n" + exprKey(p.Nodes)
	}
	var b strings.Builder
	b.WriteString(strconv.FormatBool(p.Pods != nil) + strconv.FormatBool(p.Outside) + a.nodes + "/" + a.key)
	if p.Block != nil {
		b.WriteString("/" + strconv.Itoa(int(p.Inside)))
		for _, x := range p.Block.Prefixes {
			b.WriteString("+" + x.String())
		}
		for _, x := range p.Block.Except {
			b.WriteString("-" + x.String())
		}
	}
	a.key = b.String()
	return a
}

// require adds what an expression demands.
func (a *atom) require(e *netpol.Expr) {
	switch e.Op {
	case netpol.All:
		return
	case netpol.And:
		for i := range e.Terms {
			a.require(&e.Terms[i])
		}
		return
	}
	t := term{op: e.Op, on: strconv.Itoa(int(e.On)) + "/" + strconv.Itoa(len(e.Key)) + e.Key, key: exprKey(e)}
	if e.Op == netpol.In && len(e.Values) > 0 && len(e.Values) <= maxValues {
		t.values = slices.Compact(slices.Sorted(slices.Values(e.Values)))
		t.key = exprKey(&netpol.Expr{Op: e.Op, On: e.On, Key: e.Key, Values: t.values})
	}
	a.terms = append(a.terms, t)
}

// exprKey is an expression as text that no other has.
func exprKey(e *netpol.Expr) string {
	var b strings.Builder
	var write func(e *netpol.Expr)
	write = func(e *netpol.Expr) {
		b.WriteByte('a' + byte(e.Op))
		b.WriteByte('A' + byte(e.On))
		b.WriteString(strconv.Itoa(len(e.Key)) + ":" + e.Key)
		for _, v := range e.Values {
			b.WriteString(strconv.Itoa(len(v)) + ":" + v)
		}
		b.WriteByte('(')
		for i := range e.Terms {
			write(&e.Terms[i])
		}
		b.WriteByte(')')
	}
	write(e)
	return b.String()
}

// implies tells that whatever t is true of u is true of too.
func (t *term) implies(u *term) bool {
	if t.key == u.key {
		return true
	}
	if t.on != u.on || len(t.values) == 0 {
		return false
	}
	if u.op == netpol.Exists {
		return true
	}
	return len(u.values) >= len(t.values) && !slices.ContainsFunc(t.values, func(v string) bool {
		_, ok := slices.BinarySearch(u.values, v)
		return !ok
	})
}

// above tells that a matches whatever b does.
func (a *atom) above(b *atom) bool {
	if a.key == b.key {
		return true
	}
	if a.fixed || b.fixed || b.outside && !a.outside || b.nodes != "" && b.nodes != a.nodes {
		return false
	}
	for i := range a.terms {
		if !slices.ContainsFunc(b.terms, func(t term) bool { return t.implies(&a.terms[i]) }) {
			return false
		}
	}
	return true
}

// lattice finds the atoms above one. Each stands under the rarest of its terms, so
// that few are looked at.
type lattice struct {
	atoms   map[string]*atom
	order   []*atom
	byToken map[string][]*atom // "" has those without terms; nil until the first question
	known   map[string][]*atom
	looked  int // atoms that were compared
}

func newLattice() *lattice { return &lattice{atoms: map[string]*atom{}, known: map[string][]*atom{}} }

// add is the one atom of its key.
func (l *lattice) add(a *atom) *atom {
	if b := l.atoms[a.key]; b != nil {
		return b
	}
	l.atoms[a.key] = a
	l.order = append(l.order, a)
	return a
}

// tokens are the texts under one of which a narrower term is found.
func (t *term) tokens() []string {
	if len(t.values) == 0 {
		if t.op == netpol.Exists {
			return []string{"exists " + t.on}
		}
		return []string{t.key}
	}
	var out []string
	for _, v := range t.values {
		out = append(out, "in "+t.on+" "+v)
	}
	return out
}

func (l *lattice) index() {
	l.byToken = map[string][]*atom{}
	count := map[string]int{}
	for _, a := range l.order {
		for i := range a.terms {
			for _, token := range a.terms[i].tokens() {
				count[token]++
			}
		}
	}
	for _, a := range l.order {
		best, least := []string{""}, -1
		for i := range a.terms {
			tokens, n := a.terms[i].tokens(), 0
			for _, token := range tokens {
				n += count[token]
			}
			if least < 0 || n < least {
				best, least = tokens, n
			}
		}
		if a.fixed {
			continue // only its own key finds it
		}
		for _, token := range best {
			l.byToken[token] = append(l.byToken[token], a)
		}
	}
}

// above are the atoms that match whatever b does, the one of its own key first.
func (l *lattice) above(b *atom) []*atom {
	if out, ok := l.known[b.key]; ok {
		return out
	}
	if l.byToken == nil {
		l.index()
	}
	var out []*atom
	if same := l.atoms[b.key]; same != nil {
		out = append(out, same)
	}
	look := func(token string) {
		for _, a := range l.byToken[token] {
			if l.looked++; a.key != b.key && a.above(b) {
				out = append(out, a)
			}
		}
	}
	if !b.fixed {
		look("")
		for i := range b.terms {
			t := &b.terms[i]
			look(t.tokens()[0])
			if len(t.values) > 0 {
				look("exists " + t.on)
			}
		}
	}
	l.known[b.key] = out
	return out
}

package netpol

import "strings"

// Attribute is what a term of an Expr looks at.
type Attribute uint8

// The attributes of a pod and of a node.
const (
	PodLabel Attribute = iota
	NamespaceLabel
	AccountLabel // labels of the ServiceAccount
	Namespace    // its name; Key is unused
	Account      // the name of the ServiceAccount
	NodeLabel
	NodeName
)

// Op is the operation of an Expr.
type Op uint8

// The operations. All is true of everything; None of nothing.
const (
	All Op = iota
	None
	And // of Terms; true without any
	Or  // of Terms; false without any
	Not // of Terms[0]
	In  // the attribute is there and one of Values
	NotIn
	Exists
	NotExists
	Contains
	HasPrefix
	HasSuffix
)

// Expr is a selector: a boolean expression over attributes. The zero value is
// true of everything.
type Expr struct {
	Op     Op
	On     Attribute
	Key    string
	Values []string
	Terms  []Expr
}

// Attributes is where an Expr finds values: of a label by its key, ok false
// where it is not there.
type Attributes interface {
	Attribute(on Attribute, key string) (value string, ok bool)
}

// Match tells whether an expression is true of something.
func (e *Expr) Match(of Attributes) bool {
	switch e.Op {
	case All:
		return true
	case None:
		return false
	case And:
		for i := range e.Terms {
			if !e.Terms[i].Match(of) {
				return false
			}
		}
		return true
	case Or:
		for i := range e.Terms {
			if e.Terms[i].Match(of) {
				return true
			}
		}
		return false
	case Not:
		return !e.Terms[0].Match(of)
	}
	v, ok := of.Attribute(e.On, e.Key)
	return e.Holds(v, ok)
}

// Holds tells whether a term (no And, Or or Not) is true of a value, and of one
// that is not there.
func (e *Expr) Holds(v string, ok bool) bool {
	switch e.Op {
	case Exists:
		return ok
	case NotExists:
		return !ok
	case In:
		return ok && e.has(v)
	case NotIn:
		return !ok || !e.has(v)
	case Contains:
		return ok && strings.Contains(v, e.Values[0])
	case HasPrefix:
		return ok && strings.HasPrefix(v, e.Values[0])
	case HasSuffix:
		return ok && strings.HasSuffix(v, e.Values[0])
	}
	return e.Op == All
}

func (e *Expr) has(v string) bool {
	for _, w := range e.Values {
		if v == w {
			return true
		}
	}
	return false
}

package netpol

import (
	"fmt"
	"strings"
)

// maxSelectorDepth bounds parentheses in one another. People write three.
const maxSelectorDepth = 100

// selectorScope is what the labels of a selector belong to.
type selectorScope uint8

const (
	overEndpoints  selectorScope = iota // pods, network sets, host endpoints
	overNamespaces                      // the namespaces of endpoints
	overAccounts                        // their ServiceAccounts
)

// selectorError says where a selector stops being one.
type selectorError struct {
	at   int // bytes from its start
	text string
}

func (e *selectorError) Error() string {
	return fmt.Sprintf("at byte %d: %s", e.at, e.text)
}

// parseSelector reads a selector of Calico. Without any text it is true of
// everything. White space is blanks and tabs: a line break is an error there too.
//
// Source: libcalico-go/lib/selector/tokenizer and parser, projectcalico/calico
// v3.32; docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors.
func parseSelector(text string, scope selectorScope) (Expr, *selectorError) {
	p := &selectorParser{text: text, scope: scope}
	p.space()
	if p.at == len(text) {
		return Expr{}, nil
	}
	e := p.or()
	if p.space(); p.err == nil && p.at < len(text) {
		p.fail(p.at, "the selector should end here, or go on with && or ||")
	}
	if p.err == nil && p.global && !(e.Op == NotExists && e.On == Namespace) {
		p.fail(0, "global() must be the whole selector")
	}
	if p.err != nil {
		return Expr{}, p.err
	}
	return e, nil
}

type selectorParser struct {
	text   string
	at     int
	depth  int
	scope  selectorScope
	global bool // global() was there
	err    *selectorError
}

// fail keeps the first error, and moves to the end so that every loop ends.
func (p *selectorParser) fail(at int, text string) Expr {
	if p.err == nil {
		p.err = &selectorError{at, text}
	}
	p.at = len(p.text)
	return Expr{}
}

func (p *selectorParser) space() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
}

// accept skips blanks, and then a word if it stands there.
func (p *selectorParser) accept(word string) bool {
	p.space()
	if !strings.HasPrefix(p.text[p.at:], word) {
		return false
	}
	p.at += len(word)
	return true
}

func (p *selectorParser) or() Expr {
	terms := []Expr{p.and()}
	for p.accept("||") {
		terms = append(terms, p.and())
	}
	return several(Or, terms)
}

func (p *selectorParser) and() Expr {
	terms := []Expr{p.operation()}
	for p.accept("&&") {
		terms = append(terms, p.operation())
	}
	return several(And, terms)
}

func several(op Op, terms []Expr) Expr {
	if len(terms) == 1 {
		return terms[0]
	}
	return Expr{Op: op, Terms: terms}
}

// operation is one comparison, function or expression in parentheses, and the
// exclamation marks before it.
func (p *selectorParser) operation() Expr {
	negated := false
	for p.accept("!") {
		negated = !negated
	}
	e := p.operand()
	if negated {
		return negate(e)
	}
	return e
}

func (p *selectorParser) operand() Expr {
	p.space()
	start := p.at
	switch {
	case p.accept("("):
		if p.depth++; p.depth > maxSelectorDepth {
			return p.fail(start, fmt.Sprintf("more than %d parentheses in one another", maxSelectorDepth))
		}
		e := p.or()
		p.depth--
		if p.err == nil && !p.accept(")") {
			return p.fail(p.at, "a closing parenthesis is missing")
		}
		return e
	case p.accept("has("):
		p.space()
		key := p.label()
		if key == "" {
			return p.fail(p.at, "has() needs the name of a label")
		}
		if !p.accept(")") {
			return p.fail(p.at, "has( is not closed")
		}
		return labelTerm(p.scope, Exists, key)
	case p.accept("all("):
		if !p.accept(")") {
			return p.fail(p.at, "all( is not closed")
		}
		if p.scope == overNamespaces { // all namespaces: not what has none
			return Expr{Op: Exists, On: Namespace}
		}
		return Expr{}
	case p.accept("global("):
		if !p.accept(")") {
			return p.fail(p.at, "global( is not closed")
		}
		if p.scope != overNamespaces {
			return p.fail(start, "global() is for a namespaceSelector of a rule only")
		}
		p.global = true
		return Expr{Op: NotExists, On: Namespace}
	}
	key := p.label()
	if key == "" {
		return p.fail(start, "a label, has(), all() or a parenthesis is expected")
	}
	return p.comparison(key)
}

// label reads a name; "" where none stands.
func (p *selectorParser) label() string {
	start := p.at
	for p.at < len(p.text) && isLabelByte(p.text[p.at]) {
		p.at++
	}
	return p.text[start:p.at]
}

func isLabelByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '_' || c == '.' || c == '/' || c == '-'
}

// comparison is what follows a label. Calico does not ask for a blank after a
// word, nor between the two of a pair: a notin{"b"} is one.
func (p *selectorParser) comparison(key string) Expr {
	for _, o := range [...]struct {
		word, second string
		op           Op
	}{
		{"==", "", In},
		{"!=", "", NotIn},
		{"contains", "", Contains},
		{"starts", "with", HasPrefix},
		{"ends", "with", HasSuffix},
		{"not", "in", NotIn},
		{"in", "", In},
	} {
		if !p.accept(o.word) {
			continue
		}
		if o.second != "" && !p.accept(o.second) {
			return p.fail(p.at, fmt.Sprintf("%q is expected after %q", o.second, o.word))
		}
		if o.word == "in" || o.word == "not" {
			return p.list(o.op, key)
		}
		value, ok := p.literal()
		if !ok {
			return p.fail(p.at, "a value in quotes is expected")
		}
		return labelTerm(p.scope, o.op, key, value)
	}
	return p.fail(p.at, fmt.Sprintf("an operator is expected after %q", key))
}

func (p *selectorParser) list(op Op, key string) Expr {
	if !p.accept("{") {
		return p.fail(p.at, "a list in braces is expected")
	}
	values := []string{}
	for {
		value, ok := p.literal()
		if !ok {
			break
		}
		values = append(values, value)
		if !p.accept(",") {
			break
		}
	}
	if p.err == nil && !p.accept("}") {
		return p.fail(p.at, "a value in quotes, or a closing brace, is expected")
	}
	return labelTerm(p.scope, op, key, values...)
}

// literal reads a value in quotes of either sort. There are no escapes.
func (p *selectorParser) literal() (string, bool) {
	if p.space(); p.at == len(p.text) || p.text[p.at] != '"' && p.text[p.at] != '\'' {
		return "", false
	}
	start := p.at + 1
	n := strings.IndexByte(p.text[start:], p.text[p.at])
	if n < 0 {
		p.fail(p.at, "the quote is not closed")
		return "", false
	}
	p.at = start + n + 1
	return p.text[start : start+n], true
}

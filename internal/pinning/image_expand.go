package pinning

import "strings"

// Bounds of an expansion: real references have one or two variables.
const (
	maxExpanded = 4096 // bytes
	maxNesting  = 8
)

// Lookup returns the value of a variable. known is false when nothing in the
// file says what it is.
type Lookup func(name string) (value string, known bool)

// Expansion is a text with its variables filled in.
type Expansion struct {
	Text string
	Open []string // variables whose value is not known; Text then is not whole
	// Odd tells of a form that this version does not read, such as ${X#prefix}.
	Odd bool
}

// Dialect is how a format writes what is no variable.
type Dialect struct {
	Escape   byte // the character that takes a dollar its meaning; 0 for none
	Doubled  bool // $$ is a dollar
	Unquoted bool // quotes are taken away
}

// Expand fills in $X, ${X}, ${X:-word}, ${X-word}, ${X:+word}, ${X+word} and
// ${X:?word}, the forms that Dockerfiles and Compose files share. A default
// stands in only for what is known to be unset or has no value in the file:
// what the environment will say is not known to anybody who reads the file, and
// the default is what the file promises.
func Expand(s string, d Dialect, look Lookup) Expansion {
	e := &expander{dialect: d, look: look}
	text, rest := e.run(s, false, 0)
	if rest != "" || len(text) > maxExpanded {
		e.out.Odd = true
	}
	e.out.Text = text
	return e.out
}

type expander struct {
	dialect Dialect
	look    Lookup
	out     Expansion
}

// run expands until the end or, inside of braces, until the closing one; it
// returns what is left behind it.
func (e *expander) run(s string, inside bool, depth int) (text, rest string) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case b.Len() > maxExpanded:
			e.out.Odd = true
			return "", ""
		case e.dialect.Escape != 0 && c == e.dialect.Escape && quote != '\'' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case e.dialect.Unquoted && quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
		case inside && c == '}' && quote == 0:
			return b.String(), s[i:]
		case c == '$' && quote != '\'':
			if e.dialect.Doubled && strings.HasPrefix(s[i:], "$$") {
				i++
				b.WriteByte('$')
				continue
			}
			value, n := e.variable(s[i+1:], depth)
			if n == 0 {
				b.WriteByte('$')
				continue
			}
			b.WriteString(value)
			i += n
		default:
			b.WriteByte(c)
		}
	}
	if inside || quote != 0 {
		e.out.Odd = true // not closed
	}
	return b.String(), ""
}

// variable reads what stands behind a dollar and returns how much of it.
func (e *expander) variable(s string, depth int) (value string, n int) {
	if !strings.HasPrefix(s, "{") {
		name := variableName(s)
		if name == "" {
			return "", 0
		}
		return e.plain(name), len(name)
	}
	name := variableName(s[1:])
	rest := s[1+len(name):]
	if name == "" || depth >= maxNesting {
		e.out.Odd = true
		return "", len(s)
	}
	if strings.HasPrefix(rest, "}") {
		return e.plain(name), len(name) + 2
	}
	colon := strings.HasPrefix(rest, ":")
	op := strings.TrimPrefix(rest, ":")
	if op == "" || !strings.Contains("-+?", op[:1]) {
		e.out.Odd = true
		return "", len(s)
	}
	// Variables of a word that is not used are not open.
	open := len(e.out.Open)
	word, left := e.run(op[1:], true, depth+1)
	if !strings.HasPrefix(left, "}") {
		e.out.Odd = true
		return "", len(s)
	}
	n = len(s) - len(left) + 1
	v, known := e.look(name)
	set := known && (v != "" || !colon)
	switch op[0] {
	case '-':
		if !set {
			return word, n
		}
		value = v
	case '+':
		if set {
			return word, n
		}
		if !known {
			// Whether it is set decides between the word and nothing.
			e.out.Open = append(e.out.Open[:open], name)
			return "", n
		}
	case '?':
		if !set {
			e.out.Open = append(e.out.Open[:open], name)
			return "", n
		}
		value = v
	}
	e.out.Open = e.out.Open[:open]
	return value, n
}

func (e *expander) plain(name string) string {
	v, known := e.look(name)
	if !known {
		e.out.Open = append(e.out.Open, name)
	}
	return v
}

func variableName(s string) string {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return s[:i]
		}
	}
	return s
}

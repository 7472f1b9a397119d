package repository

import "bytes"

// config is what the scan sees in one file of configuration.
type config struct {
	backend, cloud, provider bool
	source                   bool     // terraform { source }: of Terragrunt
	include                  bool     // include block: of Terragrunt
	calls                    []string // sources of modules that are paths
}

func (c *config) add(o config) {
	c.backend = c.backend || o.backend
	c.cloud = c.cloud || o.cloud
	c.provider = c.provider || o.provider
	c.source = c.source || o.source
	c.include = c.include || o.include
	c.calls = append(c.calls, o.calls...)
}

// scan reads configuration in HCL as far as the blocks that matter go. It never
// fails: of a broken file it sees what comes before the damage.
func scan(text []byte) config {
	var c config
	s := scanner{text: bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))}
	depth := 0
	top := "" // the block at depth 0 that is open
	var head struct {
		word  string // the first
		words int
		attr  bool // an equals sign was seen
	}
	for {
		t := s.next()
		switch t.kind {
		case end:
			return c
		case word:
			if head.words == 0 {
				head.word = t.text
			}
			head.words++
		case quote:
			head.words++
			if head.attr && depth == 1 && head.word == "source" {
				c.attribute(top, t)
			}
		case equals:
			head.attr = true
		case open:
			if !head.attr {
				switch depth {
				case 0:
					top = head.word
					c.provider = c.provider || top == "provider"
					c.include = c.include || top == "include"
				case 1:
					c.backend = c.backend || top == "terraform" && head.word == "backend"
					c.cloud = c.cloud || top == "terraform" && head.word == "cloud"
				}
			}
			depth++
			head.word, head.words, head.attr = "", 0, false
		case shut:
			depth = max(0, depth-1)
			head.word, head.words, head.attr = "", 0, false
		case newline:
			head.word, head.words, head.attr = "", 0, false
		}
	}
}

func (c *config) attribute(top string, t token) {
	switch top {
	case "module":
		if t.plain && local(t.text) && len(c.calls) < most {
			c.calls = append(c.calls, t.text)
		}
	case "terraform":
		c.source = true
	}
}

// local tells whether the source of a module is a folder beside it.
func local(source string) bool {
	for _, p := range []string{"./", "../"} {
		if len(source) >= len(p) && source[:len(p)] == p {
			return true
		}
	}
	return source == "." || source == ".."
}

type tokenKind uint8

const (
	end tokenKind = iota
	word
	quote // a string
	equals
	open
	shut
	newline
	other
)

type token struct {
	kind  tokenKind
	text  string
	plain bool // text holds no template and no escape
}

type scanner struct {
	text []byte
	at   int
}

func (s *scanner) has(prefix string) bool {
	return bytes.HasPrefix(s.text[s.at:], []byte(prefix))
}

func (s *scanner) next() token {
	for s.at < len(s.text) {
		switch b := s.text[s.at]; {
		case b == '\n':
			s.at++
			return token{kind: newline}
		case b == '#' || s.has("//"):
			s.line()
		case s.has("/*"):
			s.comment()
		case b == '"':
			return s.quoted()
		case b == '{':
			s.at++
			return token{kind: open}
		case b == '}':
			s.at++
			return token{kind: shut}
		case b == '=':
			s.at++
			return token{kind: equals}
		case s.has("<<"):
			s.heredoc()
			return token{kind: other}
		case letter(b):
			from := s.at
			for s.at < len(s.text) && (letter(s.text[s.at]) || s.text[s.at] == '-' || '0' <= s.text[s.at] && s.text[s.at] <= '9') {
				s.at++
			}
			return token{kind: word, text: string(s.text[from:s.at])}
		default:
			s.at++
			if b > ' ' {
				return token{kind: other}
			}
		}
	}
	return token{kind: end}
}

func letter(b byte) bool {
	return b == '_' || b >= 0x80 || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// line moves to the end of the line.
func (s *scanner) line() {
	if i := bytes.IndexByte(s.text[s.at:], '\n'); i >= 0 {
		s.at += i
		return
	}
	s.at = len(s.text)
}

func (s *scanner) comment() {
	if i := bytes.Index(s.text[s.at+2:], []byte("*/")); i >= 0 {
		s.at += 2 + i + 2
		return
	}
	s.at = len(s.text)
}

// heredoc skips from << to the line of nothing but its marker.
func (s *scanner) heredoc() {
	s.at += 2
	if s.has("-") {
		s.at++
	}
	from := s.at
	for s.at < len(s.text) && s.text[s.at] > ' ' {
		s.at++
	}
	marker := bytes.Clone(s.text[from:s.at])
	if len(marker) == 0 || !letter(marker[0]) {
		return
	}
	for s.line(); s.at < len(s.text); {
		s.at++ // the newline
		from := s.at
		s.line()
		if bytes.Equal(bytes.TrimSpace(s.text[from:s.at]), marker) {
			return
		}
	}
}

// deepest bounds how many templates may stand in one another.
const deepest = 256

// quoted skips a string with all that is in it. In a template an expression
// stands in a string and may hold strings itself; what is open is counted, not
// recursed into.
func (s *scanner) quoted() token {
	s.at++
	from, plain := s.at, true
	var braces []int // of each expression that is open
	inside := true   // in a string, not in an expression
	for s.at < len(s.text) {
		b := s.text[s.at]
		switch {
		case inside && b == '\\':
			plain = false
			s.at += 2
		case inside && b == '\n':
			return token{kind: quote} // broken: a string ends in its line
		case inside && b == '"':
			s.at++
			if len(braces) == 0 {
				return token{kind: quote, text: string(s.text[from : s.at-1]), plain: plain}
			}
			inside = false
		case inside && (s.has("$${") || s.has("%%{")):
			plain = false
			s.at += 3
		case inside && (s.has("${") || s.has("%{")):
			plain = false
			s.at += 2
			if len(braces) == deepest {
				s.at = len(s.text)
				return token{kind: quote}
			}
			braces, inside = append(braces, 0), false
		case inside:
			s.at++
		case b == '"':
			s.at++
			inside = true
		case b == '{':
			s.at++
			braces[len(braces)-1]++
		case b == '}':
			s.at++
			if last := len(braces) - 1; braces[last] > 0 {
				braces[last]--
			} else {
				braces, inside = braces[:last], true
			}
		case b == '#' || s.has("//"):
			s.line()
		case s.has("/*"):
			s.comment()
		default:
			s.at++
		}
	}
	s.at = len(s.text)
	return token{kind: quote}
}

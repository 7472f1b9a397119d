package dockerfile

import (
	"regexp"
	"strings"
)

type document struct {
	name string
	tabs bool // leading tabs do not count: <<-
}

var documentWord = regexp.MustCompile(`^[0-9]*<<(-?)\s*([^<]*)$`)

// documents are the here-documents that an instruction opens. Only ADD, COPY and
// RUN have them, also behind ONBUILD, and not in their JSON form.
func (in *instruction) documents() []document {
	if !strings.Contains(in.text, "<<") {
		return nil
	}
	words := in.words()
	i := 0
	name := func() string { return strings.ToUpper(in.text[words[i][0]:words[i][1]]) }
	if name() == "ONBUILD" && len(words) > 1 {
		i++
	}
	if n := name(); n != "ADD" && n != "COPY" && n != "RUN" {
		return nil
	}
	rest := in.text[words[i][1]:]
	for strings.HasPrefix(strings.TrimLeft(rest, " \t"), "--") {
		rest = strings.TrimLeft(rest, " \t")
		end := strings.IndexAny(rest, " \t")
		if end < 0 {
			return nil
		}
		rest = rest[end:]
	}
	if rest = strings.TrimSpace(rest); strings.HasPrefix(rest, "[") && strings.HasSuffix(rest, "]") {
		return nil
	}
	var out []document
	for _, w := range shellWords(in.text) {
		m := documentWord.FindStringSubmatch(w)
		if m == nil || m[2] == "" {
			continue
		}
		name := unquote(m[2])
		if name == "" || len(shellWords(m[2])) != 1 {
			continue
		}
		out = append(out, document{name: name, tabs: m[1] == "-"})
	}
	return out
}

// shellWords splits at spaces outside of quotes and keeps the quotes, as
// BuildKit's lexer does (moby/buildkit v0.34.2, frontend/dockerfile/shell).
func shellWords(s string) []string {
	var out []string
	var b strings.Builder
	quote, word := byte(0), false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(s):
			b.WriteByte(c)
			i++
			b.WriteByte(s[i])
			word = true
			continue
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && strings.HasPrefix(s[i:], "<<"):
			// Spaces between << and the name do not part them.
			rest := strings.TrimLeft(s[i+2:], " \t")
			b.WriteString(s[i : len(s)-len(rest)])
			i, word = len(s)-len(rest)-1, true
			continue
		case quote == 0 && (c == ' ' || c == '\t'):
			if word {
				out = append(out, b.String())
				b.Reset()
			}
			word = false
			continue
		}
		b.WriteByte(c)
		word = true
	}
	if quote != 0 {
		return nil // BuildKit gives up on a quote that is not closed
	}
	if word {
		out = append(out, b.String())
	}
	return out
}

func unquote(s string) string {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

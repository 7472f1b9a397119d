package manifests

import (
	"bufio"
	encoding "encoding/json"
	"strconv"
	"strings"
)

// object fields keep the order in which they are written.
type field struct {
	name  string
	value any // fields, []any, string, int, bool
}

type fields []field

// yaml writes block style; inline is true when the dash of a list stands in
// front of the first line.
func yaml(b *bufio.Writer, v any, indent int, inline bool) {
	margin := strings.Repeat(" ", indent)
	switch v := v.(type) {
	case fields:
		for i, f := range v {
			if i > 0 || !inline {
				b.WriteString(margin)
			}
			b.WriteString(quoteKey(f.name))
			b.WriteByte(':')
			yamlValue(b, f.value, indent)
		}
	case []any:
		for i, item := range v {
			if i > 0 || !inline {
				b.WriteString(margin)
			}
			b.WriteByte('-')
			if f, ok := item.(fields); ok && len(f) > 0 {
				b.WriteByte(' ')
				yaml(b, f, indent+2, true)
			} else {
				yamlValue(b, item, indent)
			}
		}
	}
}

func yamlValue(b *bufio.Writer, v any, indent int) {
	switch v := v.(type) {
	case fields:
		if len(v) == 0 {
			b.WriteString(" {}\n")
			return
		}
		b.WriteByte('\n')
		yaml(b, v, indent+2, false)
	case []any:
		if len(v) == 0 {
			b.WriteString(" []\n")
			return
		}
		b.WriteByte('\n')
		yaml(b, v, indent, false)
	case string:
		b.WriteByte(' ')
		if strings.HasSuffix(v, "\n") && !strings.HasPrefix(v, " ") {
			b.WriteString("|\n")
			for line := range strings.Lines(v) {
				if line != "\n" {
					b.WriteString(strings.Repeat(" ", indent+2))
				}
				b.WriteString(line)
			}
			return
		}
		b.WriteString(quote(v))
		b.WriteByte('\n')
	case int:
		b.WriteString(" " + strconv.Itoa(v) + "\n")
	case bool:
		b.WriteString(" " + strconv.FormatBool(v) + "\n")
	}
}

func quoteKey(s string) string {
	if strings.HasPrefix(s, "k:{") {
		return s
	}
	return quote(s)
}

// quote writes a text as kubectl would: plain where it can be.
func quote(s string) string {
	plain := s != "" && strings.IndexByte("0123456789+-~", s[0]) < 0
	switch s {
	case "true", "false", "True", "yes", "no", "on", "off", "null", "y", "n":
		plain = false
	}
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_./@:+~=", c) >= 0 && !(c == ':' && i == len(s)-1) {
			continue
		}
		plain = false
	}
	if plain && (s[0] != '.' || len(s) == 1) && s[0] != '@' && s[0] != ':' {
		return s
	}
	return strconv.Quote(s)
}

func json(b *bufio.Writer, v any, indent int) error {
	margin := "\n" + strings.Repeat(" ", indent+4)
	switch v := v.(type) {
	case fields:
		if len(v) == 0 {
			b.WriteString("{}")
			return nil
		}
		b.WriteByte('{')
		for i, f := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(margin)
			if err := json(b, f.name, 0); err != nil {
				return err
			}
			b.WriteString(": ")
			if err := json(b, f.value, indent+4); err != nil {
				return err
			}
		}
		b.WriteString(margin[:len(margin)-4] + "}")
	case []any:
		if len(v) == 0 {
			b.WriteString("[]")
			return nil
		}
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(margin)
			if err := json(b, item, indent+4); err != nil {
				return err
			}
		}
		b.WriteString(margin[:len(margin)-4] + "]")
	default:
		text, err := encoding.Marshal(v)
		if err != nil {
			return err
		}
		b.Write(text)
	}
	return nil
}

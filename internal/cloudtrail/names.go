package cloudtrail

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// plain makes the ways of writing one name equal: max_size, maxSize, MaxSize.
func plain(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c == '_', c == '-', c == '.', c == ' ':
		case c >= 'A' && c <= 'Z':
			b = append(b, c+'a'-'A')
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// walker gathers what a request names.
type walker struct {
	e        *Event
	response bool
}

func (w *walker) walk(v jsontext.Value) {
	if len(v) == 0 {
		return
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(v), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	w.value(dec, place{})
}

// place is where in a request the walk stands.
type place struct {
	key   string // the parameter
	depth int
	tags  bool // inside of tags: names are their keys
	free  bool // inside of a map whose names the user chose: they are no parameters
}

func (p place) below(name string) place {
	p.depth++
	switch plain(name) {
	case "items", "member":
		return p // how EC2 and others write a list: the name is that of what holds it
	case "tags", "tagset", "tag", "tagkeys", "tagspecificationset":
		p.tags = true
	case "variables", "environment", "labels", "metadata", "dimensions", "attributes", "parameters":
		p.free = true
	}
	p.key = name
	return p
}

// value walks one value; false when the rest cannot be read.
func (w *walker) value(dec *jsontext.Decoder, at place) bool {
	if at.depth > maxDepth {
		w.e.cut = true
		return dec.SkipValue() == nil
	}
	switch dec.PeekKind() {
	case '{':
		if _, err := dec.ReadToken(); err != nil {
			return false
		}
		for dec.PeekKind() == '"' {
			t, err := dec.ReadToken()
			if err != nil {
				return false
			}
			name := t.String()
			w.key(name, at)
			if !w.value(dec, at.below(name)) {
				return false
			}
		}
		_, err := dec.ReadToken()
		return err == nil
	case '[':
		if _, err := dec.ReadToken(); err != nil {
			return false
		}
		at.depth++ // lists in lists end, too
		for k := dec.PeekKind(); k != ']' && k != 0; k = dec.PeekKind() {
			if !w.value(dec, at) {
				return false
			}
		}
		_, err := dec.ReadToken()
		return err == nil
	case '"':
		t, err := dec.ReadToken()
		if err != nil {
			return false
		}
		w.text(t.String(), at)
		w.scalar(t.String(), at)
		return true
	default:
		t, err := dec.ReadToken()
		if err != nil {
			return false
		}
		w.scalar(t.String(), at)
		return true
	}
}

func (w *walker) key(name string, at place) {
	switch {
	case w.response, at.free, name == "", len(name) > maxKey:
	case len(w.e.keys)+len(w.e.tags) == maxKeys:
		w.e.cut = true
	case at.tags:
		w.e.tags[name] = true
	default:
		w.e.keys[plain(name)] = true
	}
}

// scalar keeps a number or a boolean, to compare it with what drifted.
func (w *walker) scalar(value string, at place) {
	s, ok := scalarOf(value)
	if !ok || w.response || at.free || at.tags || len(at.key) > maxKey {
		return
	}
	key := plain(at.key)
	if old, seen := w.e.scalars[key]; seen && old != s {
		s = ""
	}
	if w.e.scalars == nil {
		w.e.scalars = map[string]string{}
	}
	if len(w.e.scalars) < maxKeys {
		w.e.scalars[key] = s
	}
}

// scalarOf writes a number or a boolean in one way.
func scalarOf(v any) (string, bool) {
	s := fmt.Sprint(v)
	if s == "true" || s == "false" {
		return s, true
	}
	if len(s) == 0 || len(s) > 20 || strings.Trim(s, "0123456789.-") != "" {
		return "", false
	}
	f, err := strconv.ParseFloat(s, 64)
	return strconv.FormatFloat(f, 'g', -1, 64), err == nil
}

func (w *walker) text(value string, at place) {
	p := plain(at.key)
	if at.tags {
		if p == "key" || p == "tagkey" || p == "tagkeys" {
			w.key(value, at)
		}
		return
	}
	noun, ok := nounOf(p)
	if !ok || at.free || !identifying(value) {
		return
	}
	w.mention(mention{value: value, noun: noun, top: at.depth <= 2 && !w.response, response: w.response})
}

func (w *walker) mention(m mention) {
	if len(w.e.mentions) == maxMentions {
		w.e.cut = true
		return
	}
	w.e.mentions = append(w.e.mentions, m)
}

func identifying(s string) bool { return len(s) > 1 && len(s) <= maxMention }

// nounOf tells what a parameter names, from its own plain name:
// "autoscalinggroup" of autoScalingGroupName, "" of name, id or resourceArn. Not
// every parameter names something.
func nounOf(p string) (string, bool) {
	for _, suffix := range []string{"identifiers", "identifier", "arns", "arn", "ids", "id", "names", "name", "urls", "url"} {
		if rest, ok := strings.CutSuffix(p, suffix); ok {
			if rest == "resource" {
				rest = ""
			}
			return rest, true
		}
	}
	switch p {
	case "service", "cluster", "resource", "resources", "bucket", "function", "role", "table", "stream", "rule", "alarm":
		if strings.HasPrefix(p, "resource") {
			p = ""
		}
		return p, true
	}
	return "", false
}

// nounOfType is the noun of a type such as AWS::Logs::LogGroup.
func nounOfType(t string) string {
	return plain(t[strings.LastIndexByte(t, ':')+1:])
}

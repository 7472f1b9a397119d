package kubeobj

import (
	"encoding/base64"
	"strings"

	"go.yaml.in/yaml/v3"
)

func (r *nodes) plain(n *yaml.Node) bool {
	return n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
}

// tag is the tag that is written, "!" for the one that says nothing but "no
// plain text", "" for none.
func (r *nodes) tag(n *yaml.Node) string {
	if n.Style&yaml.TaggedStyle != 0 {
		return n.Tag
	}
	// The library forgets a lone exclamation mark.
	if at := r.places.offset(n.Line, n.Column); r.plain(n) && at < len(r.places.text) {
		rest := r.places.text[at:]
		if rest[0] == '&' {
			rest = strings.TrimLeft(strings.TrimLeft(rest, "&"+anchorLetters), " \t")
		}
		if strings.HasPrefix(rest, "!") {
			return "!"
		}
	}
	return ""
}

const anchorLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"

// resolve says what a scalar is.
func (r *nodes) resolve(n *yaml.Node) (any, error) {
	tag := r.tag(n)
	switch tag {
	case "":
		if !r.plain(n) {
			return n.Value, nil
		}
		return resolve(n.Value), nil
	case "!!binary":
		b, err := base64.StdEncoding.DecodeString(n.Value)
		if err != nil {
			return nil, refuse(n, "a !!binary that is no base64")
		}
		return string([]rune(string(b))), nil
	case "!!bool", "!!int", "!!float", "!!null", "!!timestamp":
		return r.tagged(n, tag)
	}
	return n.Value, nil
}

// tagged is a scalar with one of the tags that go-yaml v2 checks.
func (r *nodes) tagged(n *yaml.Node, tag string) (any, error) {
	found := resolve(n.Value)
	ok := false
	switch v := found.(type) {
	case nil:
		ok = tag == "!!null"
	case bool:
		ok = tag == "!!bool"
	case int64:
		ok = tag == "!!int"
		if tag == "!!float" {
			found, ok = float64(v), true
		}
	case uint64:
		ok = tag == "!!int"
	case float64:
		ok = tag == "!!float"
	case string:
		ok = tag == "!!timestamp" && timestamp(v)
	}
	if !ok {
		return nil, refuse(n, "a value that is not what its tag says")
	}
	return found, nil
}

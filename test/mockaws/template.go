package mockaws

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
)

// The values of behaviour.json are templates: {hex17} is seventeen digits of a hash that is
// the object's own, {region} and {account} are the provider's, {next} counts an integer up,
// and {name} stands for the object's attribute of that name. A string that is nothing but one
// placeholder keeps the type of what it stands for.
var (
	rePlaceholder = regexp.MustCompile(`\{(\w+)\}`)
	reNumber      = regexp.MustCompile(`\d+$`)
)

// resolver fills in what a create or update left unknown.
type resolver struct {
	t        *Type
	settings Settings
	seed     string
	prior    map[string]any
	object   map[string]any
	busy     map[string]bool
}

func (r *resolver) resolveAll() error {
	for _, name := range sorted(r.t.Attributes) {
		if _, err := r.attribute(name); err != nil {
			return err
		}
	}
	r.blocks(&r.t.Block, r.object, "")
	return nil
}

func (r *resolver) attribute(name string) (any, error) {
	if _, open := r.object[name].(unknown); !open {
		return r.object[name], nil
	}
	if r.busy[name] {
		return nil, fmt.Errorf("behaviour.json: %s: the value of %q needs itself", r.t.Name, name)
	}
	r.busy[name] = true
	defer delete(r.busy, name)
	value := zero(r.t.Attributes[name])
	if prefix, ok := r.object[name+"_prefix"].(string); ok && prefix != "" {
		value = prefix + r.hex(name, 26)
	} else if template, ok := r.template(name); ok {
		var err error
		if value, err = r.expand(name, template); err != nil {
			return nil, err
		}
	}
	r.object[name] = value
	return value, nil
}

// template is what the cloud answers for an attribute of this object.
func (r *resolver) template(name string) (any, bool) {
	for _, other := range r.t.Facts.ValuesIf {
		if value, ok := other.Values[name]; ok && has(r.object, other.If) {
			return value, true
		}
	}
	value, ok := r.t.Facts.Values[name]
	return value, ok
}

// blocks settles computed attributes inside nested blocks; they answer with zero values
// unless a template says otherwise.
func (r *resolver) blocks(b *Block, object map[string]any, path string) {
	for name, inner := range b.Blocks {
		elements, _ := object[name].([]any)
		for i, element := range elements {
			nested, _ := element.(map[string]any)
			for attribute, a := range inner.Attributes {
				if _, open := nested[attribute].(unknown); !open {
					continue
				}
				nested[attribute] = zero(a)
				full := path + name + "." + attribute
				if template, ok := r.t.Facts.Values[full]; ok {
					if value, err := r.expand(full+strconv.Itoa(i), template); err == nil {
						nested[attribute] = value
					}
				}
			}
			r.blocks(inner, nested, path+name+".")
		}
		if inner.Nesting == "set" && elements != nil {
			sortSet(elements)
		}
	}
}

func (r *resolver) expand(salt string, template any) (any, error) {
	switch template := template.(type) {
	case []any:
		list := make([]any, len(template))
		for i, element := range template {
			var err error
			if list[i], err = r.expand(salt+strconv.Itoa(i), element); err != nil {
				return nil, err
			}
		}
		return list, nil
	case string:
		if m := rePlaceholder.FindString(template); m == template && m != "" {
			return r.placeholder(salt, m[1:len(m)-1])
		}
		var failed error
		text := rePlaceholder.ReplaceAllStringFunc(template, func(m string) string {
			value, err := r.placeholder(salt, m[1:len(m)-1])
			if err != nil {
				failed = err
			}
			return fmt.Sprint(value)
		})
		return text, failed
	}
	return template, nil
}

func (r *resolver) placeholder(salt, word string) (any, error) {
	switch word {
	case "region":
		return r.settings.Region, nil
	case "account":
		return r.settings.Account, nil
	case "next":
		return r.next(salt), nil
	}
	var digits int
	if n, _ := fmt.Sscanf(word, "hex%d", &digits); n == 1 {
		return r.hex(salt, digits), nil
	}
	if r.t.Attributes[word] == nil {
		return nil, fmt.Errorf("behaviour.json: %s: {%s} is neither an attribute nor a known word", r.t.Name, word)
	}
	return r.attribute(word)
}

func (r *resolver) hex(salt string, digits int) string {
	sum := sha256.Sum256([]byte(r.seed + "\x00" + salt))
	return hex.EncodeToString(sum[:])[:digits]
}

// next counts on from the number at the end of the prior value: versions and revisions.
func (r *resolver) next(name string) any {
	last, _ := strconv.Atoi(reNumber.FindString(fmt.Sprint(r.prior[name])))
	text := strconv.Itoa(last + 1)
	if r.t.Attributes[name].Type == "number" {
		return json.Number(text)
	}
	return text
}

// zero is what most of the provider's reads store for something that is not there.
func zero(a *Attribute) any {
	switch tf := a.tfType(); {
	case a.Type == "number":
		return json.Number("0")
	case a.Type == "bool":
		return false
	case a.Type == "string":
		return ""
	case tf.String()[:12] == "tftypes.Map[":
		return map[string]any{}
	}
	return []any{}
}

package enforce

import (
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/workloads"
)

type found uint8

const (
	unseen found = iota // whether it is set is not known
	absent              // the object that would set it is not there, which is proven
	unset               // the object is there and does not set it
	set
)

// setting is a value that switches something.
type setting struct {
	found found
	value string
	in    *kubeobj.Object
	at    uint32
	why   string // of unseen
}

// isTrue and isFalse are how Go programs read a switch.
//
// Source: strconv.ParseBool of Go 1.26.
func (s setting) isTrue() bool {
	b, err := strconv.ParseBool(strings.TrimSpace(s.value))
	return s.found == set && err == nil && b
}

func (s setting) isFalse() bool {
	b, err := strconv.ParseBool(strings.TrimSpace(s.value))
	return s.found == set && err == nil && !b
}

// config reads a key of a ConfigMap. The live one counts where there is one.
func (s *scene) config(namespace, name, key string) setting {
	var all []*kubeobj.Object
	for _, o := range s.configs[name] {
		if o.Namespace == namespace || o.Namespace == "" && !o.Live || namespace == "" {
			all = append(all, o)
		}
	}
	all = liveFirst(all)
	if len(all) == 0 {
		// A list of the ConfigMaps of a namespace has this one, which the server makes in
		// each (kubernetes v1.37.2 pkg/controller/certificates/rootcacertpublisher).
		for _, o := range s.configs["kube-root-ca.crt"] {
			if o.Live && o.Namespace == namespace {
				return setting{found: absent, in: o, at: o.Root.Offset}
			}
		}
		return setting{why: "the ConfigMap " + namespace + "/" + name + " is not among the evidence"}
	}
	var out setting
	for i, o := range all {
		next := setting{found: unset, in: o, at: o.Root.Offset}
		if v := o.Get("data", key); v != nil && v.Kind != kubeobj.Null {
			next = setting{found: set, value: v.Text, in: o, at: v.Offset}
			if v.Placeholder() {
				return setting{in: o, at: v.Offset, why: key + " of " + here(o) + " is yet to be filled in"}
			}
		}
		if i > 0 && (next.found != out.found || next.value != out.value) {
			return setting{in: o, at: next.at, why: here(out.in) + " and " + here(o) + " do not agree on " + key}
		}
		if i == 0 {
			out = next
		}
	}
	return out
}

// liveFirst keeps the live ones where there are any.
func liveFirst(all []*kubeobj.Object) []*kubeobj.Object {
	var live []*kubeobj.Object
	for _, o := range all {
		if o.Live {
			live = append(live, o)
		}
	}
	if live != nil {
		return live
	}
	return all
}

// flagOf reads a flag of a container as pflag and flag do: the last one counts, and
// one without a value is true. A value in an argument of its own is read as such
// for what is no switch.
//
// Source: github.com/spf13/pflag v1.0.10 parseLongArg: a bool takes no value from
// the next argument.
func flagOf(c *workloads.Container, in *kubeobj.Object, name string, isSwitch bool) setting {
	out := setting{found: unset, in: in, at: c.Value.Offset}
	for _, list := range [2]string{"command", "args"} {
		items := c.Value.Get(list)
		if items.Is(kubeobj.List) {
			out = flagIn(out, items, c, in, name, isSwitch)
		}
	}
	return out
}

func flagIn(out setting, items *kubeobj.Value, c *workloads.Container, in *kubeobj.Object, name string, isSwitch bool) setting {
	for i := range items.Items {
		item := &items.Items[i]
		text := item.Text
		if text == "--" {
			break
		}
		dashed := strings.TrimPrefix(strings.TrimPrefix(text, "-"), "-")
		got, value, assigned := strings.Cut(dashed, "=")
		if got != name || dashed == text {
			continue
		}
		at := item
		if !assigned && isSwitch {
			value = "true"
		} else if !assigned && i+1 < len(items.Items) {
			at = &items.Items[i+1]
			value = at.Text
		}
		written := value
		value, ok := expand(value, c)
		out = setting{found: set, value: value, in: in, at: at.Offset}
		if !ok || value == written && at.Placeholder() {
			out = setting{in: in, at: at.Offset, why: "the value of --" + name + " of " + here(in) + " is not written there"}
		}
	}
	return out
}

// expand replaces $(NAME) by a variable that is written in the container.
func expand(value string, c *workloads.Container) (string, bool) {
	name, ok := strings.CutPrefix(value, "$(")
	if !ok {
		return value, true
	}
	name, ok = strings.CutSuffix(name, ")")
	if !ok {
		return value, true
	}
	v := variable(c, name)
	if v == nil || v.Get("value") == nil {
		return value, false
	}
	return v.Get("value").Text, true
}

// variable is the entry of an environment variable; the last one counts.
func variable(c *workloads.Container, name string) *kubeobj.Value {
	var out *kubeobj.Value
	for _, e := range c.Value.Get("env").Each() {
		if e.Get("name").Str() == name {
			out = e
		}
	}
	return out
}

// env reads an environment variable of a container.
func env(c *workloads.Container, in *kubeobj.Object, name string) setting {
	v := variable(c, name)
	if v == nil {
		if c.Value.Get("envFrom").Empty() {
			return setting{found: unset, in: in, at: c.Value.Offset}
		}
		return setting{in: in, at: c.Value.Offset, why: name + " of " + here(in) + " may come from elsewhere"}
	}
	text := v.Get("value")
	if text == nil || text.Placeholder() {
		return setting{in: in, at: v.Offset, why: "the value of " + name + " of " + here(in) + " is not written there"}
	}
	return setting{found: set, value: text.Text, in: in, at: text.Offset}
}

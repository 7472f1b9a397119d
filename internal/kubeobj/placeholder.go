package kubeobj

import (
	"regexp"
	"strings"
)

var (
	// As envsubst and Flux (postBuild.substitute) fill them in, with defaults.
	variable = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*(:?[-=?+][^{}]*)?\}`)
	alone    = regexp.MustCompile(`^\$[A-Z_][A-Z0-9_]*$`)
	// What only Helm fills in; others write {{ }} into values that are final.
	ofHelm = regexp.MustCompile(`\{\{-?[^{}]*(\.(Values|Release|Chart)\b|\b(include|template|tpl) )`)
)

const maxPlaceholders = 100

// placeholders finds the values of an object that are not final. Shells,
// scripts and configuration have variables of their own, so that below a
// command or in data only a value that is nothing else counts.
func placeholders(root *Value) []Placeholder {
	var out []Placeholder
	var walk func(v *Value, own bool)
	walk = func(v *Value, own bool) {
		if len(out) == maxPlaceholders {
			return
		}
		if v.Kind == String && v.placeholder(own) {
			out = append(out, Placeholder{v.Offset, v.Text})
		}
		for _, item := range v.Each() {
			walk(item, own || v.Kind == Map && script(item.Name))
		}
	}
	walk(root, false)
	return out
}

func script(field string) bool {
	switch field {
	case "command", "args", "data", "stringData", "binaryData", "script", "managedFields", "kubectl.kubernetes.io/last-applied-configuration":
		return true
	}
	return false
}

// Placeholder tells whether a value has yet to be filled in by another program.
// It errs on the side of values that are final.
func (v *Value) Placeholder() bool { return v.Is(String) && v.placeholder(false) }

func (v *Value) placeholder(own bool) bool {
	if len(v.Text) > 1024 || strings.IndexByte(v.Text, '\n') >= 0 {
		return false
	}
	if strings.HasPrefix(v.Text, "ENC[AES256_GCM,") {
		return true // sops
	}
	if strings.Contains(v.Text, "{{") && !own && ofHelm.MatchString(v.Text) {
		return true
	}
	i := strings.IndexByte(v.Text, '$')
	if i < 0 {
		return false
	}
	if i == 0 && alone.MatchString(v.Text) {
		return true
	}
	at := variable.FindStringIndex(v.Text)
	return at != nil && (!own || at[0] == 0 && at[1] == len(v.Text))
}

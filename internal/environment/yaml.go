package environment

import (
	"fmt"
	"strconv"
	"strings"
)

// maxComments is how many reasons are written above one environment.
const maxComments = 4

// YAML gives proposals as lines of polygraph.yaml, each with its reasons in
// comments above it. What only names speak of is commented out. Every foreign
// text is quoted, so it can end neither its line nor its value.
func YAML(proposals []Proposal) []string {
	if len(proposals) == 0 {
		return nil
	}
	out := []string{"environments:"}
	live := false
	for i := range proposals {
		p := &proposals[i]
		for j, r := range p.Reasons {
			if j == maxComments {
				out = append(out, fmt.Sprintf("  # and %d more reasons", len(p.Reasons)-j))
				break
			}
			out = append(out, "  # "+oneLine(r))
		}
		lines := p.Selectors.yaml()
		prefix := ""
		if len(lines) == 0 {
			out = append(out, "  # Only names speak of it: check the patterns before you use them.")
			name := p.Selectors.Name
			lines, prefix = []string{"names: " + flow([]string{"*-" + name, "*-" + name + "-*", name + "-*"})}, "# "
		} else {
			live = true
		}
		out = append(out, "  "+prefix+scalar(p.Selectors.Name)+":")
		for _, l := range lines {
			out = append(out, "  "+prefix+"  "+l)
		}
	}
	if !live {
		out[0] = "# environments:" // a key without a value is null
	}
	return out
}

func (d *Declared) yaml() (out []string) {
	for _, f := range []struct {
		key    string
		values []string
	}{
		{"accounts", d.Accounts},
		{"vpcs", d.VPCs},
		{"cidrs", d.CIDRs},
		{"namespaces", d.Namespaces},
		{"names", d.Names},
	} {
		if len(f.values) > 0 {
			out = append(out, f.key+": "+flow(f.values))
		}
	}
	if len(d.Tags) > 0 {
		var tags []string
		for _, k := range sortedKeys(d.Tags) {
			tags = append(tags, scalar(k)+": "+flow(d.Tags[k]))
		}
		out = append(out, "tags: {"+strings.Join(tags, ", ")+"}")
	}
	if len(d.Paths) > 0 {
		out = append(out, "paths: "+flow(d.Paths))
	}
	return out
}

func flow(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = strconv.QuoteToASCII(v)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// scalar writes a word plainly where YAML reads it as the same string.
func scalar(s string) string {
	plain := s != ""
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '-' && c != '_' && (c < '0' || c > '9')) {
			plain = false
		}
	}
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		plain = false
	}
	if plain {
		return s
	}
	return strconv.QuoteToASCII(s)
}

// oneLine makes text safe in a comment.
func oneLine(s string) string {
	q := strconv.QuoteToASCII(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

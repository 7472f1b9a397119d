package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// member is one attribute or block as the generated code shows it.
type member struct {
	isBlock  bool
	kind     string // simple, list, set, map, struct
	storage  string // string, stringList, or the class of a block
	nested   string // for a block: the name of its structure
	computed bool
}

// generated is what one index.js and index.d.ts say, by class name.
type generated struct {
	top      string
	members  map[string]map[string]*member // structure -> attribute
	computed map[string]map[string]string  // structure -> read-only attribute -> the expression that reads it
	both     map[string]map[string]bool    // structure -> block that is optional and computed
	required map[string]map[string]bool
}

var (
	reFunc     = regexp.MustCompile(`^function (\w+)ToHclTerraform\(struct\)`)
	reTop      = regexp.MustCompile(`^class (\w+) extends cdktf\.Terraform(?:Resource|DataSource) `)
	reRef      = regexp.MustCompile(`^class (\w+)OutputReference extends `)
	reEntry    = regexp.MustCompile(`^ +(\w+): \{$`)
	reField    = regexp.MustCompile(`^ +(value|isBlock|type|storageClassType): (.*),$`)
	reNested   = regexp.MustCompile(`\b(\w+)ToHclTerraform\b`)
	reComment  = regexp.MustCompile(`^ +// (\w+) - computed: true, optional: (true|false), required: false`)
	reIface    = regexp.MustCompile(`^export interface (\w+) `)
	reDocLink  = regexp.MustCompile(`#(\w+) \w+#\w+\}`)
	reProperty = regexp.MustCompile(`^ +readonly \w+(\??):`)
)

func readType(folder, name string) (map[string]any, error) {
	js, err := os.ReadFile(filepath.Join(folder, "index.js"))
	if err != nil {
		return nil, fmt.Errorf("type %s: %w; is the name in types.txt spelled as in the provider?", name, err)
	}
	dts, err := os.ReadFile(filepath.Join(folder, "index.d.ts"))
	if err != nil {
		return nil, err
	}
	if !strings.Contains(string(js), `tfResourceType = "`+name+`"`) {
		return nil, fmt.Errorf("%s does not define %s; correct types.txt", folder, name)
	}
	g := &generated{
		members: map[string]map[string]*member{}, computed: map[string]map[string]string{},
		both: map[string]map[string]bool{}, required: map[string]map[string]bool{},
	}
	g.readJS(string(js))
	g.readDTS(string(dts))
	return g.block(g.top)
}

func (g *generated) readJS(src string) {
	var owner, class, entry, pending string
	for line := range strings.Lines(src) {
		line = strings.TrimRight(line, "\r\n")
		if pending != "" { // the expression stands within three lines of its comment
			if strings.Contains(line, "return ") || strings.Contains(line, "= new ") {
				put(g.computed, class, pending, strings.TrimSpace(line))
				pending = ""
			}
			continue
		}
		switch m := []string(nil); {
		case match(reFunc, line, &m):
			owner, entry = upper(m[1]), ""
		case match(reTop, line, &m):
			g.top, class = m[1], m[1]
		case match(reRef, line, &m):
			class = m[1]
		case strings.HasPrefix(line, "    synthesizeHclAttributes()"):
			owner, entry = g.top, ""
		case match(reComment, line, &m):
			if m[2] == "false" {
				pending = m[1]
			} else {
				put(g.both, class, m[1], true)
			}
		case owner != "" && match(reEntry, line, &m):
			entry = m[1]
			put(g.members, owner, entry, &member{})
		case owner != "" && entry != "" && match(reField, line, &m):
			g.members[owner][entry].set(m[1], m[2])
		case strings.HasPrefix(line, "}"):
			owner = ""
		}
	}
}

func (m *member) set(field, value string) {
	switch field {
	case "isBlock":
		m.isBlock = value == "true"
	case "type":
		m.kind = strings.Trim(value, `"`)
	case "storageClassType":
		m.storage = strings.Trim(value, `"`)
	case "value":
		for _, found := range reNested.FindAllStringSubmatch(value, -1) {
			switch found[1] {
			case "string", "number", "boolean":
			default:
				m.nested = upper(found[1])
			}
		}
	}
}

// readDTS learns what is required: a property without a question mark. Its provider name
// stands in the link above it, because the property itself is in camel case.
func (g *generated) readDTS(src string) {
	var owner, snake string
	for line := range strings.Lines(src) {
		var m []string
		switch {
		case match(reIface, line, &m):
			owner = strings.TrimSuffix(m[1], "Config")
			if owner != g.top {
				owner = m[1]
			}
		case strings.HasPrefix(line, "}"):
			owner = ""
		case match(reDocLink, line, &m):
			snake = m[1]
		case owner != "" && snake != "" && match(reProperty, line, &m):
			if m[1] == "" {
				put(g.required, owner, snake, true)
			}
			snake = ""
		}
	}
}

func match(re *regexp.Regexp, line string, into *[]string) bool {
	*into = re.FindStringSubmatch(line)
	return *into != nil
}

func put[V any](m map[string]map[string]V, outer, inner string, v V) {
	if m[outer] == nil {
		m[outer] = map[string]V{}
	}
	m[outer][inner] = v
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

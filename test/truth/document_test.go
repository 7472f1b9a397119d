package truth

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// plan is as much of a plan as the comparisons need. It is decoded here once more, so that a misreading
// in tfplan does not hide itself.
type plan struct {
	Changes []entry `json:"resource_changes"`
	Drift   []entry `json:"resource_drift"`
	text    []byte
}

type entry struct {
	Address  string `json:"address"`
	Previous string `json:"previous_address"`
	Mode     string `json:"mode"`
	Type     string `json:"type"`
	Deposed  string `json:"deposed"`
	Reason   string `json:"action_reason"`
	Change   struct {
		Actions   []string       `json:"actions"`
		Before    map[string]any `json:"before"`
		After     map[string]any `json:"after"`
		Importing map[string]any `json:"importing"`
	} `json:"change"`
}

func (c entry) does() string { return strings.Join(c.Change.Actions, "+") }

func decodePlan(t *testing.T, text []byte) plan {
	t.Helper()
	p := plan{text: text}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// busy maps the managed resources that the plan does something to, to what it does.
func (p plan) busy() map[string]string {
	out := map[string]string{}
	for _, c := range p.Changes {
		if c.Mode != "data" && c.Deposed == "" && c.does() != "no-op" {
			out[c.Address] = c.does()
		}
	}
	return out
}

// object is one entry of the state.
type object struct {
	Type   string
	Values map[string]any
}

func (o object) id() string {
	id, _ := o.Values["id"].(string)
	return id
}

type moduleValues struct {
	Resources []struct {
		Address string         `json:"address"`
		Mode    string         `json:"mode"`
		Type    string         `json:"type"`
		Deposed string         `json:"deposed_key"`
		Values  map[string]any `json:"values"`
	} `json:"resources"`
	Children []moduleValues `json:"child_modules"`
}

// state is the managed objects of the state by address.
func (s *scene) state() map[string]object {
	s.t.Helper()
	var doc struct {
		Values struct {
			Root moduleValues `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal(s.StateJSON(), &doc); err != nil {
		s.t.Fatal(err)
	}
	out := map[string]object{}
	doc.Values.Root.collect(out)
	return out
}

func (m moduleValues) collect(into map[string]object) {
	for _, r := range m.Resources {
		if r.Mode != "data" && r.Deposed == "" {
			into[r.Address] = object{r.Type, r.Values}
		}
	}
	for _, c := range m.Children {
		c.collect(into)
	}
}

// keys are the instance keys that tests use: a word in quotes or a number.
var keys = regexp.MustCompile(`\["[^"]*"\]|\[\d+\]`)

// block is an address without its instance keys.
func block(address string) string { return keys.ReplaceAllString(address, "") }

func equal(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && slices.Equal(x, y)
}

func complain(to *[]string, format string, args ...any) {
	*to = append(*to, fmt.Sprintf(format, args...))
}

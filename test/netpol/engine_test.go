package netpol

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

var update = flag.Bool("update", false, "rewrite testdata/explained.txt, keeping its reasons, and testdata/counts.txt")

// shared is a path in the data beside the project.
func shared(t *testing.T, elem ...string) string {
	t.Helper()
	root, isSet := os.LookupEnv("POLYGRAPH_SHARED")
	if !isSet {
		root = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(append([]string{root, "data", "netpol"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		if isSet || os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatal(err)
		}
		t.Skip("shared data is not beside the module; set POLYGRAPH_SHARED: ", err)
	}
	return path
}

// parse reads a text of which nothing may be lost.
func parse(t *testing.T, name string, text []byte) []*kubeobj.Object {
	t.Helper()
	f, problem := kubeobj.Parse(name, text)
	if problem != nil {
		t.Fatalf("%s: %s", name, problem.Reason)
	}
	for _, u := range f.Unread {
		t.Fatalf("%s:%d: not read: %s", name, u.Line, u.Reason)
	}
	return f.Objects
}

// model is the engine over objects, and its workloads by "namespace/name".
type model struct {
	*reach.Model
	ends  []*reach.Endpoint
	names map[string]int
	notes []netpol.Note
}

func build(t *testing.T, objects []*kubeobj.Object, o reach.Options) *model {
	t.Helper()
	set := netpol.Read(objects)
	m := &model{Model: reach.Build(objects, set, o), names: map[string]int{}, notes: set.Notes}
	m.ends = m.Endpoints()
	for _, e := range m.ends {
		if e.Workload == nil {
			continue
		}
		name := e.Workload.Namespace + "/" + e.Workload.Name
		if _, twice := m.names[name]; twice {
			name += " " + e.Workload.Variant
		}
		m.names[strings.TrimSpace(name)] = e.Index
	}
	return m
}

// cellText is a cell as the tables write it: "TCP 80", "none, unknown UDP 53",
// "none, IPv4 all".
func cellText(c reach.Cell) string {
	text := c.Allowed.String()
	for _, part := range []struct {
		name  string
		ports reach.Ports
	}{{"unknown", c.Unknown}, {"not enforced", c.Open}, {"IPv4", c.IPv4}, {"IPv6", c.IPv6}} {
		if !part.ports.Empty() {
			text += ", " + part.name + " " + part.ports.String()
		}
	}
	return text
}

// certain tells whether a cell says nothing but what is allowed.
func certain(c reach.Cell) bool {
	return c.Unknown.Empty() && c.Open.Empty() && c.IPv4.Empty() && c.IPv6.Empty()
}

package mockaws

import (
	"regexp"
	"testing"
)

var reSource = regexp.MustCompile(`^terraform-provider-aws (internal/service|website/docs/r)/\S+ @ [0-9a-f]{40}( \(.+\))?$`)

// TestForceNewHasASource keeps the table honest: what forces a replacement was read in the
// provider's own files, and the file and commit stand beside it.
func TestForceNewHasASource(t *testing.T) {
	file, err := loadBehaviour()
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range file.Resources {
		for _, entry := range b.ForceNew {
			if !reSource.MatchString(entry.Source) {
				t.Errorf("%s: force_new %v: source %q names no file and commit of terraform-provider-aws", name, entry.Paths, entry.Source)
			}
			if len(entry.Paths) == 0 {
				t.Errorf("%s: force_new from %s lists no path", name, entry.Source)
			}
		}
	}
}

// TestEveryTypeIsDescribed fails when a type was added to the schema and nobody said how its
// identifier looks.
func TestEveryTypeIsDescribed(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Resources) < 60 || len(c.DataSources) < 5 {
		t.Errorf("%d resources and %d data sources, want at least 60 and 5", len(c.Resources), len(c.DataSources))
	}
	for name, typ := range c.Resources {
		if typ.Facts.Values["id"] == nil {
			t.Errorf("%s: behaviour.json has no template for its id", name)
		}
		if a := typ.Attributes["id"]; a == nil || !a.Computed {
			t.Errorf("%s: id is not computed", name)
		}
		if _, ok := typ.Blocks["timeouts"]; ok {
			t.Errorf("%s: the timeouts block was to be left out", name)
		}
	}
}

// TestEveryTypeCanBeCreated applies an empty configuration of every type: the templates must
// resolve, and nothing may stay unknown.
func TestEveryTypeCanBeCreated(t *testing.T) {
	s := testServer(t)
	for name, typ := range s.Catalogue.Resources {
		planned, _ := typ.plan(s.Settings, nil, typ.empty())
		object, err := typ.create(s.Cloud, s.Settings, planned)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if hasUnknown(object) {
			t.Errorf("%s: still unknown after create: %s", name, canon(object))
		}
		if _, err := encode(typ.tfType(), object); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// empty is an object in which nobody set anything.
func (t *Type) empty() map[string]any {
	object := map[string]any{}
	for name := range t.Attributes {
		object[name] = nil
	}
	for name := range t.Blocks {
		object[name] = []any{}
	}
	return object
}

func testServer(t *testing.T) *Server {
	t.Helper()
	s, err := NewServer(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// script writes a program that prints one text whatever it is asked.
func script(t *testing.T, prints string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "engine")
	if err := os.WriteFile(path, []byte("#!/bin/sh\ncat <<'END'\n"+prints+"\nEND\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSearchOrder(t *testing.T) {
	good := script(t, `{"terraform_version":"1.2.3"}`)
	bad := script(t, "I am a text editor")
	look := func(known map[string]string) func(string) (string, error) {
		return func(name string) (string, error) {
			if path, ok := known[name]; ok {
				return path, nil
			}
			return "", errors.New(name + " is not there")
		}
	}
	noBuild := func() (string, error) { return "", errors.New("no network") }
	for name, c := range map[string]struct {
		named string
		known map[string]string
		build func() (string, error)
		want  string // path, or what the error says
	}{
		"the named one":           {good, nil, noBuild, good},
		"named but broken":        {bad, map[string]string{"terraform": good}, noBuild, "POLYGRAPH_TERRAFORM"},
		"terraform first":         {"", map[string]string{"terraform": good, "tofu": bad}, noBuild, good},
		"then tofu":               {"", map[string]string{"tofu": good}, noBuild, good},
		"a broken one is skipped": {"", map[string]string{"terraform": bad, "tofu": good}, noBuild, good},
		"built at last":           {"", nil, func() (string, error) { return good, nil }, good},
		"nothing":                 {"", nil, noBuild, "no network"},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := search(c.named, look(c.known), c.build)
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want %s", err, c.want)
				}
			} else if e.Binary != c.want || e.Version != "1.2.3" {
				t.Errorf("got %+v, want %s", e, c.want)
			}
		})
	}
}

func TestRootIsFoundFromAnywhere(t *testing.T) {
	want, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(want, "test", "tofu"))
	if got, err := Root(); got != want || err != nil {
		t.Errorf("from a nested module: %s, %v", got, err)
	}
	t.Chdir(t.TempDir())
	if got, err := Root(); err == nil {
		t.Errorf("found %s above a temporary folder", got)
	}
}

func TestMissingModuleIsSaid(t *testing.T) {
	_, err := Build{Module: "test/nowhere", Package: ".", Binary: "nothing"}.run()
	if err == nil || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("error %v, want one that names the program", err)
	}
}

func TestStrictForbidsToSkip(t *testing.T) {
	for value, want := range map[string]string{"": "skip", "1": "fatal"} {
		t.Setenv("POLYGRAPH_STRICT", value)
		r := &recorder{TB: t}
		unavailable(r, errors.New("no engine"))
		if r.ended != want {
			t.Errorf("POLYGRAPH_STRICT=%q ends with %s, want %s", value, r.ended, want)
		}
	}
}

// recorder is a test that only notes the first way it ended.
type recorder struct {
	testing.TB
	ended string
}

func (r *recorder) Helper() {}

func (r *recorder) Skip(...any) { r.end("skip") }

func (r *recorder) Fatalf(string, ...any) { r.end("fatal") }

func (r *recorder) end(how string) {
	if r.ended == "" {
		r.ended = how
	}
}

package workflow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/evidence"
)

func read(t testing.TB, text string) *File {
	t.Helper()
	f, err := Read(context.Background(), &evidence.Item{Path: ".github/workflows/ci.yml", Blob: evidence.Bytes([]byte(text))})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const ci = `on: [push]
jobs:
  build:
    runs-on: ubuntu-latest
    container: golang:1.22
    services:
      db: {image: 'postgres:16'}
      cache:
        image: ${{ matrix.cache }}
    steps:
      - uses: actions/checkout@v4
      - name: x
        uses: "acme/deploy/sub@0123456789012345678901234567890123456789" # v1.2.3
      - run: "uses: nobody/reads@this"
      - uses: ./.github/actions/setup
      - uses: docker://alpine:3
  on-machine:
    container: {image: "", options: x}
    steps:
      - &co
        uses: actions/checkout@v3
      - *co
  shared:
    uses: acme/flows/.github/workflows/ci.yml@main
    with: {uses: a/b@c}
`

func TestRead(t *testing.T) {
	f := read(t, ci)
	var got []string
	for _, u := range f.Actions {
		got = append(got, fmt.Sprintf("%s: %s %s", u.Place, u.Uses, u.Comment))
		if at := ci[u.Offset:u.End]; at != u.Uses {
			t.Errorf("%s stands at %q", u.Uses, at)
		}
	}
	for _, u := range f.Images {
		got = append(got, fmt.Sprintf("%s: %s %v", u.Place, u.Text, u.Open))
		if at := ci[u.Offset:u.End]; at != u.Written {
			t.Errorf("%s stands at %q", u.Written, at)
		}
	}
	want := `job build: actions/checkout@v4 
job build: acme/deploy/sub@0123456789012345678901234567890123456789 v1.2.3
job build: ./.github/actions/setup 
job on-machine: actions/checkout@v3 
job on-machine: actions/checkout@v3 
job shared: acme/flows/.github/workflows/ci.yml@main 
job build container: golang:1.22 []
job build service db: postgres:16 []
job build service cache: ${{ matrix.cache }} [matrix.cache]
job build step alpine: alpine:3 []`
	if g := strings.Join(got, "\n"); g != want {
		t.Errorf("got\n%s\nwant\n%s", g, want)
	}
}

func TestAction(t *testing.T) {
	f := read(t, "name: x\nruns:\n  using: composite\n  steps:\n    - uses: a/b@v1\n")
	if !f.Action || len(f.Actions) != 1 || f.Actions[0].Place != "action" {
		t.Errorf("%+v", f)
	}
	f = read(t, "runs:\n  using: docker\n  image: docker://a/b:1\n")
	if len(f.Images) != 1 || f.Images[0].Text != "a/b:1" {
		t.Errorf("%+v", f)
	}
	if f = read(t, "runs: {using: docker, image: Dockerfile}\n"); len(f.Images) != 0 {
		t.Errorf("%+v", f)
	}
}

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		name, head string
		want       bool
	}{
		{".github/workflows/ci.yml", "on: push\njobs:\n  a:\n", true},
		{"repo/.github/workflows/ci.yaml", "jobs:\n", true},
		{`repo\.github\workflows\ci.yaml`, "jobs:\n", true},
		{"workflows/ci.yml", "on: push\njobs:\n", true},
		{"workflows/ci.yml", "jobs:\n", false},
		{".github/workflows/sub/ci.yml", "jobs:\n", false}, // GitHub does not read it
		{".github/dependabot.yml", "version: 2\n", false},
		{".github/workflows/README.md", "jobs:\n", false},
		{".github/workflows/data.yml", "a: b\n", false},
		{"action.yml", "name: x\nruns:\n", true},
		{"a/b/action.yaml", "name: x\ninputs:\n", true},
		{"action.yml", "kind: Action\n", false},
		{"k8s/job.yml", "jobs:\n", false},
	} {
		if kind, _ := Detect(c.name, []byte(c.head)); (kind != nil) != c.want {
			t.Errorf("%s %q: %v", c.name, c.head, kind)
		}
	}
}

func TestProblems(t *testing.T) {
	for _, text := range []string{"", "on: push", "jobs: [", "jobs: 1", "jobs:\n  a: b", "\x00"} {
		_, err := Read(context.Background(), &evidence.Item{Blob: evidence.Bytes([]byte(text))})
		var p *evidence.Problem
		if !errors.As(err, &p) || p.Reason == "" || p.Do == "" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzRead: any bytes are a file or a problem, and a reference stands where its
// span says.
func FuzzRead(f *testing.F) {
	f.Add([]byte(ci))
	f.Add([]byte("runs:\n  steps: [{uses: &a 'b/c@d'}, {uses: *a}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read(context.Background(), &evidence.Item{Blob: evidence.Bytes(data)})
		if err != nil {
			return
		}
		for _, u := range file.Actions {
			if u.Offset < 0 || u.End < u.Offset || u.End > int64(len(data)) || u.End > u.Offset && string(data[u.Offset:u.End]) != u.Uses {
				t.Fatalf("%+v", u)
			}
		}
		for _, u := range file.Images {
			if u.Offset < 0 || u.End < u.Offset || u.End > int64(len(data)) || u.Place == "" {
				t.Fatalf("%+v", u)
			}
		}
	})
}

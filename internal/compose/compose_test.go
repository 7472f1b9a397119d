package compose

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/pinning"
)

func read(t testing.TB, text string) *File {
	t.Helper()
	f, err := Read(context.Background(), &evidence.Item{Path: "compose.yaml", Blob: evidence.Bytes([]byte(text))})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const shop = `x-base: &base
  image: busybox:1
  restart: always
services:
  db:
    image: "postgres:16" # the database
  cache: {image: redis}
  api:
    build: .
    image: shop/api:dev
  worker:
    image: shop/api:dev
  tag:
    image: ${REGISTRY:-ghcr.io}/shop/web:${TAG:-1.2}
  open:
    image: shop/web:$TAG
  must:
    image: shop/web:${TAG:?set TAG}
  dollar:
    image: shop/web:$$x
  anchored: *base
  merged:
    <<: *base
  overridden:
    <<: *base
    image: alpine:3
  bare:
    extends: {file: other.yaml, service: x}
  nobody:
    image:
  number:
    image: 12
  mine:
    image: shop/tool:1
    pull_policy: never
  pinned:
    image: alpine:3@sha256:0123456789012345678901234567890123456789012345678901234567890123
  contexts:
    build:
      context: .
      additional_contexts:
        base: docker-image://golang:1.22
        src: ../src
  list:
    build:
      context: .
      additional_contexts:
        - tools=docker-image://golang:1.23
`

func TestRead(t *testing.T) {
	f := read(t, shop)
	got := map[string]string{}
	for _, i := range f.Images {
		s := i.Text
		if i.Local {
			s += " local"
		}
		if len(i.Open) > 0 {
			s += " open " + strings.Join(i.Open, ",")
		}
		got[i.Place] = s
		if at := shop[i.Offset:i.End]; at != i.Written {
			t.Errorf("%s: %q stands at %q", i.Place, i.Written, at)
		}
		if !strings.Contains(i.Span.Text, i.Written) {
			t.Errorf("%s: %q is not in its line %q", i.Place, i.Written, i.Span.Text)
		}
	}
	want := map[string]string{
		"service db": "postgres:16", "service cache": "redis", "service worker": "shop/api:dev local",
		"service tag": "ghcr.io/shop/web:1.2", "service open": "shop/web: open TAG", "service must": "shop/web: open TAG",
		"service dollar": "shop/web:$x", "service anchored": "busybox:1", "service merged": "busybox:1",
		"service overridden": "alpine:3", "service mine": "shop/tool:1 local",
		"service pinned":                "alpine:3@sha256:0123456789012345678901234567890123456789012345678901234567890123",
		"service contexts context base": "golang:1.22", "service list context tools": "golang:1.23",
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: %q, want %q", k, got[k], v)
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			t.Errorf("%s: %q", k, got[k])
		}
	}
	if !f.Contexts["base"] || !f.Contexts["src"] || !f.Contexts["tools"] || f.Built["api"] != "shop/api:dev" {
		t.Errorf("%v %v", f.Contexts, f.Built)
	}
	if !slices.ContainsFunc(f.Notes, func(n string) bool { return strings.Contains(n, "bare") }) {
		t.Errorf("%v", f.Notes)
	}
}

// TestReset: what one file takes away of another names nothing.
func TestReset(t *testing.T) {
	f := read(t, "services:\n  a:\n    image: !reset null\n    build: .\n  b:\n    build: !reset null\n    image: !override alpine:3\n  c:\n    image: !reset nginx:1\n  d: !reset\n    image: nginx:1\n")
	if len(f.Images) != 1 || f.Images[0].Place != "service b" || f.Images[0].Text != "alpine:3" || f.Images[0].Local {
		t.Errorf("%+v", f.Images)
	}
	if _, ok := f.Built["b"]; ok || len(f.Built) != 1 {
		t.Errorf("%v", f.Built)
	}
}

// TestBuiltUnderTheNameOfTheProject: an image that Compose names itself is built
// here as well.
func TestBuiltUnderTheNameOfTheProject(t *testing.T) {
	for text, want := range map[string]bool{
		"name: shop\nservices:\n  web:\n    build: .\n  worker:\n    image: shop-web\n":     true,
		"services:\n  web:\n    build: .\n  worker:\n    image: myshop_web:latest\n":        true,
		"name: other\nservices:\n  web:\n    build: .\n  worker:\n    image: myshop-web\n":  false,
		"services:\n  web:\n    image: x\n    build: .\n  worker:\n    image: myshop-web\n": false,
		"services:\n  web:\n    build: .\n  worker:\n    image: myshop-web:1\n":             false,
		"services:\n  web:\n    build: .\n  worker:\n    image: myshop-worker\n":            false,
	} {
		f, err := Read(context.Background(), &evidence.Item{Path: "a/My.Shop/compose.yaml", Blob: evidence.Bytes([]byte(text))})
		if err != nil || len(f.Images) != 1 || f.Images[0].Local != want {
			t.Errorf("%q: %+v %v", text, f, err)
		}
	}
}

func TestDetect(t *testing.T) {
	text := []byte("services:\n  a:\n    image: b\n")
	for name, want := range map[string]bool{
		"compose.yaml": true, "a/docker-compose.yml": true, "docker-compose.prod.yml": true, "compose.override.yaml": true,
		"docker-compose-dev.yaml": true, "docker-stack.yml": true, "dev.compose.yaml": true,
		"values.yaml": false, "composer.yaml": false, "mycompose.yaml": false, "compose.json": false, "compose.yaml.bak": false,
	} {
		if kind, _ := Detect(name, text); (kind != nil) != want {
			t.Errorf("%s: %v", name, kind)
		}
	}
	for text, want := range map[string]bool{
		"version: '3'\nservices:\n": true, "{services: {}}": true, "metadata:\n  services:\n": false, "": false,
	} {
		if kind, _ := Detect("compose.yaml", []byte(text)); (kind != nil) != want {
			t.Errorf("%q: %v", text, kind)
		}
	}
}

func TestProblems(t *testing.T) {
	for _, text := range []string{"", "a: b", "services: [", "services: 1", "services:\n\t- x", "services: \x00"} {
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
	f.Add([]byte(shop))
	f.Add([]byte("services: &s\n  a: *s\n  <<: *s\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read(context.Background(), &evidence.Item{Blob: evidence.Bytes(data)})
		if err != nil {
			return
		}
		for _, i := range file.Images {
			if i.Offset < 0 || i.End < i.Offset || i.End > int64(len(data)) || i.Place == "" {
				t.Fatalf("%+v", i)
			}
			var _ pinning.Judgement = i.Judge()
		}
	})
}

package yamltext

import (
	"bytes"
	"strings"
	"testing"
)

const small = "\xef\xbb\xbfx-base: &base\n  image: 'äö:1' # c\n  k: v\nservices:\n  a: {<<: *base, k: w}\n  b:\n    <<: [*base]\n    image: \"b:2\"\n  c: *base\n  d:\n    image: >-\n      folded:1\n  \"é\": {image: e:3}\n"

func TestGetAndSpan(t *testing.T) {
	d, problem := Parse([]byte(small))
	if problem != nil {
		t.Fatal(problem)
	}
	for service, want := range map[string]string{"a": "äö:1", "b": "b:2", "c": "äö:1", "d": "folded:1", "é": "e:3"} {
		n := d.Get(d.Roots[0], "services", service, "image")
		if Text(n) != want {
			t.Errorf("%s: %q, want %q", service, Text(n), want)
		}
		s := d.Span(n)
		if got := small[s.Offset:s.End]; got != want && service != "d" {
			t.Errorf("%s stands at %q", service, got)
		}
		if !strings.Contains(s.Text, "image") {
			t.Errorf("%s: line %q", service, s.Text)
		}
	}
	if Text(d.Get(d.Roots[0], "services", "a", "k")) != "w" {
		t.Error("the own key loses against the merged one")
	}
	var keys []string
	for k := range d.Pairs(d.Get(d.Roots[0], "services", "a")) {
		keys = append(keys, k)
	}
	if strings.Join(keys, " ") != "k image" {
		t.Errorf("%v", keys)
	}
}

func TestBounds(t *testing.T) {
	// Merges of merges of merges, and a mapping that merges itself.
	var b strings.Builder
	b.WriteString("a0: &a00 {x: 1}\n")
	for i := 1; i < 30; i++ {
		b.WriteString("m" + itoa(i) + ": &a" + itoa(i) + "\n  <<: [" + strings.Repeat("*a"+itoa(i-1)+", ", 20) + "*a00]\n")
	}
	d, problem := Parse([]byte(b.String()))
	if problem != nil {
		t.Fatal(problem)
	}
	for _, n := range d.Roots[0].Content {
		d.Get(n, "nowhere")
		for range d.Pairs(n) {
		}
	}
	if !d.Cut {
		t.Error("the bound was not met: the test proves nothing")
	}
	if _, problem := Parse([]byte("a: [secret")); problem == nil || strings.Contains(problem.Error(), "secret") {
		t.Errorf("%v", problem)
	}
}

func itoa(i int) string { return string([]byte{'0' + byte(i/10), '0' + byte(i%10)}) }

// FuzzParse: any bytes are a document or a problem, every scalar stands where
// Span says, and looking for keys ends.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("a: &a\n  <<: *a\n"))
	f.Add([]byte("- |\n  x\n- 'a''b'\n---\n? {a: b}\n: c\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, problem := Parse(data)
		if problem != nil {
			if problem.Reason == "" || problem.Do == "" {
				t.Fatalf("%#v", problem)
			}
			return
		}
		for _, r := range d.Roots {
			d.Get(r, "services", "image")
			for _, v := range d.Pairs(r) {
				s := d.Span(v)
				if s.Offset < 0 || s.End < s.Offset || s.End > int64(len(data)) {
					t.Fatalf("%+v of %d", s, len(data))
				}
				if s.End > s.Offset && !bytes.Equal(data[s.Offset:s.End], []byte(v.Value)) {
					t.Fatalf("%q stands at %q", v.Value, data[s.Offset:s.End])
				}
				for range d.Items(v) {
				}
			}
		}
	})
}

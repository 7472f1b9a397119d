package locate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

type heard struct{ finding.Finding }

func (h *heard) Hear(m *run.Message) error { h.Finding = *m.Finding; return nil }
func (h *heard) Close() error              { return nil }

func locate(t *testing.T, data string, at finding.Location) finding.Location {
	t.Helper()
	var h heard
	at.File = "f"
	f := &finding.Finding{Proof: []finding.Statement{{At: at}}}
	l := Before(&h, []*evidence.Item{{Path: "f", Blob: evidence.Bytes([]byte(data))}})
	if err := l.Hear(&run.Message{Finding: f}); err != nil {
		t.Fatal(err)
	}
	if f.Proof[0].At.Line != at.Line {
		t.Error("the message of other listeners was changed")
	}
	return h.Proof[0].At
}

// TestPositionsAgreeWithCounting compares with counting from the start, on
// texts with lines of all lengths.
func TestPositionsAgreeWithCounting(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		var b strings.Builder
		for b.Len() < r.IntN(40_000) {
			b.WriteString(strings.Repeat("x", r.IntN(1+r.IntN(9000))))
			b.WriteString(strings.Repeat("\n", r.IntN(3)))
		}
		data := b.String()
		for range 50 {
			off := r.Int64N(int64(len(data)) + 1)
			line := 1 + strings.Count(data[:off], "\n")
			column := int(off) - strings.LastIndex(data[:off], "\n")
			got := locate(t, data, finding.Location{Offset: off})
			if got.Line != line || (got.Column != column && got.Column != 0) {
				t.Fatalf("offset %d of %d: %d:%d, want %d:%d", off, len(data), got.Line, got.Column, line, column)
			}
		}
	}
}

func TestPointers(t *testing.T) {
	data := "{\n \"a/b\": [1, {\"c~d\": \"é\\n\"}],\n \"n\": {\"actions\":\n  [\"delete\"]}\n}"
	object := int64(strings.Index(data, "{\"c~d"))
	for _, c := range []struct {
		at   finding.Location
		want string
	}{
		{finding.Location{Pointer: "/a~1b"}, "2:9"},
		{finding.Location{Pointer: "/a~1b/0"}, "2:10"},
		{finding.Location{Pointer: "/a~1b/1/c~0d"}, "2:21"},
		{finding.Location{Pointer: "/n/actions/0"}, "4:4"},
		{finding.Location{Pointer: "/n/gone"}, "0:0"},
		{finding.Location{Pointer: "/a~1b/7"}, "0:0"},
		{finding.Location{Pointer: "/a~1b/1/c~0d", Offset: object, Depth: 2}, "2:21"},
		{finding.Location{Pointer: "/a~1b/1", Offset: object, Depth: 2}, "2:13"},
		{finding.Location{Pointer: "/a~1b/1/gone", Offset: object, Depth: 2}, "2:13"},
		{finding.Location{Pointer: "/a~1b/1/c~0d", Offset: object}, "2:13"},
		{finding.Location{Pointer: "/a~1b/1/c~0d", Offset: object, Depth: 9}, "2:13"},
		{finding.Location{Offset: 999}, "0:0"},
		{finding.Location{Line: 7, Column: 3}, "7:3"},
	} {
		got := locate(t, data, c.at)
		if s := fmt.Sprintf("%d:%d", got.Line, got.Column); s != c.want {
			t.Errorf("%+v: %s, want %s", c.at, s, c.want)
		}
	}
	if got := locate(t, "\xff\xfe{\x00\n\x00", finding.Location{Offset: 4}); got.Line != 0 {
		t.Errorf("a line in UTF-16: %+v", got)
	}
}

// TestAttributesNamedLikeTheirResource: a resource has a name, a type and an
// address, and so has what is in it.
func TestAttributesNamedLikeTheirResource(t *testing.T) {
	data := `{"resource_changes": [
  {"address": "a.b", "name": "b",
   "change": {"before": {
     "name": "old"},
    "after": {
     "name": "new"}}}]}`
	base := int64(strings.Index(data, `{"address"`))
	for pointer, want := range map[string]string{
		"/resource_changes/0/name":               "2:30",
		"/resource_changes/0/change/before/name": "4:14",
		"/resource_changes/0/change/after/name":  "6:14",
	} {
		got := locate(t, data, finding.Location{Offset: base, Pointer: pointer, Depth: 2})
		if s := fmt.Sprintf("%d:%d", got.Line, got.Column); s != want {
			t.Errorf("%s: %s, want %s", pointer, s, want)
		}
	}
}

func FuzzLocate(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":2}]}`), int64(8), "/a/1/b", 2)
	f.Add([]byte("\n\n["), int64(2), "/0", 0)
	f.Fuzz(func(t *testing.T, data []byte, offset int64, pointer string, depth int) {
		got := locate(t, string(data), finding.Location{Offset: offset, Pointer: pointer, Depth: depth})
		if got.Line < 0 || got.Line > 1+strings.Count(string(data), "\n") {
			t.Fatalf("line %d", got.Line)
		}
	})
}

// TestALargeFileOnOneLine has a line without anybody searching it for columns.
func TestALargeFileOnOneLine(t *testing.T) {
	data := `{"a":"` + strings.Repeat("x", large) + `","b":{"c":1}}`
	object := int64(strings.Index(data, `{"c"`))
	got := locate(t, data, finding.Location{Offset: object, Pointer: "/b/c", Depth: 1})
	if got.Line != 1 || got.Column != int(object)+1 {
		t.Errorf("%+v", got)
	}
	if got := locate(t, strings.Replace(data, `,"b"`, ",\n\"b\"", 1), finding.Location{Offset: object + 1, Pointer: "/b/c", Depth: 1}); got.Line != 2 || got.Column != 10 {
		t.Errorf("with a newline: %+v", got)
	}
}

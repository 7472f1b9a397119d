package kubeobj

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/evidence"
)

func TestBoundsAreNamed(t *testing.T) {
	laughs, merged, empty := "a0: &a0 [x, x]\n", "a0: &a0 {x: 1}\n", "a0: &a0 {}\n"
	for i := range 9 {
		to := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", ")
		laughs += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, to)
		merged += fmt.Sprintf("a%d: &a%d {<<: [%s]}\n", i+1, i+1, to)
		empty += fmt.Sprintf("a%d: &a%d {<<: [%s]}\n", i+1, i+1, to)
	}
	deep := func(n int) string { return "a: " + strings.Repeat("[", n) + strings.Repeat("]", n) + "\n" }
	for name, c := range map[string]struct{ text, want string }{
		"laughs":          {laughs, tooManyAliased},
		"merged laughs":   {merged, tooManyAliased},
		"nothing, merged": {empty, tooManyAliased},
		"deep":            {deep(MaxDepth + 5), tooDeep},
		"deep in blocks":  {"a:\n" + strings.Repeat("- ", MaxDepth+5) + "x\n", tooDeep},
		"deep JSON":       {strings.TrimSpace(strings.ReplaceAll(deep(MaxDepth+5), "a:", `{"a":`)) + "}", tooDeep},
		"deeper than all": {deep(20_000), "YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			f := parseText(t, pod+c.text)
			if len(f.Objects) != 1 || len(f.Unread) != 1 || !strings.Contains(f.Unread[0].Reason, c.want) {
				t.Errorf("%.300s", tell(f))
			}
		})
	}
	if f := parseText(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"+deep(MaxDepth-10)); len(f.Objects) != 1 {
		t.Error("refused what is within the bounds")
	}
	if _, p := Parse("f", []byte(strings.Repeat("a: b\n---\n", MaxDocuments+2))); p == nil || !strings.Contains(p.Reason, "documents") {
		t.Errorf("documents: %v", p)
	}
	big := &evidence.Item{Path: "f", Blob: hole{MaxFile + 1}}
	if _, err := Read(context.Background(), big); err == nil || !strings.Contains(err.Error(), "256 MiB") {
		t.Errorf("size: %v", err)
	}
}

// hole is a blob that nobody may read.
type hole struct{ size int64 }

func (h hole) Size() int64 { return h.size }

func (h hole) ReadAt([]byte, int64) (int, error) { panic("read") }

// Lists in lists, as deep as anybody likes.
func TestListsInLists(t *testing.T) {
	text := `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}`
	for i := range maxLists + 2 {
		text = `{"apiVersion":"v1","kind":"List","items":[` + text + `]}`
		f, p := Parse("f", []byte(text))
		switch deep := i >= maxLists; {
		case deep && (p == nil || !strings.Contains(p.Reason, "16 levels")):
			t.Errorf("%d: %v", i, p)
		case !deep && (p != nil || len(f.Objects) != 1):
			t.Errorf("%d: %v", i, p)
		}
	}
}

func TestUTF16AndCutJSONAreProblems(t *testing.T) {
	if _, p := Parse("f", []byte("\xff\xfea\x00")); p == nil || !strings.Contains(p.Reason, "UTF-16") {
		t.Error(p)
	}
	cut := `{"apiVersion":"v1","kind":"List","items":[` + strings.Repeat(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}},`, 100)
	if _, p := Parse("f", []byte(cut)); p == nil {
		t.Error("a file that ends in the middle was read")
	}
}

func TestProblemsShowNoText(t *testing.T) {
	for _, text := range []string{
		"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  x: hunter2\n y: hunter2\n",
		"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {x: !!int hunter2}\n",
		"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: *hunter2\n",
		"apiVersion: hunter2 x\nkind: Secret\n", "hunter2\n", `{"kind": "Secret", "hunter2": hunter2}`,
	} {
		f, p := Parse("f", []byte(text))
		if said := fmt.Sprint(p, f); strings.Contains(said, "hunter2") {
			t.Errorf("%s", said)
		}
		if f, _ := Parse("f", []byte(pod+text)); strings.Contains(fmt.Sprint(f.Unread, f.Notes), "hunter2") {
			t.Errorf("%v", f.Unread)
		}
	}
}

package manifests_test

import (
	"bytes"
	"strings"
	"testing"

	"polygraph/test/manifests"
)

func text(t *testing.T, o manifests.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := manifests.Write(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestEditsAreAsMany: the same options give the same bytes, and one of a
// hundred objects differs when that is asked for.
func TestEditsAreAsMany(t *testing.T) {
	o := manifests.Options{Objects: 5000, Seed: 3}
	before := text(t, o)
	if before != text(t, o) {
		t.Fatal("twice the same options, and two texts")
	}
	o.Edited = 10
	a, b := strings.Split(before, "---\n"), strings.Split(text(t, o), "---\n")
	if len(a) != 5001 || len(b) != len(a) {
		t.Fatalf("%d and %d documents", len(a), len(b))
	}
	n := 0
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	if n < 30 || n > 70 {
		t.Errorf("%d of 5000 differ, want about 50", n)
	}
	if err := manifests.Write(&bytes.Buffer{}, manifests.Options{Form: "x"}); err == nil {
		t.Error("a form that nobody knows")
	}
}

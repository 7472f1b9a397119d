package tail

import (
	"io"
	"strings"
	"testing"
)

func TestTheEndIsKept(t *testing.T) {
	for _, writes := range [][]string{{"abcdefgh"}, {"abcd", "efgh"}, {"a", "b", "c", "defg", "h"}, {"", "abcdefgh", ""}} {
		b := &Buffer{Limit: 5}
		for _, w := range writes {
			if n, err := b.Write([]byte(w)); n != len(w) || err != nil {
				t.Fatalf("%d, %v", n, err)
			}
		}
		if got := b.String(); got != "defgh" {
			t.Errorf("%s: %q", strings.Join(writes, "|"), got)
		}
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	w := &Buffer{Limit: 8}
	for _, s := range []string{"first ", "second ", "third, which is long"} {
		if n, err := io.WriteString(w, s); n != len(s) || err != nil {
			t.Fatal(n, err)
		}
	}
	if w.String() != " is long" {
		t.Errorf("kept %q", w)
	}
}

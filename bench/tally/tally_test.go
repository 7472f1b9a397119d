package tally_test

import (
	"bytes"
	"testing"

	"polygraph/bench/tally"
)

func TestPrintIsSortedAndSums(t *testing.T) {
	counts := tally.Tally{}
	for _, actions := range [][]string{{"update"}, {"delete", "create"}, {"update"}, {"no-op"}} {
		counts.Add(actions)
	}
	var out bytes.Buffer
	if err := counts.Print(&out); err != nil {
		t.Fatal(err)
	}
	if want := "delete+create 1\nno-op 1\nupdate 2\ntotal 4\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

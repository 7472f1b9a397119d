package html

import (
	"os"
	"testing"

	"polygraph/internal/run"
)

func TestZZRender(t *testing.T) {
	in, out := os.Getenv("IN"), os.Getenv("OUT")
	if in == "" {
		t.Skip()
	}
	r, err := os.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	w, _ := os.Create(out)
	l := New(w)
	if err := run.Read(r, l.Hear); err != nil {
		t.Log(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	w.Close()
}

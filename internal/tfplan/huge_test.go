package tfplan

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"polygraph/internal/evidence"
)

// endless is a blob that makes its bytes when they are read: head, then unit
// over and over, each with a running number where unit has '#'.
type endless struct {
	head, unit string
	size       int64
	divisors   []int // by place in unit: what the running number is divided by for that digit
	reads      int
	peak       uint64 // of the heap, while it was read
}

func newEndless(head, unit string, size int64) *endless {
	e := &endless{head: head, unit: unit, size: size, divisors: make([]int, len(unit))}
	d := 1
	for i := len(unit) - 1; i >= 0; i-- {
		if unit[i] != '#' {
			d = 1
			continue
		}
		e.divisors[i] = d
		d *= 10
	}
	return e
}

func (e *endless) Size() int64 { return e.size }

func (e *endless) ReadAt(p []byte, off int64) (int, error) {
	if e.reads++; e.reads%16 == 0 {
		e.measure()
	}
	n := 0
	for n < len(p) && off < e.size {
		if off < int64(len(e.head)) {
			k := copy(p[n:], e.head[off:])
			n, off = n+k, off+int64(k)
			continue
		}
		body := off - int64(len(e.head))
		w := int64(len(e.unit))
		i, in := body/w, int(body%w)
		for k := in; k < len(e.unit) && n < len(p) && off < e.size; k++ {
			b := e.unit[k]
			if d := e.divisors[k]; d > 0 {
				b = byte('0' + int(i)/d%10)
			}
			p[n] = b
			n, off = n+1, off+1
		}
	}
	if off >= e.size {
		return n, io.EOF
	}
	return n, nil
}

func (e *endless) measure() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	e.peak = max(e.peak, m.HeapAlloc)
}

// TestHugePlansStayWithinMemory reads half a gigabyte of each kind of nonsense.
// All are refused with the bound they met, within 128 MiB.
func TestHugePlansStayWithinMemory(t *testing.T) {
	const most = 128 << 20
	change := `{"address":"t.n[########]","type":"t","name":"n","change":{"actions":["update"],"before":{"a":1},"after":{"a":2},"after_unknown":{}}},`
	for _, c := range []struct {
		name, head, unit, reason string
		slow                     bool
	}{
		{"one string", `{"resource_changes":[{"address":"`, "x", "longer than", false},
		{"one string that is skipped", `{"variables":"`, "x", "longer than", true},
		{"one name", `{"`, "x", "longer than", true},
		{"one number", `{"variables":`, "1", "longer than", true},
		{"whitespace", "", " ", "longer than", false},
		{"whitespace inside", `{"resource_changes":[`, " ", "longer than", true},
		{"small changes, cut short", `{"resource_changes":[`, change, "kept of one plan", false},
		{"tiny changes", `{"resource_changes":[`, `{},`, "kept of one plan", false},
		{"nulls", `{"resource_drift":[`, `null,`, "kept of one plan", true},
		{"names at the top", `{`, `"k########":1,`, "more names", false},
		{"names of one attribute", `{"resource_changes":[{"change":{"actions":["update"],"before":{"a":{`, `"k########":1,`, "", true},
		{"names of attributes", `{"resource_changes":[{"change":{"actions":["update"],"before":{`, `"k########":1,`, "more names", false},
		{"names of outputs", `{"configuration":{"root_module":{"outputs":{`, `"k########":{"references":["t.n########"]},`, "", true},
		{"blocks", `{"configuration":{"root_module":{"resources":[`, `{"type":"t","name":"n########","expressions":{"a":{"references":["t.n########.id","t.n########"]}}},`, "kept of one plan", false},
		{"one reference over and over", `{"configuration":{"root_module":{"resources":[{"type":"t","name":"n","expressions":{"a":{"references":[`, `"t.n.id",`, "truncated", true},
		{"references of one attribute", `{"configuration":{"root_module":{"resources":[{"type":"t","name":"n","expressions":{"a":{"references":[`, `"t.n########.id",`, "kept of one plan", false},
		{"relevant attributes", `{"relevant_attributes":[`, `{"resource":"t.n########","attribute":["a"]},`, "kept of one plan", true},
		{"elements of one attribute", `{"resource_changes":[{"change":{"actions":["update"],"before":{"a":[`, `"########",`, "longer than", true},
		{"forcing paths", `{"resource_changes":[{"change":{"actions":["update"],"replace_paths":[`, `["a########"],`, "kept of one plan", false},
		{"action words", `{"resource_changes":[{"change":{"actions":[`, `"update",`, "", true},
		{"skipped list", `{"variables":[`, `12345678,`, "truncated", true},
		{"checks", `{"checks":[`, `{"status":"pass"},`, "truncated", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.slow && os.Getenv("POLYGRAPH_SOAK") == "" {
				t.Skip("takes seconds: set POLYGRAPH_SOAK=1")
			}
			debug.FreeOSMemory()
			b := newEndless(c.head, c.unit, 500<<20)
			start := time.Now()
			_, err := Read(context.Background(), &evidence.Item{Path: "plan.json", Blob: b}, Options{})
			b.measure()
			var p *evidence.Problem
			if !errors.As(err, &p) || !strings.Contains(p.Reason, c.reason) || p.Do == "" {
				t.Errorf("refused with %v, want %q", err, c.reason)
			}
			limit := uint64(most)
			if c.name == "names of one attribute" {
				limit = 448 << 20 // the decoder remembers each of a million names
			}
			if b.peak > limit {
				t.Errorf("the heap reached %d MiB", b.peak>>20)
			}
			t.Logf("%v, %d MiB, %.120v", time.Since(start).Round(time.Millisecond), b.peak>>20, err)
		})
	}
}

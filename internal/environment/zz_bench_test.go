package environment

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/tfplan"
)

func cpu() float64 {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return float64(r.Utime.Sec+r.Stime.Sec) + float64(r.Utime.Usec+r.Stime.Usec)/1e6
}

type fileBlob struct {
	*os.File
	n int64
}

func (f fileBlob) Size() int64 { return f.n }

func TestZZ(t *testing.T) {
	f, _ := os.Open("/work/main/.build/bench/plan.json")
	st, _ := f.Stat()
	item := &evidence.Item{Kind: tfplan.Kind(), Path: "p", Blob: fileBlob{f, st.Size()}}
	for _, on := range []bool{false, true} {
		a := cpu()
		r, err := facts.Plan().Read(context.Background(), analysis.Input{Item: item, Things: on})
		if err != nil {
			t.Fatal(err)
		}
		b := cpu()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		fmt.Println("things", on, len(r.Things), "cpu", b-a, "heap MB", m.HeapAlloc>>20, "sys", m.Sys>>20)
		if on {
			a = cpu()
			w := newWorld(nil, map[string][]evidence.Thing{"p": r.Things}, []string{"p"})
			fmt.Println("world cpu", cpu()-a, len(w.guess.tally))
			a = cpu()
			n := 0
			for i := range r.Things {
				if w.thing("p", &r.Things[i]).env != "" {
					n++
				}
			}
			fmt.Println("resolve cpu", cpu()-a, n)
			fmt.Printf("%+v\n", r.Things[100])
		}
		runtime.KeepAlive(r)
	}
}

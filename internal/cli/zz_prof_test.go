package cli

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

func TestZZProf(t *testing.T) {
	p := os.Getenv("ZZ_PLAN")
	if p == "" {
		t.Skip()
	}
	runtime.MemProfileRate = 64 << 10
	f, _ := os.Create("/tmp/zz.cpu")
	pprof.StartCPUProfile(f)
	done := make(chan bool); go func() { i := 0; var top uint64; for { select { case <-done: return; default: }; var ms runtime.MemStats; runtime.ReadMemStats(&ms); if ms.HeapInuse > top { top = ms.HeapInuse; if os.Getenv("ZZ_HEAP") != "" && ms.HeapInuse>>20 >= 46 { h, _ := os.Create("/tmp/zz.heap"); runtime.GC(); pprof.Lookup("heap").WriteTo(h, 0); h.Close() }; println(i, ms.HeapInuse>>20, ms.HeapAlloc>>20, ms.Sys>>20, ms.NextGC>>20, ms.HeapIdle>>20) }; i++; time.Sleep(20 * time.Millisecond) } }()
	var out, errb bytes.Buffer
	Run(context.Background(), IO{Args: []string{"check", p, "-q"}, Stdout: &out, Stderr: &errb, Env: os.Environ()})
	pprof.StopCPUProfile()
	f.Close()
	m, _ := os.Create("/tmp/zz.mem")
	pprof.Lookup("allocs").WriteTo(m, 0)
	m.Close()
}

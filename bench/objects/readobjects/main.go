// Command readobjects reads files of Kubernetes objects as the product does,
// keeps all of them and prints how many there are: for bench/cmd/measure.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"

	"polygraph/internal/evidence"
	"polygraph/internal/kubeobj"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: readobjects FILE...")
		os.Exit(2)
	}
	var kept []*kubeobj.File
	for _, name := range os.Args[1:] {
		f, err := read(name)
		if err != nil {
			fmt.Fprintf(os.Stderr, "readobjects: %s: %v\n", name, err)
			os.Exit(1)
		}
		fmt.Printf("%s: %d objects, %d not read\n", name, len(f.Objects), len(f.Unread))
		kept = append(kept, f)
	}
	runtime.KeepAlive(kept)
}

func read(name string) (*kubeobj.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return kubeobj.Read(context.Background(), &evidence.Item{Path: name, Blob: blob{f, info.Size()}})
}

type blob struct {
	*os.File
	size int64
}

func (b blob) Size() int64 { return b.size }

// Command cluster builds and starts a Kubernetes API for a person: `make cluster`.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"polygraph/test/cluster/binary"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for _, v := range binary.Versions() {
		path, err := binary.Server(v).Build(ctx, func(s binary.Stage) {
			if s.Took > 0 {
				fmt.Fprintf(os.Stderr, "%s: %s: %d packages, %s\n", s.Program, s.Name, s.Packages, s.Took.Round(time.Second/10))
			}
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(path)
		break
	}
}

// Package lifeline ends a process when the one that started it is gone, however that one ended. A test
// that crashes runs no cleanup, and a control plane left behind would hold memory and ports for days.
package lifeline

import (
	"io"
	"os"
	"strconv"
)

// Variable names the environment variable that holds the number of a file descriptor: the reading end of
// a pipe whose writing end only the parent has. The system closes it when the parent dies.
const Variable = "POLYGRAPH_LIFELINE"

// Hold watches the pipe, if there is one, for as long as the process lives.
func Hold() {
	fd, err := strconv.Atoi(os.Getenv(Variable))
	if err != nil {
		return
	}
	pipe := os.NewFile(uintptr(fd), "lifeline")
	if pipe == nil {
		return
	}
	go func() {
		_, _ = io.Copy(io.Discard, pipe)
		os.Exit(1)
	}()
}

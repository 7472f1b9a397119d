//go:build !unix

package cluster

import (
	"os/exec"
	"syscall"
)

// Other systems know no such signals, and say so when one is sent. A start fails there already, because a
// process takes no pipe along.
const (
	pause  = syscall.Signal(19)
	resume = syscall.Signal(18)
)

func apart(*exec.Cmd) {}

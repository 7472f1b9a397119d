//go:build unix

package cluster

import (
	"os/exec"
	"syscall"
)

const (
	pause  = syscall.SIGSTOP
	resume = syscall.SIGCONT
)

// apart keeps what a person types in the terminal, Ctrl-C, from the parts: whoever started them ends them.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

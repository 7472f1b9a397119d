package measurement

import (
	"errors"
	"os"
	"syscall"
)

// residentSet is the largest resident set of the process in bytes. The kernel starts that count at the
// size of the process that forked, so this program must stay smaller than anything it measures.
func residentSet(state *os.ProcessState) (int64, error) {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, errors.New("the system tells nothing about the memory of a finished process")
	}
	return usage.Maxrss << 10, nil
}

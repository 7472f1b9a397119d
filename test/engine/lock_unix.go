//go:build unix

package engine

import (
	"os"
	"syscall"
)

// lock waits until this process alone holds the file. The system lets go of it when the process dies,
// so a crashed test leaves nothing to clean up.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		file.Close()
		return nil, err
	}
	return func() { file.Close() }, nil
}

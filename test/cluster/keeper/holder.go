//go:build unix

package keeper

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// hold takes the file for as long as the process lives. The system takes it back when the process ends,
// however that happens. The process must not open the file again: closing it would let go of the lock.
func hold(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	lock := whole()
	if err := syscall.FcntlFlock(file.Fd(), syscall.F_SETLK, &lock); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s is held by another process: %w", path, err)
	}
	return file, nil
}

func whole() syscall.Flock_t {
	return syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart}
}

// holder asks the system which process holds the file. Zero means that none does. A number from a file
// could be that of a stranger by now.
func holder(path string) (int, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer file.Close()
	lock := whole()
	if err := syscall.FcntlFlock(file.Fd(), syscall.F_GETLK, &lock); err != nil {
		return 0, err
	}
	if lock.Type == syscall.F_UNLCK {
		return 0, nil
	}
	if lock.Pid <= 0 {
		return 0, fmt.Errorf("%s is held by a process that cannot be seen from here, in another container perhaps", path)
	}
	return int(lock.Pid), nil
}

// send reaches the process that holds the file, and no other. It tells whether there was one.
func send(path string, s os.Signal) (bool, error) {
	for {
		pid, err := holder(path)
		if err != nil || pid == 0 {
			return false, err
		}
		// This may take hold of a process that got the number in the meantime. If the file is held by that
		// number still, it was not: a process that ended lets go of the file before its number is free.
		process, err := os.FindProcess(pid)
		if err != nil {
			return false, err
		}
		again, err := holder(path)
		if err != nil || again == pid {
			if err == nil {
				err = process.Signal(s)
			}
			_ = process.Release()
			if errors.Is(err, os.ErrProcessDone) {
				return false, nil
			}
			return err == nil, err
		}
		_ = process.Release()
	}
}

package cluster

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// paused tells whether all threads of a process have stopped. A thread that was running when the signal was
// sent goes on for a moment, and may answer a call in it.
func paused(pid int) (bool, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(threads) == 0 {
		return false, os.ErrProcessDone
	}
	for _, path := range threads {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended since
		}
		// The state stands behind the name, which may have anything in it but ends with the last bracket.
		_, state, _ := bytes.Cut(text[bytes.LastIndexByte(text, ')')+1:], []byte(" "))
		if len(state) == 0 || !bytes.ContainsRune([]byte("TtXZ"), rune(state[0])) {
			return false, nil
		}
	}
	return true, nil
}

package podrunner

import (
	"io"
	"os"
)

// logEnd is the end of a log, as much of it as a termination message may hold.
func logEnd(path string) string {
	const size = 2048
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > size {
		if _, err := file.Seek(-size, io.SeekEnd); err != nil {
			return ""
		}
	}
	text, err := io.ReadAll(io.LimitReader(file, size))
	if err != nil {
		return ""
	}
	return string(text)
}

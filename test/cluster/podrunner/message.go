package podrunner

import (
	"io"
	"os"
)

// logEnd is the end of what a log has from an offset on, as much of it as a termination message may hold.
func logEnd(path string, from int64) string {
	const size = 2048
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return ""
	}
	if _, err := file.Seek(max(from, info.Size()-size), io.SeekStart); err != nil {
		return ""
	}
	text, err := io.ReadAll(io.LimitReader(file, size))
	if err != nil {
		return ""
	}
	return string(text)
}

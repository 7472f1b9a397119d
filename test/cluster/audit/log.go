package audit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// longest is how long a line may be. One has about a thousand bytes; a policy that logs bodies has as much
// as etcd stores of an object.
const longest = 4 << 20

// Log is the file that an API server writes. It is only read, and may grow while it is.
type Log struct{ Path string }

// Mark is a place in the log, between two calls. The zero value is its beginning.
type Mark struct {
	offset int64
	err    error // of taking it: told by those who read from it
}

// Mark is the present end of the log. What is half written belongs behind it: its caller still waits.
func (l Log) Mark() Mark {
	offset, err := l.end()
	return Mark{offset, err}
}

func (l Log) end() (int64, error) {
	file, err := os.Open(l.Path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	return lineEnd(file, info.Size())
}

// lineEnd is where the last whole line before the offset ends.
func lineEnd(file io.ReaderAt, offset int64) (int64, error) {
	block := make([]byte, 32<<10)
	for offset > 0 {
		part := block[:min(offset, int64(len(block)))]
		offset -= int64(len(part))
		if _, err := file.ReadAt(part, offset); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			return offset + int64(i) + 1, nil
		}
	}
	return 0, nil
}

// Since returns the calls behind the mark.
func (l Log) Since(from Mark) (Calls, error) {
	var calls Calls
	_, err := l.Each(from, func(c Call) error {
		calls = append(calls, c)
		return nil
	})
	return calls, err
}

// Each hands over the calls behind the mark one by one and returns the mark to go on from. It holds one
// line in memory. A line whose end is not written yet is left to the next reader.
func (l Log) Each(from Mark, do func(Call) error) (Mark, error) {
	if from.err != nil {
		return from, fmt.Errorf("mark in the audit log: %w", from.err)
	}
	file, err := os.Open(l.Path)
	if err != nil {
		return from, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return from, err
	}
	if info.Size() < from.offset {
		return from, fmt.Errorf("audit log %s has %d bytes, the mark stands behind %d: it is another log, or was rotated", l.Path, info.Size(), from.offset)
	}
	if _, err := file.Seek(from.offset, io.SeekStart); err != nil {
		return from, err
	}
	if err := each(file, &from.offset, do); err != nil {
		return from, fmt.Errorf("audit log %s, byte %d: %w", l.Path, from.offset, err)
	}
	return from, nil
}

// each moves the offset behind every line that it has handed over.
func each(source io.Reader, offset *int64, do func(Call) error) error {
	in := bufio.NewReaderSize(source, 64<<10)
	var long []byte
	for {
		piece, err := in.ReadSlice('\n')
		if len(long)+len(piece) > longest {
			return fmt.Errorf("a line is longer than %d bytes", longest)
		}
		line := piece
		if len(long) > 0 || err != nil {
			long = append(long, piece...)
			line = long
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		call, counts, err := parse(line)
		if err != nil {
			call, counts, err = torn(line, err)
		}
		if err != nil {
			return err
		}
		if counts {
			if err := do(call); err != nil {
				return err
			}
		}
		*offset += int64(len(line))
		long = long[:0]
	}
}

// torn reads a line that begins with what an API server was writing when it was killed. The next one, which
// appends to the same file, went on in the same line. Nobody had an answer to the first half.
func torn(line []byte, because error) (Call, bool, error) {
	begin := bytes.LastIndex(line, []byte(`{"kind":"Event","apiVersion":"audit.k8s.io/`))
	if begin <= 0 {
		return Call{}, false, because
	}
	return parse(line[begin:])
}

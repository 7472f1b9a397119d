package run

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxLine bounds one line of a saved run: a finding with its whole proof is a
// few kilobytes, so a longer line is not a run of ours.
const MaxLine = 16 << 20

// Read passes every message of a saved run to hear, in order. It refuses
// another major protocol version and ignores keys it does not know (a newer
// minor may add some). A stream without a summary ends in
// ErrTruncated after all that was there has been heard.
func Read(r io.Reader, hear func(*Message) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), MaxLine)
	line, messages, ended := 0, 0, false
	findings, promised := 0, 0
	newer := false // the run was written by a newer minor version
	for sc.Scan() {
		line++
		text := bytes.TrimSpace(bytes.TrimPrefix(sc.Bytes(), []byte("\xef\xbb\xbf")))
		if len(text) == 0 {
			continue
		}
		var m Message
		if err := json.Unmarshal(text, &m); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "unexpected end") {
				return fmt.Errorf("line %d: %w", line, ErrTruncated)
			}
			return fmt.Errorf("line %d is not a message of a saved run: %w", line, err)
		}
		if newer && m == (Message{}) {
			continue // a message of a newer minor version
		}
		if err := m.Validate(); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		switch {
		case messages == 0 && m.Header == nil:
			return fmt.Errorf("line %d: a saved run starts with a header; save one with `polygraph check PATH -o jsonl=run.jsonl`", line)
		case messages > 0 && m.Header != nil:
			return fmt.Errorf("line %d: a second header: these are two runs in one file; split them", line)
		case ended:
			return fmt.Errorf("line %d: a message after the summary", line)
		}
		if m.Header != nil && major(m.Header.Protocol) != major(Protocol) {
			return fmt.Errorf("this run speaks protocol %q, this Polygraph %s: render it with the version that wrote it (%s)",
				m.Header.Protocol, Protocol, m.Header.Version)
		}
		newer = newer || m.Header != nil && m.Header.Protocol != Protocol
		if m.Finding != nil {
			findings++
		}
		if m.Summary != nil {
			ended, promised = true, m.Summary.promised()
		}
		messages++
		if err := hear(&m); err != nil {
			return err
		}
	}
	if err := sc.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return fmt.Errorf("line %d is longer than %d MiB: not a saved run", line+1, MaxLine>>20)
		}
		return err
	}
	if messages == 0 {
		return errors.New("the file is empty: save a run with `polygraph check PATH -o jsonl=run.jsonl`")
	}
	if !ended {
		return ErrTruncated
	}
	if findings != promised {
		return fmt.Errorf("the summary counts %d findings and the run has %d: lines are missing or were added; run it again", promised, findings)
	}
	return nil
}

// ErrTruncated reports a saved run without its summary.
var ErrTruncated = errors.New("the run was cut off before its summary: what it did not say is unproven; run it again")

func major(v string) string {
	m, _, _ := strings.Cut(v, ".")
	return m
}

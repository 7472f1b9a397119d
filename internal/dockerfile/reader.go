package dockerfile

import (
	"bytes"
	"strings"
	"unicode"

	"polygraph/internal/pinning"
)

// reader yields instructions: lines that are joined where they are continued,
// with the place of every byte.
type reader struct {
	data   []byte
	off    int // of the next line
	escape byte
	open   string // the here-document that has no end

	counted, lines int // how many lines end before an offset: places come in their order
}

// instruction is one logical line.
type instruction struct {
	buf  []byte // what text is made of
	text string
	at   []int // for every byte of text, its offset in the file
	r    *reader
}

func newReader(data []byte) *reader {
	r := &reader{data: data, escape: '\\'}
	r.off = len(data) - len(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	for _, d := range directives(data[r.off:], r.off) {
		if d.name == "escape" && (d.value == "`" || d.value == `\`) {
			r.escape = d.value[0]
		}
	}
	return r
}

// raw returns the next line without its end, and where it starts.
func (r *reader) raw() (line []byte, start int, ok bool) {
	if r.off >= len(r.data) {
		return nil, 0, false
	}
	start = r.off
	if i := bytes.IndexByte(r.data[start:], '\n'); i >= 0 {
		r.off = start + i + 1
	} else {
		r.off = len(r.data)
	}
	return bytes.TrimRight(r.data[start:r.off], "\r\n"), start, true
}

// next returns the next instruction that is neither empty nor a comment.
func (r *reader) next() (*instruction, bool) {
	for {
		line, start, ok := r.raw()
		if !ok {
			return nil, false
		}
		if blank(line) || comment(line) {
			continue
		}
		in := &instruction{r: r}
		for {
			part, more := r.continued(line)
			in.append(part, start)
			if !more {
				break
			}
			// Comments and empty lines inside of a continued line are left out.
			for {
				if line, start, ok = r.raw(); !ok || !blank(line) && !comment(line) {
					break
				}
			}
			if !ok {
				break
			}
		}
		in.trim()
		if in.text == "" {
			continue
		}
		r.skipDocuments(in)
		return in, true
	}
}

// continued takes the escape character off the end of a line that goes on.
func (r *reader) continued(line []byte) ([]byte, bool) {
	t := bytes.TrimRight(line, " \t")
	if len(t) == 0 || t[len(t)-1] != r.escape {
		return line, false
	}
	if len(t) > 1 && t[len(t)-2] == r.escape {
		return line, false // it is escaped itself
	}
	return t[:len(t)-1], true
}

func (in *instruction) append(part []byte, start int) {
	in.buf = append(in.buf, part...)
	for i := range part {
		in.at = append(in.at, start+i)
	}
}

func (in *instruction) trim() {
	in.text, in.buf = string(in.buf), nil
	left := len(in.text) - len(strings.TrimLeftFunc(in.text, unicode.IsSpace))
	in.text, in.at = in.text[left:], in.at[left:]
	in.text = strings.TrimRightFunc(in.text, unicode.IsSpace)
	in.at = in.at[:len(in.text)]
}

// words returns the words of an instruction, with their places in its text.
func (in *instruction) words() [][2]int {
	var out [][2]int
	start := -1
	for i := 0; i <= len(in.text); i++ {
		space := i == len(in.text) || strings.IndexByte(" \t\v\f\r", in.text[i]) >= 0
		switch {
		case space && start >= 0:
			out, start = append(out, [2]int{start, i}), -1
		case !space && start < 0:
			start = i
		}
	}
	return out
}

// span is where a part of the text stands in the file.
func (in *instruction) span(from, to int) pinning.Span {
	if from >= to {
		return in.r.spanOf(0, 0)
	}
	return in.r.spanOf(in.at[from], in.at[to-1]+1)
}

func (r *reader) spanOf(from, to int) pinning.Span {
	if from < r.counted {
		r.counted, r.lines = 0, 0
	}
	r.lines += bytes.Count(r.data[r.counted:from], []byte("\n"))
	r.counted = from
	s := pinning.Span{Offset: int64(from), End: int64(to), Line: 1 + r.lines}
	start := bytes.LastIndexByte(r.data[:from], '\n') + 1
	end := len(r.data)
	if i := bytes.IndexByte(r.data[from:], '\n'); i >= 0 {
		end = from + i
	}
	if text := bytes.TrimSuffix(r.data[start:end], []byte("\r")); len(text) <= pinning.MaxLine && to <= end {
		s.Text = string(text)
	}
	return s
}

func blank(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }

func comment(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeftFunc(line, unicode.IsSpace), []byte("#"))
}

// skipDocuments steps over the here-documents of an instruction: what is in
// them is data.
func (r *reader) skipDocuments(in *instruction) {
	for _, d := range in.documents() {
		for {
			line, _, ok := r.raw()
			if !ok {
				r.open = d.name
				return
			}
			if d.tabs {
				line = bytes.TrimLeft(line, "\t")
			}
			if string(line) == d.name {
				break
			}
		}
	}
}

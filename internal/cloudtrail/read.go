package cloudtrail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
)

// Read reads a file of events. Errors are *evidence.Problem.
func Read(ctx context.Context, item *evidence.Item) (*Log, error) {
	if item.Blob.Size() > MaxSize {
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("the file is larger than %d MiB, the most that is examined", MaxSize>>20),
			Do:     "look up single objects: " + Kind().Get,
		}
	}
	r := &reader{log: &Log{File: item.Path}, ctx: ctx}
	in := &meter{r: io.NewSectionReader(item.Blob, 0, item.Blob.Size())}
	if r.bom = startsWithBOM(item.Blob); r.bom > 0 {
		in.r = io.NewSectionReader(item.Blob, r.bom, item.Blob.Size()-r.bom)
	}
	r.dec = jsontext.NewDecoder(in, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	in.used = r.dec.InputOffset
	if err := r.documents(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, r.problem(err, item.Blob.Size())
	}
	// Stable: of two in one second the one that stands first is the newer, as
	// lookup-events lists them.
	slices.SortStableFunc(r.log.Events, func(a, b Event) int { return b.Time.Compare(a.Time) })
	r.log.index()
	return r.log, nil
}

func startsWithBOM(b evidence.Blob) int64 {
	var head [3]byte
	if n, _ := b.ReadAt(head[:], 0); n == 3 && string(head[:]) == "\xef\xbb\xbf" {
		return 3
	}
	return 0
}

var (
	errTooLong = errors.New("a single event is too long")
	errShape   = errors.New("not a list of events")
)

func (r *reader) problem(err error, size int64) error {
	// Not the decoder's own text: it may quote a value.
	p := &evidence.Problem{
		Reason: fmt.Sprintf("not valid JSON, near byte %d", r.bom+r.dec.InputOffset()),
		Do:     "write it again: " + Kind().Get,
	}
	switch {
	case size == r.bom:
		p.Reason = "the file is empty"
	case errors.Is(err, errTooLong):
		p.Reason = fmt.Sprintf("a single event is longer than %d MiB, the most that is held at once", MaxEvent>>20)
	case errors.Is(err, errShape):
		p.Reason = fmt.Sprintf("no CloudTrail events, near byte %d", r.bom+r.dec.InputOffset())
	case errors.Is(err, io.ErrUnexpectedEOF):
		p.Reason = "the file is truncated"
	}
	return p
}

// meter bounds what the decoder holds of one value.
type meter struct {
	r    io.Reader
	read int64
	used func() int64
}

func (m *meter) Read(p []byte) (int, error) {
	if m.read-m.used() > MaxEvent {
		return 0, errTooLong
	}
	n, err := m.r.Read(p)
	m.read += int64(n)
	return n, err
}

type reader struct {
	ctx  context.Context
	dec  *jsontext.Decoder
	log  *Log
	bom  int64
	kept int
}

// documents reads one document after the other.
func (r *reader) documents() error {
	for n := 0; ; n++ {
		switch r.dec.PeekKind() {
		case '{':
			if err := r.document(); err != nil {
				return err
			}
		case 0:
			_, err := r.dec.ReadToken()
			if errors.Is(err, io.EOF) && n > 0 {
				return nil
			}
			return err
		default:
			return errShape
		}
	}
}

// document is a lookup, a log file, or a record on a line of its own.
func (r *reader) document() error {
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	start := r.dec.InputOffset() - 1
	rest := map[string]jsontext.Value{}
	for r.dec.PeekKind() != '}' {
		key, err := r.dec.ReadToken()
		if err != nil {
			return err
		}
		name := key.String()
		switch {
		case (name == "Events" || name == "Records") && r.dec.PeekKind() == '[':
			if err := r.list(name); err != nil {
				return err
			}
			continue
		case name == "NextToken":
			r.log.Truncated = r.log.Truncated || r.dec.PeekKind() == '"'
		}
		v, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		if isRecordField(name) {
			rest[name] = v.Clone()
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	if rest["eventName"] != nil {
		r.add(recordOf(rest), "", r.bom+start)
	}
	return r.ctx.Err()
}

func (r *reader) list(name string) error {
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	for i := 0; r.dec.PeekKind() != ']'; i++ {
		v, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		at := r.bom + r.dec.InputOffset() - int64(len(v))
		pointer := "/" + name + "/" + strconv.Itoa(i)
		fields := membersOf(v, isEventField)
		if name == "Events" {
			r.add(lookedUp(fields), pointer, at)
		} else {
			r.add(recordOf(fields), pointer, at)
		}
		if i&0xFF == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

// add counts an event and keeps it when it is a write that succeeded.
func (r *reader) add(rec record, pointer string, offset int64) {
	l := r.log
	l.Total++
	if !rec.time.IsZero() {
		if l.First.IsZero() || rec.time.Before(l.First) {
			l.First = rec.time
		}
		if rec.time.After(l.Last) {
			l.Last = rec.time
		}
	}
	switch {
	case rec.time.IsZero() || rec.name == "" || !rec.whole:
		l.Unreadable++
		if rec.only != "true" {
			r.lose(rec.time)
		}
		return
	case rec.readOnly():
		l.Reads++
		return
	case rec.failed:
		l.Failed++
		return
	case len(l.Events) == MaxEvents || r.kept > maxKept:
		l.Cut = true
		r.lose(rec.time)
		return
	}
	e := rec.event()
	e.Pointer, e.Offset = pointer, offset
	l.Cut = l.Cut || e.cut
	for i := range e.mentions {
		r.kept += len(e.mentions[i].value) + len(e.mentions[i].noun) + 96
	}
	r.kept += 48*(len(e.keys)+len(e.scalars)) + 512
	l.Events = append(l.Events, e)
}

// lose notes when something was written of which no more is known: nobody who
// wrote before may be named as the last.
func (r *reader) lose(t time.Time) {
	if t.After(r.log.lost) {
		r.log.lost = t
	}
}

// parseTime reads what the command line and the log files write: ISO 8601 with
// an offset, or seconds since 1970.
func parseTime(v jsontext.Value) time.Time {
	switch v.Kind() {
	case '"':
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.999999999Z0700"} {
			if t, err := time.Parse(layout, textOf(v)); err == nil {
				return t.UTC()
			}
		}
	case '0':
		if s, err := strconv.ParseFloat(string(v), 64); err == nil && s > 0 && s < 1e11 {
			return time.UnixMilli(int64(s * 1000)).UTC()
		}
	}
	return time.Time{}
}

package kubeobj

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"polygraph/internal/evidence"
)

// The bounds of one file. A value takes 64 bytes, beside the text itself: a
// file of the greatest size at most 1 GiB. A document that yaml.v3 has to read
// takes about 25 times its size for as long as it is read.
const (
	MaxFile      = 256 << 20 // bytes
	MaxValues    = 12 << 20  // all documents together
	MaxDocuments = 200_000
	MaxDepth     = 200      // maps and lists in one another
	MaxAliased   = 100_000  // values of one document that aliases bring
	MaxSlow      = 16 << 20 // bytes of a document that is not in plain block style
	maxUnread    = 10_000   // entries of File.Unread
	maxNotes     = 20
)

const (
	tooDeep        = "maps and lists more than 200 levels deep"
	tooManyAliased = "its aliases stand for more than 100,000 values"
	tooSlow        = "more than 16 MiB in one YAML document that is not in plain block style"
)

// Read reads all objects of an item.
func Read(ctx context.Context, item *evidence.Item) (*File, error) {
	size := item.Blob.Size()
	if size > MaxFile {
		return nil, tooBig(size)
	}
	var text strings.Builder
	text.Grow(int(size))
	if _, err := io.Copy(&text, io.NewSectionReader(item.Blob, 0, size)); err != nil {
		return nil, err
	}
	f, problem := parse(ctx, item.Path, text.String())
	if problem != nil {
		return nil, problem
	}
	return f, ctx.Err()
}

// Parse reads a text as kubectl does: JSON documents, or YAML documents, or
// JSON first and YAML after it. A document that is no object is named in
// File.Unread and the others are read; when there is none that is an object the
// result is a Problem. Neither quotes the text.
func Parse(path string, data []byte) (*File, *evidence.Problem) {
	if len(data) > MaxFile {
		return nil, tooBig(int64(len(data)))
	}
	return parse(context.Background(), path, string(data))
}

func tooBig(size int64) *evidence.Problem {
	return &evidence.Problem{
		Reason: fmt.Sprintf("%d MiB of Kubernetes objects; files are read up to %d MiB", size>>20, MaxFile>>20),
		Do:     "write several files, for example one per namespace",
	}
}

func parse(ctx context.Context, path, text string) (*File, *evidence.Problem) {
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		return nil, wideText()
	}
	r := &reader{ctx: ctx, path: path, text: text, f: &File{}, tree: &tree{}}
	err := r.all()
	switch {
	case errors.Is(err, errFull):
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("more than %d million values, or %d documents, in one file", MaxValues>>20, MaxDocuments),
			Do:     "write several files, for example one per namespace",
		}
	case err != nil:
		return nil, &evidence.Problem{Reason: "it was not read to its end", Do: "run again", Err: err}
	}
	r.finish()
	if len(r.f.Objects) == 0 && len(r.f.Kustomizations) == 0 && len(r.f.Unread) > 0 {
		u := r.f.Unread[0]
		return nil, &evidence.Problem{Reason: fmt.Sprintf("no object that can be read; line %d: %s", u.Line, u.Reason), Do: u.Do}
	}
	return r.f, nil
}

func wideText() *evidence.Problem {
	return &evidence.Problem{
		Reason: "Kubernetes objects in UTF-16, which kubectl does not read",
		Do:     "save it as UTF-8; in PowerShell: kubectl get ... | Out-File -Encoding utf8 FILE",
	}
}

type reader struct {
	*tree
	ctx  context.Context
	path string
	text string
	f    *File
	docs int
	// again counts names that stand twice, and where the first did.
	again, firstAgain int
	unread            int
}

func (r *reader) all() error {
	from := 0
	if isJSON(r.text) { // not behind a byte order mark: that is YAML for kubectl
		var err error
		if from, err = r.json(0); err != nil {
			return err
		}
	}
	var err error
	for c := range chunks(r.text, from) {
		if err = r.chunk(c); err == nil {
			err = r.ctx.Err()
		}
		if err != nil {
			break
		}
	}
	return err
}

func isJSON(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{")
}

// json reads JSON documents as long as there are any, and returns where YAML
// begins.
func (r *reader) json(from int) (int, error) {
	s := newStream(r.tree, r.text, from, len(r.text), r.twiceAt)
	for {
		at := s.offset()
		root, err := s.document()
		switch {
		case err == nil:
			if err := r.add(root, at, s.offset()); err != nil {
				return 0, err
			}
			if err := r.ctx.Err(); err != nil {
				return 0, err
			}
			continue
		case errors.Is(err, io.EOF) && !cut(err):
			return len(r.text), nil
		}
		r.drop(0)
		if errors.Is(err, errFull) {
			return 0, r.full(at)
		}
		at += len(r.text[at:]) - len(strings.TrimLeft(r.text[at:], " \t\r\n"))
		if cut(err) && r.text[at] == '{' && len(r.text)-at > MaxSlow {
			r.refuse(at, "JSON that ends in the middle", "write it again: what made it may have failed")
			return len(r.text), nil
		}
		return at, nil // flow style, or documents between ---
	}
}

// full names the bound that was met: of a document, or of the file.
func (r *reader) full(at int) error {
	if r.count+len(r.stack) > MaxValues {
		return errFull
	}
	r.refuse(at, tooDeep, "look at it by hand")
	return nil
}

func (r *reader) twiceAt(offset int) {
	if r.again == 0 {
		r.firstAgain = offset
	}
	r.again++
}

// line is the line of an offset, from 1.
func (r *reader) line(offset int) int { return 1 + strings.Count(r.text[:offset], "\n") }

func (r *reader) refuse(at int, reason, do string) {
	r.leave(Unread{Offset: int64(at), Reason: reason, Do: do})
}

func (r *reader) leave(u Unread) {
	if r.unread++; len(r.f.Unread) < maxUnread {
		u.Document = r.docs
		r.f.Unread = append(r.f.Unread, u)
	}
}

// finish writes the notes.
func (r *reader) finish() {
	at, line := 0, 1
	for i := range r.f.Unread {
		// In the order of the file, but for a few.
		if to := int(r.f.Unread[i].Offset); to >= at {
			line += strings.Count(r.text[at:to], "\n")
			at = to
		} else {
			at, line = to, r.line(to)
		}
		r.f.Unread[i].Line = line
	}
	r.f.Notes = notes(r.f.Unread, r.unread)
	if r.again > 0 {
		r.f.Notes = append(r.f.Notes, fmt.Sprintf("a name stands twice in a map (%d times, first in line %d): kubectl takes the last and does not say so", r.again, r.line(r.firstAgain)))
	}
}

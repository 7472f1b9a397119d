package files

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"polygraph/internal/evidence"
)

// Pool keeps a bounded number of files open for any number of blobs. A blob
// whose file was closed meanwhile opens it again, so evidence of a million
// files needs no million descriptors.
type Pool struct {
	limit int

	mu     sync.Mutex
	open   map[*blob]*handle
	used   []*blob // idle ones, longest idle first
	closed bool
}

type handle struct {
	file *os.File
	refs int
}

// NewPool returns a pool that keeps up to limit files open. Files that are
// being read at this moment are open beyond it.
func NewPool(limit int) *Pool {
	return &Pool{limit: max(1, limit), open: map[*blob]*handle{}}
}

// Close closes what is open and idle; files in use close when they are done.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return p.evict(0)
}

// blob is evidence in a file that must stay what it was when it was found:
// a proof that mixes two versions of a file would be a lie of ours.
type blob struct {
	pool *Pool
	name string
	was  os.FileInfo
}

func (p *Pool) blob(name string, info os.FileInfo) evidence.Blob {
	return &blob{pool: p, name: name, was: info}
}

func (b *blob) Size() int64 { return b.was.Size() }

// ReadAt reads and then looks whether the file is still the one that was
// found; a change in between would otherwise be noticed one read too late.
func (b *blob) ReadAt(buf []byte, off int64) (int, error) {
	h, err := b.pool.take(b)
	if err != nil {
		return 0, err
	}
	defer b.pool.give(b, h)
	n, err := h.file.ReadAt(buf, off)
	if changed := b.check(h.file); changed != nil {
		return 0, changed
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, b.problem(err)
	}
	return n, err
}

func (b *blob) check(f *os.File) error {
	now, err := f.Stat()
	if err != nil {
		return b.problem(err)
	}
	if !os.SameFile(b.was, now) || now.Size() != b.was.Size() || !now.ModTime().Equal(b.was.ModTime()) {
		return &evidence.Problem{Reason: "the file changed while it was examined", Do: "run it again when nothing writes to it"}
	}
	return nil
}

func (b *blob) problem(err error) error {
	p := vanishedOr(err)
	return &evidence.Problem{Reason: p.Reason, Do: p.Do, Err: fmt.Errorf("%s: %w", b.name, err)}
}

// take returns the open file of b.
func (p *Pool) take(b *blob) (*handle, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.open[b]; h != nil {
		if h.refs == 0 {
			p.unlist(b)
		}
		h.refs++
		return h, nil
	}
	// Opening under the lock is slower for many readers but keeps the count.
	f, err := openQuietly(b.name)
	if err != nil {
		return nil, b.problem(err)
	}
	if err := b.check(f); err != nil {
		f.Close()
		return nil, err
	}
	h := &handle{file: f, refs: 1}
	p.open[b] = h
	_ = p.evict(p.limit) // a read-only file that fails to close lost nothing
	return h, nil
}

func (p *Pool) give(b *blob, h *handle) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h.refs--; h.refs == 0 {
		p.used = append(p.used, b)
		limit := p.limit
		if p.closed {
			limit = 0
		}
		_ = p.evict(limit)
	}
}

func (p *Pool) unlist(b *blob) {
	for i, u := range p.used {
		if u == b {
			p.used = append(p.used[:i], p.used[i+1:]...)
			return
		}
	}
}

// evict closes idle files, longest idle first, until at most limit are open.
func (p *Pool) evict(limit int) error {
	var first error
	for len(p.open) > limit && len(p.used) > 0 {
		b := p.used[0]
		p.used = p.used[1:]
		if err := p.open[b].file.Close(); err != nil && first == nil {
			first = err
		}
		delete(p.open, b)
	}
	return first
}

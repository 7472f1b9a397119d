package html

import (
	"io"
	"strconv"
	"unicode/utf8"
)

// budget bounds what a group of findings may take on the page. Bytes are those
// of the HTML, which is what is held in memory.
type budget struct {
	cards, cardBytes int // findings in full
	lines, lineBytes int // findings as one line, after them
}

// A page is at most the main budget, five other ones and the bounds below: about
// 25 MB. A real finding takes 2 to 6 kB in full and 0.4 kB as a line. Tables,
// evidence and skips are measured before escaping: text made of nothing but
// "<" and "&" can make those 5 MB four times as large.
const (
	maxTables, maxColumns, maxRows, maxRowBytes = 20, 60, 5_000, 3 << 20
	maxEvidence, maxEvidenceBytes               = 1_000, 1 << 20
	maxChanged, maxChangedBytes                 = 500, 1 << 19
	maxSkips, maxSkipBytes                      = 1_000, 1 << 20
	maxRules                                    = 500
	maxPlaces                                   = 5_000 // environments or folders that are told apart while counting
	maxMissing                                  = 50
	maxPieces                                   = 5   // of evidence that one limit names
	maxList                                     = 50  // reasons, inputs, aliases, sources, notes
	maxProof                                    = 100 // statements of one finding
	maxText                                     = 4 << 10
	maxBlock                                    = 64 << 10 // a picture or a patch
	maxLineText                                 = 240
)

func mainBudget() budget { return budget{2_000, 8 << 20, 20_000, 9 << 20} }

func otherBudget() budget { return budget{300, 1 << 20, 3_000, 1 << 20} }

// pile holds HTML in pieces, so that growing copies nothing.
type pile struct {
	pieces [][]byte
	size   int
}

const piece = 64 << 10

func (p *pile) add(b []byte) {
	p.size += len(b)
	for len(b) > 0 {
		last := len(p.pieces) - 1
		if last < 0 || len(p.pieces[last]) == cap(p.pieces[last]) {
			p.pieces = append(p.pieces, make([]byte, 0, piece))
			last++
		}
		n := min(len(b), cap(p.pieces[last])-len(p.pieces[last]))
		p.pieces[last] = append(p.pieces[last], b[:n]...)
		b = b[n:]
	}
}

func (p *pile) writeTo(w io.Writer) error {
	for _, b := range p.pieces {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// clip shortens s to about n bytes and says so in the text.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	cut := n
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + " … (" + strconv.Itoa(len(s)-cut) + " more bytes)"
}

func text(s string) string  { return clip(s, maxText) }
func block(s string) string { return clip(s, maxBlock) }

// texts clips a list and tells how many entries it lost.
func texts(in []string) (out []string, more int) {
	for i, s := range in {
		if i == maxList {
			return out, len(in) - i
		}
		out = append(out, text(s))
	}
	return out, 0
}

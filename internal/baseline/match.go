package baseline

import (
	"slices"
	"strings"
)

// match pairs the findings of the two runs. One fingerprint may stand for
// several findings where nothing tells two plans apart: then those of the same
// evidence belong together, then those whose names agree.
func (m *matcher) match(base, head *side) {
	m.pairUp(group(base, full), group(head, full))
	// From before somebody declared environments, or renamed one.
	m.pairUp(group(base, bare), group(head, bare))
}

func newMatcher(base, head *side) *matcher {
	return &matcher{base: environmentsOf(base), head: environmentsOf(head)}
}

// matcher knows which environments each side declares.
type matcher struct{ base, head map[string]bool }

func environmentsOf(s *side) map[string]bool {
	out := map[string]bool{}
	if s.header.Policy != nil {
		for _, name := range s.header.Policy.Environments {
			out[name] = true
		}
	}
	return out
}

func full(e *entry) string { return e.print }
func bare(e *entry) string { return e.bare }

func group(s *side, key func(*entry) string) map[string][]*entry {
	out := map[string][]*entry{}
	for _, e := range s.entries {
		if e.other == nil {
			out[key(e)] = append(out[key(e)], e)
		}
	}
	return out
}

// maxGroup bounds how many findings of one fingerprint are paired by looking at
// each with each; beyond it they are paired in the order they stand in.
const maxGroup = 1_000_000

func (m *matcher) pairUp(base, head map[string][]*entry) {
	for key, bs := range base {
		hs := head[key]
		for _, fits := range []func(b, h *entry) bool{sameEvidence, sameNames, compatible} {
			if len(bs)*len(hs) <= maxGroup {
				m.pairEach(bs, hs, fits)
				continue
			}
			for i := range min(len(bs), len(hs)) {
				if b, h := bs[i], hs[i]; b.other == nil && h.other == nil && m.alike(b, h) && fits(b, h) {
					b.other, h.other = h, b
				}
			}
		}
	}
}

func (m *matcher) pairEach(bs, hs []*entry, fits func(b, h *entry) bool) {
	for _, b := range bs {
		for _, h := range hs {
			if b.other == nil && h.other == nil && m.alike(b, h) && fits(b, h) {
				b.other, h.other = h, b
			}
		}
	}
}

// alike: two declared environments that differ are two things, unless the name
// was changed: BASE's is not declared any more, or HEAD's was not.
func (m *matcher) alike(b, h *entry) bool {
	return !b.declared || !h.declared || m.sameEnvironment(b.where, h.where)
}

func (m *matcher) sameEnvironment(was, is string) bool {
	return was == is || !m.head[was] && !m.base[is]
}

func sameEvidence(b, h *entry) bool {
	return b.piece != nil && b.piece.other != nil && b.piece.other == h.piece
}

// sameNames: an ARN is one thing wherever it is planned, also after it moved
// from one plan to another.
func sameNames(b, h *entry) bool {
	return slices.ContainsFunc(b.aliases, func(a string) bool {
		return strings.HasPrefix(a, "arn:") && slices.Contains(h.aliases, a)
	})
}

// compatible: nothing says that these are two things. Where the evidence of one
// of them was examined in the other run as well, it shows what became of it: a
// lie that went there and came elsewhere is a new one.
func compatible(b, h *entry) bool {
	for _, p := range []*piece{b.piece, h.piece} {
		if p != nil && p.other != nil {
			return false
		}
	}
	return b.where == h.where || b.where == "" || h.where == "" || !b.declared || !h.declared
}

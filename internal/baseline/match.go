package baseline

import "slices"

// match pairs the findings of the two runs. One fingerprint may stand for
// several findings where nothing tells two plans apart: then those of the same
// evidence belong together, then those whose names agree.
func match(base, head *side) {
	pairUp(group(base, full), group(head, full))
	// From before somebody declared environments, or the other way round.
	pairUp(group(base, bare), group(head, bare))
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

func pairUp(base, head map[string][]*entry) {
	for key, bs := range base {
		hs := head[key]
		for _, fits := range []func(b, h *entry) bool{sameEvidence, sameNames, compatible} {
			if len(bs)*len(hs) <= maxGroup {
				pairEach(bs, hs, fits)
				continue
			}
			for i := range min(len(bs), len(hs)) {
				if b, h := bs[i], hs[i]; b.other == nil && h.other == nil && comparable(b, h) && fits(b, h) {
					b.other, h.other = h, b
				}
			}
		}
	}
}

func pairEach(bs, hs []*entry, fits func(b, h *entry) bool) {
	for _, b := range bs {
		for _, h := range hs {
			if b.other == nil && h.other == nil && comparable(b, h) && fits(b, h) {
				b.other, h.other = h, b
			}
		}
	}
}

// comparable: two declared environments that differ are two things.
func comparable(b, h *entry) bool { return !b.declared || !h.declared || b.where == h.where }

func sameEvidence(b, h *entry) bool {
	return b.piece != nil && b.piece.other != nil && b.piece.other == h.piece
}

func sameNames(b, h *entry) bool {
	if apart(b, h) {
		return false
	}
	return slices.ContainsFunc(b.aliases, func(a string) bool { return slices.Contains(h.aliases, a) })
}

// compatible: nothing says that these are two things.
func compatible(b, h *entry) bool {
	return !apart(b, h) && (b.where == h.where || b.where == "" || h.where == "")
}

// apart: the evidence of each was examined in the other run as well, as another
// piece. Then the finding moved from one thing to another of the same address.
func apart(b, h *entry) bool {
	return b.piece != nil && h.piece != nil && b.piece.other != nil && h.piece.other != nil && b.piece.other != h.piece
}

package reach

import "math/bits"

// set is a set of small numbers. All sets that meet have the same length.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

// fullSet has 0 to n-1.
func fullSet(n int) set {
	s := newSet(n)
	for i := range s {
		s[i] = ^uint64(0)
	}
	if n%64 != 0 && len(s) > 0 {
		s[len(s)-1] = 1<<(n%64) - 1
	}
	return s
}

func (s set) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s set) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s set) or(t set) {
	for i := range s {
		s[i] |= t[i]
	}
}

func (s set) and(t set) {
	for i := range s {
		s[i] &= t[i]
	}
}

func (s set) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

func (s set) count() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s set) equal(t set) bool {
	for i := range s {
		if s[i] != t[i] {
			return false
		}
	}
	return true
}

func (s set) clone() set { return append(set(nil), s...) }

// each calls f for every member, in order.
func (s set) each(f func(int)) {
	for i, w := range s {
		for w != 0 {
			f(i*64 + bits.TrailingZeros64(w))
			w &= w - 1
		}
	}
}

// hash is FNV-1a over words.
func (s set) hash() uint64 {
	h := uint64(14695981039346656037)
	for _, w := range s {
		h = (h ^ w) * 1099511628211
		h ^= h >> 29
	}
	return h
}

// match is what an expression is true of: must for sure, may perhaps. All of must
// is in may.
type match struct{ must, may set }

func noMatch(n int) match  { return match{newSet(n), newSet(n)} }
func allMatch(n int) match { f := fullSet(n); return match{f, f.clone()} }

func (m match) clone() match { return match{m.must.clone(), m.may.clone()} }
func (m match) or(o match)   { m.must.or(o.must); m.may.or(o.may) }
func (m match) and(o match)  { m.must.and(o.must); m.may.and(o.may) }
func (m match) unsure() match {
	return match{newSet(len(m.must) * 64)[:len(m.must)], m.may}
}

// not is everything else of n.
func (m match) not(n int) match {
	all := fullSet(n)
	out := match{all, all.clone()}
	for i := range out.must {
		out.must[i] &^= m.may[i]
		out.may[i] &^= m.must[i]
	}
	return out
}

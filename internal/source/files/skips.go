package files

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/run"
)

// several is how many skips of one reason a folder may list one by one.
const several = 3

// rollUp replaces the skips that say the same about many files of a folder by
// one that counts them. What the user named stays on its own.
func rollUp(skips []run.Skip) []run.Skip {
	type group struct{ folder, reason, do string }
	key := func(s run.Skip) group { return group{path.Dir(s.Path), s.Reason, s.Do} }
	count := map[group]int{}
	for _, s := range skips {
		if !s.Named {
			count[key(s)]++
		}
	}
	var out []run.Skip
	for _, s := range skips {
		k := key(s)
		switch {
		case s.Named || count[k] <= several && count[k] > 0:
			out = append(out, s)
		case count[k] > several:
			out = append(out, run.Skip{Path: k.folder, Count: count[k], Reason: k.reason, Do: k.do})
			count[k] = 0 // the others are in it
		}
	}
	slices.SortStableFunc(out, func(a, b run.Skip) int { return strings.Compare(a.Path+"\x00"+a.Reason, b.Path+"\x00"+b.Reason) })
	return out
}

// grouped writes 1000000 as 1,000,000.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

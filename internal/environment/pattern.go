package environment

import (
	"path"
	"strings"
)

// matches tells whether a name is what a pattern says: * is any text, ? any
// character. Time is bounded by the product of the lengths.
func matches(pattern, name string) bool {
	p, n := []rune(pattern), []rune(name)
	i, star, mark := 0, -1, 0
	for j := 0; j < len(n); {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == n[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// maxSegments bounds the paths that are matched.
const maxSegments = 128

// matchesPath tells whether a path is what a pattern says. root is the folder
// of the file that declares the pattern: a path below it is matched from there.
// Of any other path the pattern may match a tail that starts at a segment,
// because the path may be spelled from somewhere else.
func matchesPath(pattern, root, file string) bool {
	want := strings.Split(strings.TrimPrefix(path.Clean(pattern), "./"), "/")
	got := strings.Split(path.Clean(file), "/")
	if len(got) > maxSegments || len(want) > maxSegments {
		return false
	}
	if strings.HasPrefix(pattern, "/") {
		return segments(want, got)
	}
	root = path.Clean(root)
	if root == "." && !path.IsAbs(file) && got[0] != ".." {
		return segments(want, got)
	}
	if rest, below := strings.CutPrefix(path.Clean(file), root+"/"); below && root != "." {
		return segments(want, strings.Split(rest, "/"))
	}
	for i := range got {
		if segments(want, got[i:]) {
			return true
		}
	}
	return false
}

// segments matches segment by segment; ** is any number of them, also none.
func segments(want, got []string) bool {
	// reach[j] tells whether the pattern so far matches the first j segments.
	reach := make([]bool, len(got)+1)
	reach[0] = true
	for _, w := range want {
		next := make([]bool, len(got)+1)
		for j := range reach {
			switch {
			case w == "**":
				next[j] = reach[j] || j > 0 && next[j-1]
			case j > 0 && reach[j-1]:
				next[j] = matches(w, got[j-1])
			}
		}
		reach = next
	}
	return reach[len(got)]
}

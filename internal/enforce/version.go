package enforce

import (
	"strconv"
	"strings"
)

// atLeast compares a version with a minor one: v1.20.3-eksbuild.1 with 1, 20.
// known is false where it is none, as in latest or a date.
func atLeast(version string, major, minor int) (yes, known bool) {
	a, b, ok := numbers(version)
	if !ok {
		return false, false
	}
	return a > major || a == major && b >= minor, true
}

func numbers(version string) (major, minor int, ok bool) {
	version = strings.TrimPrefix(version, "v")
	first, rest, ok := strings.Cut(version, ".")
	if !ok {
		return 0, 0, false
	}
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	major, err := strconv.Atoi(first)
	if err != nil || major < 0 || first[0] == '+' {
		return 0, 0, false
	}
	minor, err = strconv.Atoi(rest[:end])
	return major, minor, err == nil
}

// between tells whether a version is at least one and below another, for a Status
// of what came and went.
func between(version string, from, to [2]int) Status {
	new, known := atLeast(version, from[0], from[1])
	old, _ := atLeast(version, to[0], to[1])
	switch {
	case !known:
		return Unknown
	case new && !old:
		return Enforced
	}
	return NotEnforced
}

var never = [2]int{1 << 30, 0}

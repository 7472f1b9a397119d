package audit

import (
	"slices"
	"strings"
)

// Calls are in the order in which they were logged.
type Calls []Call

// Where keeps the calls of which the function says true.
func (c Calls) Where(keep func(Call) bool) Calls {
	var kept Calls
	for _, call := range c {
		if keep(call) {
			kept = append(kept, call)
		}
	}
	return kept
}

// Agent keeps the calls of a program: those whose user agent begins with the text.
func (c Calls) Agent(prefix string) Calls {
	return c.Where(func(call Call) bool { return strings.HasPrefix(call.UserAgent, prefix) })
}

// Verbs keeps the calls with one of the verbs.
func (c Calls) Verbs(verbs ...string) Calls {
	return c.Where(func(call Call) bool { return slices.Contains(verbs, call.Verb) })
}

// Writes keeps what [Call.Write] calls one.
func (c Calls) Writes() Calls { return c.Where(Call.Write) }

// Count tells how many calls have the same key: Count(func(c Call) string { return c.Verb }).
func (c Calls) Count(key func(Call) string) map[string]int {
	counts := map[string]int{}
	for _, call := range c {
		counts[key(call)]++
	}
	return counts
}

// String has a call on each line, for the messages of tests.
func (c Calls) String() string {
	var text strings.Builder
	for _, call := range c {
		text.WriteString(call.String() + "\n")
	}
	return text.String()
}

package kubeobj

import "fmt"

// notes says once per reason what could not be read.
func notes(unread []Unread, all int) []string {
	type sort struct {
		reason, do string
	}
	count := map[sort]int{}
	var order []Unread
	for _, u := range unread {
		s := sort{u.Reason, u.Do}
		if count[s]++; count[s] == 1 {
			order = append(order, u)
		}
	}
	var out []string
	for i, u := range order {
		if i == maxNotes {
			out = append(out, fmt.Sprintf("%d more reasons why documents were not read", len(order)-i))
			break
		}
		text := fmt.Sprintf("line %d: %s", u.Line, u.Reason)
		if n := count[sort{u.Reason, u.Do}]; n > 1 {
			text = fmt.Sprintf("%d times, first in line %d: %s", n, u.Line, u.Reason)
		}
		if u.Do != "" {
			text += "; " + u.Do
		}
		out = append(out, text)
	}
	if all > len(unread) {
		out = append(out, fmt.Sprintf("%d more documents were not read", all-len(unread)))
	}
	return out
}

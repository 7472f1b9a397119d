package netmap

import "strings"

// mark tells whether a policy isolates an endpoint in one direction.
type mark uint8

const (
	unsaid   mark = iota // the run does not say
	open                 // no policy: all may pass
	isolated             // only what a policy allows may pass
	ignored              // as isolated, and nothing enforces it
	doubtful             // as isolated, and nobody knows whether it is enforced
)

// marksOf reads the cells of an endpoint.
func marksOf(directions, enforced string) (ingress, egress mark) {
	ingress, egress = open, open
	yes := doubtful
	switch enforced {
	case "yes":
		yes = isolated
	case "no":
		yes = ignored
	}
	for d := range strings.SplitSeq(directions, ",") {
		switch strings.TrimSpace(d) {
		case "ingress":
			ingress = yes
		case "egress":
			egress = yes
		case "":
		default: // a word that is not known here
			return unsaid, unsaid
		}
	}
	return ingress, egress
}

// says is the mark in words, of a direction.
func (m mark) says(direction string) string {
	switch m {
	case open:
		return "no policy for " + direction
	case isolated:
		return "a policy limits its " + direction
	case ignored:
		return "a policy limits its " + direction + ", and nothing enforces it"
	case doubtful:
		return "a policy limits its " + direction + "; unknown whether it is enforced"
	}
	return ""
}

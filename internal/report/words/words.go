package words

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"polygraph/internal/finding"
)

// First is the first text that says something.
func First(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// Cut shortens s to about n bytes, between two characters, and says how much is
// missing.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	end := n
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s ... (%d more bytes)", s[:end], len(s)-end)
}

// Called names a subject with its environment: "a.b (prod, inferred)".
func Called(s finding.Subject) string {
	name := First(s.Identity, "(unnamed)")
	switch {
	case s.Environment == "":
		return name
	case s.Inferred != "":
		return name + " (" + s.Environment + ", inferred)"
	default:
		return name + " (" + s.Environment + ")"
	}
}

// Verdict is the word for people of a verdict as the protocol spells it. Any
// other word stays as it is.
func Verdict(protocol string) string {
	var v finding.Verdict
	if err := v.UnmarshalText([]byte(protocol)); err != nil {
		return protocol
	}
	return v.Label()
}

// Direction is the word for people of the direction of a comparison.
func Direction(protocol string) string {
	switch protocol {
	case "worse":
		return "WORSE"
	case "same", "better":
		return "NO WORSE"
	default:
		return "UNPROVEN"
	}
}

// Gone tells whether only BASE has a finding, so that its verdict is BASE's.
func Gone(c *finding.Change) bool {
	return c != nil && (c.Status == finding.Fixed || c.Status == finding.Removed || c.Status == finding.Lost)
}

// Answers tells whether a run answers a question and judges no claim: then its
// rows and its conclusion are what it has to say.
func Answers(command, conclusion string) bool {
	return conclusion != "" || command == "doctor" || command == "environments"
}

// Alias is another name of a subject for people: "kind:identity", and an ARN
// without its kind, which it begins with.
func Alias(a string) string {
	if rest, ok := strings.CutPrefix(a, "arn:"); ok && strings.HasPrefix(rest, "arn:") {
		return rest
	}
	return a
}

// Some lists the first names: "CHG001, CHG002 and 30 more rules".
func Some(names []string, most int, many string) string {
	if len(names) <= most+1 { // "and 1 more" takes the place of the one
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and " + Number(len(names)-most) + " more " + many
}

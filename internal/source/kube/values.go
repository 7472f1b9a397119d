package kube

import (
	"encoding/json"
	"regexp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// leftOut stands where a server quoted a value.
const leftOut = "(left out)"

// shortValue is how long a quoted value may be that is shown: a number, a name. A
// server quotes whole pod templates and, of a patch with an unknown field, all of
// the patch, the data of a Secret included.
const shortValue = 64

// withoutValues takes the values out of what a server says of a refusal.
func withoutValues(s metav1.Status, secret bool) metav1.Status {
	most := shortValue
	if secret {
		most = 0
	}
	s.Message = unquoted(s.Message, most)
	if s.Details == nil {
		return s
	}
	details := *s.Details
	details.Causes = append([]metav1.StatusCause(nil), details.Causes...)
	for i := range details.Causes {
		details.Causes[i].Message = unquoted(details.Causes[i].Message, most)
	}
	s.Details = &details
	return s
}

// unquoted leaves out quoted values of more than so many bytes. They stand behind
// the words of k8s.io/apimachinery v0.37 pkg/util/validation/field: Error.ErrorBody.
func unquoted(text string, most int) string {
	words := regexp.MustCompile(`(Invalid value|Duplicate value|Unsupported value|Not found): `)
	var out strings.Builder
	for {
		at := words.FindStringIndex(text)
		if at == nil {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(text[:at[1]])
		text = text[at[1]:]
		n := valueLength(text)
		if n > most {
			out.WriteString(leftOut)
		} else {
			out.WriteString(text[:n])
		}
		text = text[n:]
	}
}

// valueLength is how many bytes the value at the start of a text has: a quoted
// string, JSON, a Go value as older servers print it, or a word.
func valueLength(text string) int {
	if text == "" {
		return 0
	}
	switch text[0] {
	case '"':
		if quoted := regexp.MustCompile(`^"(?:[^"\\]|\\.)*"`).FindString(text); quoted != "" {
			return len(quoted)
		}
		return len(text)
	case '{', '[':
		dec := json.NewDecoder(strings.NewReader(text))
		var value json.RawMessage
		if dec.Decode(&value) == nil {
			return int(dec.InputOffset())
		}
		return len(text)
	}
	if regexp.MustCompile(`^&?(\[\])?(map\[|\w+(\.\w+)?\{)`).MatchString(text) {
		if end := strings.LastIndex(text, "}: "); end >= 0 {
			return end + 1
		}
		return len(text)
	}
	if end := strings.Index(text, ": "); end >= 0 {
		return end
	}
	return len(text)
}

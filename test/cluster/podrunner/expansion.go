package podrunner

import (
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// What Linux gives a process at most: one argument or variable (MAX_ARG_STRLEN), and all of them. Variables
// that refer to each other double with every line of a pod, and have to end before the memory does.
const (
	maxText  = 128 << 10
	maxTexts = 6 << 20
)

var errTooLong = errors.New("it becomes longer than what a process can be given")

// expand replaces $(NAME) by the value of NAME. A name that is not known stays as it is written, and $$
// stands for one $, so that $$(NAME) can be written where $(NAME) is wanted.
func expand(text string, value func(name string) (string, bool)) (string, error) {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		out.WriteString(before)
		if out.Len() > maxText {
			return "", errTooLong
		}
		if !found {
			return out.String(), nil
		}
		text = after
		switch {
		case strings.HasPrefix(after, "$"):
			out.WriteByte('$')
			text = after[1:]
		case strings.HasPrefix(after, "("):
			name, rest, closed := strings.Cut(after[1:], ")")
			if !closed {
				out.WriteByte('$')
				continue
			}
			if known, ok := value(name); ok {
				out.WriteString(known)
			} else {
				out.WriteString("$(" + name + ")")
			}
			text = rest
		default:
			out.WriteByte('$')
		}
	}
}

func expandAll(texts []string, variables map[string]string) ([]string, error) {
	expanded, size := make([]string, len(texts)), 0
	for i, text := range texts {
		var err error
		expanded[i], err = expand(text, lookup(variables))
		if size += len(expanded[i]); err == nil && size > maxTexts {
			err = errTooLong
		}
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i, err)
		}
	}
	return expanded, nil
}

// staticVariables are those that the pod itself spells out. To a probe's command the others are empty, as
// on a kubelet.
func staticVariables(c *corev1.Container) map[string]string {
	variables := map[string]string{}
	for _, v := range c.Env {
		variables[v.Name] = v.Value
	}
	return variables
}

func lookup(variables map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	}
}

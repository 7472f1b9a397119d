package workflow

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"polygraph/internal/pinning"
	"polygraph/internal/yamltext"
)

// maxMatrix is how many values of one matrix are read; one that has more stays a
// template.
const maxMatrix = 256

// matrixValue is one value of a matrix, and where it stands.
type matrixValue struct {
	text string
	span pinning.Span
}

var matrixReference = regexp.MustCompile(`\$\{\{\s*matrix\.([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\s*\}\}`)

// expanded fills the values of a matrix into an image. It is nil where the
// matrix does not say all of them: it is computed, combinations are excluded, or
// more than one of its variables decides.
//
// Source: GitHub Docs, Running variations of jobs in a workflow, About matrix strategies
// (docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations).
func expanded(d *yamltext.Document, job *yaml.Node, u *pinning.ImageUse) []pinning.ImageUse {
	references := matrixReference.FindAllStringSubmatch(u.Text, -1)
	if len(references) == 0 || strings.Count(u.Text, "${{") != len(references) {
		return nil
	}
	for _, r := range references {
		if r[1] != references[0][1] {
			return nil
		}
	}
	values, ok := matrixValues(d, d.Get(job, "strategy", "matrix"), strings.Split(references[0][1], "."))
	if !ok {
		return nil
	}
	var out []pinning.ImageUse
	for _, v := range values {
		text := strings.ReplaceAll(u.Text, references[0][0], v.text)
		if strings.Contains(text, "${{") {
			return nil // it is written in two ways
		}
		if slices.ContainsFunc(out, func(o pinning.ImageUse) bool { return o.Text == text }) || text == "" {
			continue // an empty image is a job that runs on the machine
		}
		one := *u
		one.Text, one.Open, one.From = text, nil, []pinning.Span{v.span}
		out = append(out, one)
	}
	return out
}

// matrixValues are the values that a path below the matrix can have.
func matrixValues(d *yamltext.Document, matrix *yaml.Node, path []string) ([]matrixValue, bool) {
	if matrix == nil || matrix.Kind != yaml.MappingNode || d.Get(matrix, "exclude") != nil {
		return nil, false
	}
	var out []matrixValue
	add := func(n *yaml.Node) bool {
		n = d.Get(n, path[1:]...)
		v, ok := scalar(n)
		if !ok || len(out) >= maxMatrix {
			return false
		}
		out = append(out, matrixValue{v, d.Span(n)})
		return true
	}
	list := d.Get(matrix, path[0])
	if list != nil && list.Kind != yaml.SequenceNode {
		return nil, false
	}
	for _, n := range d.Items(list) {
		if !add(n) {
			return nil, false
		}
	}
	include := d.Get(matrix, "include")
	if include != nil && include.Kind != yaml.SequenceNode {
		return nil, false
	}
	for _, n := range d.Items(include) {
		switch {
		case n == nil || n.Kind != yaml.MappingNode:
			return nil, false
		case d.Get(n, path[0]) != nil && !add(d.Get(n, path[0])):
			return nil, false
		}
	}
	return out, len(out) > 0 && !d.Cut
}

// scalar is the text that a literal becomes in an expression. A number is
// written as a number: 3.10 is 3.1.
func scalar(n *yaml.Node) (string, bool) {
	if n == nil || n.Kind != yaml.ScalarNode || strings.Contains(n.Value, "${{") {
		return "", false
	}
	switch n.Tag {
	case "!!null":
		return "", true
	case "!!float":
		f, err := strconv.ParseFloat(n.Value, 64)
		return strconv.FormatFloat(f, 'f', -1, 64), err == nil
	}
	return n.Value, true
}

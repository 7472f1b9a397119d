package yamltext

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"polygraph/internal/evidence"
	"polygraph/internal/pinning"
)

// The bounds. The nodes of a file of the greatest size take about 100 MiB.
const (
	MaxFile      = 1 << 20
	MaxDocuments = 64

	maxSteps = 1 << 20
	maxMerge = 8 // merge keys behind merge keys
)

// Document is a YAML file: one document or several.
type Document struct {
	Roots []*yaml.Node
	Cut   bool // a bound was met

	data  []byte
	lines []int // where each line starts
	steps int
}

// Read reads the file of an item.
func Read(item *evidence.Item) (*Document, error) {
	size := item.Blob.Size()
	if size > MaxFile {
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("a YAML file of %d KiB; such files are read up to %d KiB", size>>10, MaxFile>>10),
			Do:     "split it, or look at it by hand",
		}
	}
	data, err := io.ReadAll(io.NewSectionReader(item.Blob, 0, size))
	if err != nil {
		return nil, err
	}
	d, problem := Parse(data)
	if problem != nil {
		return nil, problem
	}
	return d, nil
}

// Parse reads a text. The problem never quotes it.
func Parse(data []byte) (d *Document, problem *evidence.Problem) {
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return nil, &evidence.Problem{Reason: "it is no UTF-8 text", Do: "save the file as UTF-8"}
	}
	d = &Document{data: data, lines: []int{0}}
	for i, b := range data {
		if b == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		err := dec.Decode(&n)
		if errors.Is(err, io.EOF) {
			return d, nil
		}
		if err != nil {
			return nil, &evidence.Problem{Reason: "it is no valid YAML" + where(err), Do: "mend the YAML and run again"}
		}
		if len(d.Roots) == MaxDocuments {
			d.Cut = true
			return d, nil
		}
		if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
			d.Roots = append(d.Roots, n.Content[0])
		}
	}
}

// where takes the line out of a message of the YAML library, and nothing else:
// messages may quote the text.
func where(err error) string {
	var line int
	if _, e := fmt.Sscanf(strings.TrimPrefix(err.Error(), "yaml: "), "line %d:", &line); e != nil || line < 1 {
		return ""
	}
	return fmt.Sprintf(" (line %d)", line)
}

func (d *Document) step() bool {
	d.steps++
	if d.steps > maxSteps {
		d.Cut = true
	}
	return !d.Cut
}

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// Get returns the value under a path of keys, or nil. What merge keys bring in
// counts where the mapping itself does not have the key.
func (d *Document) Get(n *yaml.Node, path ...string) *yaml.Node {
	for _, key := range path {
		n = d.get(resolve(n), key, 0)
	}
	return resolve(n)
}

func (d *Document) get(n *yaml.Node, key string, depth int) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode || depth > maxMerge {
		return nil
	}
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content) && d.step(); i += 2 {
		switch k := resolve(n.Content[i]); {
		case k == nil || k.Kind != yaml.ScalarNode:
		case k.Value == key:
			return n.Content[i+1]
		case k.Tag == "!!merge":
			merges = append(merges, resolve(n.Content[i+1]))
		}
	}
	for _, m := range merges {
		if m == nil {
			continue
		}
		if m.Kind != yaml.SequenceNode {
			if v := d.get(m, key, depth+1); v != nil {
				return v
			}
			continue
		}
		for _, one := range m.Content {
			if !d.step() {
				return nil
			}
			if v := d.get(resolve(one), key, depth+1); v != nil {
				return v
			}
		}
	}
	return nil
}

// Pairs yields the own keys of a mapping in the order of the file, and then
// those that merge keys bring in.
func (d *Document) Pairs(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		seen := map[string]bool{}
		d.pairs(resolve(n), 0, seen, yield)
	}
}

func (d *Document) pairs(n *yaml.Node, depth int, seen map[string]bool, yield func(string, *yaml.Node) bool) bool {
	if n == nil || depth > maxMerge {
		return true
	}
	if n.Kind == yaml.SequenceNode && depth > 0 { // a list of merges
		for _, one := range n.Content {
			if one = resolve(one); !d.step() || one != nil && one.Kind == yaml.MappingNode && !d.pairs(one, depth+1, seen, yield) {
				return false
			}
		}
		return true
	}
	if n.Kind != yaml.MappingNode {
		return true
	}
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := resolve(n.Content[i])
		switch {
		case !d.step():
			return false
		case k == nil || k.Kind != yaml.ScalarNode:
		case k.Tag == "!!merge":
			merges = append(merges, resolve(n.Content[i+1]))
		case !seen[k.Value]:
			seen[k.Value] = true
			if !yield(k.Value, resolve(n.Content[i+1])) {
				return false
			}
		}
	}
	for _, m := range merges {
		if !d.pairs(m, depth+1, seen, yield) {
			return false
		}
	}
	return true
}

// Items yields the elements of a sequence.
func (d *Document) Items(n *yaml.Node) iter.Seq2[int, *yaml.Node] {
	return func(yield func(int, *yaml.Node) bool) {
		if n = resolve(n); n == nil || n.Kind != yaml.SequenceNode {
			return
		}
		for i, one := range n.Content {
			if !d.step() || !yield(i, resolve(one)) {
				return
			}
		}
	}
}

// Text is the value of a string; "" for anything else. A number or a boolean is
// none.
func Text(n *yaml.Node) string {
	if n = resolve(n); n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	switch n.Tag {
	case "!!null", "!!bool", "!!int", "!!float":
		return ""
	}
	return n.Value
}

// Span is where the text of a scalar stands, without its quotes.
func (d *Document) Span(n *yaml.Node) pinning.Span {
	n = resolve(n)
	if n == nil || n.Line < 1 || n.Line > len(d.lines) {
		return pinning.Span{}
	}
	start, end := d.lines[n.Line-1], len(d.data)
	if n.Line < len(d.lines) {
		end = d.lines[n.Line] - 1
	}
	line := bytes.TrimSuffix(d.data[start:end], []byte("\r"))
	from := 0
	if n.Line == 1 {
		from = len(line) - len(bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")))
	}
	for range n.Column - 1 { // columns count characters
		if from >= len(line) {
			break
		}
		_, size := utf8.DecodeRune(line[from:])
		from += size
	}
	if from < len(line) && (line[from] == '"' || line[from] == '\'') {
		from++
	}
	s := pinning.Span{Line: n.Line}
	s.Offset = int64(start + from)
	if bytes.HasPrefix(line[from:], []byte(n.Value)) {
		s.End = s.Offset + int64(len(n.Value))
	} else {
		s.End = s.Offset // folded, escaped or a block: the text is not there in one piece
	}
	if len(line) <= pinning.MaxLine {
		s.Text = string(line)
	}
	return s
}

package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"polygraph/internal/finding"
)

// The bounds. The nodes of a file of the greatest size take about 100 MiB.
const (
	MaxBytes = 1 << 20
	MaxDepth = 20
)

// Document is a file that was read, and what was found wrong with it so far.
type Document struct {
	Name     string // of the file, as shown to the user
	lines    []string
	marks    map[int][]int // by line: the byte at which every step-th character starts
	problems Problems
}

// Read reads data into what v points to: a struct, whose fields have the tags
// described above. What is wrong is noted and Err returns it; what is not wrong
// is there, so that the caller can check and Report more before he asks Err.
// When ok is false, v holds nothing worth checking.
func Read(name string, data []byte, v any) (d *Document, ok bool) {
	d = &Document{Name: name}
	data, fine := d.text(data)
	if !fine {
		return d, false
	}
	root := d.parse(data)
	if root == nil || !d.plain(root, 0) {
		return d, false
	}
	d.decode(root, v)
	return d, true
}

// text checks the bytes below the YAML and splits them into lines.
func (d *Document) text(data []byte) ([]byte, bool) {
	file := finding.Location{File: d.Name}
	if len(data) > MaxBytes {
		d.Report(file, "split it: exceptions can live in files of their own (exception_files)", "the file has %d bytes, the most is %d", len(data), MaxBytes)
		return nil, false
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) || bytes.IndexByte(data[:min(len(data), 4)], 0) >= 0 {
		d.Report(file, "save it as UTF-8", "the file is UTF-16 or UTF-32, or no text at all")
		return nil, false
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	d.lines = strings.Split(string(data), "\n")
	for i, line := range d.lines {
		at := finding.Location{File: d.Name, Line: i + 1}
		// These end a line for YAML and not for an editor: positions would lie.
		if n := strings.IndexAny(line, "\r\u0085\u2028\u2029"); n >= 0 {
			at.Column = n + 1
			d.Report(at, "end lines with a newline", "a line break that editors do not count (%+q)", []rune(line[n:])[0])
			return nil, false
		}
		if !utf8.ValidString(line) {
			at.Column = 1 + strings.IndexFunc(line, func(r rune) bool { return r == utf8.RuneError })
			d.Report(at, "save it as UTF-8", "the text is not UTF-8")
			return nil, false
		}
	}
	return data, true
}

// parse returns the root of the only document, or nil.
func (d *Document) parse(data []byte) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0:
		d.Report(finding.Location{File: d.Name, Line: 1}, "begin with `version: 1`", "the file is empty")
		return nil
	case err != nil:
		d.syntax(err)
		return nil
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		d.Report(d.at(&second), "keep one document and no `---` behind it", "a second YAML document")
		return nil
	case !errors.Is(err, io.EOF):
		d.syntax(err)
		return nil
	}
	return doc.Content[0]
}

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(?:found )?(.*)$`)

var parserError = regexp.MustCompile(`^did not find expected (node content|'-' indicator|key|',' or '[\]}]'|<)`)

// syntax passes on what the YAML parser says. Its line is where it noticed, or where what is not closed began.
func (d *Document) syntax(err error) {
	at := finding.Location{File: d.Name}
	reason := err.Error()
	if m := yamlError.FindStringSubmatch(strings.ReplaceAll(reason, "\n", " ")); m != nil {
		reason = m[2]
		at.Line, _ = strconv.Atoi(m[1])
		// The library counts the lines of its parser from 0, of its scanner from 1.
		if parserError.MatchString(reason) {
			at.Line++
		}
		at.Line = min(at.Line, len(d.lines))
	}
	d.Report(at, "look at this line and the one before it: indentation, quotes, a colon without a space", "this is no YAML (%s)", reason)
}

// plain walks the nodes and refuses what no configuration needs. It stops at the
// first: what follows would be read differently than it was meant.
func (d *Document) plain(n *yaml.Node, depth int) bool {
	switch {
	case depth > MaxDepth:
		d.Report(d.at(n), "", "nested more than %d levels deep", MaxDepth)
		return false
	case n.Kind == yaml.AliasNode:
		d.Report(d.at(n), "write the value out", "an alias (*%s) is not allowed", cut(n.Value))
		return false
	case n.Anchor != "":
		d.Report(d.at(n), "write the value out where it is used", "an anchor (&%s) is not allowed", cut(n.Anchor))
		return false
	case n.Style&yaml.TaggedStyle != 0:
		d.Report(d.at(n), "remove it; quotes make text of a value", "a tag (%s) is not allowed", cut(n.Tag))
		return false
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!merge":
		d.Report(d.at(n), "write the keys out", "a merge key (<<) is not allowed")
		return false
	}
	for _, c := range n.Content {
		if !d.plain(c, depth+1) {
			return false
		}
	}
	return true
}

func cut(s string) string {
	s = strconv.QuoteToASCII(s)
	s = s[1 : len(s)-1]
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}

// step is how many characters of a line are counted at most to find a column.
const step = 128

// at is the position of a node. YAML counts columns in characters, a Location
// in bytes. A file may be one long line, so the way there is marked.
func (d *Document) at(n *yaml.Node) finding.Location {
	if n.Line < 1 || n.Line > len(d.lines) { // the YAML parser lost count
		return finding.Location{File: d.Name}
	}
	line, chars := d.lines[n.Line-1], n.Column-1
	marks, known := d.marks[n.Line]
	if !known {
		count := 0
		for i := range line {
			if count%step == 0 {
				marks = append(marks, i)
			}
			count++
		}
		if d.marks == nil {
			d.marks = map[int][]int{}
		}
		d.marks[n.Line] = marks
	}
	start := len(line)
	if chars/step < len(marks) {
		start = marks[chars/step]
	}
	for chars %= step; chars > 0 && start < len(line); chars-- {
		_, size := utf8.DecodeRuneInString(line[start:])
		start += size
	}
	return finding.Location{File: d.Name, Line: n.Line, Column: start + 1}
}

// kind names what is there, for people.
func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "the boolean " + cut(n.Value)
	case "!!int", "!!float":
		return "the number " + cut(n.Value)
	case "!!timestamp":
		return "the date " + cut(n.Value)
	default:
		return fmt.Sprintf("the text %s", Quote(n.Value))
	}
}

package dockerfile

import (
	"bytes"
	"regexp"
	"strings"

	"polygraph/internal/pinning"
)

// directive is a comment at the top that tells the builder something.
type directive struct {
	name, value string
	from, to    int // of the value, in the file
}

var directiveLine = regexp.MustCompile(`^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$`)

// directives reads the comments at the top: the first line that is none of the
// known directives ends them. A name that comes twice counts once.
func directives(data []byte, base int) []directive {
	var out []directive
	off := 0
	for off < len(data) && len(out) < 3 {
		line := data[off:]
		end := len(data)
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line, end = line[:i], off+i+1
		}
		if off == 0 && bytes.HasPrefix(line, []byte("#!")) {
			off = end
			continue
		}
		m := directiveLine.FindSubmatchIndex(line)
		if m == nil {
			break
		}
		d := directive{
			name: strings.ToLower(string(line[m[2]:m[3]])), value: string(line[m[4]:m[5]]),
			from: base + off + m[4], to: base + off + m[5],
		}
		if d.name != "syntax" && d.name != "escape" && d.name != "check" {
			break
		}
		out = append(out, d)
		off = end
	}
	return out
}

// syntax is the image of the frontend that the file asks for.
func syntax(r *reader) (ref string, at pinning.Span, ok bool) {
	for _, d := range directives(r.data[r.off:], r.off) {
		if d.name == "syntax" {
			ref, _, _ = strings.Cut(d.value, " ")
			return ref, r.spanOf(d.from, d.from+len(ref)), true
		}
	}
	return "", pinning.Span{}, false
}

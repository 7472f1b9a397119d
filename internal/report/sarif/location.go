package sarif

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
)

// locationProperties are what SARIF has no field for.
type locationProperties struct {
	LineUnknown  bool   `json:"lineUnknown,omitempty"` // startLine 1 stands for it
	PlaceAssumed bool   `json:"placeAssumed,omitempty"`
	Column       int    `json:"column,omitempty"` // 1-based, in bytes
	ByteOffset   int64  `json:"byteOffset,omitempty"`
	Pointer      string `json:"pointer,omitempty"`
}

// place says where at is; nil when it names no file.
func place(at finding.Location) *location {
	if at.File == "" {
		return nil
	}
	l := &location{
		Physical:   &physical{Artifact: artifactLocation{uri(at.File)}, Region: &region{max(1, at.Line)}},
		Properties: &locationProperties{ByteOffset: max(0, at.Offset), Pointer: words.Cut(at.Pointer, maxName)},
	}
	if at.Line > 0 {
		l.Properties.Column = max(0, at.Column)
	} else {
		l.Properties.LineUnknown = true
	}
	if *l.Properties == (locationProperties{}) {
		l.Properties = nil
	}
	return l
}

// names are the logical locations: the subject, and the object and value inside
// the file where they differ from it.
func names(s finding.Subject, at finding.Location) []logical {
	var out []logical
	for _, n := range []logical{
		{words.Cut(s.Identity, maxName), words.Cut(s.Kind, maxName)},
		{words.Cut(at.Object, maxName), "object"},
		{words.Cut(at.Pointer, maxName), "value"},
	} {
		if n.Name != "" && !slices.ContainsFunc(out, func(o logical) bool { return o.Name == n.Name }) {
			out = append(out, n)
		}
	}
	return out
}

// uri writes the path of a file as a URI reference (RFC 3986): relative stays
// relative, which code scanning resolves against the root of the repository.
func uri(file string) string {
	file = cutPath(file)
	if u, err := url.Parse(file); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		u.User = nil
		u.RawPath = ""
		return u.String()
	}
	if len(file) > 2 && file[1] == ':' && (file[2] == '\\' || file[2] == '/') && isLetter(file[0]) {
		return "file:///" + file[:2] + escape(path.Clean(strings.ReplaceAll(file[2:], `\`, "/")))
	}
	file = path.Clean(file)
	if strings.HasPrefix(file, "/") {
		return "file://" + escape(file)
	}
	return escape(file)
}

// escape percent-encodes everything but what any segment of a path may have.
// A colon is allowed in some segments only, so it is encoded in all.
func escape(p string) string {
	var b strings.Builder
	for i := range len(p) {
		c := p[i]
		if isLetter(c) || c >= '0' && c <= '9' || strings.IndexByte("-._~/!$&'()*+,;=@", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// cutPath bounds a path. No system has longer ones.
func cutPath(p string) string {
	const longest = 4_096
	if len(p) > longest {
		p = p[:longest]
	}
	return p
}

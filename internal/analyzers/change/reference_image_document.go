package change

import (
	"encoding/json"
	"io"
	"regexp"
	"strings"

	"polygraph/internal/evidence"
	"polygraph/internal/tfconfig"
)

// document is a here-document that is read as the JSON that it will be.
type document struct {
	text string
	at   int64 // in the file
}

// find is where a part of it stands, if it stands there once.
func (d document) find(part string, otherwise int64) int64 {
	if strings.Count(d.text, part) != 1 {
		return otherwise
	}
	return d.at + int64(strings.Index(d.text, part))
}

// maxDocument bounds a here-document that is read again.
const maxDocument = 1 << 20

// documents reads the here-documents among the attributes again: of a template
// tfconfig keeps the beginning. With its references in place it is JSON still,
// unless it has directives.
func (t *blockTree) documents(blob evidence.Blob) {
	for pointer, a := range t.where {
		part, ok := t.values[a.Name].(tfconfig.Part)
		if !ok || blob == nil || pointer != "/"+a.Name || !strings.HasPrefix(part.Text, "<<") || a.End-a.Offset > maxDocument {
			continue
		}
		raw := make([]byte, a.End-a.Offset)
		if _, err := blob.ReadAt(raw, a.Offset); err != nil && err != io.EOF {
			continue
		}
		head, body, ok := strings.Cut(string(raw), "\n")
		if !ok || !strings.HasPrefix(head, a.Name) || strings.Contains(body, "%{") {
			continue
		}
		cut := strings.LastIndexByte(strings.TrimRight(body, " \t\r\n"), '\n')
		if cut < 0 || !json.Valid([]byte(body[:cut])) {
			continue
		}
		t.values[a.Name] = body[:cut]
		t.texts[pointer] = document{body[:cut], a.Offset + int64(len(head)) + 1}
	}
}

// ignoresPath is the lifecycle.ignore_changes that covers the place of a JSON
// pointer. Which element of a list it means is left open.
func ignoresPath(b *tfconfig.Block, pointer string) *tfconfig.Attribute {
	path := ""
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if strings.Trim(step, "0123456789") == "" {
			continue
		}
		path = strings.TrimPrefix(path+"."+step, ".")
		if a, ok := b.Ignores(path); ok {
			return a
		}
	}
	return nil
}

// hereDocument returns the text of an attribute that is a here-document, and
// where it begins in the file.
func hereDocument(blob evidence.Blob, a *tfconfig.Attribute) (document, bool) {
	if blob == nil || a.End <= a.Offset || a.End-a.Offset > maxDocument {
		return document{}, false
	}
	raw := make([]byte, a.End-a.Offset)
	if _, err := blob.ReadAt(raw, a.Offset); err != nil && err != io.EOF {
		return document{}, false
	}
	head, body, ok := strings.Cut(string(raw), "\n")
	_, value, assigned := strings.Cut(head, "=")
	if !ok || !assigned || !strings.HasPrefix(strings.TrimSpace(value), "<<") {
		return document{}, false
	}
	return document{body, a.Offset + int64(len(head)) + 1}, true
}

// image is where the n-th of the images of that name stands in a here-document.
func (d document) image(text string, n int) (int64, bool) {
	member := regexp.MustCompile(`"image"\s*:\s*"` + regexp.QuoteMeta(text) + `"`)
	places := member.FindAllStringIndex(d.text, n+1)
	if len(places) <= n {
		return 0, false
	}
	return d.at + int64(places[n][1]-len(text)-1), true
}

package dockerfile

import (
	"context"
	"fmt"
	"io"
	"strings"

	"polygraph/internal/evidence"
	"polygraph/internal/pinning"
)

// The bounds of one file.
const (
	MaxFile   = 1 << 20
	MaxImages = 4096

	maxArgs = 1024 // global ARGs whose values are kept; those beyond are open
)

// File is what a Dockerfile names.
type File struct {
	Path   string
	Stages []string // their names, "" for those without one
	Images []pinning.ImageUse
	Notes  []string // what was not read
}

// Read reads one file.
func Read(_ context.Context, item *evidence.Item) (*File, error) {
	size := item.Blob.Size()
	if size > MaxFile {
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("a Dockerfile of %d KiB; they are read up to %d KiB", size>>10, MaxFile>>10),
			Do:     "split it, or look at its FROM lines by hand",
		}
	}
	data, err := io.ReadAll(io.NewSectionReader(item.Blob, 0, size))
	if err != nil {
		return nil, err
	}
	f, problem := Parse(data)
	if problem != nil {
		return nil, problem
	}
	f.Path = item.Path
	return f, nil
}

// Parse reads the text of a Dockerfile.
func Parse(data []byte) (*File, *evidence.Problem) {
	if strings.IndexByte(string(data[:min(len(data), 4096)]), 0) >= 0 {
		return nil, &evidence.Problem{Reason: "it is no UTF-8 text", Do: "save the Dockerfile as UTF-8"}
	}
	r := newReader(data)
	p := &parser{file: &File{}, values: predefined(), spans: map[string]pinning.Span{}}
	if ref, span, ok := syntax(r); ok {
		p.add(pinning.ImageUse{Place: "syntax", Text: ref, Written: ref, Span: span})
	}
	for {
		in, ok := r.next()
		if !ok {
			break
		}
		p.instruction(in)
		if len(p.file.Images) >= MaxImages {
			p.file.Notes = append(p.file.Notes, fmt.Sprintf("more than %d images: the rest is not read", MaxImages))
			break
		}
	}
	if p.strange > 0 {
		p.file.Notes = append(p.file.Notes, fmt.Sprintf("%d lines are no instructions: a template?", p.strange))
	}
	if r.open != "" {
		p.file.Notes = append(p.file.Notes, "a here-document has no end: what follows it is not read")
	}
	if len(p.file.Stages) == 0 {
		return nil, &evidence.Problem{Reason: "it has no FROM", Do: "check a whole Dockerfile"}
	}
	p.locals()
	return p.file, nil
}

// predefined are the variables that BuildKit sets before the first FROM.
func predefined() map[string]string {
	return map[string]string{
		"TARGETPLATFORM": "linux/amd64", "TARGETOS": "linux", "TARGETARCH": "amd64", "TARGETVARIANT": "",
		"BUILDPLATFORM": "linux/amd64", "BUILDOS": "linux", "BUILDARCH": "amd64", "BUILDVARIANT": "",
	}
}

package tfconfig

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unique"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"polygraph/internal/evidence"
)

// Read reads one file. What it cannot read is an *evidence.Problem that says
// where, and never what stands there.
func Read(ctx context.Context, item *evidence.Item) (*File, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	size := item.Blob.Size()
	if size > MaxFile {
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("longer than %d MiB: not read", MaxFile>>20),
			Do:     "split the file: Terraform reads all files of a folder as one",
		}
	}
	src := make([]byte, size)
	if n, err := item.Blob.ReadAt(src, 0); int64(n) < size {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, &evidence.Problem{Reason: "it could not be read", Do: "check that the file is complete and readable", Err: err}
	}
	r := &reader{src: src}
	f := &File{Path: item.Path, Dir: path.Dir(item.Path)}
	var err error
	if strings.HasSuffix(item.Path, ".json") {
		f.Blocks, err = r.json()
	} else {
		f.Blocks, err = r.native()
	}
	if err != nil {
		return nil, err
	}
	if r.kept > MaxKept {
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("more than %d MiB of values: not kept", MaxKept>>20),
			Do:     "split the file: Terraform reads all files of a folder as one",
		}
	}
	return f, nil
}

// reader turns the source of one file into blocks.
type reader struct {
	src  []byte
	kept int // bytes, about
}

func (r *reader) native() ([]Block, error) {
	if p := tooDeep(r.src); p != nil {
		return nil, p
	}
	parsed, diags := hclsyntax.ParseConfig(r.src, "", hcl.InitialPos)
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			return nil, broken("HCL", d.Subject)
		}
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		return nil, &evidence.Problem{Reason: "not HCL", Do: "run `terraform validate` in its folder"}
	}
	// Arguments outside of blocks are terragrunt's (inputs, locals as a map).
	if top := r.attributes(body.Attributes, ""); len(top) > 0 {
		return append([]Block{{Attributes: top, End: int64(len(r.src))}}, r.blocks(body.Blocks, "")...), nil
	}
	return r.blocks(body.Blocks, ""), nil
}

func broken(language string, at *hcl.Range) *evidence.Problem {
	p := &evidence.Problem{Reason: "not valid " + language, Do: "run `terraform validate` in its folder, and mend what it says"}
	if at != nil {
		p.Reason += fmt.Sprintf(" at line %d, column %d", at.Start.Line, at.Start.Column)
	}
	return p
}

// word keeps the words that thousands of files have in common once.
func (r *reader) word(s string) string {
	r.kept += 16
	return unique.Make(s).Value()
}

package facts

import (
	"context"
	"errors"
	"iter"
	"path"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/tfconfig"
)

// Configuration reads Terraform and Terragrunt configuration; its value is a
// *tfconfig.File. A file that cannot be read is still one of its folder: it
// becomes a File with a Problem and a note, so that nobody says that something
// stands nowhere in the folder. One that the user named is refused, because
// what is named and not examined is an exit code of its own.
func Configuration() *analysis.Fact { return configuration }

var configuration = &analysis.Fact{
	Name:  "terraform-configuration",
	Kinds: []*evidence.Kind{evidence.TerraformConfiguration(), evidence.Terragrunt()},
	Read: func(ctx context.Context, in analysis.Input) (analysis.Reading, error) {
		f, err := tfconfig.Read(ctx, in.Item)
		if p := (*evidence.Problem)(nil); errors.As(err, &p) && !in.Item.Named {
			return analysis.Reading{
				Value:  &tfconfig.File{Path: in.Item.Path, Dir: path.Dir(in.Item.Path), Problem: p},
				Detail: "not readable", Notes: []string{p.Error()},
			}, nil
		}
		if err != nil {
			return analysis.Reading{}, err
		}
		return analysis.Reading{Value: f, Detail: configurationDetail(f), Names: blockNames(f)}, nil
	},
}

func configurationDetail(f *tfconfig.File) string {
	resources, calls := 0, 0
	for i := range f.Blocks {
		switch f.Blocks[i].Type {
		case "resource":
			resources++
		case "module":
			calls++
		}
	}
	s := plural(len(f.Blocks), "block", "blocks")
	if resources > 0 {
		s += ", " + plural(resources, "resource", "resources")
	}
	if calls > 0 {
		s += ", " + plural(calls, "module call", "module calls")
	}
	return s
}

// blockNames are the names that know a file again after it was moved. Many
// files have a terraform block and locals of the same names, so those have
// their arguments with them.
func blockNames(f *tfconfig.File) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range f.Blocks {
			b := &f.Blocks[i]
			name := strings.Join(append([]string{b.Type}, b.Labels...), ".")
			if len(b.Labels) > 0 {
				if !yield(name) {
					return
				}
				continue
			}
			for j := range b.Attributes {
				if !yield(name + "." + b.Attributes[j].Name) {
					return
				}
			}
		}
	}
}

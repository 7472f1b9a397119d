package facts

import (
	"context"

	"polygraph/internal/analysis"
	"polygraph/internal/compose"
	"polygraph/internal/evidence"
)

// Compose reads Compose files; its value is a *compose.File.
func Compose() *analysis.Fact { return composes }

var composes = &analysis.Fact{
	Name:  "compose",
	Kinds: []*evidence.Kind{evidence.Compose()},
	Read: func(ctx context.Context, in analysis.Input) (analysis.Reading, error) {
		f, err := compose.Read(ctx, in.Item)
		if err != nil {
			return analysis.Reading{}, err
		}
		return analysis.Reading{
			Value: f, Notes: f.Notes,
			Detail: plural(f.Services, "service", "services") + ", " + plural(len(f.Built), "built here", "built here"),
			Names: func(yield func(string) bool) {
				for i := range f.Images {
					if !yield(f.Images[i].Place + " " + f.Images[i].Written) {
						return
					}
				}
			},
		}, nil
	},
}

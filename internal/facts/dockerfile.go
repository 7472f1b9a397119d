package facts

import (
	"context"

	"polygraph/internal/analysis"
	"polygraph/internal/dockerfile"
	"polygraph/internal/evidence"
)

// Dockerfile reads Dockerfiles; its value is a *dockerfile.File.
func Dockerfile() *analysis.Fact { return dockerfiles }

var dockerfiles = &analysis.Fact{
	Name:  "dockerfile",
	Kinds: []*evidence.Kind{evidence.Dockerfile()},
	Read: func(ctx context.Context, in analysis.Input) (analysis.Reading, error) {
		f, err := dockerfile.Read(ctx, in.Item)
		if err != nil {
			return analysis.Reading{}, err
		}
		return analysis.Reading{
			Value: f, Notes: f.Notes,
			Detail: plural(len(f.Stages), "stage", "stages") + ", " + plural(len(f.Images), "image", "images"),
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

package facts

import (
	"context"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/workflow"
)

// Workflow reads GitHub Actions workflows and actions; its value is a
// *workflow.File.
func Workflow() *analysis.Fact { return workflows }

var workflows = &analysis.Fact{
	Name:  "github-workflow",
	Kinds: []*evidence.Kind{evidence.Workflow()},
	Read: func(ctx context.Context, in analysis.Input) (analysis.Reading, error) {
		f, err := workflow.Read(ctx, in.Item)
		if err != nil {
			return analysis.Reading{}, err
		}
		what := plural(f.Jobs, "job", "jobs")
		if f.Action {
			what = "an action"
		}
		return analysis.Reading{
			Value: f, Notes: f.Notes,
			Detail: what + ", " + plural(len(f.Actions), "use of an action", "uses of actions") + ", " + plural(len(f.Images), "image", "images"),
			Names: func(yield func(string) bool) {
				for i := range f.Actions {
					if !yield(f.Actions[i].Place + " " + f.Actions[i].Uses) {
						return
					}
				}
				for i := range f.Images {
					if !yield(f.Images[i].Place + " " + f.Images[i].Written) {
						return
					}
				}
			},
		}, nil
	},
}

package facts

import (
	"context"
	"fmt"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/tfstate"
)

// State reads Terraform states; its value is a *tfstate.State.
func State() *analysis.Fact { return state }

var state = &analysis.Fact{
	Name:  "terraform-state",
	Kinds: []*evidence.Kind{evidence.TerraformState()},
	Read: func(ctx context.Context, in analysis.Input) (analysis.Reading, error) {
		s, err := tfstate.Read(ctx, in.Item)
		if err != nil {
			return analysis.Reading{}, err
		}
		return analysis.Reading{
			Value:  s,
			Detail: fmt.Sprintf("Terraform %s, serial %d, %s", s.Terraform, s.Serial, plural(len(s.Objects), "object", "objects")),
			Names: func(yield func(string) bool) {
				for i := range s.Objects {
					if !yield(s.Objects[i].Address) {
						return
					}
				}
			},
		}, nil
	},
}

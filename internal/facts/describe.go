package facts

import (
	"context"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/awsdump"
	"polygraph/internal/evidence"
)

// Describe reads what describe calls of the AWS command line printed; its value
// is an *awsdump.Dump.
func Describe() *analysis.Fact { return describe }

var describe = &analysis.Fact{
	Name:  "aws-describe",
	Kinds: []*evidence.Kind{evidence.AWSDescribe()},
	Read: func(ctx context.Context, in analysis.Input) (analysis.Reading, error) {
		d, err := awsdump.Read(ctx, in.Item)
		if err != nil {
			return analysis.Reading{}, err
		}
		return analysis.Reading{
			Value:  d,
			Detail: strings.Join(d.Calls, ", ") + ", " + plural(len(d.Objects), "object", "objects"),
			Names: func(yield func(string) bool) {
				for i := range d.Objects {
					if o := &d.Objects[i]; !yield(o.Type + " " + o.Owner + "/" + o.Name) {
						return
					}
				}
			},
		}, nil
	},
}

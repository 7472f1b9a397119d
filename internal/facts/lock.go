package facts

import (
	"context"
	"errors"
	"path"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/tfconfig"
)

// Lock reads dependency lock files; its value is a *tfconfig.Lock. One that
// cannot be read is still one: it becomes a Lock that is Broken, with a note,
// so that nobody says that there is none.
func Lock() *analysis.Fact { return lock }

var lock = &analysis.Fact{
	Name:  "terraform-lock",
	Kinds: []*evidence.Kind{evidence.TerraformLock()},
	Read: func(ctx context.Context, in analysis.Input) (analysis.Reading, error) {
		f, err := tfconfig.Read(ctx, in.Item)
		if p := (*evidence.Problem)(nil); errors.As(err, &p) {
			return analysis.Reading{
				Value:  &tfconfig.Lock{Path: in.Item.Path, Dir: path.Dir(in.Item.Path), Broken: true},
				Detail: "not readable", Notes: []string{p.Error()},
			}, nil
		}
		if err != nil {
			return analysis.Reading{}, err
		}
		l := f.Lock()
		return analysis.Reading{
			Value: l, Detail: plural(len(l.Providers), "provider", "providers") + " locked",
			Names: func(yield func(string) bool) {
				for _, p := range l.Providers {
					if !yield(p.Source) {
						return
					}
				}
			},
		}, nil
	},
}

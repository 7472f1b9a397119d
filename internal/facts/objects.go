package facts

import (
	"context"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/kubeobj"
)

// Objects reads Kubernetes objects, declared, live and as they were before; its
// value is a *kubeobj.File.
func Objects() *analysis.Fact { return objects }

var objects = &analysis.Fact{
	Name:  "kubernetes-objects",
	Kinds: []*evidence.Kind{evidence.KubernetesManifest(), evidence.KubernetesLive(), evidence.KubernetesBefore()},
	Read: func(ctx context.Context, in analysis.Input) (analysis.Reading, error) {
		f, err := kubeobj.Read(ctx, in.Item)
		if err != nil {
			return analysis.Reading{}, err
		}
		return analysis.Reading{
			Value: f, Notes: f.Notes, Detail: plural(len(f.Objects), "object", "objects"),
			Names: func(yield func(string) bool) {
				for _, o := range f.Objects {
					if !yield(o.Identity()) {
						return
					}
				}
			},
		}, nil
	},
}

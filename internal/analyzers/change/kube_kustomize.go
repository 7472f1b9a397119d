package change

import (
	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kustomize"
)

// kustomized finds the files of NEW that are not what is applied: a
// Kustomization makes something else of them. It returns those that are patches.
func (k *kube) kustomized(files []analysis.Result[*kubeobj.File]) map[string]bool {
	var all []kustomize.File
	for _, r := range files {
		all = append(all, kustomize.File{Path: r.Item.Path, Kustomizations: r.Value.Kustomizations, Apart: r.Item.Kind != evidence.KubernetesManifest()})
	}
	patches, rendered := kustomize.Read(all)
	k.rendered = rendered
	return patches
}

func unrendered(r kustomize.Rendering, file string) finding.Missing {
	return finding.Missing{Evidence: "what kustomize makes of " + file, Get: r.Command()}
}

// Report reports a finding. What would be false of a file is not proven where
// the file is not what is applied.
func (k *kube) Report(r *analysis.Rule, f finding.Finding) {
	if f.Verdict == finding.Refuted && len(k.rendered) > 0 {
		for i := range f.Proof {
			made, ok := k.rendered[f.Proof[i].At.File]
			if !ok {
				continue
			}
			f.Verdict = finding.Unproven
			f.Missing = []finding.Missing{unrendered(made, f.Proof[i].At.File)}
			break
		}
	}
	k.Pass.Report(r, f)
}

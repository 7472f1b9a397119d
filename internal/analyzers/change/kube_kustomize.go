package change

import (
	"path"
	"slices"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
)

// aside are the fields of a Kustomization that leave the images of its resources
// alone.
var asideOfImages = []string{
	"namespace", "namePrefix", "nameSuffix", "labels", "commonLabels", "commonAnnotations", "replicas",
	"configMapGenerator", "secretGenerator", "generatorOptions", "crds", "buildMetadata",
}

// kustomized finds the files of NEW that are not what is applied: a
// Kustomization makes something else of them. It returns those that are patches.
func (k *kube) kustomized(files []analysis.Result[*kubeobj.File]) map[string]bool {
	patches := map[string]bool{}
	type tree struct {
		at     string   // a file or a folder
		folder string   // of the Kustomization
		says   []string // what it changes
	}
	var trees []tree
	for _, r := range files {
		dir := path.Dir(r.Item.Path)
		for _, c := range r.Value.Kustomizations {
			says := slices.Clone(c.Changes)
			for _, p := range c.Patches {
				patches[path.Join(dir, p)] = true
				says = append(says, "patches")
			}
			if len(says) == 0 {
				continue
			}
			for _, resource := range c.Resources {
				if !strings.Contains(resource, "://") {
					trees = append(trees, tree{path.Join(dir, resource), dir, says})
				}
			}
		}
	}
	k.rendered = map[string]kustomization{}
	for _, r := range files {
		if r.Item.Kind != evidence.KubernetesManifest() {
			continue
		}
		for _, t := range trees {
			if r.Item.Path != t.at && !strings.HasPrefix(r.Item.Path, t.at+"/") {
				continue
			}
			made := k.rendered[r.Item.Path]
			made.folder = t.folder
			made.images = made.images || slices.ContainsFunc(t.says, func(s string) bool { return !slices.Contains(asideOfImages, s) })
			k.rendered[r.Item.Path] = made
		}
	}
	return patches
}

// kustomization is one that makes something else of a file.
type kustomization struct {
	folder string
	images bool // it may set the images
}

func (m kustomization) missing(file string) finding.Missing {
	return finding.Missing{
		Evidence: "what kustomize makes of " + file,
		Get:      "kustomize build " + folderWord(m.folder) + " > manifests.yaml, and name that file instead of the folder",
	}
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
			f.Missing = []finding.Missing{made.missing(f.Proof[i].At.File)}
			break
		}
	}
	k.Pass.Report(r, f)
}

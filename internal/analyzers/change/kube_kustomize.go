package change

import (
	"path"
	"slices"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/shell"
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
	in := kustomizations{}
	var folders []string
	for _, r := range files {
		dir := path.Dir(r.Item.Path)
		for _, c := range r.Value.Kustomizations {
			if in[dir] == nil {
				folders = append(folders, dir)
			}
			in[dir] = append(in[dir], c)
			for _, p := range c.Patches {
				patches[path.Join(dir, p)] = true
			}
		}
	}
	inner := map[string]bool{} // those that another one names
	for _, dir := range folders {
		for _, p := range in.names(dir) {
			inner[p] = inner[p] || p != dir
		}
	}
	made := map[string]kustomization{} // by file or folder
	for _, dir := range folders {
		changes := in.changes(dir, map[string]bool{})
		if len(changes) == 0 {
			continue
		}
		images := slices.ContainsFunc(changes, func(s string) bool { return !slices.Contains(asideOfImages, s) })
		for p := range in.reached(dir) {
			m := made[p]
			if m.folder == "" || inner[m.folder] && !inner[dir] {
				m.folder = dir
			}
			m.images = m.images || images
			made[p] = m
		}
	}
	k.rendered = map[string]kustomization{}
	for _, r := range files {
		if r.Item.Kind != evidence.KubernetesManifest() {
			continue
		}
		for p := r.Item.Path; ; p = path.Dir(p) {
			if m, ok := made[p]; ok {
				was, again := k.rendered[r.Item.Path]
				if again && !(inner[was.folder] && !inner[m.folder]) {
					m.folder = was.folder
				}
				m.images = m.images || was.images
				k.rendered[r.Item.Path] = m
			}
			if p == "." || p == "/" || path.Base(p) == ".." {
				break
			}
		}
	}
	return patches
}

// kustomizations are all that are here, by folder.
type kustomizations map[string][]kubeobj.Kustomization

// names are the files and folders that a Kustomization names. Addresses are left
// out: what is there nobody here has read.
func (in kustomizations) names(dir string) []string {
	var out []string
	for _, c := range in[dir] {
		for _, resource := range c.Resources {
			if !strings.Contains(resource, "://") {
				out = append(out, path.Join(dir, resource))
			}
		}
	}
	return out
}

// reached are the files and folders that a Kustomization names, and those that
// the Kustomizations among them name, to the end.
func (in kustomizations) reached(dir string) map[string]bool {
	reached := map[string]bool{}
	for open := in.names(dir); len(open) > 0; {
		p := open[len(open)-1]
		open = open[:len(open)-1]
		if reached[p] {
			continue
		}
		reached[p] = true
		open = append(open, in.names(p)...)
	}
	return reached
}

// changes are what a Kustomization changes of what it reaches, by itself and by
// its components.
func (in kustomizations) changes(dir string, seen map[string]bool) []string {
	if seen[dir] {
		return nil
	}
	seen[dir] = true
	var out []string
	for _, c := range in[dir] {
		out = append(out, c.Changes...)
		if len(c.Patches) > 0 {
			out = append(out, "patches")
		}
		for _, component := range c.Components {
			out = append(out, in.changes(path.Join(dir, component), seen)...)
		}
	}
	return out
}

// kustomization is one that makes something else of a file.
type kustomization struct {
	folder string
	images bool // it may set the images
}

func (m kustomization) missing(file string) finding.Missing {
	return finding.Missing{
		Evidence: "what kustomize makes of " + file,
		Get:      "kustomize build " + shell.Operand(m.folder) + " > manifests.yaml, and name that file instead of the folder",
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

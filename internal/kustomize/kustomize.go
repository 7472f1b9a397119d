// Package kustomize tells which files are not what is applied, because a
// Kustomization among them makes something else of them. It renders nothing.
package kustomize

import (
	"path"
	"slices"
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/shell"
)

// File is a file of one side: its path, and what in it speaks to kustomize.
type File struct {
	Path           string
	Kustomizations []kubeobj.Kustomization
	// Apart: it is of another side, and only its Kustomizations count.
	Apart bool
}

// Rendering is a Kustomization that makes something else of a file.
type Rendering struct {
	Folder string
	Images bool // it may set the images
}

// Command prints what is applied instead.
func (r Rendering) Command() string {
	return "kustomize build " + shell.Operand(r.Folder) + " > manifests.yaml, and name that file instead of the folder"
}

// aside are the fields of a Kustomization that leave the images of its resources
// alone.
var asideOfImages = []string{
	"namespace", "namePrefix", "nameSuffix", "labels", "commonLabels", "commonAnnotations", "replicas",
	"configMapGenerator", "secretGenerator", "generatorOptions", "crds", "buildMetadata",
}

// Read finds the files that are patches, parts of objects, and those of which
// a Kustomization makes something else.
func Read(files []File) (patches map[string]bool, rendered map[string]Rendering) {
	patches = map[string]bool{}
	in := kustomizations{}
	var folders []string
	for _, r := range files {
		dir := path.Dir(r.Path)
		for _, c := range r.Kustomizations {
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
	made := map[string]Rendering{} // by file or folder
	for _, dir := range folders {
		changes := in.changes(dir, map[string]bool{})
		if len(changes) == 0 {
			continue
		}
		images := slices.ContainsFunc(changes, func(s string) bool { return !slices.Contains(asideOfImages, s) })
		for p := range in.reached(dir) {
			m := made[p]
			if m.Folder == "" || inner[m.Folder] && !inner[dir] {
				m.Folder = dir
			}
			m.Images = m.Images || images
			made[p] = m
		}
	}
	rendered = map[string]Rendering{}
	for _, r := range files {
		if r.Apart {
			continue
		}
		for p := r.Path; ; p = path.Dir(p) {
			if m, ok := made[p]; ok {
				was, again := rendered[r.Path]
				if again && !(inner[was.Folder] && !inner[m.Folder]) {
					m.Folder = was.Folder
				}
				m.Images = m.Images || was.Images
				rendered[r.Path] = m
			}
			if p == "." || p == "/" || path.Base(p) == ".." {
				break
			}
		}
	}
	return patches, rendered
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

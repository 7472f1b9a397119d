package workloads

import (
	"polygraph/internal/kubeobj"
	"polygraph/internal/pinning"
)

// Image is a reference to a container image.
type Image struct {
	Workload  *Workload
	Container *Container // nil for an image volume
	Value     *kubeobj.Value
	Path      string
	// Name is the reference taken apart; Parsed is false where it is none: a
	// template that is not rendered, or not a string.
	Name   pinning.ImageName
	Parsed bool
}

// Form judges the form of the reference.
func (i *Image) Form() pinning.Judgement { return pinning.Image(i.Value.Str()) }

// Images are the images of a workload: of its containers, and of volumes of type
// image (Kubernetes documentation, "Use an Image Volume With a Pod", 1.31).
func (w *Workload) Images() []Image {
	var out []Image
	for i := range w.Containers {
		c := &w.Containers[i]
		if c.Image != nil {
			out = append(out, image(w, c, c.Image, c.Path+".image"))
		}
	}
	for i, v := range w.Spec().Get("volumes").Each() {
		if ref := v.Get("image", "reference"); ref.Str() != "" {
			out = append(out, image(w, nil, ref, item(join(w.Path, "spec.volumes"), "name", v, i)+".image.reference"))
		}
	}
	return out
}

func image(w *Workload, c *Container, v *kubeobj.Value, path string) Image {
	i := Image{Workload: w, Container: c, Value: v, Path: path}
	if v.Is(kubeobj.String) {
		i.Name, i.Parsed = pinning.ParseImage(v.Text)
	}
	return i
}

// Images are those of all workloads that no other one made.
func (g *Graph) Images() []Image {
	var out []Image
	for _, w := range g.workloads {
		if w.Owner == nil {
			out = append(out, w.Images()...)
		}
	}
	return out
}

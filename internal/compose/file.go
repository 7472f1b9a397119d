package compose

import (
	"context"
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"polygraph/internal/evidence"
	"polygraph/internal/pinning"
	"polygraph/internal/yamltext"
)

// MaxImages is how many references of one file are kept.
const MaxImages = 4096

// File is what a Compose file names.
type File struct {
	Path     string
	Services int
	Images   []Image
	// Built are the services with `build`, and the images that they make.
	Built map[string]string
	// Contexts are the names that builds know something else under.
	Contexts map[string]bool
	Notes    []string
}

// Image is a use of an image by a service.
type Image struct {
	pinning.ImageUse
	Service string
}

// Read reads one file.
func Read(_ context.Context, item *evidence.Item) (*File, error) {
	d, err := yamltext.Read(item)
	if err != nil {
		return nil, err
	}
	f, problem := parse(d, path.Base(path.Dir(path.Clean(item.Path))))
	if problem != nil {
		return nil, problem
	}
	f.Path = item.Path
	return f, nil
}

func parse(d *yamltext.Document, folder string) (*File, *evidence.Problem) {
	f := &File{Built: map[string]string{}, Contexts: map[string]bool{}}
	project := folder
	found := false
	for _, root := range d.Roots {
		services := d.Get(root, "services")
		if services == nil || services.Kind != yaml.MappingNode {
			continue
		}
		found = true
		if name := yamltext.Text(d.Get(root, "name")); name != "" {
			project = name
		}
		if d.Get(root, "include") != nil {
			f.Notes = append(f.Notes, "it includes other files: their services are read only where they are evidence")
		}
		for name, s := range d.Pairs(services) {
			f.service(d, name, s)
		}
	}
	if !found {
		return nil, &evidence.Problem{Reason: "it has no services", Do: "check the Compose file that has them"}
	}
	for i := range f.Images {
		if f.builds(f.Images[i].Text, project) {
			f.Images[i].Local = true
		}
	}
	if d.Cut || len(f.Images) >= MaxImages {
		f.Notes = append(f.Notes, "the file meets the bounds of what is read: a part of it was not looked at")
	}
	return f, nil
}

// builds tells whether a service makes the image: under the name that it says,
// or under the one that Compose gives it, PROJECT-SERVICE.
//
// Source: docker compose build, Description: tagged, by default, as
// project-service (docs.docker.com/reference/cli/docker/compose/build/).
func (f *File) builds(image, project string) bool {
	if image == "" {
		return false
	}
	for service, made := range f.Built {
		if made == image {
			return true
		}
		name := strings.TrimSuffix(image, ":latest")
		if made == "" && (name == normal(project)+"-"+service || name == normal(project)+"_"+service) {
			return true
		}
	}
	return false
}

// normal writes the name of a project as Compose does: in small letters, and
// without what a name may not have.
func normal(project string) string {
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, strings.ToLower(project)), "-_")
}

func (f *File) service(d *yamltext.Document, name string, s *yaml.Node) {
	if s == nil || s.Kind != yaml.MappingNode || s.Tag == reset || len(f.Images) >= MaxImages {
		return
	}
	f.Services++
	image, build := own(d, s, "image"), own(d, s, "build")
	if build != nil && build.Tag != "!!null" {
		f.Built[name] = expand(yamltext.Text(image)).Text
		f.contexts(d, name, build)
		if d.Get(build, "dockerfile_inline") != nil {
			f.Notes = append(f.Notes, "service "+name+" has its Dockerfile inline: the images in it are not read")
		}
		return
	}
	if image == nil || yamltext.Text(image) == "" {
		if d.Get(s, "extends") != nil {
			f.Notes = append(f.Notes, "service "+name+" extends another: its image is read where that is")
		}
		return
	}
	u := use(d, "service "+name, image)
	switch yamltext.Text(d.Get(s, "pull_policy")) {
	case "never", "build":
		u.Local = true // it is made on the machine
	}
	f.Images = append(f.Images, Image{u, name})
}

// reset is the tag by which one file takes away what another one says; the value
// behind it counts for nothing.
//
// Source: Compose file reference, Merge, Reset value
// (docs.docker.com/reference/compose-file/merge/).
const reset = "!reset"

// own returns what a service says itself, nil for what it takes away.
func own(d *yamltext.Document, s *yaml.Node, key string) *yaml.Node {
	if n := d.Get(s, key); n != nil && n.Tag != reset {
		return n
	}
	return nil
}

// contexts reads the additional contexts of a build, a mapping or a list of
// name=value: docker-image://IMAGE among them is an image.
func (f *File) contexts(d *yamltext.Document, service string, build *yaml.Node) {
	one := func(name, value string, n *yaml.Node) {
		f.Contexts[strings.ToLower(name)] = true
		ref, ok := strings.CutPrefix(value, "docker-image://")
		if !ok || len(f.Images) >= MaxImages {
			return
		}
		u := use(d, fmt.Sprintf("service %s context %s", service, name), n)
		cut := int64(strings.Index(u.Written, ref))
		if u.End > u.Offset && cut >= 0 {
			u.Offset, u.Written = u.Offset+cut, ref
		}
		u.Text = expand(ref).Text
		f.Images = append(f.Images, Image{u, service})
	}
	extra := d.Get(build, "additional_contexts")
	for name, n := range d.Pairs(extra) {
		one(name, yamltext.Text(n), n)
	}
	for _, n := range d.Items(extra) {
		if name, value, ok := strings.Cut(yamltext.Text(n), "="); ok {
			one(name, value, n)
		}
	}
}

func use(d *yamltext.Document, place string, n *yaml.Node) pinning.ImageUse {
	written := yamltext.Text(n)
	e := expand(written)
	u := pinning.ImageUse{Place: place, Text: e.Text, Written: written, Open: e.Open, Span: d.Span(n)}
	if e.Odd {
		u.Open = append(u.Open, written)
	}
	return u
}

// expand fills in defaults. Nothing in a Compose file gives a variable a value.
func expand(s string) pinning.Expansion {
	return pinning.Expand(s, pinning.Dialect{Doubled: true}, func(string) (string, bool) { return "", false })
}

package workflow

import (
	"context"
	"strings"

	"go.yaml.in/yaml/v3"

	"polygraph/internal/evidence"
	"polygraph/internal/pinning"
	"polygraph/internal/yamltext"
)

// MaxUses is how many references of one file are kept.
const MaxUses = 8192

// File is what a workflow or an action takes from elsewhere.
type File struct {
	Path    string
	Action  bool // the definition of an action
	Jobs    int
	Images  []pinning.ImageUse
	Actions []Use
	Notes   []string
}

// Use is a use of an action or of a reusable workflow.
type Use struct {
	Place string // "job build", "action"
	Uses  string // as it is written
	// Comment is what stands behind it in the line: tools write the version
	// that a SHA is there.
	Comment string
	pinning.Span
}

// Read reads one file.
func Read(_ context.Context, item *evidence.Item) (*File, error) {
	d, err := yamltext.Read(item)
	if err != nil {
		return nil, err
	}
	f, problem := parse(d)
	if problem != nil {
		return nil, problem
	}
	f.Path = item.Path
	return f, nil
}

func parse(d *yamltext.Document) (*File, *evidence.Problem) {
	f := &File{}
	if len(d.Roots) > 0 {
		root := d.Roots[0]
		for id, job := range d.Pairs(d.Get(root, "jobs")) {
			f.job(d, "job "+id, job)
		}
		if runs := d.Get(root, "runs"); runs != nil && runs.Kind == yaml.MappingNode {
			f.Action = true
			f.runs(d, runs)
		}
	}
	if f.Jobs == 0 && !f.Action {
		return nil, &evidence.Problem{Reason: "it has neither jobs nor runs", Do: "check a workflow, or the action.yml of an action"}
	}
	if d.Cut || len(f.Actions)+len(f.Images) >= MaxUses {
		f.Notes = append(f.Notes, "the file meets the bounds of what is read: a part of it was not looked at")
	}
	return f, nil
}

func (f *File) job(d *yamltext.Document, place string, job *yaml.Node) {
	if job == nil || job.Kind != yaml.MappingNode {
		return
	}
	f.Jobs++
	if uses := d.Get(job, "uses"); yamltext.Text(uses) != "" {
		f.uses(d, place, uses)
	}
	container := d.Get(job, "container")
	if container != nil && container.Kind == yaml.MappingNode {
		container = d.Get(container, "image")
	}
	f.image(d, job, place+" container", container)
	for name, s := range d.Pairs(d.Get(job, "services")) {
		f.image(d, job, place+" service "+name, d.Get(s, "image"))
	}
	f.steps(d, place, d.Get(job, "steps"))
}

// runs reads what an action runs. Its image may be the Dockerfile beside it.
func (f *File) runs(d *yamltext.Document, runs *yaml.Node) {
	if image := d.Get(runs, "image"); strings.HasPrefix(yamltext.Text(image), "docker://") {
		f.uses(d, "action", image)
	}
	f.steps(d, "action", d.Get(runs, "steps"))
}

func (f *File) steps(d *yamltext.Document, place string, steps *yaml.Node) {
	for _, s := range d.Items(steps) {
		if uses := d.Get(s, "uses"); yamltext.Text(uses) != "" {
			f.uses(d, place, uses)
		}
	}
}

func (f *File) uses(d *yamltext.Document, place string, n *yaml.Node) {
	if f.full() {
		return
	}
	text := yamltext.Text(n)
	if ref, ok := strings.CutPrefix(text, "docker://"); ok {
		u := pinning.ImageUse{Place: place + " step", Text: ref, Written: ref, Span: d.Span(n)}
		if u.End > u.Offset {
			u.Offset += int64(len("docker://"))
		}
		if name, ok := pinning.ParseImage(ref); ok {
			u.Place += " " + name.Familiar()
		}
		f.Images = append(f.Images, open(u))
		return
	}
	f.Actions = append(f.Actions, Use{
		Place: place, Uses: text, Span: d.Span(n),
		Comment: strings.TrimSpace(strings.TrimLeft(n.LineComment, "# \t")),
	})
}

func (f *File) image(d *yamltext.Document, job *yaml.Node, place string, n *yaml.Node) {
	// An empty image is how a matrix says that a job runs on the machine.
	text := yamltext.Text(n)
	if text == "" || f.full() {
		return
	}
	u := open(pinning.ImageUse{Place: place, Text: text, Written: text, Span: d.Span(n)})
	uses := expanded(d, job, &u)
	if uses == nil {
		uses = []pinning.ImageUse{u}
	}
	for _, one := range uses {
		if !f.full() {
			f.Images = append(f.Images, one)
		}
	}
}

// open notes the expressions of a reference.
func open(u pinning.ImageUse) pinning.ImageUse {
	rest := u.Text
	for {
		_, after, ok := strings.Cut(rest, "${{")
		if !ok {
			return u
		}
		expression, tail, _ := strings.Cut(after, "}}")
		u.Open = append(u.Open, strings.TrimSpace(expression))
		rest = tail
	}
}

func (f *File) full() bool { return len(f.Actions)+len(f.Images) >= MaxUses }

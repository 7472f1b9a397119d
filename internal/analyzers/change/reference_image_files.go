package change

import (
	"path"
	"strings"

	"polygraph/internal/compose"
	"polygraph/internal/dockerfile"
	"polygraph/internal/finding"
	"polygraph/internal/pinning"
	"polygraph/internal/workflow"
)

// dockerfile judges CHG056. An image that a Compose file of this run builds, and
// a name that it gives to a build context, are not fetched.
func (r *references) dockerfile(f *dockerfile.File) {
	for i := range f.Images {
		u := &f.Images[i]
		if r.contexts[strings.ToLower(u.Text)] || r.built[u.Text] {
			continue
		}
		verb := "builds on"
		switch {
		case u.Place == "syntax":
			verb = "is read by"
		case strings.Contains(u.Place, " copies from"):
			verb = "copies from"
		case strings.Contains(u.Place, " mounts"):
			verb = "mounts"
		}
		im := r.use(dockerfileImageRule, f.Path, u, verb)
		switch {
		case len(u.Open) > 0:
			im.missing = finding.Missing{
				Evidence: "a value of " + strings.Join(u.Open, ", "),
				Get:      "give the ARG before the first FROM a default that names a digest",
			}
		case u.Ambiguous != "":
			im.missing = finding.Missing{
				Evidence: "whether " + shown(u.Text) + " is an image or a build context",
				Get:      "name the image in full with its digest, or check the Compose file that has it among additional_contexts",
			}
		}
		r.judge(im, owned(&im, u.Judge()))
	}
}

// owned takes an accusation back where the image cannot be one that is fetched.
func owned(im *image, j pinning.Judgement) pinning.Judgement {
	if j.Verdict != pinning.Mutable || !pinning.Unowned(im.text) {
		return j
	}
	im.missing = finding.Missing{
		Evidence: "where " + shown(im.text) + " comes from",
		Get:      "name the image in full, with its registry or owner, or let the Compose file say how it is built",
	}
	return pinning.Judgement{Form: j.Form, Why: "no official image has this name, so it is built on the machine or given to the build"}
}

// compose judges CHG057. A service that another file of the same folder builds
// is built here: Compose merges such files.
func (r *references) compose(f *compose.File) {
	for i := range f.Images {
		u := &f.Images[i]
		if r.built[u.Text] || r.buildsService(path.Dir(f.Path), u.Service, u.Place) {
			continue
		}
		im := r.use(composeImageRule, f.Path, &u.ImageUse, "runs")
		if strings.Contains(u.Place, " context ") {
			im.verb = "builds with"
		}
		if len(u.Open) > 0 {
			im.missing = finding.Missing{
				Evidence: "a value of " + strings.Join(u.Open, ", "),
				Get:      "docker compose config > docker-compose.resolved.yml",
			}
		}
		r.judge(im, owned(&im, u.Judge()))
	}
}

func (r *references) buildsService(dir, service, place string) bool {
	if place != "service "+service {
		return false
	}
	for _, f := range r.composes {
		if _, ok := f.Built[service]; ok && path.Dir(f.Path) == dir {
			return true
		}
	}
	return false
}

// workflow judges CHG058 and CHG059.
func (r *references) workflow(f *workflow.File) {
	for i := range f.Images {
		u := &f.Images[i]
		im := r.use(workflowImageRule, f.Path, u, "runs")
		if strings.HasSuffix(u.Place, " container") {
			im.verb = "runs in"
		}
		for i := range im.more {
			im.more[i].Text = "the matrix has this value"
		}
		if len(u.Open) > 0 {
			im.missing = finding.Missing{
				Evidence: "what " + strings.Join(u.Open, ", ") + " is when the workflow runs",
				Get:      "write the image with its digest in the workflow",
			}
		}
		r.judge(im, u.Judge())
	}
	var order []string
	uses := map[string][]*workflow.Use{}
	for i := range f.Actions {
		u := &f.Actions[i]
		if pinning.Action(u.Uses).Verdict == pinning.Local {
			continue
		}
		name := u.Uses
		if n, ok := pinning.ParseAction(u.Uses); ok {
			name = n.Name()
		}
		if uses[name] == nil {
			order = append(order, name)
		}
		uses[name] = append(uses[name], u)
	}
	for _, name := range order {
		r.action(f, name, uses[name])
	}
}

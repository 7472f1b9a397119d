package change

import (
	"cmp"
	"slices"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/pinning"
	"polygraph/internal/tfconfig"
	"polygraph/internal/tfplan"
)

// terraform judges CHG054 and CHG055, plans first: what a plan says counts for
// what its configuration leaves to variables.
func (r *references) terraform() {
	var files []*tfconfig.File
	for _, v := range analysis.Values[*tfconfig.File](r.Pass, facts.Configuration()) {
		if !strings.HasSuffix(v.Value.Path, ".hcl") { // a terragrunt.hcl has no resources
			files = append(files, v.Value)
			r.blobs[v.Value.Path] = v.Item.Blob
		}
	}
	modules := tfconfig.Modules(files)
	for _, v := range analysis.Values[*tfplan.Plan](r.Pass, facts.Plan()) {
		r.plan(&examination{Pass: r.Pass, Plan: v.Value, item: v.Item})
	}
	var dirs []string
	for _, m := range modules {
		dirs = append(dirs, m.Dir)
	}
	names := shortNames(dirs, 1)
	for _, m := range modules {
		c := &configured{references: r, module: m, name: names[m.Dir]}
		c.images()
		c.handedImages()
		c.latest()
	}
}

// plan judges the objects that a plan leaves as they are, changes or makes.
func (r *references) plan(x *examination) {
	types := pinning.ImageTypes()
	repositories, built := planImages(x)
	aliases := x.latestAliases()
	for i := range x.Changes {
		c := &x.Changes[i]
		if c.Data || c.Deposed != "" || c.Action != tfplan.NoOp && c.Action != tfplan.Create && c.Action != tfplan.Update && !c.Action.Replaces() {
			continue
		}
		typ := x.Name(c.Type)
		isImage, isCaller := slices.Contains(types, typ), len(latestPlaces(typ)) > 0
		if !isImage && !isCaller {
			continue
		}
		d, err := x.Detail(c)
		if err != nil {
			if isImage {
				x.unreadable(terraformImageRule, c, err)
			}
			if isCaller {
				x.unreadable(latestRule, c, err)
			}
			continue
		}
		if isImage {
			r.planned[x.Name(c.Resource)] = append(r.planned[x.Name(c.Resource)], "")
			for _, f := range pinning.ImagesOf(typ, d.After, d.AfterUnknown) {
				r.planImage(x, c, d, typ, f, repositories, built)
			}
		}
		if isCaller {
			r.planned[x.Name(c.Resource)] = append(r.planned[x.Name(c.Resource)], "")
			r.planCaller(x, c, d, typ, aliases)
		}
	}
}

// planImages returns what repositories say about moving their tags, and the
// images that the plan builds itself.
func planImages(x *examination) (repositories map[string]pinning.TagSettings, built map[string]bool) {
	repositories, built = map[string]pinning.TagSettings{}, map[string]bool{}
	for i := range x.Changes {
		c := &x.Changes[i]
		typ := x.Name(c.Type)
		if c.Data || c.Deposed != "" || typ != "aws_ecr_repository" && typ != "docker_image" {
			continue
		}
		d, err := x.Detail(c)
		if err != nil {
			continue
		}
		if url, ok := d.After["repository_url"].(string); ok {
			repositories[url] = tagSettings(d)
		}
		if list, ok := d.After["build"].([]any); ok && len(list) > 0 {
			if name, ok := d.After["name"].(string); ok {
				built[name] = true
			}
		}
	}
	return repositories, built
}

func tagSettings(d *tfplan.Detail) pinning.TagSettings {
	s := pinning.TagSettings{}
	s.Mutability, _ = d.After["image_tag_mutability"].(string)
	s.Open = d.AfterUnknown["image_tag_mutability"] == true || d.AfterUnknown["image_tag_mutability_exclusion_filter"] == true
	list, _ := d.After["image_tag_mutability_exclusion_filter"].([]any)
	for _, v := range list {
		m, _ := v.(map[string]any)
		f, ok := m["filter"].(string)
		if s.Open = s.Open || !ok; ok {
			s.Filters = append(s.Filters, f)
		}
	}
	return s
}

func (r *references) planImage(x *examination, c *tfplan.Change, d *tfplan.Detail, typ string, f pinning.Found, repositories map[string]pinning.TagSettings, built map[string]bool) {
	if build, ok := d.After["build"].([]any); ok && len(build) > 0 && typ == "docker_image" {
		return // made here, whatever its name comes to
	}
	im := image{
		rule: terraformImageRule, file: x.item.Path, subject: subject(c.Address, d), discriminator: f.Container,
		verb: containerVerb(f), source: c.Address, at: x.at(c, "/change/after"+f.Pointer),
		missing: finding.Missing{Evidence: "the image of " + f.Container + " in " + c.Address, Get: "plan again after what it is computed from was applied"},
	}
	if f.Unknown {
		im.at = x.at(c, "/change/after_unknown"+f.Pointer)
		im.text = "(known after apply)"
		r.judge(im, pinning.Judgement{Why: "the image is known only after apply"})
		return
	}
	s, ok := f.Value.(string)
	if f.Broken {
		r.judge(broken(im, strings.TrimPrefix(f.Pointer, "/")))
		return
	}
	if _, secret := f.Value.(evidence.Secret); secret {
		im.text, im.missing.Get = "(sensitive)", "mark only what is secret as sensitive: the image is no secret, and a plan that hides it cannot be reviewed"
		r.judge(im, pinning.Judgement{Why: "the plan hides the image as sensitive"})
		return
	}
	if !ok || s == "" || built[s] && strings.HasPrefix(typ, "docker_") {
		return
	}
	r.planned[x.Name(c.Resource)] = append(r.planned[x.Name(c.Resource)], s)
	im.text, im.hidden = s, d.Unmasked
	j := pinning.Image(s)
	if f.TagOnly {
		j = pinning.Image("image:" + s)
	}
	if n, ok := pinning.ParseImage(s); ok && j.Verdict == pinning.Mutable {
		if repo, known := repositories[n.Repository]; known {
			if said := repo.Judge(cmp.Or(n.Tag, "latest")); said.Verdict != pinning.Mutable {
				j = said
			}
		}
	}
	r.judge(im, j)
}

// broken is an image in a text that should be JSON and does not parse.
func broken(im image, argument string) (image, pinning.Judgement) {
	im.verb, im.hidden = "does not tell", true
	im.missing = finding.Missing{Evidence: "what " + argument + " says", Get: "correct the text of " + argument + ": it has to be JSON"}
	return im, pinning.Judgement{Why: "the JSON that names it does not parse"}
}

// containerVerb begins the title: which container runs what.
func containerVerb(f pinning.Found) string {
	switch {
	case f.TagOnly:
		return "sets " + f.Container + " to"
	case f.Container == "function":
		return "the function is deployed from"
	case f.Container == "container" || f.Container == "service" || f.Container == "build" || f.Container == "image":
		return "runs"
	}
	return "container " + f.Container + " runs"
}

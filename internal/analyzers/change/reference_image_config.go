package change

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/pinning"
	"polygraph/internal/tfconfig"
)

// configured is a module as it is written.
type configured struct {
	*references
	module *tfconfig.Module
	name   string // of its folder
	// aliases are those of functions that name $LATEST.
	aliases map[string]bool
}

func (c *configured) subject(p *tfconfig.Placed) finding.Subject {
	id := p.Address()
	if c.name != "" && c.name != "." {
		id = c.name + ":" + id
	}
	return finding.Subject{Kind: configurationBlock, Identity: id}
}

// images judges CHG055 on the resources of the module.
func (c *configured) images() {
	types := pinning.ImageTypes()
	for i := range c.module.Resources {
		p := &c.module.Resources[i]
		if typ := p.Label(0); slices.Contains(types, typ) {
			t := newTree(p.Block)
			t.documents(c.blobs[p.File.Path])
			for _, f := range pinning.ImagesOf(typ, t.values, nil) {
				c.image(p, t, f)
			}
		}
	}
}

func (c *configured) image(p *tfconfig.Placed, t *blockTree, f pinning.Found) {
	a, offset := t.at(f.Pointer)
	if a == nil {
		return
	}
	if p.Label(0) == "docker_image" && len(p.Nested("build")) > 0 {
		return // made here, whatever its name comes to
	}
	planned, seen := c.planned[p.Address()]
	im := image{
		rule: terraformImageRule, file: p.File.Path, subject: c.subject(p), discriminator: f.Container,
		verb: containerVerb(f), source: p.Address(), at: finding.Location{File: p.File.Path, Offset: offset, Object: p.Address()},
		missing: finding.Missing{Evidence: "the image of " + f.Container + " in " + p.Address(), Get: evidence.TerraformPlan().Get},
	}
	text, ok := f.Value.(string)
	if f.Broken {
		if !seen {
			c.judge(broken(im, strings.TrimPrefix(f.Pointer, "/")))
		}
		return
	}
	c.inDocument(&im, t, a, f)
	open := false
	if body, in := t.texts[f.Pointer]; in && ok {
		im.at.Offset = body.find(text, offset)
		if strings.Contains(text, "${") {
			var refs []string
			for _, m := range reference.FindAllStringSubmatch(text, -1) {
				refs = append(refs, m[1])
			}
			f.Value = tfconfig.Part{References: refs, Text: text}
		}
	}
	written := text
	if part, isPart := f.Value.(tfconfig.Part); isPart {
		written = part.Text
		if slices.ContainsFunc(part.References, func(s string) bool { return strings.HasPrefix(s, "docker_image.") }) {
			return // judged where that is
		}
		ok, open = true, true
		part, steps := c.follow(part)
		im.more, text = append(im.more, steps...), part.Text
		res := c.module.Resolve(&tfconfig.Attribute{Name: a.Name, References: part.References, Text: part.Text})
		if s, known := res.String(); known && !res.Default {
			text, open = s, false
			for _, step := range res.Steps {
				im.more = append(im.more, finding.Statement{
					Text: step.Name + " is defined here", At: finding.Location{File: step.File.Path, Offset: step.Offset, Object: step.Name},
				})
			}
		}
		if text == "" || strings.Contains(text, "\n") {
			text = "(computed)"
		}
	}
	if _, secret := f.Value.(evidence.Secret); secret {
		text, ok, open = "(sensitive)", true, true
	}
	if !ok || text == "" || c.buildsImage(written, text) && strings.HasPrefix(p.Label(0), "docker_") {
		return
	}
	im.text = text
	j := pinning.Image(text)
	switch {
	case f.TagOnly && !open:
		j = pinning.Image("image:" + text)
	case f.TagOnly || open && (text == "(computed)" || text == "(sensitive)"):
		j = pinning.Judgement{Why: "the value is computed"}
	}
	switch {
	case seen && (j.Verdict == pinning.Unknown || slices.Contains(planned, text)):
		return // the plan says what it is
	case j.Verdict == pinning.Mutable:
		if repo, ok := c.repository(f.Value, text); ok {
			if said := repo.Judge(text[strings.LastIndexByte(text, ':')+1:]); said.Verdict != pinning.Mutable {
				j = said
			}
		}
	case j.Verdict == pinning.Unknown && open:
		j.Why = "the value comes from elsewhere"
	}
	if a := ignoresPath(p.Block, f.Pointer); a != nil {
		if j.Verdict == pinning.Pinned {
			return // and what runs now is decided elsewhere
		}
		im.more = append(im.more, finding.Statement{
			Text: "ignore_changes leaves the image to somebody else once it is made", At: finding.Location{File: p.File.Path, Offset: a.Offset, Object: p.Address()},
		})
		j = pinning.Judgement{Form: j.Form, Why: "it is named when the resource is made, and something else sets it later"}
	}
	c.judge(im, j)
}

// inDocument locates an image that stands in a here-document.
func (c *configured) inDocument(im *image, t *blockTree, a *tfconfig.Attribute, f pinning.Found) {
	text, _ := f.Value.(string)
	if part, ok := f.Value.(tfconfig.Part); ok {
		text = part.Text
	}
	if text == "" || a.Function != "template" && !a.Known {
		return
	}
	body, ok := hereDocument(c.blobs[im.file], a)
	if !ok {
		return
	}
	key := a.Name + "\x00" + text
	if at, ok := body.image(text, t.cited[key]); ok {
		im.at.Offset = at
	}
	t.cited[key]++
}

// onlyLocal is a template that is one local and nothing else.
var onlyLocal = regexp.MustCompile(`^\$\{local\.([A-Za-z0-9_-]+)\}$`)

// follow goes from a local to what it is defined as, as long as that is one
// template: what is literal of it may be enough.
func (c *configured) follow(part tfconfig.Part) (tfconfig.Part, []finding.Statement) {
	var steps []finding.Statement
	for range maxBlocks {
		m := onlyLocal.FindStringSubmatch(part.Text)
		if m == nil {
			break
		}
		to := c.module.Locals[m[1]]
		if to.Attribute == nil || to.Known || to.Text == "" {
			break
		}
		part = tfconfig.Part{References: to.References, Text: to.Text}
		steps = append(steps, finding.Statement{
			Text: "local." + m[1] + " is defined here", At: finding.Location{File: to.File.Path, Offset: to.Offset, Object: "local." + m[1]},
		})
	}
	return part, steps
}

// repository returns what the ECR repository of the same module in which the
// image lies says about moving its tags.
func (c *configured) repository(v any, text string) (pinning.TagSettings, bool) {
	part, ok := v.(tfconfig.Part)
	if !ok {
		return pinning.TagSettings{}, false
	}
	for _, ref := range part.References {
		address, ok := strings.CutSuffix(ref, ".repository_url")
		if !ok || !strings.HasPrefix(address, "aws_ecr_repository.") || !repositoryOf(text, ref) {
			continue
		}
		for i := range c.module.Resources {
			if p := &c.module.Resources[i]; p.Address() == address {
				return c.tagSettings(p), true
			}
		}
		// It may stand in a file that could not be read.
		return pinning.TagSettings{Open: true}, c.module.Unread() != nil
	}
	return pinning.TagSettings{}, false
}

// repositoryOf tells whether the image begins with a reference, with or without
// an instance key: ${aws_ecr_repository.r[0].repository_url}.
func repositoryOf(text, ref string) bool {
	first, _, ok := strings.Cut(text, "}")
	return ok && strings.HasPrefix(first, "${") && instanceKey.ReplaceAllString(first[2:], "") == ref
}

var instanceKey = regexp.MustCompile(`\[[^\]]*\]`)

func (c *configured) tagSettings(p *tfconfig.Placed) pinning.TagSettings {
	var s pinning.TagSettings
	literal := func(b *tfconfig.Block, name string) string {
		a, ok := b.Attribute(name)
		if !ok {
			return ""
		}
		res := c.module.Resolve(a)
		v, known := res.String()
		s.Open = s.Open || !known || res.Default
		return v
	}
	s.Mutability = literal(p.Block, "image_tag_mutability")
	for _, f := range p.Nested("image_tag_mutability_exclusion_filter") {
		if v := literal(f, "filter"); v != "" {
			s.Filters = append(s.Filters, v)
		}
	}
	for _, d := range p.Nested("dynamic") {
		s.Open = s.Open || d.Label(0) == "image_tag_mutability_exclusion_filter"
	}
	return s
}

// buildsImage tells whether a docker_image of the module is built under a name.
// The name is compared as it is written and as what it comes to.
func (c *configured) buildsImage(written, name string) bool {
	for i := range c.module.Resources {
		p := &c.module.Resources[i]
		if p.Label(0) != "docker_image" || len(p.Nested("build")) == 0 {
			continue
		}
		if s, a, ok := p.String("name"); ok && s == name || a != nil && a.Text != "" && a.Text == written {
			return true
		}
	}
	return false
}

// blockTree is a block as the values that a plan would have of it, as far as it
// is literal. The other values are tfconfig.Part or evidence.Secret.
type blockTree struct {
	values map[string]any
	where  map[string]*tfconfig.Attribute // by JSON pointer
	texts  map[string]document            // by JSON pointer
	cited  map[string]int                 // how often an image of a here-document was located
}

func newTree(b *tfconfig.Block) *blockTree {
	t := &blockTree{where: map[string]*tfconfig.Attribute{}, texts: map[string]document{}, cited: map[string]int{}}
	t.values = t.block(b, "", 0)
	return t
}

// maxBlocks bounds how deep blocks are followed; providers nest four or five.
const maxBlocks = 16

func (t *blockTree) block(b *tfconfig.Block, at string, depth int) map[string]any {
	out := map[string]any{}
	if depth > maxBlocks {
		return out
	}
	for i := range b.Attributes {
		a := &b.Attributes[i]
		t.where[at+"/"+a.Name] = a
		switch {
		case a.Value != nil || a.Known:
			out[a.Name] = a.Value
		default:
			out[a.Name] = tfconfig.Part{References: a.References, Text: a.Text}
		}
		if a.Function == "yamlencode" {
			delete(out, a.Name)
		}
	}
	for i := range b.Blocks {
		n := &b.Blocks[i]
		name := n.Type
		if name == "dynamic" {
			name = n.Label(0)
			content := n.Nested("content")
			if len(content) != 1 {
				continue
			}
			n = content[0]
		}
		list, isList := out[name].([]any)
		if _, written := out[name]; written && !isList {
			continue
		}
		out[name] = append(list, t.block(n, at+"/"+name+"/"+strconv.Itoa(len(list)), depth+1))
	}
	return out
}

// at finds the attribute that a pointer leads to or into, and the place there.
func (t *blockTree) at(pointer string) (*tfconfig.Attribute, int64) {
	for cut := pointer; cut != ""; {
		if a, ok := t.where[cut]; ok {
			if cut == pointer {
				return a, a.Offset
			}
			return a, a.At(pointer[len(cut):])
		}
		cut = cut[:strings.LastIndexByte(cut, '/')]
	}
	return nil, 0
}

// reference is one in a template.
var reference = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_.-]*)\}`)

// versionOf reads aws_lambda_function.NAME.version out of a template.
var versionOf = regexp.MustCompile(`^\$\{(aws_lambda_function\.[A-Za-z0-9_-]+)\.version\}$`)

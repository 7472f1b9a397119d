package kubeobj

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// template is why a text is not what will be applied.
type template struct{ reason, do string }

func helm() *template {
	return &template{
		"a template of Helm, or of another program, that nobody rendered",
		"render it and give the result: helm template . > rendered.yaml, or pipe it: helm template . | polygraph COMMAND -",
	}
}

func jinja() *template {
	return &template{"a template with {% %} that nobody rendered", "render it and give the result"}
}

func ytt() *template {
	return &template{"a template of ytt that nobody rendered", "render it and give the result: ytt -f . > rendered.yaml"}
}

func erb() *template {
	return &template{"a template with <% %> that nobody rendered", "render it and give the result"}
}

func jsonnet() *template {
	return &template{"Jsonnet that nobody rendered", "render it and give the result: jsonnet FILE > rendered.json"}
}

func patch() *template {
	return &template{"a patch of kustomize, which is a part of an object", "render it and give the result: kustomize build . > rendered.yaml, or pipe it: kustomize build . | polygraph COMMAND -"}
}

// templated tells what a text that is no YAML is a template of; nil when it
// does not look like one.
func templated(text string) *template {
	switch {
	case strings.Contains(text, "{{") && strings.Contains(text, "}}"):
		return helm()
	case strings.Contains(text, "{%"):
		return jinja()
	case strings.Contains(text, "<%"):
		return erb()
	}
	return annotated(text)
}

var yttComment = regexp.MustCompile(`(?m)(^|[ \t])#@([ \t]|[a-z]+/)`)

// annotated tells what writes its instructions into comments: the text is
// valid YAML without its values.
func annotated(text string) *template {
	if strings.Contains(text, "#@") && yttComment.MatchString(text) {
		return ytt()
	}
	return nil
}

// unrendered looks for placeholders in what identifies an object.
func unrendered(texts ...string) *template {
	for _, t := range texts {
		if strings.Contains(t, "{{") {
			return helm()
		}
		if strings.Contains(t, "{%") {
			return jinja()
		}
		if strings.Contains(t, "<%") {
			return erb()
		}
	}
	return nil
}

func (r *reader) template(at int, t *template) {
	r.leave(Unread{Offset: int64(at), Reason: t.reason, Do: t.do, Template: true})
}

// patched looks for the directives of a strategic merge patch, which no object
// has.
//
// Source: k8s.io/apimachinery v0.37.2, util/strategicpatch/patch.go.
func patched(v *Value, depth int) bool {
	if depth > 12 {
		return false
	}
	for _, item := range v.Each() {
		if v.Kind == Map && (item.Name == "$patch" || item.Name == "$retainKeys" || strings.HasPrefix(item.Name, "$setElementOrder/") || strings.HasPrefix(item.Name, "$deleteFromPrimitiveList/")) {
			return true
		}
		if (item.Kind == Map || item.Kind == List) && patched(item, depth+1) {
			return true
		}
	}
	return false
}

// isKustomization tells whether an object speaks to kustomize.
func isKustomization(group, kind string) bool {
	return group == "kustomize.config.k8s.io" && (kind == "Kustomization" || kind == "Component")
}

// namesKustomization tells whether kustomize takes a file without apiVersion and
// kind for a Kustomization: by its name alone.
//
// Source: sigs.k8s.io/kustomize/api v0.20, konfig.RecognizedKustomizationFileNames
// and types.Kustomization.FixKustomizationPostUnmarshalling, which fills both in.
func namesKustomization(file string) bool {
	switch path.Base(file) {
	case "kustomization.yaml", "kustomization.yml", "Kustomization":
		return true
	}
	return false
}

// kustomization takes a Kustomization.
//
// Source: sigs.k8s.io/kustomize/api v0.20, types.Kustomization.
func (d *document) kustomization(v Value) {
	k := Kustomization{Offset: int64(v.Offset)}
	for _, field := range v.Items {
		switch field.Name {
		case "apiVersion", "kind", "metadata", "openapi", "buildMetadata", "sortOptions", "configurations", "crds":
		case "resources", "bases", "components":
			k.Resources = append(k.Resources, texts(field)...)
			if field.Name == "components" {
				k.Components = append(k.Components, texts(field)...)
			}
		case "patchesStrategicMerge":
			for _, t := range texts(field) {
				if !strings.Contains(t, "\n") {
					k.Patches = append(k.Patches, t)
				}
			}
			k.Changes = append(k.Changes, field.Name)
		case "patches", "patchesJson6902":
			for _, p := range field.Each() {
				if t := p.Get("path").Str(); t != "" {
					k.Patches = append(k.Patches, t)
				}
			}
			k.Changes = append(k.Changes, field.Name)
		default:
			if !field.Empty() {
				k.Changes = append(k.Changes, field.Name)
			}
		}
	}
	slices.Sort(k.Changes)
	d.f.Kustomizations = append(d.f.Kustomizations, k)
	d.template(int(v.Offset), &template{"a Kustomization: what is applied is what kustomize makes of it", patch().do})
}

func texts(v Value) []string {
	var out []string
	for _, item := range v.Each() {
		if s := item.Str(); s != "" {
			out = append(out, s)
		}
	}
	return out
}

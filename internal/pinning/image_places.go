package pinning

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Found is a container image that a Terraform object runs.
type Found struct {
	Container string // its name, or its place where it has none
	// Value is what is there: a string, or what the caller put there for a value
	// that is not one.
	Value   any
	Unknown bool   // known only after apply
	Pointer string // of the value; of the text around it where that is JSON in a string
	// TagOnly tells that Value is the tag of an image whose name is elsewhere.
	TagOnly bool
	// Broken tells that the text that should be JSON and have images does not
	// parse: Value is that text.
	Broken bool
}

// ImageTypes are the resource types whose images are known here.
func ImageTypes() []string {
	var out []string
	for _, p := range imagePlaces {
		for _, t := range p.types {
			if !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return append(out, "helm_release")
}

// imagePlace is where the objects of some types name an image. Lists on the way
// are gone through. "#json" decodes a string.
type imagePlace struct {
	types []string
	path  []string
	name  string // beside the image: what the container is called
	as    string // what it is called without that
}

// ImagesOf returns the images of an object, from its values and from the mask
// that says which of them are known only after apply.
//
// Sources: the schemas of hashicorp/aws, hashicorp/kubernetes, hashicorp/google,
// hashicorp/azurerm, kreuzwerker/docker and hashicorp/helm (registry.terraform.io).
func ImagesOf(typ string, values, unknown map[string]any) []Found {
	if typ == "helm_release" {
		return helmImages(values)
	}
	var out []Found
	for _, p := range imagePlaces {
		if !slices.Contains(p.types, typ) {
			continue
		}
		w := imageWalk{place: p, out: &out}
		w.walk(values, unknown, p.path, "", nil, false)
	}
	seen := map[string]int{}
	kept := out[:0]
	for _, f := range out {
		if s, ok := f.Value.(string); ok && strings.HasPrefix(s, "aws/codebuild/") {
			continue // CodeBuild's own images have no digest that a project could name
		}
		if seen[f.Container]++; seen[f.Container] > 1 {
			f.Container += " " + strconv.Itoa(seen[f.Container])
		}
		kept = append(kept, f)
	}
	return kept
}

type imageWalk struct {
	place imagePlace
	out   *[]Found
}

func (w *imageWalk) walk(v, unknown any, path []string, pointer string, parent map[string]any, inText bool) {
	if u, ok := unknown.(bool); ok && u {
		w.found(Found{Unknown: true, Pointer: pointer}, parent)
		return
	}
	if list, ok := v.([]any); ok {
		masks, _ := unknown.([]any)
		for i, item := range list {
			var u any
			if i < len(masks) {
				u = masks[i]
			}
			at := pointer + "/" + strconv.Itoa(i)
			if inText {
				at = pointer
			}
			w.walk(item, u, path, at, parent, inText)
		}
		return
	}
	if v == nil {
		if m, ok := unknown.(map[string]any); !ok || len(m) == 0 {
			if _, ok := unknown.([]any); !ok {
				return
			}
		}
	}
	if len(path) == 0 {
		w.found(Found{Value: v, Pointer: pointer}, parent)
		return
	}
	if path[0] == "#json" {
		if s, ok := v.(string); ok {
			var decoded any
			if json.Unmarshal([]byte(s), &decoded) != nil {
				if strings.TrimSpace(s) != "" {
					w.found(Found{Value: s, Pointer: pointer, Broken: true}, parent)
				}
				return
			}
			w.walk(decoded, nil, path[1:], pointer, parent, true)
			return
		}
		w.walk(v, unknown, path[1:], pointer, parent, inText)
		return
	}
	m, ok := v.(map[string]any)
	if !ok {
		if _, text := v.(string); !text && v != nil {
			w.found(Found{Value: v, Pointer: pointer}, parent) // not a literal: an opaque value of the caller
		}
		return
	}
	mask, _ := unknown.(map[string]any)
	at := pointer + "/" + path[0]
	if inText {
		at = pointer
	}
	w.walk(m[path[0]], mask[path[0]], path[1:], at, m, inText)
}

func (w *imageWalk) found(f Found, parent map[string]any) {
	if f.Container, _ = parent[w.place.name].(string); f.Container == "" {
		f.Container = w.place.as
	}
	*w.out = append(*w.out, f)
}

// helmImages reads `set` of a release: charts by custom take the tag of their
// image as image.tag. What the chart's own default is, the object does not say.
func helmImages(values map[string]any) []Found {
	list, _ := values["set"].([]any)
	digests := map[string]bool{}
	name := func(v any) (string, any) {
		m, _ := v.(map[string]any)
		n, _ := m["name"].(string)
		return n, m["value"]
	}
	for _, v := range list {
		n, value := name(v)
		if prefix, ok := strings.CutSuffix(n, "image.digest"); ok && value != "" && value != nil {
			digests[prefix] = true
		}
		if prefix, ok := strings.CutSuffix(n, "image.sha"); ok && value != "" && value != nil {
			digests[prefix] = true
		}
	}
	var out []Found
	for i, v := range list {
		n, value := name(v)
		prefix, ok := strings.CutSuffix(n, "image.tag")
		if !ok || prefix != "" && !strings.HasSuffix(prefix, ".") || digests[prefix] {
			continue
		}
		if s, ok := value.(string); ok && s == "" {
			continue // the chart's default
		}
		out = append(out, Found{Container: n, Value: value, TagOnly: true, Pointer: "/set/" + strconv.Itoa(i) + "/value"})
	}
	return out
}

func place(types string, path, name, as string) imagePlace {
	return imagePlace{strings.Fields(types), strings.Split(path, "."), name, as}
}

var imagePlaces = slices.Concat(
	[]imagePlace{
		place("aws_ecs_task_definition", "container_definitions.#json.image", "name", "container"),
		place("aws_lambda_function", "image_uri", "", "function"),
		place("aws_apprunner_service", "source_configuration.image_repository.image_identifier", "", "service"),
		place("aws_batch_job_definition", "container_properties.#json.image", "", "container"),
		place("aws_batch_job_definition", "node_properties.#json.nodeRangeProperties.container.image", "", "node"),
		place("aws_batch_job_definition", "ecs_properties.#json.taskProperties.containers.image", "name", "container"),
		place("aws_codebuild_project", "environment.image", "", "build"),
		place("aws_lightsail_container_service_deployment_version", "container.image", "container_name", "container"),
		place("aws_sagemaker_model", "primary_container.image", "container_hostname", "primary"),
		place("aws_sagemaker_model", "container.image", "container_hostname", "container"),
		place("google_cloud_run_service", "template.spec.containers.image", "name", "container"),
		place("google_cloud_run_v2_service google_cloud_run_v2_worker_pool", "template.containers.image", "name", "container"),
		place("google_cloud_run_v2_job", "template.template.containers.image", "name", "container"),
		place("azurerm_container_group", "container.image", "name", "container"),
		place("azurerm_container_group", "init_container.image", "name", "init container"),
		place("azurerm_container_app azurerm_container_app_job", "template.container.image", "name", "container"),
		place("azurerm_container_app azurerm_container_app_job", "template.init_container.image", "name", "init container"),
		place("docker_container", "image", "", "container"),
		place("docker_image", "name", "", "image"),
		place("docker_service", "task_spec.container_spec.image", "", "service"),
	},
	pods("kubernetes_pod kubernetes_pod_v1", "spec"),
	pods("kubernetes_deployment kubernetes_deployment_v1 kubernetes_stateful_set kubernetes_stateful_set_v1 "+
		"kubernetes_daemonset kubernetes_daemon_set_v1 kubernetes_replication_controller kubernetes_replication_controller_v1 "+
		"kubernetes_job kubernetes_job_v1", "spec.template.spec"),
	pods("kubernetes_cron_job kubernetes_cron_job_v1", "spec.job_template.spec.template.spec"),
	manifests("spec", "spec.template.spec", "spec.jobTemplate.spec.template.spec"),
)

func pods(types, spec string) []imagePlace {
	return []imagePlace{
		place(types, spec+".container.image", "name", "container"),
		place(types, spec+".init_container.image", "name", "init container"),
	}
}

func manifests(specs ...string) []imagePlace {
	var out []imagePlace
	for _, s := range specs {
		out = append(out,
			place("kubernetes_manifest", "manifest."+s+".containers.image", "name", "container"),
			place("kubernetes_manifest", "manifest."+s+".initContainers.image", "name", "init container"))
	}
	return out
}

package enforce

import (
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/workloads"
)

// scene is the objects, by what is asked of them here.
type scene struct {
	objects    []*kubeobj.Object
	graph      *workloads.Graph
	agents     []*agent
	configs    map[string][]*kubeobj.Object // by name
	nodes      map[string]*kubeobj.Object
	nodeList   []*kubeobj.Object // each once, in order
	namespaces []*kubeobj.Object // live ones
	covered    map[string]bool   // namespaces out of which a live object came
}

// agent is a template whose pods may be an engine.
type agent struct {
	*workloads.Workload
	live bool
}

func newScene(objects []*kubeobj.Object) *scene {
	s := &scene{
		objects: objects, graph: workloads.Build(objects),
		configs: map[string][]*kubeobj.Object{}, nodes: map[string]*kubeobj.Object{}, covered: map[string]bool{},
	}
	for _, o := range objects {
		if o.Live && o.Namespace != "" {
			s.covered[o.Namespace] = true
		}
		switch o.Type() {
		case "ConfigMap":
			s.configs[o.Name] = append(s.configs[o.Name], o)
		case "Node":
			old := s.nodes[o.Name]
			if old == nil || o.Live && !old.Live {
				s.nodes[o.Name] = o
			}
		case "Namespace":
			if o.Live {
				s.namespaces = append(s.namespaces, o)
			}
		case "DaemonSet.apps", "Deployment.apps", "StatefulSet.apps", "Pod":
			w := s.graph.Workload(o)
			if w == nil || w.Template == nil {
				continue
			}
			// The pods of a workload that is among the objects say the same again.
			if o.Kind == "Pod" && (w.Owner != nil || over(o)) {
				continue
			}
			s.agents = append(s.agents, &agent{w, o.Live})
		}
	}
	seen := map[string]bool{}
	for _, o := range objects {
		if o.Type() == "Node" && !seen[o.Name] {
			seen[o.Name] = true
			s.nodeList = append(s.nodeList, s.nodes[o.Name])
		}
	}
	return s
}

// liveNodes tells whether the nodes of the cluster were got from it.
func (s *scene) liveNodes() bool {
	for _, n := range s.nodeList {
		if n.Live {
			return true
		}
	}
	return false
}

// container is the container of an agent for which is returns true; nil where
// there is none. Init containers install things and enforce nothing.
func (a *agent) container(is func(*workloads.Container) bool) *workloads.Container {
	for i := range a.Containers {
		c := &a.Containers[i]
		if c.Sort != workloads.Init && c.Sort != workloads.Ephemeral && is(c) {
			return c
		}
	}
	return nil
}

// image is the last part of the repository of a container's image, and its tag.
func image(c *workloads.Container) (repository, last, tag string) {
	ref := c.Image.Str()
	ref, _, _ = strings.Cut(ref, "@")
	slash := strings.LastIndexByte(ref, '/')
	if colon := strings.LastIndexByte(ref, ':'); colon > slash {
		ref, tag = ref[:colon], ref[colon+1:]
	}
	return ref, ref[slash+1:], tag
}

// over tells that a Pod runs no longer.
//
// Source: kubernetes.io/docs, "Pod Lifecycle: Pod phase".
func over(pod *kubeobj.Object) bool {
	phase := pod.Get("status", "phase").Str()
	return phase == "Failed" || phase == "Succeeded"
}

// isReady tells that a Pod runs and is ready.
func isReady(pod *kubeobj.Object) bool {
	if phase := pod.Get("status", "phase").Str(); phase != "Running" && phase != "" {
		return false
	}
	for _, c := range pod.Get("status", "conditions").Each() {
		if c.Get("type").Str() == "Ready" && c.Get("status").Str() == "True" {
			return true
		}
	}
	return false
}

// bare names an object.
func bare(o *kubeobj.Object) string {
	if o.Namespace != "" {
		return o.Kind + " " + o.Namespace + "/" + o.Name
	}
	return o.Kind + " " + o.Name
}

// here names an object and says where it is only declared.
func here(o *kubeobj.Object) string {
	if o.Live {
		return bare(o)
	}
	return bare(o) + " (as declared in " + o.Path + ")"
}

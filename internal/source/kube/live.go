package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"polygraph/internal/kubeobj"
	"polygraph/internal/run"
)

// MaxData bounds the JSON that a Snapshot holds, as the objects wanted and their
// neighbours come in. Its List is made of them at the end, so that twice as much
// is held for a moment; to it come at most two pages of a list.
const MaxData = 256 << 20

// target are the wanted objects of one resource and namespace.
type target struct {
	mapping   *meta.RESTMapping
	namespace string // "" of what has none
	names     []string
}

// Live asks for each wanted object, in the version that it is written in, and for
// what rules need beside it: the pods and controllers of wanted workloads, the
// claims of wanted StatefulSets and their StorageClasses, the autoscalers that
// point at what is wanted, the CustomResourceDefinitions of wanted kinds. Secrets
// and ConfigMaps come only when they are wanted.
//
// What the cluster does not have is New, what it does not show is a Skip. An
// error means that it could not be asked at all.
func (c *Cluster) Live(ctx context.Context, wanted []*kubeobj.Object, progress func(run.Progress)) (*Snapshot, error) {
	c.say("asking %s (%s) for %d objects", c.Context, c.Server, len(wanted))
	kinds, err := c.kinds(ctx)
	if err != nil {
		return nil, err
	}
	g := c.gathering(kinds, progress, len(wanted), "objects")
	targets, unknown := g.plan(wanted)
	if err := g.each(ctx, len(targets), func(ctx context.Context, i int) error { return g.ask(ctx, targets[i]) }); err != nil {
		return nil, err
	}
	own := len(g.pieces)
	g.unknown(unknown, wanted)
	if err := g.neighbours(ctx, wanted, targets); err != nil {
		return nil, err
	}
	over := 0
	for _, n := range g.over {
		over += n
	}
	if over > 0 {
		g.skip(over, fmt.Sprintf("the objects have more than %d MiB, which is all that is held", g.limit>>20), "compare fewer manifests at a time")
	}
	s := g.snapshot()
	s.assemble(g.pieces, nil)
	s.Wanted, s.Found, s.Neighbours = len(wanted), own, s.Found-own
	return s, ctx.Err()
}

// snapshot is what was gathered, yet without Data; all of it counts as found.
func (g *gathering) snapshot() *Snapshot {
	s := &Snapshot{Context: g.cluster.Context, Server: g.cluster.Server, New: g.absent, Notes: g.cluster.Warnings(), Found: len(g.pieces)}
	slices.Sort(s.New)
	for _, k := range g.skips {
		s.Skips = append(s.Skips, *k)
	}
	slices.SortFunc(s.Skips, func(a, b run.Skip) int { return cmp.Compare(a.Reason, b.Reason) })
	return s
}

// plan puts the wanted objects together by resource and namespace, each once, and
// returns those of which the server serves no kind of this version.
func (g *gathering) plan(wanted []*kubeobj.Object) (targets []*target, unknown []*kubeobj.Object) {
	type place struct {
		resource  schema.GroupVersionResource
		namespace string
	}
	at := map[place]*target{}
	seen := map[string]bool{}
	for _, o := range wanted {
		if o.Name == "" || o.Kind == "" { // generateName: always another object
			g.total--
			continue
		}
		m, err := g.kinds.find(gvk(o))
		if err != nil {
			unknown = append(unknown, o)
			continue
		}
		p := place{m.Resource, g.cluster.namespace(o.Namespace, m)}
		key := strings.Join([]string{m.Resource.String(), p.namespace, o.Name}, "\x00")
		if seen[key] {
			g.total--
			continue
		}
		seen[key] = true
		if at[p] == nil {
			at[p] = &target{mapping: m, namespace: p.namespace}
			targets = append(targets, at[p])
		}
		at[p].names = append(at[p].names, o.Name)
	}
	return targets, unknown
}

// unknown says of each kind that the server does not serve why nothing is known
// of its objects, unless its CustomResourceDefinition is wanted and new: then the
// objects are new too.
func (g *gathering) unknown(objects []*kubeobj.Object, wanted []*kubeobj.Object) {
	if len(objects) == 0 {
		return
	}
	comes := map[schema.GroupKind]bool{}
	for _, o := range wanted {
		if o.Group == "apiextensions.k8s.io" && o.Kind == "CustomResourceDefinition" && slices.Contains(g.absent, identity(o, "")) {
			comes[schema.GroupKind{Group: o.Get("spec", "group").Str(), Kind: o.Get("spec", "names", "kind").Str()}] = true
		}
	}
	for _, o := range objects {
		g.step(1)
		if comes[gvk(o).GroupKind()] {
			g.absent = append(g.absent, identity(o, o.Namespace))
			continue
		}
		_, err := g.kinds.find(gvk(o))
		what := fmt.Sprintf("%s of %s", o.Kind, gvk(o).GroupVersion())
		switch {
		case errors.Is(err, errOtherVersion):
			g.skip(1, "the server does not serve "+what+", but that kind in "+strings.TrimPrefix(err.Error(), errOtherVersion.Error()+": "),
				"write the objects in a version that it serves: kubectl would refuse these")
		case errors.Is(err, errSilentService):
			g.skip(1, "nothing is known of "+what+": "+err.Error(), "mend the API service: kubectl get apiservices")
		default:
			g.skip(1, "the server knows no "+what, "check apiVersion and kind; a custom kind needs its CustomResourceDefinition, in the cluster or beside it")
		}
	}
}

func gvk(o *kubeobj.Object) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: o.Group, Version: o.Version, Kind: o.Kind}
}

// namespace is where an object of a kind is looked for.
func (c *Cluster) namespace(written string, m *meta.RESTMapping) string {
	if m.Scope.Name() != meta.RESTScopeNameNamespace {
		return ""
	}
	return cmp.Or(written, c.Namespace)
}

// identity is that of the object in a namespace.
func identity(o *kubeobj.Object, namespace string) string {
	other := kubeobj.Object{Group: o.Group, Kind: o.Kind, Namespace: namespace, Name: o.Name}
	return other.Identity()
}

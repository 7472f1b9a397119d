package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"polygraph/internal/evidence"
	"polygraph/internal/kubeobj"
	"polygraph/internal/run"
)

const (
	workers  = 8   // things done at once, and requests under way at once
	listFrom = 21  // objects of one resource and namespace from which on a list is cheaper than gets
	pageSize = 250 // objects of a page: decoded, they are ten times as large as their JSON
	perPage  = 20  // how many gets cost as much as a page
	denials  = 3   // after so many refusals, and nothing else, the rest is not asked for
)

// gathering is one Live or Survey under way.
type gathering struct {
	cluster *Cluster
	kinds   *served
	slots   chan struct{} // bounds the requests under way
	lists   chan struct{} // bounds the pages in memory

	mu       sync.Mutex
	pieces   []piece
	size     int64
	limit    int64
	over     map[string]int  // objects beyond the limit, by kind
	seen     map[string]bool // UIDs, each with the version
	absent   []string
	owners   []owner
	classes  map[string]bool // StorageClasses that claims name; "" for the default one
	skips    map[skipKey]*run.Skip
	progress func(run.Progress)
	unit     string // of done and total
	done     int
	total    int
}

func (c *Cluster) gathering(kinds *served, progress func(run.Progress), total int, unit string) *gathering {
	return &gathering{
		cluster: c, kinds: kinds, seen: map[string]bool{}, skips: map[skipKey]*run.Skip{}, classes: map[string]bool{},
		over: map[string]int{}, size: int64(len(listStart) + len(listEnd)), limit: cmp.Or(c.maxData, MaxData), progress: progress, total: total, unit: unit,
		slots: make(chan struct{}, workers), lists: make(chan struct{}, 2),
	}
}

type skipKey struct{ reason, do string }

// skip counts objects that could not be asked for. Those of one reason are one.
func (g *gathering) skip(count int, reason, do string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	k := skipKey{reason, do}
	if g.skips[k] == nil {
		g.skips[k] = &run.Skip{Path: "kube:" + g.cluster.Context, Reason: reason, Do: do, Kind: evidence.KubernetesLive().Name}
	}
	g.skips[k].Count += count
}

func (g *gathering) step(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done += n
	if g.progress != nil {
		g.progress(run.Progress{Stage: "asking " + g.cluster.Context, Done: int64(min(g.done, g.total)), Total: int64(g.total), Unit: g.unit})
	}
}

// each does n things, some at once, and ends at the first error.
func (g *gathering) each(ctx context.Context, n int, do func(context.Context, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	slots := make(chan struct{}, workers)
	for i := range n {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		all.Go(func() {
			defer func() { <-slots }()
			if err := do(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

func (g *gathering) client(m *meta.RESTMapping, namespace string) dynamic.ResourceInterface {
	if namespace == "" {
		return g.cluster.objects.Resource(m.Resource)
	}
	return g.cluster.objects.Resource(m.Resource).Namespace(namespace)
}

// ask asks for the wanted objects of one resource and namespace.
func (g *gathering) ask(ctx context.Context, t *target) error {
	rest := t.names
	if len(rest) >= listFrom {
		missing := map[string]bool{}
		for _, name := range rest {
			missing[name] = true
		}
		whole, err := g.list(ctx, t.mapping, t.namespace, metav1.ListOptions{}, func(u *unstructured.Unstructured) bool {
			if !missing[u.GetName()] {
				return false
			}
			delete(missing, u.GetName())
			g.step(1)
			return true
		}, func(pages int64) bool { return pages*perPage > int64(len(missing)) })
		switch {
		case err == nil && whole:
			for name := range missing {
				g.miss(t, name)
			}
			return nil
		case err != nil && !apierrors.IsForbidden(err) && !apierrors.IsMethodNotSupported(err) && !expired(err):
			g.step(len(missing))
			return g.refused(ctx, err, "list", t, len(missing))
		}
		rest = slices.DeleteFunc(slices.Clone(rest), func(name string) bool { return !missing[name] })
	}
	return g.gets(ctx, t, rest)
}

// gets asks for one object after the other: where they are few, among too many
// others, or may not be listed.
func (g *gathering) gets(ctx context.Context, t *target, names []string) error {
	client := g.client(t.mapping, t.namespace)
	var mu sync.Mutex
	var denied, answered, left int
	var denial error
	err := g.each(ctx, len(names), func(ctx context.Context, i int) error {
		mu.Lock()
		hopeless := denied >= denials && answered == 0
		if hopeless {
			left++
		}
		mu.Unlock()
		if hopeless {
			return nil
		}
		var u *unstructured.Unstructured
		err := g.request(ctx, func() (err error) { u, err = client.Get(ctx, names[i], metav1.GetOptions{}); return err })
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil:
			answered++
			g.step(1)
			return g.keep(u)
		case gone(err):
			answered++
			g.miss(t, names[i])
			return nil
		case apierrors.IsForbidden(err):
			denied++
			left++
			denial = err
			return nil
		}
		g.step(1)
		return g.refused(ctx, err, "get", t, 1)
	})
	if err == nil && left > 0 {
		g.step(left)
		err = g.refused(ctx, denial, "get", t, left)
	}
	return err
}

// request waits until few enough others are under way.
func (g *gathering) request(ctx context.Context, do func() error) error {
	select {
	case g.slots <- struct{}{}:
		defer func() { <-g.slots }()
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gone tells that the object is not there. A 404 of the path itself says nothing
// of the object: its kind went while we asked.
func gone(err error) bool {
	var status apierrors.APIStatus
	return apierrors.IsNotFound(err) && errors.As(err, &status) && status.Status().Details != nil && status.Status().Details.Name != ""
}

func expired(err error) bool { return apierrors.IsResourceExpired(err) || apierrors.IsGone(err) }

func (g *gathering) miss(t *target, name string) {
	g.step(1)
	g.absence(t, name)
}

func (g *gathering) absence(t *target, name string) {
	o := kubeobj.Object{Group: t.mapping.GroupVersionKind.Group, Kind: t.mapping.GroupVersionKind.Kind, Namespace: t.namespace, Name: name}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.absent = append(g.absent, o.Identity())
}

// refused turns the error of a request into a skip, or into the end of it all
// where every other request would fail as well.
func (g *gathering) refused(ctx context.Context, err error, verb string, t *target, count int) error {
	var status apierrors.APIStatus
	if ctx.Err() != nil || apierrors.IsUnauthorized(err) || !errors.As(err, &status) {
		return g.cluster.failure(ctx, err, t.mapping.Resource.Resource)
	}
	what := t.mapping.Resource.GroupResource().String()
	where := "in namespace " + t.namespace
	switch {
	case t.namespace == "" && t.mapping.Scope.Name() == meta.RESTScopeNameNamespace:
		where = "in all namespaces"
	case t.namespace == "":
		where = "of the cluster"
	}
	if apierrors.IsForbidden(err) {
		g.skip(count, fmt.Sprintf("%s may not %s %s %s", g.cluster.credentialsName(), verb, what, where),
			fmt.Sprintf("ask for a role that allows get and list of %s", what))
		return nil
	}
	g.skip(count, fmt.Sprintf("the server did not answer for %s %s: %s", what, where, message(err.Error())), "run again; if it stays so, try by hand: kubectl get "+what)
	return nil
}

// list goes through the objects of a resource page by page and keeps those that
// are wanted. Where enough pages are left it asks whether that is too many, and
// says then that it has not seen them all.
func (g *gathering) list(ctx context.Context, m *meta.RESTMapping, namespace string, o metav1.ListOptions, want func(*unstructured.Unstructured) bool, tooMany func(pages int64) bool) (whole bool, err error) {
	select {
	case g.lists <- struct{}{}:
		defer func() { <-g.lists }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	o.Limit = pageSize
	client := g.client(m, namespace)
	for {
		var page *unstructured.UnstructuredList
		err := g.request(ctx, func() (err error) { page, err = client.List(ctx, o); return err })
		if err != nil {
			return false, err
		}
		for i := range page.Items {
			u := &page.Items[i]
			if u.GetKind() == "" { // some servers leave it out of items
				u.SetGroupVersionKind(m.GroupVersionKind)
			}
			if want(u) {
				if err := g.keep(u); err != nil {
					return false, err
				}
			}
			page.Items[i] = unstructured.Unstructured{}
		}
		if o.Continue = page.GetContinue(); o.Continue == "" {
			return true, nil
		}
		if left := page.GetRemainingItemCount(); left != nil && tooMany != nil && tooMany(1+*left/pageSize) {
			return false, nil
		}
	}
}

// keep encodes an object and remembers of it what its neighbours are found by.
func (g *gathering) keep(u *unstructured.Unstructured) error {
	p, err := newPiece(u)
	if err != nil {
		return fmt.Errorf("%s %s: %w", u.GetKind(), u.GetName(), err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	key := string(u.GetUID()) + u.GetAPIVersion()
	if u.GetUID() != "" && g.seen[key] {
		return nil
	}
	g.seen[key] = true
	size := int64(len(p.data) + len(p.saved) + len(itemIndent) + 2)
	if g.size+size > g.limit {
		g.over[u.GetKind()]++
		return nil
	}
	g.size += size
	g.pieces = append(g.pieces, p)
	g.remember(u)
	return nil
}

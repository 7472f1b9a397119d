package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/restmapper"
)

// served are the kinds that the server knows.
type served struct {
	mapper meta.RESTMapper
	groups []*restmapper.APIGroupResources
	// failed are API groups, each with its version, whose own server did not
	// answer: of their kinds nothing is known.
	failed map[schema.GroupVersion]error
}

// kinds asks once what the server serves.
func (c *Cluster) kinds(ctx context.Context) (*served, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.served != nil {
		return c.served, nil
	}
	groups, lists, err := c.discovery.ServerGroupsAndResourcesWithContext(ctx)
	var failed map[schema.GroupVersion]error
	if partial, ok := discovery.GroupDiscoveryFailedErrorGroups(err); ok && len(groups) > 0 {
		failed, err = partial, nil
	}
	if err != nil {
		return nil, c.failure(ctx, err, "the kinds it serves")
	}
	resources := map[string][]metav1.APIResource{}
	for _, l := range lists {
		resources[l.GroupVersion] = l.APIResources
	}
	s := &served{failed: failed}
	for _, g := range groups {
		group := &restmapper.APIGroupResources{Group: *g, VersionedResources: map[string][]metav1.APIResource{}}
		for _, v := range g.Versions {
			if r, ok := resources[v.GroupVersion]; ok {
				group.VersionedResources[v.Version] = r
			}
		}
		s.groups = append(s.groups, group)
	}
	s.mapper = restmapper.NewDiscoveryRESTMapper(s.groups)
	c.served = s
	return s, nil
}

// Why a kind has no mapping.
var (
	errUnknownKind   = errors.New("the server knows no such kind")
	errOtherVersion  = errors.New("the server serves the kind in other versions")
	errSilentService = errors.New("the API service of the group does not answer")
)

// find maps a kind of one version to its resource. The text behind the error is
// for people.
func (s *served) find(gvk schema.GroupVersionKind) (*meta.RESTMapping, error) {
	m, err := s.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err == nil && m.GroupVersionKind == gvk {
		return m, nil
	}
	if failed := s.failed[gvk.GroupVersion()]; failed != nil {
		return nil, fmt.Errorf("%w: %s", errSilentService, message(failed.Error()))
	}
	var others []string
	if all, err := s.mapper.RESTMappings(gvk.GroupKind()); err == nil {
		for _, o := range all {
			if v := o.GroupVersionKind.GroupVersion().String(); !slices.Contains(others, v) && o.GroupVersionKind.Kind == gvk.Kind {
				others = append(others, v)
			}
		}
	}
	if len(others) > 0 {
		return nil, fmt.Errorf("%w: %s", errOtherVersion, strings.Join(others, ", "))
	}
	return nil, errUnknownKind
}

// whichever maps a kind to its resource in this version, or else in the one that
// the server prefers. Where an API service of the group does not answer and has
// not shown the kind, it may have it.
func (s *served) whichever(gvk schema.GroupVersionKind) (*meta.RESTMapping, error) {
	m, err := s.find(gvk)
	if err == nil {
		return m, nil
	}
	if m, other := s.mapper.RESTMapping(gvk.GroupKind()); other == nil && m.GroupVersionKind.GroupKind() == gvk.GroupKind() {
		return m, nil
	}
	for gv, failed := range s.failed {
		if gv.Group == gvk.Group && !errors.Is(err, errSilentService) {
			err = fmt.Errorf("%w: %s", errSilentService, message(failed.Error()))
		}
	}
	return nil, err
}

// builtIn tells the groups that come with Kubernetes.
func builtIn(group string) bool { return scheme.Scheme.IsGroupRegistered(group) }

// dryRuns tells whether a dry run of a group's kinds is safe: what is served by
// another program behind the API server may not know dryRun and store the object.
// Kubernetes' own kinds and custom resources know it; for other groups the server
// says so in the parameters of its OpenAPI document, which has custom resources too.
func (c *Cluster) dryRuns(ctx context.Context, gv schema.GroupVersion) error {
	if builtIn(gv.Group) {
		return nil
	}
	c.mu.Lock()
	known, asked := c.dry[gv.String()]
	c.mu.Unlock()
	if asked {
		return known
	}
	data, err := c.discovery.RESTClient().Get().AbsPath("/openapi/v3/apis", gv.Group, gv.Version).
		SetHeader("Accept", "application/json").Do(ctx).Raw()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		err = fmt.Errorf("the server does not say whether %s knows dry runs: %s", gv, message(err.Error()))
	case !declaresDryRun(data):
		err = fmt.Errorf("the server does not say that %s knows dry runs", gv)
	}
	c.mu.Lock()
	c.dry[gv.String()] = err
	c.mu.Unlock()
	return err
}

// declaresDryRun tells whether every PATCH of an OpenAPI document has the
// parameter, and there is one.
func declaresDryRun(document []byte) bool {
	type parameters []struct{ Name, In string }
	var doc struct {
		Paths map[string]struct {
			Parameters parameters
			Patch      *struct{ Parameters parameters }
		}
	}
	if json.Unmarshal(document, &doc) != nil {
		return false
	}
	found := false
	for _, p := range doc.Paths {
		if p.Patch == nil {
			continue
		}
		found = true
		has := func(all parameters) bool {
			return slices.ContainsFunc(all, func(q struct{ Name, In string }) bool { return q.Name == "dryRun" && q.In == "query" })
		}
		if !has(p.Patch.Parameters) && !has(p.Parameters) {
			return false
		}
	}
	return found
}

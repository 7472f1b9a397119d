package kube

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"polygraph/internal/run"
)

// Survey lists, across all namespaces, what decides who may talk to whom:
// namespaces, nodes, pods and what makes them, service accounts, Services and
// their EndpointSlices, all policies of Kubernetes, Cilium, Calico and Amazon EKS
// and what those refer to, and by name two ConfigMaps of kube-system. It asks for
// no other ConfigMap and for no Secret. Custom kinds that the server does not
// serve have no objects, and no Skip.
//
// Left out, because nobody who judges policies reads it: managedFields of all
// objects; of Pods the annotation of what was applied last, and the statuses of
// containers; status.images of Nodes; ReplicaSets that something controls and
// that have no pods; all CiliumNodes, CiliumEndpoints and AntreaAgentInfos but
// one. What is written in a pod's template, such as the value of a variable, is
// not left out.
//
// What the cluster does not show is a Skip, one for each kind, Named, and a Status
// object in Data: while there is one, what is not in the Snapshot may yet be in the
// cluster. An error means that it could not be asked at all. Progress is in kinds.
func (c *Cluster) Survey(ctx context.Context, progress func(run.Progress)) (*Snapshot, error) {
	c.say("asking %s (%s) for network policies, and the namespaces, nodes, workloads and Services that they are about, of all namespaces; and for the ConfigMaps %s of %s",
		c.Context, c.Server, strings.Join(surveyedConfigs(), " and "), surveyedNamespace)
	kinds, err := c.kinds(ctx)
	if err != nil {
		return nil, err
	}
	all, names := surveyedKinds(), surveyedConfigs()
	g := c.gathering(kinds, progress, len(all)+1, "kinds")
	err = g.each(ctx, len(all)+1, func(ctx context.Context, i int) error {
		defer g.step(1)
		if i == 0 {
			return g.configs(ctx, names)
		}
		return g.survey(ctx, all[i-1])
	})
	if err == nil {
		err = g.tiers(ctx)
	}
	if err != nil {
		return nil, err
	}
	for kind, n := range g.over {
		g.skip(n, fmt.Sprintf("the objects have more than %d MiB, which is all that is held: some of kind %s are left out", g.limit>>20, kind),
			"write them to files, some namespaces in each, and name those: kubectl get -o json --namespace NAMESPACE")
	}
	s := g.snapshot()
	for i := range s.Skips {
		s.Skips[i].Named = true
	}
	statuses, err := s.statuses()
	if err != nil {
		return nil, err
	}
	s.told = true
	s.assemble(g.pieces, statuses)
	return s, ctx.Err()
}

// survey lists the objects of a kind.
func (g *gathering) survey(ctx context.Context, s surveyed) error {
	m, err := g.kinds.whichever(s.GroupVersionKind)
	what := s.Kind + " of " + s.GroupVersion().String()
	switch {
	case errors.Is(err, errSilentService):
		g.skip(1, "nothing is known of "+what+": "+err.Error(), "mend the API service: kubectl get apiservices")
		return nil
	case err != nil && s.builtIn:
		g.skip(1, "the server knows no "+what, "check that the context is of a whole Kubernetes API, of 1.21 or later")
		return nil
	case err != nil:
		return nil
	case s.sign:
		return g.sign(ctx, m)
	}
	for again := range 3 { // pages of a list expire after some minutes
		_, err = g.list(ctx, m, "", metav1.ListOptions{}, lighten, nil)
		if again == 2 || !expired(err) {
			break
		}
	}
	if err != nil {
		return g.refused(ctx, err, "list", &target{mapping: m}, 1)
	}
	return nil
}

// sign keeps one object of a kind, if there is one.
func (g *gathering) sign(ctx context.Context, m *meta.RESTMapping) error {
	var page *unstructured.UnstructuredList
	err := g.request(ctx, func() (err error) {
		page, err = g.client(m, "").List(ctx, metav1.ListOptions{Limit: 1})
		return err
	})
	if err != nil {
		return g.refused(ctx, err, "list", &target{mapping: m}, 1)
	}
	if len(page.Items) == 0 {
		return nil
	}
	u := &page.Items[0]
	if u.GetKind() == "" {
		u.SetGroupVersionKind(m.GroupVersionKind)
	}
	lighten(u)
	return g.keep(u)
}

// lighten drops what Survey says it drops, and tells whether the object is kept.
func lighten(u *unstructured.Unstructured) bool {
	u.SetManagedFields(nil)
	switch u.GetKind() + "." + u.GroupVersionKind().Group {
	case "Pod.":
		unstructured.RemoveNestedField(u.Object, "metadata", "annotations", applied)
		for _, field := range []string{"containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"} {
			unstructured.RemoveNestedField(u.Object, "status", field)
		}
	case "Node.":
		unstructured.RemoveNestedField(u.Object, "status", "images")
	case "ReplicaSet.apps": // those of earlier revisions
		return controller(u) == "" || number(u, "spec", "replicas") > 0 || number(u, "status", "replicas") > 0
	}
	return true
}

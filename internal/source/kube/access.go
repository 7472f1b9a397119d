package kube

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	authorization "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"polygraph/internal/evidence"
)

// canI asks the server what it would let the user do. The server's answer is that
// of its authorizers alone: admission may still refuse.
func (c *Cluster) canI(ctx context.Context, r evidence.Request) ([]byte, error) {
	attributes, err := c.attributes(ctx, r)
	if err != nil {
		return c.classify(ctx, err, manner{}, false)
	}
	review := &authorization.SelfSubjectAccessReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "authorization.k8s.io/v1", Kind: "SelfSubjectAccessReview"},
		Spec:     authorization.SelfSubjectAccessReviewSpec{ResourceAttributes: attributes},
	}
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(review)
	if err != nil {
		return nil, unproven("the review cannot be encoded: %v", err)
	}
	reviews := schema.GroupVersionResource{Group: "authorization.k8s.io", Version: "v1", Resource: "selfsubjectaccessreviews"}
	answer, err := c.objects.Resource(reviews).Create(ctx, &unstructured.Unstructured{Object: object}, metav1.CreateOptions{})
	if err != nil {
		return c.classify(ctx, err, manner{}, false)
	}
	return json.Marshal(answer.Object["status"])
}

// attributes takes an identity apart: Kind.group/namespace/name, Kind/name. With an
// empty name it is about all objects there.
func (c *Cluster) attributes(ctx context.Context, r evidence.Request) (*authorization.ResourceAttributes, error) {
	parts := strings.Split(r.Object, "/")
	verb := strings.TrimSpace(r.Body)
	if len(parts) < 2 || len(parts) > 3 || verb == "" {
		return nil, unproven("%q names no object and verb", r.Object)
	}
	kinds, err := c.kinds(ctx)
	if err != nil {
		return nil, err
	}
	kind, group, _ := strings.Cut(parts[0], ".")
	m, err := kinds.mapper.RESTMapping(schema.GroupKind{Group: group, Kind: kind})
	if err != nil {
		return nil, unproven("the server knows no %s", parts[0])
	}
	a := &authorization.ResourceAttributes{
		Verb: verb, Group: m.Resource.Group, Version: m.Resource.Version, Resource: m.Resource.Resource, Name: parts[len(parts)-1],
	}
	if m.Scope.Name() == meta.RESTScopeNameNamespace {
		a.Namespace = c.Namespace
		if len(parts) == 3 {
			a.Namespace = cmp.Or(parts[1], c.Namespace)
		}
	}
	return a, nil
}

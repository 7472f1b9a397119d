package kube

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The ConfigMaps that a Survey asks for: the switches of the network policies of
// Amazon EKS and of Cilium. They are asked for by name, so that a role with these
// resourceNames is enough and no other ConfigMap is seen.
const surveyedNamespace = "kube-system"

func surveyedConfigs() []string { return []string{"amazon-vpc-cni", "cilium-config"} }

// everyNamespace is a ConfigMap that each namespace has. It stands for the fact
// that ConfigMaps of the namespace were looked at, and is asked for only when
// those of surveyedConfigs were answered for: then one that is not there is not
// there, also in a saved survey.
//
// Source: kubernetes v1.37.2 pkg/controller/certificates/rootcacertpublisher.
const everyNamespace = "kube-root-ca.crt"

// configs asks for ConfigMaps by name.
func (g *gathering) configs(ctx context.Context, names []string) error {
	m, err := g.kinds.whichever(schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"})
	if err != nil {
		g.skip(len(names), "the server knows no ConfigMap of v1", "check that the context is of a whole Kubernetes API")
		return nil
	}
	t := &target{mapping: m, namespace: surveyedNamespace}
	answered := true
	for _, name := range append(slices.Clone(names), everyNamespace) {
		if name == everyNamespace && !answered {
			break
		}
		var u *unstructured.Unstructured
		err := g.request(ctx, func() (err error) { u, err = g.client(m, t.namespace).Get(ctx, name, metav1.GetOptions{}); return err })
		switch {
		case err == nil:
			lighten(u)
			err = g.keep(u)
		case gone(err) && name == everyNamespace:
			err = nil
		case gone(err):
			g.absence(t, name)
			err = nil
		case apierrors.IsForbidden(err) && name == everyNamespace:
			err = nil // a role for the others alone is enough
		case apierrors.IsForbidden(err):
			answered = false
			g.skip(1, fmt.Sprintf("%s may not get the ConfigMap %s/%s", g.cluster.credentialsName(), t.namespace, name),
				fmt.Sprintf("ask for a role in namespace %s that allows get of configmaps, of these resourceNames alone: %s", t.namespace, strings.Join(names, ", ")))
			err = nil
		default:
			answered = false
			err = g.refused(ctx, err, "get", t, 1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

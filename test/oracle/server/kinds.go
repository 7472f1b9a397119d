package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apiextensionsinstall "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	crd "k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/admissionregistration/install" // each group registers its types, defaults and conversions
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/certificates/install"
	_ "k8s.io/kubernetes/pkg/apis/coordination/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	_ "k8s.io/kubernetes/pkg/apis/flowcontrol/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/node/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
)

// strategy is what a registry does around the storage of a kind.
type strategy interface {
	rest.RESTCreateStrategy
	rest.RESTUpdateStrategy
}

// kind is one that the oracle judges.
type kind struct {
	Name        string // "apps/v1 Deployment", "v1 Pod/resize"
	gvk         schema.GroupVersionKind
	resource    string
	subresource string
	scheme      *runtime.Scheme
	codecs      serializer.CodecFactory
	create      rest.RESTCreateStrategy
	update      rest.RESTUpdateStrategy
	// before is what the store does ahead of the strategy.
	before func(ctx context.Context, updated, old runtime.Object) error
	// beforeCreate is the same for a create.
	beforeCreate func(ctx context.Context, created runtime.Object) error
	// read is what the store does to an object that it answers with.
	read func(runtime.Object)
}

// entry is a line of the table of strategies. Of the versions, those that the release knows count.
type entry struct {
	group       string
	versions    []string
	kind        string
	resource    string
	subresource string
	create      rest.RESTCreateStrategy
	update      rest.RESTUpdateStrategy
}

// oracle holds the kinds by name.
type oracle struct {
	kinds  map[string]*kind
	names  []string // sorted
	walked []string // of each kind the newest version
}

func newOracle() (*oracle, error) {
	o := &oracle{kinds: map[string]*kind{}}
	service, err := newServiceHooks()
	if err != nil {
		return nil, fmt.Errorf("the store of services: %w", err)
	}
	for _, e := range strategies() {
		walked := false
		for _, version := range e.versions {
			k := &kind{
				gvk: schema.GroupVersionKind{Group: e.group, Version: version, Kind: e.kind}, resource: e.resource, subresource: e.subresource,
				scheme: legacyscheme.Scheme, codecs: legacyscheme.Codecs, create: e.create, update: e.update,
			}
			if !k.scheme.Recognizes(k.gvk) {
				continue
			}
			if e.kind == "Service" {
				k.before, k.beforeCreate, k.read = service.update, service.create, service.rest.Store.Decorator
			}
			if o.add(k); !walked {
				walked = true
				o.walked = append(o.walked, k.Name)
			}
		}
	}
	definitions := runtime.NewScheme()
	apiextensionsinstall.Install(definitions)
	s := crd.NewStrategy(definitions)
	o.add(&kind{
		gvk:      schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"},
		resource: "customresourcedefinitions", scheme: definitions, codecs: serializer.NewCodecFactory(definitions), create: s, update: s,
	})
	o.walked = append(o.walked, "apiextensions.k8s.io/v1 CustomResourceDefinition")
	slices.Sort(o.names)
	slices.Sort(o.walked)
	return o, nil
}

func (o *oracle) add(k *kind) {
	k.Name = k.gvk.GroupVersion().String() + " " + k.gvk.Kind
	if k.subresource != "" {
		k.Name += "/" + k.subresource
	}
	o.kinds[k.Name] = k
	o.names = append(o.names, k.Name)
}

// kindOf is the kind of that name or, where there is none, of the object.
func (o *oracle) kindOf(name string, object []byte) (*kind, error) {
	if name == "" {
		var typed struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
		}
		if err := unmarshal(object, &typed); err != nil {
			return nil, err
		}
		name = typed.APIVersion + " " + typed.Kind
	}
	if k := o.kinds[name]; k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("no kind %q here: there are %s", name, strings.Join(o.names, ", "))
}

package main

import (
	"context"
	"net"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	"k8s.io/apiserver/pkg/storage/storagebackend/factory"
	"k8s.io/client-go/tools/cache"
	api "k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/registry/core/service/ipallocator"
	"k8s.io/kubernetes/pkg/registry/core/service/portallocator"
	servicestorage "k8s.io/kubernetes/pkg/registry/core/service/storage"
)

// serviceHooks are what the store of services does before their strategy sees an object: allocated
// addresses and ports that the client left out come back from the old one, others are allocated.
type serviceHooks struct{ rest *servicestorage.REST }

// The ranges of a cluster with two families, as large as the allocators in memory are cheap.
const (
	services4 = "10.0.0.0/16"
	services6 = "fd00::/112"
)

func newServiceHooks() (*serviceHooks, error) {
	families := map[api.IPFamily]ipallocator.Interface{}
	for family, network := range map[api.IPFamily]string{api.IPv4Protocol: services4, api.IPv6Protocol: services6} {
		_, cidr, err := net.ParseCIDR(network)
		if err != nil {
			return nil, err
		}
		if families[family], err = ipallocator.NewInMemory(cidr); err != nil {
			return nil, err
		}
	}
	ports, err := portallocator.NewInMemory(utilnet.PortRange{Base: 30000, Size: 2768})
	if err != nil {
		return nil, err
	}
	// The hooks never touch the storage, so there is none.
	options := generic.RESTOptions{
		StorageConfig: &storagebackend.ConfigForResource{}, ResourcePrefix: "services",
		Decorator: func(*storagebackend.ConfigForResource, string, func(runtime.Object) (string, error), func() runtime.Object, func() runtime.Object,
			storage.AttrFunc, storage.IndexerFuncs, *cache.Indexers,
		) (storage.Interface, factory.DestroyFunc, error) {
			return nil, func() {}, nil
		},
	}
	rest, _, _, err := servicestorage.NewREST(options, api.IPv4Protocol, families, ports, nil, nil, nil)
	if err != nil {
		return nil, err
	}
	return &serviceHooks{rest: rest}, nil
}

// update is the store's BeginUpdate. Nothing stays allocated: each question is alone in its cluster.
func (s *serviceHooks) update(ctx context.Context, updated, old runtime.Object) error {
	finish, err := s.rest.Store.BeginUpdate(ctx, updated, old, &metav1.UpdateOptions{})
	if err != nil {
		return err
	}
	finish(ctx, false)
	return nil
}

func (s *serviceHooks) create(ctx context.Context, created runtime.Object) error {
	finish, err := s.rest.Store.BeginCreate(ctx, created, &metav1.CreateOptions{})
	if err != nil {
		return err
	}
	finish(ctx, false)
	return nil
}

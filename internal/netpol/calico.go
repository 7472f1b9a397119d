package netpol

import (
	"polygraph/internal/kubeobj"
)

// readCalicoAll reads everything of Calico among the objects: policies, tiers,
// and the network sets that selectors of rules refer to. It appends to Policies,
// Tiers and Notes of the set, in the order of the objects; objects of other
// groups are left alone.
//
// Sources: api/pkg/apis/projectcalico/v3 and
// libcalico-go/lib/backend/syncersv1/updateprocessors, projectcalico/calico v3.32;
// docs.tigera.io/calico/latest/reference/resources.
func readCalicoAll(objects []*kubeobj.Object, s *Set) {
	r := newCalicoReader(objects, s)
	if r == nil {
		return
	}
	for _, o := range objects {
		if isCalico(o) && o.Kind == "Tier" {
			r.tier(o)
		}
	}
	for _, o := range objects {
		if isCalico(o) {
			r.policy(o)
		}
	}
	r.foldPolicies()
	r.noteAgain()
}

func isCalico(o *kubeobj.Object) bool {
	return o.Group == calicoAPI || o.Group == calicoStore
}

// calicoReader has what policies refer to.
type calicoReader struct {
	set        *Set
	sets       []*addressSet
	namespaces map[string]*kubeobj.Object
	services   map[[2]string]*kubeobj.Object // by namespace and name
	kubernetes map[[2]string]bool            // NetworkPolicies of networking.k8s.io
	tiers      map[string]string             // why a tier is not to be trusted; "" where it is
	// hostsKnown: no host endpoints exist but those among the objects.
	hostsKnown bool
	// again are objects that are among the others under another group.
	again []*kubeobj.Object
}

// newCalicoReader is nil where nothing is Calico's.
func newCalicoReader(objects []*kubeobj.Object, s *Set) *calicoReader {
	r := &calicoReader{
		set: s, namespaces: map[string]*kubeobj.Object{}, services: map[[2]string]*kubeobj.Object{},
		kubernetes: map[[2]string]bool{}, tiers: map[string]string{},
	}
	any := false
	for _, o := range objects {
		key := [2]string{o.Namespace, o.Name}
		switch {
		case isCalico(o):
			any = true
		case o.Group == "" && o.Kind == "Namespace":
			r.namespaces[o.Name] = o
		case o.Group == "" && o.Kind == "Service":
			r.services[key] = o
		case o.Group == "networking.k8s.io" && o.Kind == "NetworkPolicy":
			r.kubernetes[key] = true
		}
	}
	if !any {
		return nil
	}
	for _, o := range objects {
		if !isCalico(o) {
			continue
		}
		switch o.Kind {
		case "NetworkSet", "GlobalNetworkSet":
			r.sets = append(r.sets, r.setOf(o, "nets"))
		case "HostEndpoint":
			r.sets = append(r.sets, r.setOf(o, "expectedIPs"))
			r.hostsKnown = r.hostsKnown || o.Live
		case "KubeControllersConfiguration":
			made := o.Get("spec", "controllers", "node", "hostEndpoint", "autoCreate").Str()
			r.hostsKnown = r.hostsKnown || made != "Enabled"
		}
	}
	r.foldSets()
	return r
}

// tier reads a Tier.
func (r *calicoReader) tier(o *kubeobj.Object) {
	c := r.part(o)
	c.expectVersion()
	spec := o.Get("spec")
	c.known(spec, "spec", "order", "defaultAction")
	t := Tier{Object: o, Name: o.Name, Order: c.order(spec)}
	switch action := c.text(spec, "spec", "defaultAction"); action {
	case "Pass":
		t.Pass = true
	case "", "Deny":
	default:
		c.broken(spec.Get("defaultAction"), "Write Deny or Pass.", "spec.defaultAction:", short(action)+" is no action of a tier")
	}
	why := r.tiers[o.Name]
	if differs := r.addTier(t); differs != "" {
		why = differs
	}
	if len(c.local) > 0 {
		why = "the tier " + o.Name + " is not understood: " + c.local[0].Why
	}
	r.tiers[o.Name] = why
}

// tierOf is the tier of a policy. What stands before and after it cannot be told
// when its object is missing, but for those that Calico makes itself.
func (c calicoPart) tierOf(spec *kubeobj.Value) string {
	name := c.text(spec, "spec", "tier")
	if name == "" {
		name = "default"
	}
	why, there := c.calico.tiers[name]
	v := field(spec, "tier")
	switch {
	case there && why != "":
		c.local = append(c.local, Unsure{at(v, &c.object.Root), why})
	case !there && !builtInTier(name):
		c.unknown(at(v, &c.object.Root), "Add the Tier to what is examined.",
			"spec.tier: the Tier %s is not among the objects: when it is asked, and what it does at its end, is not known", short(name))
	}
	return name
}

// builtInTier tells the tiers that Calico makes itself.
//
// Source: libcalico-go/lib/clientv3/client.go, ensureTierExists, projectcalico/calico
// v3.32; adminnetworkpolicy until v3.31.
func builtInTier(name string) bool {
	return name == "default" || name == "kube-admin" || name == "kube-baseline" || name == "adminnetworkpolicy"
}

// expectVersion refuses versions that nobody here knows. What is known is read.
func (c calicoPart) expectVersion() {
	if c.object.Group == calicoAPI {
		c.version("v3")
	} else {
		c.version("v1")
	}
}

package netpol

import (
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// reach is about what a foreign policy may decide.
type foreignReach uint8

const (
	allTraffic foreignReach = iota
	// leaving is what pods send to addresses outside of the cluster, and to nodes.
	leaving
)

// foreign reads a policy of an engine whose policies nobody reads here. What such a
// policy decides is not known, so nothing that it may be about is. Kinds that only
// choose a route (CiliumEgressGatewayPolicy, AdminPolicyBasedExternalRoute) refuse
// nothing and are left alone.
//
// Sources: antrea.io/docs, "Antrea Network Policy CRDs" (crd.antrea.io/v1beta1);
// Amazon EKS user guide, "Network policies for EKS Auto Mode"
// (networking.k8s.aws/v1alpha1); docs.redhat.com, OpenShift 4.20 Network APIs,
// "EgressFirewall [k8s.ovn.org/v1]" (of its namespace, about addresses outside of
// the cluster; without a rule that matches, traffic is allowed) and
// ovn-org/ovn-kubernetes pull 3002 (nodeSelector: addresses of nodes); docs.openshift.com
// 3.11, "EgressNetworkPolicy [network.openshift.io/v1]" (the same);
// kubeovn.github.io/docs v1.16, "SecurityGroup Usage" and "Config Subnet".
func (s *surroundings) foreign(o *kubeobj.Object, set *Set) {
	own := Expr{Op: In, On: Namespace, Values: []string{o.Namespace}}
	switch o.Group + "/" + o.Kind {
	case "crd.antrea.io/NetworkPolicy", "networking.k8s.aws/ApplicationNetworkPolicy":
		foreign(o, set, own, allTraffic)
	case "crd.antrea.io/ClusterNetworkPolicy", "networking.k8s.aws/ClusterNetworkPolicy":
		foreign(o, set, Expr{}, allTraffic)
	case "k8s.ovn.org/EgressFirewall", "network.openshift.io/EgressNetworkPolicy":
		foreign(o, set, own, leaving)
	case "kubeovn.io/SecurityGroup":
		if spaces := s.annotated("/security_groups", o.Name); spaces != nil {
			foreign(o, set, Expr{Op: In, On: Namespace, Values: spaces}, allTraffic)
			return
		}
		set.Notes = append(set.Notes, Note{
			Object: o, Offset: o.Root.Offset, Text: o.Type() + " is not read here, and no pod here has it (annotation ovn.kubernetes.io/security_groups)",
			Do: "Nothing, when all pods of the cluster are among what is examined.",
		})
	case "kubeovn.io/Subnet":
		s.subnet(o, set)
	case "security.istio.io/AuthorizationPolicy", "security.istio.io/PeerAuthentication",
		"policy.linkerd.io/AuthorizationPolicy", "policy.linkerd.io/ServerAuthorization", "policy.linkerd.io/Server":
		s.mesh = append(s.mesh, o)
	}
}

// subnet: a private Subnet of Kube-OVN refuses what comes from other subnets, and
// its acls refuse what they like. Its pods are those of its namespaces, and those
// that name it.
func (s *surroundings) subnet(o *kubeobj.Object, set *Set) {
	spec := o.Get("spec")
	private := field(spec, "private")
	if (private == nil || private.Text == "false") && spec.Get("acls").Empty() {
		return
	}
	spaces := s.annotated("/logical_switch", o.Name)
	for _, v := range spec.Get("namespaces").Each() {
		if !slices.Contains(spaces, v.Text) {
			spaces = append(spaces, v.Text)
		}
	}
	subject := Expr{Op: In, On: Namespace, Values: spaces}
	if v := field(spec, "default"); spaces == nil || v != nil && v.Text != "false" {
		subject = Expr{} // whose pods it has is not written
	}
	foreign(o, set, subject, allTraffic)
}

// annotated are the namespaces of what has an annotation that ends like this and
// names a thing in its list. Kube-OVN puts the name of a network before it:
// ovn.kubernetes.io/security_groups, net1.shop.ovn.kubernetes.io/security_groups.
func (s *surroundings) annotated(suffix, name string) []string {
	var out []string
	for _, o := range s.objects {
		space := o.Namespace
		if o.Group == "" && o.Kind == "Namespace" {
			space = o.Name
		}
		if slices.Contains(out, space) {
			continue
		}
		for _, in := range []*kubeobj.Value{
			o.Get("metadata", "annotations"), o.Get("spec", "template", "metadata", "annotations"),
			o.Get("spec", "jobTemplate", "spec", "template", "metadata", "annotations"),
		} {
			for _, v := range in.Each() {
				if strings.HasSuffix(v.Name, ".kubernetes.io"+suffix) && (v.Placeholder() || slices.Contains(strings.Split(strings.ReplaceAll(v.Text, " ", ""), ","), name)) {
					out = append(out, space)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// foreign is a policy that may be about every pod of its subject, and may decide
// whatever it likes within its reach.
func foreign(o *kubeobj.Object, s *Set, subject Expr, about foreignReach) {
	why := Unsure{o.Root.Offset, o.Type() + " is not read here: what it decides is not known"}
	p := &Policy{Object: o, Kind: Foreign, Subject: subject, SubjectAt: o.Root.Offset}
	// The kinds whose subject is their own namespace are those with one.
	if subject.Op == In && o.Namespace != "" && slices.Equal(subject.Values, []string{o.Namespace}) {
		p.Namespace = o.Namespace
	}
	rule := Rule{Pointer: "spec", Offset: o.Root.Offset, Anyone: true, AnyPort: true, Unsure: []Unsure{why}}
	switch about {
	case leaving:
		// What it does not refuse, the other policies decide.
		rule.Action, rule.Anyone = Deny, false
		rule.Peers = []Peer{{Offset: o.Root.Offset, Outside: true, Nodes: &Expr{}}}
		p.Egress = Section{Applies: true, Offset: o.Root.Offset, Rules: []Rule{rule}}
	default:
		p.Unsure = []Unsure{why}
		p.Ingress = Section{Applies: true, Isolates: true, Offset: o.Root.Offset, Rules: []Rule{rule}}
		p.Egress = p.Ingress
	}
	s.Policies = append(s.Policies, p)
	s.Notes = append(s.Notes, Note{Object: o, Offset: o.Root.Offset, Breaks: true, Text: why.Why, Do: "Ask the engine itself about the pods that it selects."})
}

// noteMesh names what a service mesh refuses. Its proxies do that after the
// policies of the network, about requests and identities: what is denied here stays
// denied, and what is allowed here is allowed as far as the network goes.
//
// Sources: istio.io/latest/docs/ambient/usage/l4-policy (network policies work
// beside it); linkerd.io/2/features/server-policy.
func (s *surroundings) noteMesh(set *Set) {
	if len(s.mesh) == 0 {
		return
	}
	o := s.mesh[0]
	text := o.Type() + ": what the mesh refuses is not looked at"
	if n := len(s.mesh); n > 1 {
		text += " (" + strconv.Itoa(n) + " objects of this sort)"
	}
	set.Notes = append(set.Notes, Note{Object: o, Offset: o.Root.Offset, Text: text, Do: "Ask the mesh as well where an answer here is that the packet arrives."})
}

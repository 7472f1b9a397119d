package netpol

import "polygraph/internal/kubeobj"

// isForeign tells a policy of an engine whose policies nobody reads here. What
// such a policy decides is not known, so nothing that it may be about is.
//
// Source: antrea.io/docs, "Antrea Network Policy CRDs" (crd.antrea.io/v1beta1);
// Amazon EKS user guide, "Network policies for EKS Auto Mode"
// (networking.k8s.aws/v1alpha1).
func isForeign(o *kubeobj.Object) bool {
	switch o.Group {
	case "crd.antrea.io":
		return o.Kind == "NetworkPolicy" || o.Kind == "ClusterNetworkPolicy"
	case "networking.k8s.aws":
		return o.Kind == "ApplicationNetworkPolicy" || o.Kind == "ClusterNetworkPolicy"
	}
	return false
}

// foreign is a policy that may be about every pod of its namespace, or of the
// cluster, and may allow and deny whatever it likes.
func foreign(o *kubeobj.Object, s *Set) {
	why := Unsure{o.Root.Offset, o.Type() + " is not read here: what it decides is not known"}
	p := &Policy{Object: o, Kind: Foreign, SubjectAt: o.Root.Offset, Unsure: []Unsure{why}}
	if o.Kind != "ClusterNetworkPolicy" {
		p.Namespace = o.Namespace
		p.Subject = Expr{Op: In, On: Namespace, Values: []string{o.Namespace}}
	}
	any := Rule{Pointer: "spec", Offset: o.Root.Offset, Anyone: true, AnyPort: true, Unsure: []Unsure{why}}
	p.Ingress = Section{Applies: true, Isolates: true, Offset: o.Root.Offset, Rules: []Rule{any}}
	p.Egress = p.Ingress
	s.Policies = append(s.Policies, p)
	s.Notes = append(s.Notes, Note{Object: o, Offset: o.Root.Offset, Breaks: true, Text: why.Why, Do: "Ask the engine itself about the pods that it selects."})
}

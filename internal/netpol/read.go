package netpol

import (
	"reflect"
	"slices"

	"polygraph/internal/kubeobj"
)

// Read reads all policies among the objects. Objects of other kinds are used where
// a policy refers to them (CiliumCIDRGroup, Service), and left alone otherwise.
//
// It never fails: what cannot be read is a Note, and what then is not known about
// a policy is in its Unsure, so that nobody takes it for a policy that allows.
func Read(objects []*kubeobj.Object) *Set {
	s := &Set{}
	around := &surroundings{objects: objects}
	for _, o := range objects {
		r := &reading{object: o, set: s, around: around}
		switch o.Group + "/" + o.Kind {
		case "networking.k8s.io/NetworkPolicy", "extensions/NetworkPolicy":
			r.network()
		case "policy.networking.k8s.io/AdminNetworkPolicy":
			r.admin(Admin)
		case "policy.networking.k8s.io/BaselineAdminNetworkPolicy":
			r.admin(BaselineAdmin)
		case "policy.networking.k8s.io/ClusterNetworkPolicy":
			r.cluster()
		case "cilium.io/CiliumNetworkPolicy":
			r.cilium(Cilium)
		case "cilium.io/CiliumClusterwideNetworkPolicy":
			r.cilium(CiliumCluster)
		default:
			around.foreign(o, s)
		}
	}
	around.noteMesh(s)
	readCalicoAll(objects, s)
	s.duplicates(objects)
	s.sort(objects)
	return s
}

// sort brings policies and notes into the order of the objects.
func (s *Set) sort(objects []*kubeobj.Object) {
	at := make(map[*kubeobj.Object]int, len(objects))
	for i, o := range objects {
		at[o] = i
	}
	slices.SortStableFunc(s.Policies, func(a, b *Policy) int { return at[a.Object] - at[b.Object] })
	slices.SortStableFunc(s.Notes, func(a, b Note) int { return at[a.Object] - at[b.Object] })
}

// duplicates looks for policies that stand several times under one identity. The
// server keeps one object of an identity: when all mean the same that is the same
// policy, and when they do not, which one is in force depends on who was applied
// last.
func (s *Set) duplicates(objects []*kubeobj.Object) {
	policies := make(map[*kubeobj.Object][]*Policy, len(s.Policies))
	for _, p := range s.Policies {
		policies[p.Object] = append(policies[p.Object], p)
	}
	var candidates []*kubeobj.Object
	for _, o := range objects {
		if policies[o] != nil {
			candidates = append(candidates, o)
		}
	}
	var again, differ map[*kubeobj.Object]bool
	for _, group := range kubeobj.Duplicates(candidates) {
		same := true
		for _, o := range group[1:] {
			same = same && slices.EqualFunc(policies[group[0]], policies[o], alike)
		}
		for i, o := range group {
			if same && i > 0 {
				again = mark(again, o)
				s.Notes = append(s.Notes, Note{
					Object: o, Offset: o.Root.Offset, Text: o.Identity() + " stands here once more, and means the same",
					Do: "Keep one of the copies; nothing changes.",
				})
			} else if !same {
				differ = mark(differ, o)
				s.Notes = append(s.Notes, Note{
					Object: o, Offset: o.Root.Offset, Breaks: true, Text: o.Identity() + " stands here several times, and they do not mean the same: whoever is applied last is in force",
					Do: "Give each policy a name of its own, or delete the one that is out of date.",
				})
			}
		}
	}
	if again == nil && differ == nil {
		return
	}
	s.Policies = slices.DeleteFunc(s.Policies, func(p *Policy) bool { return again[p.Object] })
	for _, p := range s.Policies {
		if differ[p.Object] {
			p.Unsure = append(slices.Clip(p.Unsure), Unsure{p.Object.Root.Offset, "another object has the same identity and another meaning"})
		}
	}
}

func mark(set map[*kubeobj.Object]bool, o *kubeobj.Object) map[*kubeobj.Object]bool {
	if set == nil {
		set = map[*kubeobj.Object]bool{}
	}
	set[o] = true
	return set
}

// alike tells that two policies mean the same, wherever their parts stand.
func alike(a, b *Policy) bool { return reflect.DeepEqual(bare(a), bare(b)) }

// bare is a policy without places.
func bare(p *Policy) Policy {
	out := *p
	out.Object, out.SubjectAt = nil, 0
	why := func(list []Unsure) []Unsure {
		var out []Unsure
		for _, u := range list {
			out = append(out, Unsure{Why: u.Why})
		}
		return out
	}
	peer := func(p Peer) Peer {
		p.Offset, p.Unsure = 0, why(p.Unsure)
		return p
	}
	out.Unsure = why(p.Unsure)
	for _, s := range []*Section{&out.Ingress, &out.Egress} {
		rules := s.Rules
		s.Offset, s.Rules = 0, nil
		for _, rule := range rules {
			peers, ports := rule.Peers, rule.Ports
			rule.Offset, rule.Peers, rule.Ports, rule.Unsure = 0, nil, nil, why(rule.Unsure)
			for _, q := range peers {
				rule.Peers = append(rule.Peers, peer(q))
			}
			for _, q := range ports {
				q.Offset = 0
				rule.Ports = append(rule.Ports, q)
			}
			if rule.Subject != nil {
				q := peer(*rule.Subject)
				rule.Subject = &q
			}
			s.Rules = append(s.Rules, rule)
		}
	}
	return out
}

package pairwise

import (
	"fmt"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Cluster is workloads and the policies about them.
type Cluster struct {
	Workloads []*Workload
	// BlocksMatchPods: an ipBlock is compared with the addresses of pods too. The
	// API leaves that to the implementation.
	BlocksMatchPods bool

	namespaces map[string]labels.Set
	policies   map[string][]policy // by namespace: a policy is about pods of its own
}

// Workload is a Pod, or the template of pods that are alike.
type Workload struct {
	Namespace, Name, Kind string
	Labels                labels.Set
	Ports                 []corev1.ContainerPort
	Addresses             []netip.Addr
}

// AddNamespace adds a namespace; the API server sets the label with its name.
func (c *Cluster) AddNamespace(name string, with map[string]string) {
	if c.namespaces == nil {
		c.namespaces = map[string]labels.Set{}
	}
	set := labels.Set{corev1.LabelMetadataName: name}
	for k, v := range with {
		set[k] = v
	}
	c.namespaces[name] = set
}

// namespaceLabels are those of a namespace, also when nobody wrote it down.
func (c *Cluster) namespaceLabels(name string) labels.Set {
	if set, ok := c.namespaces[name]; ok {
		return set
	}
	return labels.Set{corev1.LabelMetadataName: name}
}

// policy is a NetworkPolicy with selectors that are ready to match.
type policy struct {
	namespace                       string
	subject                         labels.Selector
	isolatesIngress, isolatesEgress bool
	ingress, egress                 []rule
}

type rule struct {
	anyone bool
	peers  []peer
	ports  []networkingv1.NetworkPolicyPort
}

type peer struct {
	pods, namespaces labels.Selector // nil where not written
	block            *block
}

type block struct {
	cidr   netip.Prefix
	except []netip.Prefix
}

// AddPolicy adds a policy.
func (c *Cluster) AddPolicy(p *networkingv1.NetworkPolicy) error {
	subject, err := metav1.LabelSelectorAsSelector(&p.Spec.PodSelector)
	if err != nil {
		return fmt.Errorf("policy %s/%s: podSelector: %w", p.Namespace, p.Name, err)
	}
	ready := policy{namespace: p.Namespace, subject: subject}
	for _, t := range p.Spec.PolicyTypes {
		ready.isolatesIngress = ready.isolatesIngress || t == networkingv1.PolicyTypeIngress
		ready.isolatesEgress = ready.isolatesEgress || t == networkingv1.PolicyTypeEgress
	}
	if len(p.Spec.PolicyTypes) == 0 {
		ready.isolatesIngress, ready.isolatesEgress = true, len(p.Spec.Egress) > 0
	}
	for _, r := range p.Spec.Ingress {
		peers, err := readyPeers(r.From)
		if err != nil {
			return fmt.Errorf("policy %s/%s: ingress: %w", p.Namespace, p.Name, err)
		}
		ready.ingress = append(ready.ingress, rule{len(r.From) == 0, peers, r.Ports})
	}
	for _, r := range p.Spec.Egress {
		peers, err := readyPeers(r.To)
		if err != nil {
			return fmt.Errorf("policy %s/%s: egress: %w", p.Namespace, p.Name, err)
		}
		ready.egress = append(ready.egress, rule{len(r.To) == 0, peers, r.Ports})
	}
	if c.policies == nil {
		c.policies = map[string][]policy{}
	}
	c.policies[p.Namespace] = append(c.policies[p.Namespace], ready)
	return nil
}

func readyPeers(all []networkingv1.NetworkPolicyPeer) (out []peer, err error) {
	for _, p := range all {
		var ready peer
		if p.PodSelector != nil {
			if ready.pods, err = metav1.LabelSelectorAsSelector(p.PodSelector); err != nil {
				return nil, err
			}
		}
		if p.NamespaceSelector != nil {
			if ready.namespaces, err = metav1.LabelSelectorAsSelector(p.NamespaceSelector); err != nil {
				return nil, err
			}
		}
		if p.IPBlock != nil {
			ready.block = &block{}
			if ready.block.cidr, err = netip.ParsePrefix(p.IPBlock.CIDR); err != nil {
				return nil, err
			}
			for _, text := range p.IPBlock.Except {
				except, err := netip.ParsePrefix(text)
				if err != nil {
					return nil, err
				}
				ready.block.except = append(ready.block.except, except)
			}
		}
		out = append(out, ready)
	}
	return out, nil
}

//go:build linux

package packets

import (
	"fmt"
	"strings"

	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

// clusterPolicy is what the kinds of policy.networking.k8s.io have in common and
// in which they differ, as far as it is drawn: AdminNetworkPolicy and
// BaselineAdminNetworkPolicy (v1alpha1, ports) and ClusterNetworkPolicy (v1alpha2,
// tier and protocols).
type clusterPolicy struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`

	Spec struct {
		Tier     string        `json:"tier"`
		Priority int           `json:"priority"`
		Subject  clusterPeer   `json:"subject"`
		Ingress  []clusterRule `json:"ingress"`
		Egress   []clusterRule `json:"egress"`
	} `json:"spec"`
}

type clusterRule struct {
	Action    string            `json:"action"`
	From      []clusterPeer     `json:"from"`
	To        []clusterPeer     `json:"to"`
	Ports     []adminPort       `json:"ports"`
	Protocols []clusterProtocol `json:"protocols"`
}

type clusterPeer struct {
	Namespaces *meta.LabelSelector `json:"namespaces"`
	Pods       *struct {
		NamespaceSelector meta.LabelSelector `json:"namespaceSelector"`
		PodSelector       meta.LabelSelector `json:"podSelector"`
	} `json:"pods"`
	Networks []string `json:"networks"`
}

type adminPort struct {
	PortNumber *struct {
		Protocol string `json:"protocol"`
		Port     uint16 `json:"port"`
	} `json:"portNumber"`
	PortRange *struct {
		Protocol string `json:"protocol"`
		Start    uint16 `json:"start"`
		End      uint16 `json:"end"`
	} `json:"portRange"`
	NamedPort *string `json:"namedPort"`
}

type clusterProtocol struct {
	TCP                  *clusterPort `json:"tcp"`
	UDP                  *clusterPort `json:"udp"`
	SCTP                 *clusterPort `json:"sctp"`
	DestinationNamedPort string       `json:"destinationNamedPort"`
}

type clusterPort struct {
	DestinationPort struct {
		Number uint16 `json:"number"`
		Range  *struct {
			Start uint16 `json:"start"`
			End   uint16 `json:"end"`
		} `json:"range"`
	} `json:"destinationPort"`
}

// stored is the policies as an API server would have them.
type stored struct {
	network          []networking.NetworkPolicy
	admins, baseline []clusterPolicy
	namespaces       map[string]map[string]string
	pods             []*pod
	outsideOnly      bool
}

// read decodes the policies of a cluster, strictly: a mistake of the generator is
// no policy.
func (c *cluster) read() (*stored, error) {
	s := &stored{namespaces: c.namespaces, pods: c.pods, outsideOnly: c.outsideOnly}
	for _, text := range strings.Split(c.rules(), "---\n") {
		var kind meta.TypeMeta
		if err := yaml.Unmarshal([]byte(text), &kind); err != nil {
			return nil, err
		}
		var p clusterPolicy
		switch kind.Kind {
		case "":
			continue
		case "NetworkPolicy":
			var np networking.NetworkPolicy
			if err := yaml.UnmarshalStrict([]byte(text), &np); err != nil {
				return nil, fmt.Errorf("%w in\n%s", err, text)
			}
			s.network = append(s.network, np)
			continue
		}
		if err := yaml.UnmarshalStrict([]byte(text), &p); err != nil {
			return nil, fmt.Errorf("%w in\n%s", err, text)
		}
		if p.Kind == "AdminNetworkPolicy" || p.Spec.Tier == "Admin" {
			s.admins = append(s.admins, p)
		} else {
			s.baseline = append(s.baseline, p)
		}
	}
	return s, nil
}

// matches is the standard meaning of a label selector.
func matches(s *meta.LabelSelector, of map[string]string) bool {
	selector, err := meta.LabelSelectorAsSelector(s)
	if err != nil {
		panic(err) // only valid ones are drawn
	}
	return selector.Matches(labels.Set(of))
}

// selects tells whether a pod is one of those of a subject or a peer.
func (s *stored) selects(p *clusterPeer, of *pod) bool {
	switch {
	case p.Namespaces != nil:
		return matches(p.Namespaces, s.namespaces[of.namespace])
	case p.Pods != nil:
		return matches(&p.Pods.NamespaceSelector, s.namespaces[of.namespace]) && matches(&p.Pods.PodSelector, of.labels)
	}
	return false
}

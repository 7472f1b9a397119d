package netpol_test

import (
	"strings"
	"testing"

	"polygraph/internal/netpol"
)

// The policies of engines that are not read: what they may be about is unknown,
// and nothing else is.
func TestForeign(t *testing.T) {
	firewall := "apiVersion: k8s.ovn.org/v1\nkind: EgressFirewall\nmetadata: {name: default, namespace: shop}\nspec: {egress: [{type: Deny, to: {cidrSelector: 0.0.0.0/0}}]}\n"
	group := "apiVersion: kubeovn.io/v1\nkind: SecurityGroup\nmetadata: {name: sg}\nspec: {ingressRules: [{policy: drop}]}\n---\n"
	bound := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {metadata: {annotations: {ovn.kubernetes.io/security_groups: \"other,sg\"}}}}\n"
	subnet := "apiVersion: kubeovn.io/v1\nkind: Subnet\nmetadata: {name: s}\nspec: "
	for _, tt := range []row{
		{"an egress firewall", firewall, "web", "out far TCP 80 ?; out six UDP 53 ?; out node TCP 443 ?; out db TCP 80 -; out mon TCP 80 -; in far TCP 80 -"},
		{"of another namespace", firewall, "mon", "out far TCP 80 -"},
		{"that of OpenShift SDN", strings.NewReplacer("k8s.ovn.org", "network.openshift.io", "EgressFirewall", "EgressNetworkPolicy").Replace(firewall), "web", "out far TCP 80 ?; out db TCP 80 -; in far TCP 80 -"},
		{"Antrea", "apiVersion: crd.antrea.io/v1beta1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: {}\n", "web", "out far TCP 80 ?; in db TCP 80 ?"},
		{"a security group", group + bound, "web", "out far TCP 80 ?; in db TCP 80 ?"},
		{"a security group of another namespace", group + bound, "mon", "out far TCP 80 -; in db TCP 80 -"},
		{"a security group of another provider", group + strings.Replace(bound, "ovn.kubernetes", "net1.shop.ovn.kubernetes", 1), "web", "out far TCP 80 ?"},
		{"a private subnet", subnet + "{private: true, namespaces: [shop]}\n", "web", "out far TCP 80 ?; in db TCP 80 ?"},
		{"a private subnet of others", subnet + "{private: true, namespaces: [ops]}\n", "web", "in db TCP 80 -"},
		{"a subnet with rules", subnet + "{acls: [{action: drop}]}\n", "mon", "in db TCP 80 ?"},
	} {
		set := parsed(t, tt.policy)
		if len(set.Policies) != 1 {
			t.Errorf("%s: %d policies", tt.name, len(set.Policies))
			continue
		}
		if len(set.Notes) != 1 || !set.Notes[0].Breaks {
			t.Errorf("%s: %+v", tt.name, set.Notes)
		}
		judge(t, tt)
	}
}

// What refuses packets elsewhere is named, and makes nothing unknown; what routes
// them is left alone.
func TestNotForeign(t *testing.T) {
	for _, tt := range []struct{ text, says string }{
		{"apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: a, namespace: shop}\nspec: {}\n---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: b, namespace: shop}\nspec: {}\n", "what the mesh refuses is not looked at"},
		{"apiVersion: policy.linkerd.io/v1alpha1\nkind: AuthorizationPolicy\nmetadata: {name: a, namespace: shop}\nspec: {}\n", "what the mesh refuses is not looked at"},
		{"apiVersion: kubeovn.io/v1\nkind: SecurityGroup\nmetadata: {name: sg}\nspec: {}\n", "no pod here has it"},
		{"apiVersion: kubeovn.io/v1\nkind: Subnet\nmetadata: {name: s}\nspec: {private: false, cidrBlock: 10.0.0.0/16}\n", ""},
		{"apiVersion: cilium.io/v2\nkind: CiliumEgressGatewayPolicy\nmetadata: {name: e}\nspec: {}\n", ""},
		{"apiVersion: k8s.ovn.org/v1\nkind: AdminPolicyBasedExternalRoute\nmetadata: {name: e}\nspec: {}\n", ""},
	} {
		set := parsed(t, tt.text)
		if len(set.Policies) > 0 {
			t.Errorf("%s\n%d policies", tt.text, len(set.Policies))
		}
		switch {
		case tt.says == "" && len(set.Notes) > 0, tt.says != "" && len(set.Notes) != 1:
			t.Errorf("%s\n%+v", tt.text, set.Notes)
		case tt.says != "" && (set.Notes[0].Breaks || !strings.Contains(set.Notes[0].Text, tt.says)):
			t.Errorf("%s\n%+v", tt.text, set.Notes)
		}
	}
}

// stored is an object of projectcalico.org as Calico's API keeps it.
func stored(text, name string) string {
	return strings.NewReplacer("projectcalico.org/v3", "crd.projectcalico.org/v1", "name: p", "name: "+name).Replace(text)
}

// TestCalicoTwice: a survey has the objects of Calico's API, and once more those in
// which it keeps them.
func TestCalicoTwice(t *testing.T) {
	spec := "spec: {order: 10, selector: all(), types: [Ingress], ingress: [{action: Allow, source: {selector: app == 'db'}}, {action: Allow, source: {namespaceSelector: all(), selector: who == 'partner'}}]}\n"
	tiered := strings.Replace(strings.Replace(spec, "{order", "{tier: security, order", 1), "", "", 1)
	tier := "apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: security}\nspec: {order: 5, defaultAction: Pass}\n"
	tiers := tier + "---\n" + stored(tier, "")
	for _, tt := range []struct {
		name, text string
		policies   int
		sure       bool
	}{
		{"with the prefix", calicoNP + spec + "---\n" + stored(calicoNP+spec, "default.p"), 1, true},
		{"the other way round", stored(calicoNP+spec, "default.p") + "---\n" + calicoNP + spec, 1, true},
		{"without, as since v3.32", calicoNP + spec + "---\n" + stored(calicoNP+spec, "p"), 1, true},
		{"global", calicoGNP + spec + "---\n" + stored(calicoGNP+spec, "default.p"), 1, true},
		{"of another tier", strings.Replace(calicoNP, "name: p", "name: security.p", 1) + tiered + "---\n" + stored(strings.Replace(calicoNP, "name: p", "name: security.p", 1)+tiered, "security.p") + "---\n" + tiers, 1, true},
		{"the prefix of another tier", calicoNP + spec + "---\n" + stored(calicoNP+spec, "security.p"), 2, true},
		{"in another namespace", calicoNP + spec + "---\n" + strings.Replace(stored(calicoNP+spec, "default.p"), "namespace: shop", "namespace: ops", 1), 2, true},
		{"another name", calicoNP + spec + "---\n" + stored(calicoNP+spec, "default.q"), 2, true},
		{"another meaning", calicoNP + spec + "---\n" + stored(calicoNP+strings.Replace(spec, "app == 'db'", "app == 'web'", 1), "default.p"), 2, false},
		{"another order", calicoNP + spec + "---\n" + stored(calicoNP+strings.Replace(spec, "10", "11", 1), "default.p"), 2, false},
	} {
		set := parsed(t, tt.text)
		if len(set.Policies) != tt.policies {
			t.Errorf("%s: %d policies, want %d", tt.name, len(set.Policies), tt.policies)
			continue
		}
		breaks := 0
		for _, n := range set.Notes {
			if n.Breaks {
				breaks++
			}
		}
		sure := breaks == 0
		for _, p := range set.Policies {
			sure = sure && len(p.Unsure) == 0
		}
		if sure != tt.sure {
			t.Errorf("%s: sure %v, want %v: %+v", tt.name, sure, tt.sure, set.Notes)
		}
		if tt.policies == 1 && set.Policies[0].Object.Group != "projectcalico.org" {
			t.Errorf("%s: that of %s is left", tt.name, set.Policies[0].Object.Group)
		}
	}
}

// TestCalicoTiersTwice: the same of tiers and sets.
func TestCalicoTiersTwice(t *testing.T) {
	tier := "apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: security}\nspec: {order: 5, defaultAction: Pass}\n"
	policy := "---\n" + calicoNP + "spec: {tier: security, selector: all(), types: [Ingress]}\n"
	set := parsed(t, tier+"---\n"+stored(tier, "")+policy)
	if len(set.Tiers) != 1 || set.Tiers[0].Object.Group != "projectcalico.org" || len(set.Policies[0].Unsure) > 0 {
		t.Errorf("%+v %+v", set.Tiers, set.Notes)
	}
	set = parsed(t, stored(tier, "")+"---\n"+tier+policy)
	if len(set.Tiers) != 1 || set.Tiers[0].Object.Group != "projectcalico.org" {
		t.Errorf("%+v", set.Tiers)
	}
	set = parsed(t, tier+"---\n"+strings.Replace(stored(tier, ""), "order: 5", "order: 6", 1)+policy)
	if len(set.Tiers) != 1 || len(set.Policies[0].Unsure) == 0 {
		t.Errorf("tiers that do not agree: %+v %+v", set.Tiers, set.Policies[0])
	}
	rule := calicoNP + "spec: {ingress: [{action: Allow, source: {selector: who == 'partner'}}]}\n" + sharedNS
	once, twice := parsed(t, rule), parsed(t, rule+stored(sharedNS, ""))
	if a, b := peers(once), peers(twice); a != b {
		t.Errorf("%d peers with a set once, %d with it twice", a, b)
	}
}

func peers(s *netpol.Set) int { return len(s.Policies[0].Ingress.Rules[0].Peers) }

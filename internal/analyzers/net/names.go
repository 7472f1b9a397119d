package net

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
	"polygraph/internal/workloads"
)

// dnsPort is where names are asked for.
const dnsPort = 53

// dnsManifest is the cluster's DNS as kubeadm, EKS, GKE and AKS run it. It stands
// in where the objects show none: what is found with it alone is not proven.
const dnsManifest = `apiVersion: v1
kind: Pod
metadata: {name: coredns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec: {containers: [{name: coredns, image: coredns, ports: [{name: dns, protocol: UDP, containerPort: 53}, {name: dns-tcp, containerPort: 53}]}]}
`

// allowDNS is the section of a policy that lets pods ask for names.
const allowDNS = "  egress:\n    - to:\n        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}\n" +
	"          podSelector: {matchLabels: {k8s-app: kube-dns}}\n      ports:\n        - {protocol: UDP, port: 53}\n        - {protocol: TCP, port: 53}\n"

func isDNS(of *reach.Workload) bool {
	return of.Labels["k8s-app"] == "kube-dns" || of.Labels["dns.operator.openshift.io/daemonset-dns"] != "" ||
		of.Namespace == "kube-system" && strings.HasPrefix(of.Name, "coredns")
}

// assumedDNS is a DNS server to put in where none is among the objects.
func (w *world) assumedDNS() *kubeobj.Object {
	for _, o := range w.objects {
		if o.Namespace == "kube-system" && (strings.HasPrefix(o.Name, "coredns") || strings.HasPrefix(o.Name, "kube-dns")) && (o.Kind == "Deployment" || o.Kind == "Pod" || o.Kind == "ReplicaSet") {
			return nil
		}
		if t := workloads.Template(o); t.Get("metadata", "labels", "k8s-app").Str() == "kube-dns" || t.Get("metadata", "labels", "dns.operator.openshift.io/daemonset-dns").Str() != "" {
			return nil
		}
	}
	f, problem := kubeobj.Parse("", []byte(dnsManifest))
	if problem != nil {
		return nil
	}
	return f.Objects[0]
}

// dnsServer is pods that answer, and the port at which they do.
type dnsServer struct {
	*reach.Endpoint
	port uint16
}

// resolver is what is known about the DNS of the cluster.
type resolver struct {
	servers   []dnsServer
	addresses []netip.Addr // of its Service, and of caches on the nodes
	// elsewhere: something that is not among the objects may answer at an address.
	elsewhere bool
	reached   []string // workloads that reach the server that was assumed
}

// localCache are the addresses of NodeLocal DNSCache, and of the resolver of a
// node's provider.
//
// Sources: kubernetes.io/docs/tasks/administer-cluster/nodelocaldns (169.254.20.10,
// fd00::10 of the examples is any address); cloud.google.com, "Using Cloud DNS for
// GKE" (169.254.169.254); EKS user guide, "Amazon VPC attributes" (169.254.169.253).
var localCache = []netip.Addr{netip.AddrFrom4([4]byte{169, 254, 20, 10}), netip.AddrFrom4([4]byte{169, 254, 169, 254}), netip.AddrFrom4([4]byte{169, 254, 169, 253})}

// names judges whether pods that are isolated for egress reach the DNS.
func (w *world) names() {
	r := &resolver{addresses: localCache, elsewhere: !w.o.Surveyed}
	for _, e := range w.model.Endpoints() {
		if e.Workload != nil && isDNS(e.Workload) {
			r.servers = append(r.servers, dnsServer{e, w.dnsTarget(e.Workload)})
		}
	}
	for _, o := range w.objects {
		if o.Type() == "Service" && slices.ContainsFunc(r.servers, func(s dnsServer) bool { return selects(o, s.Workload) }) {
			if a, err := netip.ParseAddr(o.Get("spec", "clusterIP").Str()); err == nil {
				r.addresses = append(slices.Clone(r.addresses), a)
			}
		}
	}
	for _, e := range w.model.Endpoints() {
		if e.Workload == nil || e.Workload.Object == w.dns || isDNS(e.Workload) || e.Workload.Host {
			continue
		}
		is := w.model.Isolation(e.Index, reach.Egress)
		if !is.Isolated && !is.Perhaps || !asksCluster(e.Workload) {
			continue
		}
		w.resolves(e, r, is.Policies)
	}
	if len(r.reached) > 0 {
		f := finding.Finding{Subject: finding.Subject{Kind: "network-policies", Identity: "the cluster's DNS"}, Verdict: finding.Unproven}
		f.Title = fmt.Sprintf("%s may ask the DNS where it mostly is, and whether it is there is not shown: %s", plural(len(r.reached), "workload", "workloads"), some(r.reached))
		f.Missing = []finding.Missing{{Evidence: "where the cluster's DNS runs: pods with the label k8s-app=kube-dns in kube-system are assumed", Get: "kubectl get pods,services,namespaces -n kube-system -o yaml > dns.yaml"}}
		w.Report(namesRule, f)
	}
}

// asksCluster tells that a pod asks the cluster's DNS.
//
// Source: kubernetes.io/docs/concepts/services-networking/dns-pod-service, "Pod's
// DNS Policy": Default asks what the node asks, None what dnsConfig names.
func asksCluster(of *reach.Workload) bool {
	p := of.Template.Get("spec", "dnsPolicy").Str()
	return p == "" || p == "ClusterFirst"
}

// ownServers tells that a pod has name servers besides the cluster's.
func ownServers(of *reach.Workload) bool {
	return !of.Template.Get("spec", "dnsConfig", "nameservers").Empty()
}

// dnsTarget is the port of DNS pods, which their Service may map: on OpenShift 53
// leads to 5353.
func (w *world) dnsTarget(of *reach.Workload) uint16 {
	for _, o := range w.objects {
		if o.Type() != "Service" || !selects(o, of) {
			continue
		}
		for _, p := range o.Get("spec", "ports").Each() {
			if p.Get("port").Text != "53" || p.Get("protocol").Str() != "UDP" {
				continue
			}
			target := p.Get("targetPort")
			if n, ok := reach.PortNumber(target); ok {
				return n
			}
			for _, c := range of.Template.Get("spec", "containers").Each() {
				for _, q := range c.Get("ports").Each() {
					if n, ok := reach.PortNumber(q.Get("containerPort")); ok && target.Str() != "" && q.Get("name").Str() == target.Str() {
						return n
					}
				}
			}
		}
	}
	return dnsPort
}

func (w *world) resolves(e *reach.Endpoint, r *resolver, policies []*netpol.Policy) {
	subject := subjectOf(e.Workload.Object)
	anything := false
	unknown := ""
	for to := range w.model.From(e.Index) {
		if anything = to != e.Index; anything {
			break
		}
	}
	port := uint16(dnsPort)
	for _, s := range r.servers {
		port = s.port
		cell := w.model.Between(e.Index, s.Index)
		if cell.Allowed.Has(netpol.UDP, port) || cell.Open.Has(netpol.UDP, port) || cell.IPv4.Has(netpol.UDP, port) || cell.IPv6.Has(netpol.UDP, port) {
			if s.Workload.Object == w.dns && !cell.Open.Has(netpol.UDP, port) && !everywhere(w.model.Ask(e.Index, s.Index, netpol.UDP, port).Egress) {
				r.reached = append(r.reached, workloadName(e.Workload))
				return
			}
			w.Hold(namesRule, e.Workload.Object.Path, subject, e.Workload.Variant)
			return
		}
		if cell.Unknown.Has(netpol.UDP, port) && unknown == "" {
			a := w.model.Ask(e.Index, s.Index, netpol.UDP, port)
			unknown = "what decides: " + strings.TrimPrefix(strings.TrimSuffix(a.Egress.Why+"; "+a.Ingress.Why, "; "), "; ")
		}
	}
	if !anything {
		return // shut for good: nobody promised that it resolves anything
	}
	uses, host := w.usesName(e.Workload)
	f := finding.Finding{Subject: subject, Discriminator: e.Workload.Variant, Verdict: finding.Refuted}
	f.Title = fmt.Sprintf("%s %s may send nothing to port %d of the cluster's DNS", strings.ToLower(e.Workload.Kind), workloadName(e.Workload), port)
	absent := w.unseen(e.Workload.Namespace)
	if unknown == "" {
		unknown = w.elsewhere(e, r, policies)
	}
	switch {
	case unknown != "":
		f.Verdict = finding.Unproven
		f.Missing = []finding.Missing{{Evidence: unknown, Get: "kubectl get pods,services,namespaces -A -o yaml > cluster.yaml"}}
	case absent != nil:
		f.Verdict, f.Missing = finding.Unproven, absent
	case uses == nil || ownServers(e.Workload):
		f.Verdict = finding.Unproven
		f.Missing = []finding.Missing{{Evidence: "whether it asks the cluster's DNS for names: its configuration does not show it", Get: "kubectl exec -n " + cmp.Or(e.Workload.Namespace, "default") + " " + strings.ToLower(e.Workload.Kind) + "/" + e.Workload.Name + " -- cat /etc/resolv.conf, and look at what it connects to"}}
	}
	for i, p := range policies {
		if i == maxListed {
			break
		}
		f.Proof = append(f.Proof, finding.Statement{Text: "isolated for egress by " + short(p.Object) + ", and no rule allows UDP " + fmt.Sprint(port), At: w.at(p.Object, p.Egress.Offset)})
	}
	if uses != nil {
		f.Proof = append(f.Proof, finding.Statement{Text: "it uses the name " + host, At: w.at(e.Workload.In, uses.Offset)})
	}
	f.Remedy = finding.Remedy{
		Text: "Allow DNS beside the other rules of the policy.", Language: "yaml",
		Patch: allowDNS,
	}
	w.Report(namesRule, f)
}

// everywhere tells that a decision lets a packet through wherever the DNS is.
func everywhere(d reach.Decision) bool { return unnamed(&d) }

// elsewhere says where else the DNS may be reached: at an address, as a cache on
// the node is and as some engines see its Service, or at pods that are not among
// the objects. It is "" where nowhere.
func (w *world) elsewhere(e *reach.Endpoint, r *resolver, policies []*netpol.Policy) string {
	for n, cell := range w.model.From(e.Index) {
		to := w.model.Endpoints()[n]
		if to == e || !passes(cell, dnsPort) || slices.ContainsFunc(r.servers, func(s dnsServer) bool { return s.Endpoint == to }) {
			continue
		}
		switch {
		case to.Workload == nil && (r.elsewhere || slices.ContainsFunc(r.addresses, func(a netip.Addr) bool {
			return slices.ContainsFunc(to.Ranges, func(p netip.Prefix) bool { return p.Contains(a) })
		})):
			return "whether the DNS answers at an address to which port 53 is open: a cache on the node (169.254.20.10), or the address of its Service"
		case to.Workload != nil && w.dns != nil:
			return "where the cluster's DNS runs: " + nameOf(to) + " may be reached on port 53"
		}
	}
	if w.o.Surveyed && w.dns == nil {
		return ""
	}
	for _, p := range policies {
		for i := range p.Egress.Rules {
			rule := &p.Egress.Rules[i]
			if rule.Action != netpol.Allow || !onDNSPort(rule) {
				continue
			}
			if use := w.model.Use(p, rule, reach.Egress); w.dns != nil || use.Workloads+use.Outside == 0 {
				return "where the cluster's DNS runs: " + short(p.Object) + " " + rule.Pointer + " opens a port of DNS to pods that are not here"
			}
		}
	}
	return ""
}

// onDNSPort tells a rule that names a port at which DNS servers listen.
func onDNSPort(r *netpol.Rule) bool {
	return slices.ContainsFunc(r.Ports, func(p netpol.Port) bool {
		if !p.AnyProtocol && p.Protocol != netpol.UDP {
			return false
		}
		return p.Name == "dns" || p.Name == "" && (p.Low == 0 || p.Low <= dnsPort && dnsPort <= p.High || p.Low <= 5353 && 5353 <= p.High)
	})
}

func passes(c *reach.Cell, port uint16) bool {
	return c.Allowed.Has(netpol.UDP, port) || c.Unknown.Has(netpol.UDP, port) || c.Open.Has(netpol.UDP, port) || c.IPv4.Has(netpol.UDP, port) || c.IPv6.Has(netpol.UDP, port)
}

// usesName finds a name that the pods connect to, in their environment and
// arguments: of a Service that is there, or of a host in an address.
func (w *world) usesName(of *reach.Workload) (*kubeobj.Value, string) {
	if w.services == nil {
		w.services = map[[2]string]bool{}
		for _, o := range w.objects {
			if o.Type() == "Service" {
				w.services[[2]string{o.Namespace, o.Name}] = true
			}
		}
	}
	for _, c := range of.Template.Get("spec", "containers").Each() {
		for _, e := range c.Get("env").Each() {
			if host := w.host(e.Get("value").Str(), of.Namespace, isHostVariable(e.Get("name").Str())); host != "" && !aliased(of, host) {
				return e.Get("value"), host
			}
		}
		for _, list := range []string{"args", "command"} {
			for _, a := range c.Get(list).Each() {
				value := a.Str()
				if _, v, ok := strings.Cut(value, "="); ok && strings.HasPrefix(value, "-") {
					value = v
				}
				if host := w.host(value, of.Namespace, false); host != "" && !aliased(of, host) {
					return a, host
				}
			}
		}
	}
	return nil, ""
}

// isHostVariable tells names of variables that hold a host: DB_HOST, CACHE_ADDR.
// The value redis of CACHE_DRIVER is none.
func isHostVariable(name string) bool {
	name = strings.ToUpper(name)
	return slices.ContainsFunc([]string{"HOST", "ADDR", "SERVER", "ENDPOINT", "URL", "URI", "DSN", "BROKER", "UPSTREAM"}, func(w string) bool { return strings.Contains(name, w) })
}

// aliased tells that a name stands in the hosts file of the pods.
func aliased(of *reach.Workload, host string) bool {
	for _, a := range of.Template.Get("spec", "hostAliases").Each() {
		for _, n := range a.Get("hostnames").Each() {
			if n.Str() == host {
				return true
			}
		}
	}
	return false
}

// host is the name of a host in a value to which the pods connect; "" where there
// is none for sure. An address of the web alone is none: it may be a link that
// only people follow.
func (w *world) host(value, ns string, named bool) string {
	scheme, rest, address := strings.Cut(value, "://")
	if address {
		value = rest
		if _, after, ok := strings.Cut(value, "@"); ok {
			value = after
		}
	}
	value, _, _ = strings.Cut(value, "/")
	value, port, ported := strings.Cut(value, ":")
	if value == "" || strings.ContainsAny(value, " =,{}$()<>\"'") || strings.Trim(value, "0123456789.") == "" || value == "localhost" {
		return ""
	}
	web := scheme == "http" || scheme == "https"
	ported = ported && port != "" && strings.Trim(port, "0123456789") == ""
	first, domain, dotted := strings.Cut(value, ".")
	switch {
	case !dotted && w.services[[2]string{ns, value}] && (named || address || ported):
		return value
	case dotted && w.services[[2]string{strings.SplitN(domain, ".", 2)[0], first}]:
		return value
	case dotted && (strings.HasSuffix(value, ".svc") || strings.Contains(value, ".svc.")):
		return value
	case address && dotted && !web && (named || ported):
		return value
	}
	return ""
}

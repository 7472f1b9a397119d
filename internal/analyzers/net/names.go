package net

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
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

func isDNS(of *reach.Workload) bool {
	return of.Labels["k8s-app"] == "kube-dns" || of.Namespace == "kube-system" && strings.HasPrefix(of.Name, "coredns")
}

// assumedDNS is a DNS server to put in where none is among the objects.
func (w *world) assumedDNS() *kubeobj.Object {
	for _, o := range w.objects {
		if o.Namespace == "kube-system" && (strings.HasPrefix(o.Name, "coredns") || strings.HasPrefix(o.Name, "kube-dns")) && (o.Kind == "Deployment" || o.Kind == "Pod" || o.Kind == "ReplicaSet") {
			return nil
		}
	}
	f, problem := kubeobj.Parse("", []byte(dnsManifest))
	if problem != nil {
		return nil
	}
	return f.Objects[0]
}

// names judges whether pods that are isolated for egress reach the DNS.
func (w *world) names() {
	var servers []*reach.Endpoint
	for _, e := range w.model.Endpoints() {
		if e.Workload != nil && isDNS(e.Workload) {
			servers = append(servers, e)
		}
	}
	port := w.dnsTarget()
	for _, e := range w.model.Endpoints() {
		if e.Workload == nil || e.Workload.Object == w.dns || isDNS(e.Workload) || e.Workload.Host {
			continue
		}
		is := w.model.Isolation(e.Index, reach.Egress)
		if !is.Isolated && !is.Perhaps || !asksCluster(e.Workload) {
			continue
		}
		w.resolves(e, servers, port, is.Policies)
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

// dnsTarget is the port of the DNS pods, which their Service may map.
func (w *world) dnsTarget() uint16 {
	for _, o := range w.objects {
		if o.Type() != "Service" || o.Namespace != "kube-system" || o.Name != "kube-dns" {
			continue
		}
		for _, p := range o.Get("spec", "ports").Each() {
			if n, ok := number(p.Get("targetPort")); ok && p.Get("port").Is(kubeobj.Number) && p.Get("port").Text == "53" {
				return n
			}
		}
	}
	return dnsPort
}

func number(v *kubeobj.Value) (uint16, bool) {
	if !v.Is(kubeobj.Number) {
		return 0, false
	}
	n := 0
	for _, c := range v.Text {
		if c < '0' || c > '9' || n > 65535 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return uint16(n), n > 0 && n <= 65535
}

func (w *world) resolves(e *reach.Endpoint, servers []*reach.Endpoint, port uint16, policies []*netpol.Policy) {
	subject := subjectOf(e.Workload.Object)
	unknown, somewhere, anything := false, false, false
	for _, to := range w.model.Endpoints() {
		if to == e {
			continue
		}
		cell := w.model.Between(e.Index, to.Index)
		anything = anything || !cell.Allowed.Empty() || !cell.Unknown.Empty() || !cell.IPv4.Empty() || !cell.IPv6.Empty() || !cell.Open.Empty()
		somewhere = somewhere || passes(cell, dnsPort) || passes(cell, port)
		if !slices.Contains(servers, to) {
			continue
		}
		if cell.Allowed.Has(netpol.UDP, port) || cell.Open.Has(netpol.UDP, port) || cell.IPv4.Has(netpol.UDP, port) || cell.IPv6.Has(netpol.UDP, port) {
			w.Hold(namesRule, e.Workload.Object.Path, subject, e.Workload.Variant)
			return
		}
		unknown = unknown || cell.Unknown.Has(netpol.UDP, port)
	}
	if !anything {
		return // shut for good: nobody promised that it resolves anything
	}
	uses, host := w.usesName(e.Workload)
	f := finding.Finding{Subject: subject, Discriminator: e.Workload.Variant, Verdict: finding.Refuted}
	f.Title = fmt.Sprintf("%s %s may send nothing to port %d of the cluster's DNS", strings.ToLower(e.Workload.Kind), workloadName(e.Workload), port)
	switch {
	case unknown:
		f.Verdict = finding.Unproven
		a := w.model.Ask(e.Index, servers[0].Index, netpol.UDP, port)
		f.Missing = []finding.Missing{{Evidence: "what decides: " + a.Egress.Why + a.Ingress.Why, Get: "kubectl get pods,namespaces -A -o yaml > cluster.yaml"}}
	case w.dns != nil && somewhere:
		f.Verdict = finding.Unproven
		f.Missing = []finding.Missing{{Evidence: "where the cluster's DNS runs: something may be reached on port 53", Get: "kubectl get pods,services,namespaces -n kube-system -o yaml > dns.yaml"}}
	case uses == nil:
		f.Verdict = finding.Unproven
		f.Missing = []finding.Missing{{Evidence: "whether it asks for names: its configuration shows none", Get: "kubectl exec -n " + orDefault(e.Workload.Namespace) + " " + strings.ToLower(e.Workload.Kind) + "/" + e.Workload.Name + " -- cat /etc/resolv.conf, and look at what it connects to"}}
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
		Patch: "  egress:\n    - to:\n        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}\n          podSelector: {matchLabels: {k8s-app: kube-dns}}\n" +
			"      ports:\n        - {protocol: UDP, port: 53}\n        - {protocol: TCP, port: 53}\n",
	}
	w.Report(namesRule, f)
}

func passes(c reach.Cell, port uint16) bool {
	return c.Allowed.Has(netpol.UDP, port) || c.Unknown.Has(netpol.UDP, port) || c.Open.Has(netpol.UDP, port) || c.IPv4.Has(netpol.UDP, port) || c.IPv6.Has(netpol.UDP, port)
}

func orDefault(ns string) string {
	if ns == "" {
		return "default"
	}
	return ns
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
			if host := w.host(e.Get("value").Str(), of.Namespace); host != "" {
				return e.Get("value"), host
			}
		}
		for _, list := range []string{"args", "command"} {
			for _, a := range c.Get(list).Each() {
				if host := w.host(a.Str(), of.Namespace); host != "" {
					return a, host
				}
			}
		}
	}
	return nil, ""
}

// host is the name of a host in a value; "" where there is none for sure.
func (w *world) host(value, ns string) string {
	address := false
	if _, rest, ok := strings.Cut(value, "://"); ok {
		value, address = rest, true
		if _, after, ok := strings.Cut(value, "@"); ok {
			value = after
		}
	}
	value, _, _ = strings.Cut(value, "/")
	value, _, _ = strings.Cut(value, ":")
	if value == "" || strings.ContainsAny(value, " =,{}$()<>\"'") || strings.Trim(value, "0123456789.") == "" || value == "localhost" {
		return ""
	}
	first, rest, dotted := strings.Cut(value, ".")
	switch {
	case w.services[[2]string{ns, value}]:
		return value
	case dotted && w.services[[2]string{strings.SplitN(rest, ".", 2)[0], first}]:
		return value
	case dotted && strings.Contains(value, ".svc"):
		return value
	case address && dotted:
		return value
	}
	return ""
}

package net

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"go4.org/netipx"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
	"polygraph/internal/workloads"
)

// Unfound is a question that names what is not there: the user's mistake, or
// that of the evidence.
type Unfound struct {
	Text, Do string
	// Word is what was asked for, and Known what could have been meant; the command
	// line knows how to tell which is nearest.
	Word  string
	Known []string
}

func (u *Unfound) Error() string { return u.Text }

// party is one end of the question: an endpoint, as the user means it.
type party struct {
	*reach.Endpoint
	address netip.Addr   // where the user named one
	asked   netip.Prefix // where the user named a range
}

// six is the family that the user asked about; known is false where it is both.
func (p *party) six() (six, known bool) {
	switch {
	case p.address.IsValid():
		return p.address.Is6(), true
	case p.asked.IsValid():
		return p.asked.Addr().Is6(), true
	}
	return false, false
}

func (p *party) String() string {
	if p.address.IsValid() && p.Workload == nil {
		return p.address.String()
	}
	if p.asked.IsValid() {
		var b netipx.IPSetBuilder
		for _, r := range p.Ranges {
			b.AddPrefix(r)
		}
		var only netipx.IPSetBuilder
		only.AddPrefix(p.asked)
		of, _ := only.IPSet() // only text that is parsed can fail
		b.Intersect(of)
		in, _ := b.IPSet()
		return strings.Join(prefixTexts(in), ", ")
	}
	return nameOf(p.Endpoint)
}

// destination is a party and one of its ports.
type destination struct {
	party
	protocol netpol.Protocol
	port     uint16
	via      string // the Service that leads there
}

func (d *destination) String() string {
	return fmt.Sprintf("%s %s/%d", d.party.String(), d.protocol, d.port)
}

// find are the endpoints that a word of the user means: shop/web, web,
// deployment/shop/web, an address, a range, internet.
func (w *world) find(name string) ([]party, error) {
	all := w.model.Endpoints()
	var out []party
	pick := func(ok func(*reach.Endpoint) bool) []party {
		for _, e := range all {
			if ok(e) {
				out = append(out, party{Endpoint: e})
			}
		}
		return out
	}
	if isOutside(name) {
		return pick(func(e *reach.Endpoint) bool { return e.Workload == nil }), nil
	}
	if a, err := netip.ParseAddr(name); err == nil {
		if e, ok := w.model.Find(a); ok {
			return []party{{Endpoint: e, address: a.Unmap().WithZone("")}}, nil
		}
	}
	if p, err := netip.ParsePrefix(name); err == nil {
		out = pick(func(e *reach.Endpoint) bool {
			return e.Workload == nil && overlap(e.Ranges, []netip.Prefix{p.Masked()})
		})
		for i := range out {
			out[i].asked = p.Masked()
		}
		return out, nil
	}
	kind, ns, short := parts(name)
	out = pick(func(e *reach.Endpoint) bool {
		of := e.Workload
		return of != nil && of.Name == short && (ns == "" || of.Namespace == ns) && (kind == "" || strings.EqualFold(of.Kind, kind))
	})
	owners := map[*kubeobj.Object]bool{}
	for _, e := range out {
		owners[e.Workload.Object] = true
	}
	switch {
	case len(owners) > 1:
		var names []string
		for _, e := range out {
			names = append(names, strings.ToLower(e.Workload.Kind)+"/"+workloadName(e.Workload))
		}
		return nil, &Unfound{Text: fmt.Sprintf("%q is several workloads: %s", name, some(names)), Do: "write KIND/NAMESPACE/NAME"}
	case len(out) > 0:
		return out, nil
	}
	var near []string
	for _, e := range all {
		if of := e.Workload; of != nil && (strings.Contains(of.Name, short) || short != "" && strings.Contains(short, of.Name)) {
			near = append(near, workloadName(of))
		}
	}
	do := "write NAMESPACE/NAME of a workload that is among the evidence, an address, a range or internet; polygraph net list shows who is there"
	if len(near) > 0 {
		do = "is it " + some(near) + "?"
	}
	u := &Unfound{Text: fmt.Sprintf("nobody is called %q", name), Do: do}
	if len(near) == 0 {
		u.Word, u.Known = name, w.known()
	}
	return nil, u
}

// known are the names under which workloads can be asked for.
func (w *world) known() (out []string) {
	for _, e := range w.model.Endpoints() {
		if of := e.Workload; of != nil {
			out = append(out, workloadName(of), of.Name)
		}
	}
	return out
}

// isOutside tells the words for all addresses outside of the cluster.
func isOutside(word string) bool {
	switch strings.ToLower(word) {
	case "internet", "world", "addresses":
		return true
	}
	return false
}

// parts are kind, namespace and name of shop/web or deployment/shop/web; of two
// parts the first is a kind where it is the name of one.
func parts(name string) (kind, ns, short string) {
	p := strings.SplitN(name, "/", 3)
	switch len(p) {
	case 1:
		return "", "", p[0]
	case 2:
		if k := fullKind(p[0]); k != "" {
			return k, "", p[1]
		}
		return "", p[0], p[1]
	}
	if k := fullKind(p[0]); k != "" {
		return k, p[1], p[2]
	}
	return p[0], p[1], p[2]
}

// fullKind is the kind that kubectl means by a word; "" where it is none.
func fullKind(word string) string {
	switch strings.ToLower(word) {
	case "deployment", "deployments", "deploy":
		return "Deployment"
	case "statefulset", "statefulsets", "sts":
		return "StatefulSet"
	case "daemonset", "daemonsets", "ds":
		return "DaemonSet"
	case "replicaset", "replicasets", "rs":
		return "ReplicaSet"
	case "pod", "pods", "po":
		return "Pod"
	case "job", "jobs":
		return "Job"
	case "cronjob", "cronjobs", "cj":
		return "CronJob"
	case "service", "services", "svc":
		return "Service"
	}
	return ""
}

// destination are the endpoints and ports that the user means by a name and a
// port; a Service leads to the pods behind it.
func (w *world) destination(name, port string) ([]destination, error) {
	kind, ns, short := parts(name)
	ends, err := w.find(name)
	if kind == "Service" || err != nil {
		if found := w.serviceNamed(ns, short); found != nil {
			return w.behind(found, port)
		}
	}
	if err != nil {
		return nil, err
	}
	var out []destination
	protocol, text := protocolOfPort(port)
	for _, e := range ends {
		if n, err := strconv.ParseUint(text, 10, 16); err == nil && n > 0 {
			out = append(out, destination{party: e, protocol: protocol, port: uint16(n)})
			continue
		}
		ports := containerPorts(e, text)
		if text != port { // the protocol is written
			ports = slices.DeleteFunc(ports, func(d destination) bool { return d.protocol != protocol })
		}
		if len(ports) == 0 {
			return nil, w.noPort(e.String(), port, e.Endpoint)
		}
		out = append(out, ports...)
	}
	return out, nil
}

// protocolOfPort takes udp/53, 53/udp and 53 apart.
func protocolOfPort(port string) (netpol.Protocol, string) {
	for _, p := range []netpol.Protocol{netpol.TCP, netpol.UDP, netpol.SCTP} {
		for _, word := range []string{p.String(), strings.ToLower(p.String())} {
			if rest, ok := strings.CutPrefix(port, word+"/"); ok {
				return p, rest
			}
			if rest, ok := strings.CutSuffix(port, "/"+word); ok {
				return p, rest
			}
		}
	}
	return netpol.TCP, port
}

func containerPorts(e party, name string) (out []destination) {
	if e.Workload == nil {
		return nil
	}
	for _, c := range e.Workload.Template.Get("spec", "containers").Each() {
		for _, p := range c.Get("ports").Each() {
			n, ok := reach.PortNumber(p.Get("containerPort"))
			if !ok || name != "" && p.Get("name").Str() != name {
				continue
			}
			out = append(out, destination{party: e, protocol: protocolNamed(p.Get("protocol").Str()), port: n})
		}
	}
	if name == "" && len(out) > 1 {
		return nil // which of them, the user has to say
	}
	return out
}

func protocolNamed(s string) netpol.Protocol {
	switch s {
	case "UDP":
		return netpol.UDP
	case "SCTP":
		return netpol.SCTP
	}
	return netpol.TCP
}

func (w *world) noPort(of, port string, e *reach.Endpoint) error {
	do := "write a number from 1 to 65535, udp/53, or the name of a container port"
	if all := containerPortNames(e); len(all) > 0 {
		do += "; it has " + some(all)
	}
	if port == "" {
		return &Unfound{Text: of + ": which port?", Do: do}
	}
	return &Unfound{Text: fmt.Sprintf("%s has no port %q", of, port), Do: do}
}

func containerPortNames(e *reach.Endpoint) (out []string) {
	if e == nil || e.Workload == nil {
		return nil
	}
	for _, c := range e.Workload.Template.Get("spec", "containers").Each() {
		for _, p := range c.Get("ports").Each() {
			s := p.Get("containerPort").Text
			if s == "" {
				continue
			}
			if n := p.Get("name").Str(); n != "" {
				s = n + " (" + s + ")"
			}
			out = append(out, s)
		}
	}
	return out
}

func (w *world) serviceNamed(ns, name string) *kubeobj.Object {
	var found *kubeobj.Object
	for _, o := range w.objects {
		if o.Type() == "Service" && o.Name == name && (ns == "" || o.Namespace == ns) {
			if found != nil {
				return nil
			}
			found = o
		}
	}
	return found
}

// behind are the pods of a Service, each with the port to which it maps.
func (w *world) behind(service *kubeobj.Object, port string) ([]destination, error) {
	protocol, text := protocolOfPort(port)
	var chosen *kubeobj.Value
	var known []string
	for _, p := range service.Get("spec", "ports").Each() {
		number, name := p.Get("port").Text, p.Get("name").Str()
		known = append(known, strings.TrimPrefix(name+" "+number, " "))
		same := text == number || name != "" && text == name
		if text == "" || same && (protocolNamed(p.Get("protocol").Str()) == protocol || text == name) {
			if chosen != nil {
				return nil, &Unfound{Text: "Service " + service.Name + ": which port?", Do: "it has " + some(known)}
			}
			chosen = p
		}
	}
	if chosen == nil {
		return nil, &Unfound{Text: fmt.Sprintf("Service %s has no port %q", service.Name, port), Do: "it has " + some(known)}
	}
	var out []destination
	led := ""
	for _, e := range w.model.Endpoints() {
		if e.Workload == nil || !selects(service, e.Workload) {
			continue
		}
		led = nameOf(e)
		target := chosen.Get("targetPort")
		if target == nil {
			target = chosen.Get("port")
		}
		if n, ok := reach.PortNumber(target); ok {
			out = append(out, destination{party: party{Endpoint: e}, protocol: protocolNamed(chosen.Get("protocol").Str()), port: n})
			continue
		}
		out = append(out, containerPorts(party{Endpoint: e}, target.Str())...)
	}
	switch {
	case len(out) == 0 && led != "":
		return nil, &Unfound{Text: fmt.Sprintf("Service %s leads to %s, which has no port named %q", service.Name, led, chosen.Get("targetPort").Str()), Do: "mend its targetPort, or ask for the workload and a number"}
	case len(out) == 0:
		return nil, &Unfound{Text: "Service " + service.Name + " leads to no pod that is there", Do: "polygraph net list shows who is there"}
	}
	for i := range out {
		out[i].via = fmt.Sprintf("%s port %s", short(service), chosen.Get("port").Text)
	}
	return out, nil
}

func selects(service *kubeobj.Object, of *reach.Workload) bool {
	selector := service.Get("spec", "selector")
	if workloads.Selectorless(service) || service.Namespace != of.Namespace || selector.Empty() {
		return false
	}
	return !slices.ContainsFunc(selector.Items, func(l kubeobj.Value) bool { v, ok := of.Labels[l.Name]; return !ok || v != l.Str() })
}

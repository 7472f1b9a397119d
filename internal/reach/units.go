package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/workloads"
)

// namespaceName is the label that the server puts on every Namespace.
//
// Source: kubernetes.io/docs/reference/labels-annotations-taints,
// kubernetes.io/metadata.name (1.22).
const namespaceName = "kubernetes.io/metadata.name"

// unit is pods that nothing tells apart but their addresses.
type unit struct {
	workload *Workload
	account  string
	node     string // the name of the node; "" where it is not known
	ports    []namedPort
	// places are the address classes of its pods, of IPv4 and of IPv6; there are none
	// where the addresses are not in the evidence.
	places [2][]int32
	pods   int

	world *world
}

type namedPort struct {
	name     string
	protocol netpol.Protocol
	port     uint16
}

// world is what the objects say about namespaces, accounts and nodes.
type world struct {
	namespaces map[string]*kubeobj.Object
	accounts   map[[2]string]*kubeobj.Object
	nodes      map[string]*kubeobj.Object
}

func newWorld(objects []*kubeobj.Object) *world {
	w := &world{map[string]*kubeobj.Object{}, map[[2]string]*kubeobj.Object{}, map[string]*kubeobj.Object{}}
	for _, o := range objects {
		switch o.Type() {
		case "Namespace":
			w.namespaces[o.Name] = o
		case "ServiceAccount":
			w.accounts[[2]string{o.Namespace, o.Name}] = o
		case "Node":
			w.nodes[o.Name] = o
		}
	}
	return w
}

// attribute is a value of a unit; known is false where the object that would have
// it is not among the objects.
func (u *unit) attribute(on netpol.Attribute, key string) (value string, there, known bool) {
	w := u.workload
	var from *kubeobj.Object
	switch on {
	case netpol.PodLabel:
		value, there = w.Labels[key]
		return value, there, true
	case netpol.Namespace:
		return w.Namespace, true, true
	case netpol.NamespaceLabel:
		if key == namespaceName && w.Namespace != "" {
			return w.Namespace, true, true
		}
		from = u.world.namespaces[w.Namespace]
	case netpol.Account:
		return u.account, true, true
	case netpol.AccountLabel:
		from = u.world.accounts[[2]string{w.Namespace, u.account}]
	case netpol.NodeName:
		return u.node, u.node != "", u.node != ""
	case netpol.NodeLabel:
		from = u.world.nodes[u.node]
	}
	if from == nil {
		return "", false, false
	}
	v := from.Get("metadata", "labels", key)
	return v.Str(), v.Is(kubeobj.String), true
}

// gather collects the pods of the objects as units.
func gather(objects []*kubeobj.Object, space *space) []*unit {
	g := workloads.Build(objects)
	in := newWorld(objects)
	found := map[string]*unit{}
	var out []*unit
	add := func(top, of *workloads.Workload, live bool) {
		u := newUnit(top, of, in)
		var addresses []netip.Addr
		if live || of.Object.Kind == "Pod" {
			addresses = podAddresses(of.Object, u.workload.Host)
			u.node = of.Object.Get("spec", "nodeName").Str()
		}
		for _, a := range addresses {
			f := 0
			if a.Is6() {
				f = 1
			}
			u.places[f] = append(u.places[f], int32(space.class(a)))
		}
		for f := range u.places {
			slices.Sort(u.places[f])
			u.places[f] = slices.Compact(u.places[f])
		}
		key := u.key()
		old := found[key]
		if old == nil {
			found[key] = u
			out = append(out, u)
			old = u
		}
		old.workload.Addresses = append(old.workload.Addresses, addresses...)
		if live {
			old.pods++
		}
	}
	for _, w := range g.Workloads() {
		if of := w.Object; of.Kind == "Pod" && of.Group == "" && finished(of) {
			continue
		}
		pods := 0
		for _, p := range g.Pods(w) {
			if !finished(p.Object) {
				add(w, p, true)
				pods++
			}
		}
		if pods > 0 || w.Template == nil || rests(w, len(g.Pods(w)) > 0) {
			continue
		}
		add(w, w, w.Object.Kind == "Pod" && w.Object.Live)
	}
	for _, u := range out {
		if u.workload.Pods = u.pods; u.pods == 0 {
			if w := g.Workload(u.workload.Object); w != nil {
				u.workload.Pods, _ = w.Count()
			}
		}
	}
	return out
}

// rests tells that a workload has no pods now: none are asked for, or it is a Job
// whose pods have ended.
func rests(w *workloads.Workload, had bool) bool {
	if n, known := w.Count(); known && n == 0 {
		return true
	}
	if w.Object.Type() != "Job.batch" {
		return false
	}
	for _, c := range w.Object.Get("status", "conditions").Each() {
		if t := c.Get("type").Str(); (t == "Complete" || t == "Failed") && c.Get("status").Str() == "True" {
			return true
		}
	}
	return had
}

// finished tells that the containers of a pod have ended for good: it has no
// network any more.
func finished(pod *kubeobj.Object) bool {
	switch pod.Get("status", "phase").Str() {
	case "Succeeded", "Failed":
		return true
	}
	return false
}

func newUnit(top, of *workloads.Workload, in *world) *unit {
	w := &Workload{
		Namespace: top.Object.Namespace, Name: top.Object.Name, Kind: top.Object.Kind,
		Labels: of.Labels(), Object: top.Object, Template: of.Template, In: of.In,
	}
	if w.Name == "" {
		w.Name = top.Object.GenerateName + "*"
	}
	spec := of.Spec()
	w.Host = spec.Get("hostNetwork").Is(kubeobj.Bool) && spec.Get("hostNetwork").Text == "true"
	u := &unit{workload: w, account: of.Account(), world: in}
	if u.account == "" {
		u.account = "default"
	}
	for _, list := range []string{"initContainers", "containers"} {
		for _, c := range spec.Get(list).Each() {
			if list == "initContainers" && c.Get("restartPolicy").Str() != "Always" {
				continue // it has ended when the pod serves
			}
			for _, p := range c.Get("ports").Each() {
				if n, ok := namedPortOf(p); ok {
					u.ports = append(u.ports, n)
				}
			}
		}
	}
	return u
}

func namedPortOf(p *kubeobj.Value) (n namedPort, ok bool) {
	if n.name = p.Get("name").Str(); n.name == "" {
		return n, false
	}
	switch p.Get("protocol").Str() {
	case "", "TCP":
		n.protocol = netpol.TCP
	case "UDP":
		n.protocol = netpol.UDP
	case "SCTP":
		n.protocol = netpol.SCTP
	default:
		return n, false
	}
	n.port, ok = PortNumber(p.Get("containerPort"))
	return n, ok
}

// PortNumber is the number of a port as it is written; false where it is none from
// 1 to 65535.
func PortNumber(v *kubeobj.Value) (uint16, bool) {
	if !v.Is(kubeobj.Number) {
		return 0, false
	}
	n, err := strconv.ParseUint(v.Text, 10, 16)
	return uint16(n), err == nil && n > 0
}

// podAddresses are those of a pod's status; of one on the network of its node,
// the node's.
func podAddresses(pod *kubeobj.Object, host bool) []netip.Addr {
	var out []netip.Addr
	put := func(text string) {
		if a, err := netip.ParseAddr(text); err == nil && !slices.Contains(out, a) {
			out = append(out, a.Unmap().WithZone(""))
		}
	}
	status := pod.Get("status")
	one, many := "podIP", "podIPs"
	if host {
		one, many = "hostIP", "hostIPs"
	}
	put(status.Get(one).Str())
	for _, v := range status.Get(many).Each() {
		put(v.Get("ip").Str())
	}
	return out
}

// key tells units apart: pods with the same key are one.
func (u *unit) key() string {
	var b strings.Builder
	w := u.workload
	for _, s := range []string{w.Object.Identity(), w.Object.Path, u.account} {
		b.WriteString(s)
		b.WriteByte(0)
	}
	if w.Host {
		b.WriteString("host\x00" + u.node)
	}
	keys := make([]string, 0, len(w.Labels))
	for k := range w.Labels {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		b.WriteString("\x00" + k + "\x01" + w.Labels[k])
	}
	for _, p := range u.ports {
		fmt.Fprintf(&b, "\x00%s %d %d", p.name, p.protocol, p.port)
	}
	for f, places := range u.places {
		b.WriteByte(byte(2 + f))
		for _, p := range places {
			b.WriteString(strconv.Itoa(int(p)))
			b.WriteByte(' ')
		}
	}
	return b.String()
}

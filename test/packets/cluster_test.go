//go:build linux

package packets

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"sigs.k8s.io/yaml"
)

// cluster is what one seed makes of a world: pods in its places, and policies. It
// is handed on as text, which package netpol and the rules of the kernel are both
// read from.
type cluster struct {
	seed       int
	namespaces map[string]map[string]string // labels
	pods       []*pod
	documents  []map[string]any
	cluster    string // the cluster-wide policies that there are
	// outsideOnly: the engine compares an ipBlock with addresses outside only.
	outsideOnly bool
}

// pod is a Pod.
type pod struct {
	place     *place
	namespace string
	name      string
	labels    map[string]string
	ports     []namedPort
	owner     string // the Deployment that made it, or ""
}

// namedPort is a port of a container.
type namedPort struct {
	container int
	name      string
	protocol  string
	port      uint16
}

var portNames = []string{"web", "db", "metrics", "dns"}

func choose[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// newCluster draws namespaces, pods and policies.
func newCluster(w *world, seed int) *cluster {
	rng := rand.New(rand.NewPCG(uint64(seed), 0x706f6c79))
	c := &cluster{seed: seed, namespaces: map[string]map[string]string{}}
	// In half of the sets namespaces are as people write them: without the label that
	// the API server gives to each of them.
	written := rng.IntN(2) == 0
	for _, name := range []string{"shop", "pay", "ops"} {
		labels := map[string]string{}
		if rng.IntN(4) > 0 {
			labels["team"] = choose(rng, []string{"red", "blue"})
		}
		if rng.IntN(3) == 0 {
			labels["env"] = choose(rng, []string{"prod", "dev"})
		}
		stored := map[string]string{"kubernetes.io/metadata.name": name}
		for k, v := range labels {
			stored[k] = v
		}
		c.namespaces[name] = stored
		meta := map[string]any{"name": name, "labels": labels}
		if !written {
			meta = live(map[string]any{"name": name, "labels": stored}, "ns-"+name)
		}
		c.documents = append(c.documents, map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
	}
	twins := rng.IntN(4) == 0
	for i, at := range w.places[:w.pods] {
		p := &pod{place: at, name: fmt.Sprintf("pod%d", i), namespace: choose(rng, []string{"shop", "shop", "pay", "ops"})}
		p.labels = map[string]string{"app": choose(rng, []string{"web", "api", "db"})}
		if rng.IntN(2) == 0 {
			p.labels["tier"] = choose(rng, []string{"front", "back"})
		}
		if rng.IntN(3) == 0 {
			p.labels["env"] = choose(rng, []string{"prod", "dev"})
		}
		p.ports = drawNamed(rng, w.ports)
		if twins && i == 1 { // two pods of one Deployment
			first := c.pods[0]
			first.labels["pod-template-hash"] = "5d8f"
			first.owner, p.owner = "twin", "twin"
			p.namespace, p.labels, p.ports = first.namespace, first.labels, first.ports
		}
		c.pods = append(c.pods, p)
	}
	if twins {
		c.documents = append(c.documents, c.pods[0].deployment(), c.pods[0].replicaSet())
	}
	for _, p := range c.pods {
		c.documents = append(c.documents, p.object())
	}
	c.outsideOnly = rng.IntN(3) == 0
	c.policies(rng, w)
	return c
}

// drawNamed draws names for ports. A name stands for different ports in different
// pods, and at times for two protocols of one pod.
func drawNamed(rng *rand.Rand, ports []uint16) (out []namedPort) {
	for _, name := range portNames {
		switch rng.IntN(5) {
		case 0, 1:
			out = append(out, namedPort{0, name, choose(rng, protocols), choose(rng, ports)})
		case 2: // of two containers, because names in one container are unique
			out = append(out, namedPort{0, name, "TCP", choose(rng, ports)}, namedPort{1, name, choose(rng, protocols[1:]), choose(rng, ports)})
		}
	}
	return out
}

// live gives an object what only the API server gives.
func live(meta map[string]any, uid string) map[string]any {
	meta["uid"], meta["resourceVersion"] = uid, "7"
	return meta
}

func (p *pod) spec() map[string]any {
	containers := []map[string]any{{"name": "main", "image": "main:1"}, {"name": "second", "image": "second:1"}}
	for i := range containers {
		var ports []map[string]any
		for _, n := range p.ports {
			if n.container != i {
				continue
			}
			port := map[string]any{"name": n.name, "containerPort": n.port, "protocol": n.protocol}
			if n.protocol == "TCP" && n.port%2 == 0 {
				delete(port, "protocol") // TCP is the default
			}
			ports = append(ports, port)
		}
		if ports != nil {
			containers[i]["ports"] = ports
		}
	}
	return map[string]any{"containers": containers}
}

func (p *pod) object() map[string]any {
	meta := live(map[string]any{"name": p.name, "namespace": p.namespace, "labels": p.labels}, "pod-"+p.name)
	if p.owner != "" {
		meta["ownerReferences"] = owner("ReplicaSet", p.owner+"-5d8f")
	}
	spec := p.spec()
	spec["nodeName"] = "node1"
	status := map[string]any{"phase": "Running", "podIP": p.place.addrs[0].String(), "hostIP": "10.0.0.9"}
	var ips []map[string]any
	for _, a := range p.place.addrs {
		ips = append(ips, map[string]any{"ip": a.String()})
	}
	if len(ips) > 1 || p.place.addrs[0].As16()[15]%2 == 0 { // old dumps have podIP alone
		status["podIPs"] = ips
	}
	return map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}
}

func owner(kind, name string) []map[string]any {
	return []map[string]any{{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": kind + "-" + name, "controller": true}}
}

func (p *pod) replicaSet() map[string]any {
	meta := live(map[string]any{"name": p.owner + "-5d8f", "namespace": p.namespace, "labels": p.labels}, "ReplicaSet-"+p.owner+"-5d8f")
	meta["ownerReferences"] = owner("Deployment", p.owner)
	return map[string]any{"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": meta, "spec": map[string]any{
		"replicas": 2, "selector": map[string]any{"matchLabels": p.labels},
		"template": map[string]any{"metadata": map[string]any{"labels": p.labels}, "spec": p.spec()},
	}}
}

func (p *pod) deployment() map[string]any {
	labels := map[string]string{}
	for k, v := range p.labels {
		if k != "pod-template-hash" {
			labels[k] = v
		}
	}
	meta := live(map[string]any{"name": p.owner, "namespace": p.namespace}, "Deployment-"+p.owner)
	return map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": map[string]any{
		"replicas": 2, "selector": map[string]any{"matchLabels": labels},
		"template": map[string]any{"metadata": map[string]any{"labels": labels}, "spec": p.spec()},
	}}
}

// text is all objects as YAML.
func (c *cluster) text() string { return documents(c.documents) }

// rules is the policies alone.
func (c *cluster) rules() string {
	var out []map[string]any
	for _, d := range c.documents {
		if strings.HasSuffix(d["kind"].(string), "NetworkPolicy") {
			out = append(out, d)
		}
	}
	return documents(out)
}

func documents(all []map[string]any) string {
	var b strings.Builder
	for _, d := range all {
		text, err := yaml.Marshal(d)
		if err != nil {
			panic(err) // maps, strings and numbers
		}
		b.WriteString("---\n" + string(text))
	}
	return b.String()
}

// about is who is who, for a person who looks at a difference.
func (c *cluster) about() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ipBlock is compared with pods: %t\n", !c.outsideOnly)
	for name, labels := range c.namespaces {
		fmt.Fprintf(&b, "namespace %s %v\n", name, labels)
	}
	for _, p := range c.pods {
		fmt.Fprintf(&b, "pod %s/%s %s %v %v ports %v\n", p.namespace, p.name, p.owner, p.place.addrs, p.labels, p.ports)
	}
	return b.String()
}

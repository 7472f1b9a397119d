// Package synthetic invents clusters with network policies of the shape on
// which other tools were measured: Deployments over namespaces; in each
// namespace a default deny, a policy for DNS, and ten policies for ten
// applications, each with an ingress selector, an egress selector and an
// ipBlock with except. The same options give the same bytes everywhere.
//
// An application talks to the next one of a ring, on one port, and to the
// internet on another, and nobody but the pods before it in the ring may reach
// it. That gives each workload as many rows to workloads as an application has
// Deployments, and one row to each of the five ranges into which the block cuts
// IPv4: 100 Deployments have 700 rows.
package synthetic

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
)

// Options say how large the cluster is.
type Options struct {
	Deployments, Namespaces int
	// Pods of each Deployment, as a cluster has them: with their ReplicaSet, their
	// address and their uid. 0: manifests only.
	Pods int
	Seed uint64 // who follows whom in the rings, and on which ports
}

// applications is how many there are in a namespace.
const applications = 10

// Policies is how many policies a cluster has.
func (o Options) Policies() int { return o.Namespaces * (applications + 2) }

// Write writes the cluster as YAML documents, owners before what they made.
func Write(w io.Writer, o Options) error {
	if o.Namespaces < 1 || o.Deployments%(o.Namespaces*applications) != 0 {
		return fmt.Errorf("%d Deployments cannot be spread evenly over %d namespaces with %d applications each", o.Deployments, o.Namespaces, applications)
	}
	if pods := o.Deployments * o.Pods; pods > 1<<24-2 {
		return fmt.Errorf("%d pods have no room in 10.0.0.0/8", pods)
	}
	b := bufio.NewWriterSize(w, 1<<16)
	g := &generator{Writer: b, Options: o, rand: rand.New(rand.NewPCG(o.Seed, 7))}
	for n := range o.Namespaces {
		g.namespace(fmt.Sprintf("team-%02d", n))
	}
	return b.Flush()
}

type generator struct {
	*bufio.Writer
	Options
	rand *rand.Rand
	pods int // so far: their addresses
}

func (g *generator) namespace(name string) {
	g.printf(`---
apiVersion: v1
kind: Namespace
metadata:
  name: %s
  labels:
    team: %s
`, name, name)
	ring := g.rand.Perm(applications)
	ports := make([]int, applications)
	for i := range ports {
		ports[i] = 8000 + g.rand.IntN(1000)
	}
	g.isolation(name)
	for place, app := range ring {
		before, after := ring[(place+applications-1)%applications], ring[(place+1)%applications]
		g.policy(name, app, before, after, ports)
	}
	each := g.Deployments / g.Namespaces / applications
	for app := range applications {
		for i := range each {
			g.deployment(name, app, i, ports[app])
		}
	}
}

// isolation writes the policies that are about every pod.
func (g *generator) isolation(namespace string) {
	g.printf(`---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: %[1]s
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: dns
  namespace: %[1]s
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - ports:
    - protocol: UDP
      port: 53
`, namespace)
}

func (g *generator) policy(namespace string, app, before, after int, ports []int) {
	g.printf(`---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: app-%[2]d
  namespace: %[1]s
spec:
  podSelector:
    matchLabels:
      app: app-%[2]d
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: app-%[3]d
    ports:
    - protocol: TCP
      port: %[4]d
  egress:
  - to:
    - podSelector:
        matchExpressions:
        - key: app
          operator: In
          values: [app-%[5]d]
    ports:
    - protocol: TCP
      port: http
  - to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except:
        - 10.0.0.0/8
        - 192.168.0.0/16
    ports:
    - protocol: TCP
      port: 443
`, namespace, app, before, ports[app], after)
}

func (g *generator) printf(format string, args ...any) { fmt.Fprintf(g.Writer, format, args...) }

package net

import (
	"fmt"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/pinning"
	"polygraph/internal/reach"
	"polygraph/internal/workloads"
)

// engine is a database, by the name of its image, and where it listens.
type engine struct {
	image string
	port  uint16
}

// engines are databases and caches whose images are well known, with the port
// that their documentation gives as the default.
//
// Source: the images' own pages (hub.docker.com/_/postgres and so on, and
// bitnami's), and IANA for the ports.
func engines() []engine {
	return []engine{
		{"postgres", 5432}, {"postgresql", 5432}, {"postgis", 5432}, {"timescaledb", 5432}, {"mysql", 3306}, {"mariadb", 3306},
		{"percona-server", 3306}, {"mongo", 27017}, {"mongodb", 27017}, {"redis", 6379}, {"valkey", 6379}, {"memcached", 11211},
		{"cassandra", 9042}, {"elasticsearch", 9200}, {"opensearch", 9200}, {"cockroach", 26257}, {"clickhouse-server", 9000},
		{"couchdb", 5984}, {"neo4j", 7687}, {"influxdb", 8086}, {"dynamodb-local", 8000},
	}
}

// database tells whether a workload is one, and on which port it listens.
func database(of *reach.Workload) (at *kubeobj.Value, port uint16) {
	view := workloads.View(of.In)
	if view == nil {
		return nil, 0
	}
	for i := range view.Containers {
		c := &view.Containers[i]
		if c.Sort != workloads.Regular || c.Image == nil {
			continue
		}
		name, ok := pinning.ParseImage(c.Image.Text)
		if !ok {
			continue
		}
		base := name.Repository[strings.LastIndexByte(name.Repository, '/')+1:]
		for _, e := range engines() {
			if base != e.image {
				continue
			}
			for _, p := range c.Value.Get("ports").Each() {
				if n, ok := number(p.Get("containerPort")); ok && p.Get("protocol").Str() != "UDP" {
					return c.Image, n // its own word counts before the default
				}
			}
			return c.Image, e.port
		}
	}
	return nil, 0
}

// databases judges who reaches each of them.
func (w *world) databases() {
	guarded := w.guarded()
	for _, e := range w.model.Endpoints() {
		if e.Workload == nil || e.Workload.Object == w.dns {
			continue
		}
		if at, port := database(e.Workload); at != nil {
			w.database(e, at, port, guarded)
		}
	}
}

// guarded are the namespaces whose policies are among the objects: what no
// policy says of the others may be said elsewhere.
func (w *world) guarded() map[string]bool {
	out := map[string]bool{}
	for _, p := range w.set.Policies {
		if isNamespaced(p.Kind) {
			out[p.Namespace] = true
		}
	}
	return out
}

func (w *world) database(e *reach.Endpoint, image *kubeobj.Value, port uint16, guarded map[string]bool) {
	subject := subjectOf(e.Workload.Object)
	var from, closed int
	var unknown string
	outside, open := false, false
	for _, s := range w.model.Endpoints() {
		if s == e || s.Workload != nil && (s.Workload.Object == e.Workload.Object || s.Workload.Object == w.dns) {
			continue
		}
		cell := w.model.Between(s.Index, e.Index)
		switch {
		case cell.Open.Has(netpol.TCP, port):
			open = true
			from++
		case cell.Allowed.Has(netpol.TCP, port) || cell.IPv4.Has(netpol.TCP, port) || cell.IPv6.Has(netpol.TCP, port):
			from++
			outside = outside || s.Workload == nil
		case cell.Unknown.Has(netpol.TCP, port):
			unknown = "whether " + nameOf(s) + " reaches it"
		case s.Workload == nil:
			closed++
		case !w.model.Isolation(s.Index, reach.Egress).Isolated || !w.egressCuts(s, e, port):
			closed++
		}
	}
	if closed > 0 || from == 0 && unknown == "" {
		w.Hold(databaseRule, e.Workload.Object.Path, subject, e.Workload.Variant)
		return
	}
	f := finding.Finding{Subject: subject, Discriminator: e.Workload.Variant, Verdict: finding.Refuted}
	f.Title = fmt.Sprintf("%s %s: every workload here may open TCP %d of it", strings.ToLower(e.Workload.Kind), workloadName(e.Workload), port)
	if outside {
		f.Title += ", and so may any address"
	}
	f.Proof = []finding.Statement{{Text: "a database, by its image", At: w.at(e.Workload.In, image.Offset)}}
	is := w.model.Isolation(e.Index, reach.Ingress)
	switch {
	case open:
		f.Proof = append(f.Proof, finding.Statement{Text: short(is.Policies[0].Object) + " guards it, and nothing enforces that", At: w.at(is.Policies[0].Object, is.Policies[0].SubjectAt)})
	case len(is.Policies) > 0:
		for i, p := range is.Policies {
			if i < maxListed {
				f.Proof = append(f.Proof, finding.Statement{Text: "selected by " + short(p.Object) + ", whose rules let everybody in", At: w.at(p.Object, p.Ingress.Offset)})
			}
		}
	default:
		f.Proof = append(f.Proof, finding.Statement{Text: "no policy selects it for ingress", At: w.at(e.Workload.In, e.Workload.Template.Offset)})
	}
	switch {
	case unknown != "":
		f.Verdict = finding.Unproven
		f.Missing = []finding.Missing{{Evidence: unknown, Get: "kubectl get pods,namespaces,networkpolicies -A -o yaml > cluster.yaml"}}
	case !w.o.Surveyed && !guarded[e.Workload.Namespace]:
		f.Verdict = finding.Unproven
		f.Missing = []finding.Missing{{Evidence: "the policies of namespace " + orDefault(e.Workload.Namespace) + ": none is among the files", Get: "kubectl get networkpolicies -n " + orDefault(e.Workload.Namespace) + " -o yaml > policies.yaml"}}
	case len(w.unread) > 0:
		f.Verdict = finding.Unproven
		f.Missing = []finding.Missing{{Evidence: "documents that could not be read: a policy may be among them", Get: w.unread[0].do}}
	}
	f.Remedy = onlyFrom(e.Workload, port)
	w.Report(databaseRule, f)
}

// egressCuts tells that it is the source's own egress that holds it back, which
// says nothing about the door of the database.
func (w *world) egressCuts(s, e *reach.Endpoint, port uint16) bool {
	a := w.model.Ask(s.Index, e.Index, netpol.TCP, port)
	return a.Egress.Outcome == reach.Denied && a.Ingress.Outcome == reach.Allowed
}

func onlyFrom(of *reach.Workload, port uint16) finding.Remedy {
	r := finding.Remedy{Text: "Let in who needs it, by label, on its port; put the label of the workload that uses it in the place of CLIENT.", Language: "yaml"}
	var labels []string
	for _, l := range of.Template.Get("metadata", "labels").Each() {
		if l.Is(kubeobj.String) && len(labels) < 3 {
			labels = append(labels, fmt.Sprintf("%s: %q", l.Name, l.Text))
		}
	}
	meta := "metadata:\n  name: " + of.Name + "-only-from-clients\n"
	if of.Namespace != "" {
		meta += "  namespace: " + of.Namespace + "\n"
	}
	r.Patch = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n" + meta + "spec:\n  podSelector:\n    matchLabels: {" + strings.Join(labels, ", ") + "}\n" +
		"  policyTypes: [Ingress]\n  ingress:\n    - from:\n        - podSelector: {matchLabels: {app: CLIENT}}\n      ports:\n        - {protocol: TCP, port: " + fmt.Sprint(port) + "}\n"
	return r
}

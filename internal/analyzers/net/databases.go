package net

import (
	"cmp"
	"fmt"
	"path"
	"slices"
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
		{"postgres", 5432},
		{"postgresql", 5432},
		{"postgis", 5432},
		{"timescaledb", 5432},
		{"mysql", 3306},
		{"mariadb", 3306},
		{"percona-server", 3306},
		{"mongo", 27017},
		{"mongodb", 27017},
		{"redis", 6379},
		{"valkey", 6379},
		{"memcached", 11211},
		{"cassandra", 9042},
		{"elasticsearch", 9200},
		{"opensearch", 9200},
		{"cockroach", 26257},
		{"clickhouse-server", 9000},
		{"couchdb", 5984},
		{"neo4j", 7687},
		{"influxdb", 8086},
		{"dynamodb-local", 8000},
	}
}

// database tells whether a workload is one, and on which port it listens.
func database(of *reach.Workload) (at *kubeobj.Value, port uint16) {
	view := workloads.View(of.In)
	if view == nil || of.Kind == "Job" || of.Kind == "CronJob" { // a client: a dump, a migration
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
			if base != e.image || !serves(c) {
				continue
			}
			for _, p := range c.Value.Get("ports").Each() {
				if n, ok := reach.PortNumber(p.Get("containerPort")); ok && p.Get("protocol").Str() != "UDP" {
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

// servers are the programs that serve in the images of engines. A container of
// such an image with a command of its own that names none of them is a client: a
// shell, a dump, an exporter.
var servers = []string{
	"postgres", "mysqld", "mysqld_safe", "mariadbd", "mongod", "mongos", "redis-server", "valkey-server", "memcached", "cassandra", "elasticsearch",
	"opensearch", "cockroach", "clickhouse-server", "couchdb", "neo4j", "influxd", "docker-entrypoint.sh", "entrypoint.sh", "start", "run.sh", "tini",
}

func serves(c *workloads.Container) bool {
	command := c.Value.Get("command")
	if command.Empty() {
		return true
	}
	for _, list := range []*kubeobj.Value{command, c.Value.Get("args")} {
		for _, v := range list.Each() {
			for _, word := range strings.Fields(v.Str()) {
				if slices.Contains(servers, path.Base(word)) {
					return true
				}
			}
		}
	}
	return false
}

// door is who gets in at a port of a database.
type door struct {
	any, listed, closed int // workloads: that no rule names, that one names, that are held back
	addresses           bool
	open                *netpol.Policy // holds somebody back whom nothing holds back
	rules               []*reach.Decision
	unknown             string
}

func (w *world) door(e *reach.Endpoint, port uint16) (out door) {
	for _, s := range w.model.Endpoints() {
		if s == e || s.Workload != nil && (s.Workload.Object == e.Workload.Object || s.Workload.Object == w.dns || s.Workload.Host) {
			continue // a node reaches the pods that run on it, whatever policies say
		}
		a := w.model.Ask(s.Index, e.Index, netpol.TCP, port)
		unlisted := unnamed(&a.Ingress) && (s.Workload == nil || unnamed(&a.Egress))
		switch {
		case a.Outcome == reach.Open:
			for _, d := range []*reach.Decision{&a.Egress, &a.Ingress} {
				if d.Outcome == reach.Denied && d.Policy != nil {
					out.open = d.Policy
				}
			}
			if s.Workload != nil {
				out.any++
			}
			out.addresses = out.addresses || s.Workload == nil
		case a.Outcome == reach.Unknown && s.Workload == nil && (a.Families || !unlisted):
		case a.Outcome == reach.Unknown:
			out.unknown = "whether " + nameOf(s) + " reaches it"
			if why := strings.TrimPrefix(strings.TrimSuffix(a.Egress.Why+"; "+a.Ingress.Why, "; "), "; "); why != "" {
				out.unknown += ": " + why
			}
		case s.Workload == nil:
			out.addresses = out.addresses || a.Outcome == reach.Allowed && unlisted
		case a.Outcome == reach.Denied:
			out.closed++
		case unlisted:
			out.any++
			if a.Ingress.Rule != nil {
				out.rules = append(out.rules, &a.Ingress)
			}
		default:
			out.listed++
		}
	}
	return out
}

// unnamed tells that something passes that nobody has named: by default, or by a
// rule for everybody.
func unnamed(d *reach.Decision) bool {
	if d.Outcome != reach.Allowed {
		return false
	}
	return d.Rule == nil || d.Rule.Anyone || slices.ContainsFunc(d.Rule.Peers, func(p netpol.Peer) bool { return p.Pods != nil && everybody(p.Pods) })
}

// everybody tells a selector of all pods of all namespaces.
func everybody(e *netpol.Expr) bool {
	return e.Op == netpol.All || e.Op == netpol.And && !slices.ContainsFunc(e.Terms, func(t netpol.Expr) bool { return !everybody(&t) })
}

func (w *world) database(e *reach.Endpoint, image *kubeobj.Value, port uint16, guarded map[string]bool) {
	subject := subjectOf(e.Workload.Object)
	is := w.model.Isolation(e.Index, reach.Ingress)
	x := w.door(e, port)
	f := finding.Finding{Subject: subject, Discriminator: e.Workload.Variant, Verdict: finding.Refuted}
	name := strings.ToLower(e.Workload.Kind) + " " + workloadName(e.Workload)
	alone := x.any+x.listed+x.closed == 0
	switch {
	case x.any > 0 && x.listed+x.closed == 0:
		f.Title = fmt.Sprintf("%s: every workload here may open TCP %d of it", name, port)
	case x.any > 0:
		f.Title = fmt.Sprintf("%s: %d of %d workloads here may open TCP %d of it, and no rule names them", name, x.any, x.any+x.listed+x.closed, port)
	case alone && x.addresses && x.unknown == "":
		f.Title = fmt.Sprintf("%s: whoever is there may open TCP %d of it", name, port)
	case x.unknown != "":
		f.Title = fmt.Sprintf("%s: who may open TCP %d of it is not known", name, port)
	case !is.Isolated && len(is.Policies) == 0 && !w.o.Surveyed:
		f.Title = fmt.Sprintf("%s: no policy guards it, and those who are here are held back by their own policies only", name)
		x.unknown = "all workloads of the cluster: one without such a policy may be among them"
	case w.unseen(e.Workload.Namespace) != nil: // policies add up: one more may open it
		f.Title = fmt.Sprintf("%s: as far as could be read, only who is named may open TCP %d of it", name, port)
	default:
		w.Hold(databaseRule, e.Workload.Object.Path, subject, e.Workload.Variant)
		return
	}
	if x.addresses && x.any > 0 {
		f.Title += ", and so may any address"
	}
	f.Proof = append(w.doorProof(e, &x, is), finding.Statement{Text: "a database, by its image", At: w.at(e.Workload.In, image.Offset)})
	switch m := w.unseen(e.Workload.Namespace); {
	case x.any == 0 && x.unknown != "":
		f.Verdict = finding.Unproven
		f.Missing = []finding.Missing{{Evidence: x.unknown, Get: clusterCommand}}
	case m != nil:
		f.Verdict, f.Missing = finding.Unproven, m
	case !w.o.Surveyed && !guarded[e.Workload.Namespace]:
		f.Verdict = finding.Unproven
		f.Missing = []finding.Missing{{Evidence: "the policies of namespace " + cmp.Or(e.Workload.Namespace, "default") + ": none is among the files", Get: "kubectl get networkpolicies -n " + cmp.Or(e.Workload.Namespace, "default") + " -o yaml > policies.yaml"}}
	}
	f.Remedy = onlyFrom(e.Workload, port)
	if w.model.Isolation(e.Index, reach.Ingress).Isolated {
		// Policies add up: one more takes nothing away.
		f.Remedy = finding.Remedy{Text: "Limit the rule that lets everybody in to who uses the database, by label, or take it out: policies add up, and one more closes nothing."}
	}
	w.Report(databaseRule, f)
}

// doorProof says why the door is open.
func (w *world) doorProof(e *reach.Endpoint, x *door, is reach.Isolation) (out []finding.Statement) {
	switch {
	case x.open != nil:
		return []finding.Statement{{Text: short(x.open.Object) + " would hold somebody back, and nothing enforces it", At: w.at(x.open.Object, x.open.SubjectAt)}}
	case len(x.rules) > 0:
		seen := map[*netpol.Rule]bool{}
		for _, d := range x.rules {
			if !seen[d.Rule] && len(out) < maxListed {
				seen[d.Rule] = true
				out = append(out, finding.Statement{Text: "let in by " + short(d.Policy.Object) + " " + d.Rule.Pointer + ", which is for everybody", At: w.at(d.Policy.Object, d.Rule.Offset)})
			}
		}
		return out
	}
	at := e.Workload.Template.Get("metadata", "labels")
	if at == nil {
		at = e.Workload.Template
	}
	text := "no policy selects it for ingress"
	if len(is.Policies) > 0 {
		text = "no policy that selects it says anything about them"
	}
	return []finding.Statement{{Text: text, At: w.at(e.Workload.In, at.Offset)}}
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

package net

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// judged is what a run said.
type judged struct {
	findings []finding.Finding
	held     map[string]int
	rows     []string // TABLE: cells
	err      error
}

func (j *judged) of(rule string) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(j.findings), func(f finding.Finding) bool { return f.Rule != rule })
}

// verdict is the worst that was said of a rule, "holds" where nothing else was,
// and "" where nothing was.
func (j *judged) verdict(rule string) string {
	worst := ""
	for _, f := range j.of(rule) {
		if f.Verdict == finding.Refuted {
			return "refuted"
		}
		worst = "unproven"
	}
	if worst == "" && j.held[rule] > 0 {
		return "holds"
	}
	return worst
}

// text is all that findings of a rule say.
func (j *judged) text(rule string) string {
	var b strings.Builder
	for _, f := range j.of(rule) {
		fmt.Fprintf(&b, "%s: %s\n", f.Verdict, f.Title)
		for _, p := range f.Proof {
			fmt.Fprintf(&b, "  proof %s [%s]\n", p.Text, p.At.File)
		}
		for _, m := range f.Missing {
			fmt.Fprintf(&b, "  missing %s: %s\n", m.Evidence, m.Get)
		}
	}
	return b.String()
}

// live gives each object of a text the marks of a cluster.
func live(text string) string {
	n := 0
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if rest, ok := strings.CutPrefix(line, "metadata: {"); ok {
			n++
			line = fmt.Sprintf("metadata: {uid: u-%d, resourceVersion: \"%d\", %s", n, n, rest)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// judge runs the analyzer over files: old/NAME is OLD, live/NAME is got from a
// cluster.
func judge(t testing.TB, o *Options, files map[string]string) *judged {
	t.Helper()
	var in analysis.Evidence
	for name, text := range files {
		kind := evidence.KubernetesManifest()
		switch {
		case strings.HasPrefix(name, "old/"):
			kind = evidence.KubernetesBefore()
		case strings.HasPrefix(name, "live/"):
			kind, text = evidence.KubernetesLive(), live(text)
		}
		in.Items = append(in.Items, &evidence.Item{Kind: kind, Path: name, Blob: evidence.Bytes([]byte(text))})
	}
	slices.SortFunc(in.Items, func(a, b *evidence.Item) int { return cmp.Compare(a.Path, b.Path) })
	out := &judged{held: map[string]int{}}
	r := analysis.Runner{Analyzers: []*analysis.Analyzer{At(o)}, Clock: time.Now, Parallel: 1, Tables: true}
	sum, err := r.Run(t.Context(), in, func(m *run.Message) error {
		if m.Finding != nil && m.Finding.Verdict != finding.Holds {
			out.findings = append(out.findings, *m.Finding)
		}
		if m.Row != nil {
			var cells []string
			for _, c := range m.Row.Cells {
				cells = append(cells, c.Value)
			}
			out.rows = append(out.rows, m.Row.Table+": "+strings.Join(cells, " | "))
		}
		return nil
	})
	if out.err = err; err != nil {
		return out
	}
	for _, rule := range sum.Rules {
		out.held[rule.Rule] = rule.Held
	}
	return out
}

// workload is a Deployment of the namespace shop with one port.
func workload(name, more string) string { return workloadIn("shop", name, more) }

func workloadIn(ns, name, more string) string {
	return "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + ", namespace: " + ns + "}\nspec:\n  selector: {matchLabels: {app: " + name + "}}\n  template:\n" +
		"    metadata: {labels: {app: " + name + "}}\n    spec: {" + more + "containers: [{name: a, image: ghcr.io/acme/" + name + ", ports: [{name: http, containerPort: 8080}]}]}\n"
}

const databaseSet = "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop}\nspec:\n  selector: {matchLabels: {app: db}}\n  template:\n" +
	"    metadata: {labels: {app: db}}\n    spec: {containers: [{name: a, image: \"postgres:16\", ports: [{name: postgres, containerPort: 5432}]}]}\n"

const dbService = "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 5432}]}\n"

const coreDNS = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: coredns, namespace: kube-system}\nspec:\n  selector: {matchLabels: {k8s-app: kube-dns}}\n  template:\n" +
	"    metadata: {labels: {k8s-app: kube-dns}}\n    spec: {containers: [{name: a, image: coredns, ports: [{name: dns, protocol: UDP, containerPort: 53}]}]}\n" +
	"---\napiVersion: v1\nkind: Service\nmetadata: {name: kube-dns, namespace: kube-system}\nspec: {clusterIP: 10.96.0.10, selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, protocol: UDP, targetPort: dns}]}\n"

// policy is a NetworkPolicy of the namespace shop.
func policy(name, spec string) string { return policyIn("shop", name, spec) }

func policyIn(ns, name, spec string) string {
	meta := "name: " + name
	if ns != "" {
		meta += ", namespace: " + ns
	}
	return "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {" + meta + "}\nspec: {" + spec + "}\n"
}

const (
	denyIngress = "podSelector: {}, policyTypes: [Ingress]"
	denyBoth    = "podSelector: {}, policyTypes: [Ingress, Egress]"
	dbFromWeb   = "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]"
	webToDB     = "podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}]}]"
	template    = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: {{ .Values.name }}}\nspec: {podSelector: {}}\n"
)

func namespace(name string) string {
	return "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: " + name + ", labels: {kubernetes.io/metadata.name: " + name + "}}\n"
}

// sceneCase is a scene and what a rule says of it.
type sceneCase struct {
	rule, want string
	says       string // somewhere in what it says
	options    Options
	files      map[string]string
}

func (c sceneCase) test(t *testing.T) {
	t.Helper()
	j := judge(t, &c.options, c.files)
	if j.err != nil {
		t.Fatal(j.err)
	}
	if got := j.verdict(c.rule); got != c.want {
		t.Errorf("%s is %q, want %q\n%s", c.rule, got, c.want, j.text(c.rule))
	}
	if c.says != "" && !strings.Contains(j.text(c.rule), c.says) {
		t.Errorf("%s does not say %q:\n%s", c.rule, c.says, j.text(c.rule))
	}
}

func one(text string) map[string]string { return map[string]string{"a.yaml": text} }

func prefixes(list ...string) (out []netip.Prefix) {
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

const (
	calicoNode = "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node, namespace: kube-system}\nspec:\n  selector: {matchLabels: {k8s-app: calico-node}}\n  template:\n" +
		"    metadata: {labels: {k8s-app: calico-node}}\n    spec: {hostNetwork: true, nodeSelector: {kubernetes.io/os: linux}, tolerations: [{operator: Exists}], containers: [{name: calico-node, image: \"docker.io/calico/node:v3.32.1\", securityContext: {privileged: true}}]}\n"
	vpcCNIOff = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: kube-system}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: amazon-vpc-cni, namespace: kube-system}\ndata: {enable-network-policy-controller: \"true\"}\n" +
		"---\napiVersion: v1\nkind: Node\nmetadata: {name: ip-10-0-1-1}\n" +
		"---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: aws-node, namespace: kube-system}\nspec:\n  selector: {matchLabels: {k8s-app: aws-node}}\n  template:\n    metadata: {labels: {k8s-app: aws-node}}\n" +
		"    spec: {hostNetwork: true, containers: [{name: aws-node, image: \"a/amazon-k8s-cni:v1.23.1\"}, {name: aws-eks-nodeagent, image: \"a/aws-network-policy-agent:v1.4.2\", args: [\"--enable-network-policy=false\"]}]}\n"
	openshiftDNS = "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: dns-default, namespace: openshift-dns}\nspec:\n  selector: {matchLabels: {dns.operator.openshift.io/daemonset-dns: default}}\n  template:\n" +
		"    metadata: {labels: {dns.operator.openshift.io/daemonset-dns: default}}\n    spec: {containers: [{name: dns, image: dns, ports: [{name: dns, protocol: UDP, containerPort: 5353}]}]}\n" +
		"---\napiVersion: v1\nkind: Service\nmetadata: {name: dns-default, namespace: openshift-dns}\nspec: {clusterIP: 172.30.0.10, selector: {dns.operator.openshift.io/daemonset-dns: default}, ports: [{name: dns, port: 53, protocol: UDP, targetPort: dns}]}\n"
	livePod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web-1, namespace: shop, labels: {app: web}}\nspec: {containers: [{name: a, image: a}]}\nstatus: {phase: Running, podIP: 10.244.0.7, podIPs: [{ip: 10.244.0.7}]}\n"
)

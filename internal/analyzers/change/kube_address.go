package change

import (
	"fmt"
	"strings"

	"polygraph/internal/fields"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/workloads"
)

// addresses judges whether a Service that is edited keeps what it is reached by.
func (k *kube) addresses() {
	for _, p := range k.pairs {
		if p.new.Type() != "Service" || len(p.Edits) == 0 || p.has(fields.Refused) {
			continue
		}
		was, is := workloads.ServiceType(p.old), workloads.ServiceType(p.new)
		var lost []string
		if was != "ExternalName" && is == "ExternalName" && p.old.Get("spec", "clusterIP").Str() != "None" {
			lost = append(lost, "its cluster address"+known(p.old.Get("spec", "clusterIP")))
		}
		if hasNodePorts(was) && !hasNodePorts(is) {
			lost = append(lost, "its node ports"+known(firstItem(p.old.Get("spec", "ports")).Get("nodePort")))
		}
		if was == "LoadBalancer" && is != "LoadBalancer" {
			in := firstItem(p.old.Get("status", "loadBalancer", "ingress"))
			at := known(in.Get("hostname"))
			if at == "" {
				at = known(in.Get("ip"))
			}
			lost = append(lost, "its load balancer"+at)
		}
		f := finding.Finding{Subject: objectSubject(p.new), Verdict: finding.Refuted}
		if len(lost) == 0 {
			k.Hold(addressRule, p.new.Path, f.Subject, "")
			continue
		}
		f.Title = fmt.Sprintf("service %s: from %s to %s it loses %s", p.new.Name, was, is, strings.Join(lost, " and "))
		f.Proof = []finding.Statement{{Text: fmt.Sprintf("spec.type: %s -> %s; what the new type does not have is released", was, is), At: k.at(p.new, k.nearest(p.new, "spec.type"))}}
		f.Remedy.Text = "Make a Service of type " + is + " under another name beside it, move the clients over, and delete this one last."
		k.Report(addressRule, f)
	}
}

func hasNodePorts(t string) bool { return t == "NodePort" || t == "LoadBalancer" }

// known adds a value that the evidence shows.
func known(v *kubeobj.Value) string {
	if v == nil || v.Text == "" {
		return ""
	}
	return " " + clip(v.Text)
}

func firstItem(v *kubeobj.Value) *kubeobj.Value {
	for _, item := range v.Each() {
		return item
	}
	return nil
}

package change

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// served judges whether the server has the kinds of NEW in the version in which
// they are written. What it does not have it refuses before it looks at the
// object.
func (k *kube) served() map[*kubeobj.Object]bool {
	gone := map[*kubeobj.Object]bool{}
	for _, o := range k.new.objects {
		since, until, known := kubeschema.Served(o.Group, o.Version, o.Kind)
		if !known && ofKubernetes(o.Group) {
			gone[o] = true
			k.noKind(o)
			continue
		}
		if !known || since <= k.Version && k.Version <= until {
			continue
		}
		gone[o] = true
		f := finding.Finding{Subject: objectSubject(o), Discriminator: "version", Verdict: finding.Refuted}
		version := apiVersion(o)
		when := "is gone since " + (until + 1).String()
		if since > k.Version {
			when = "comes with " + since.String()
		}
		f.Title = fmt.Sprintf("%s: Kubernetes %s does not serve %s %s", short(o), k.Version, version, o.Kind)
		f.Proof = []finding.Statement{{Text: fmt.Sprintf("apiVersion: %s %s for %s (kubernetes.io/docs/reference/using-api/deprecation-guide, and the API types of each version)", version, when, o.Kind), At: k.at(o, o.Get("apiVersion"))}}
		f.Remedy.Text = "Write it in a version that the server has."
		if now := instead(o, k.Version); now != "" {
			f.Remedy.Text = "Write it as " + now + "; fields may have moved."
		}
		if k.assumed && until >= kubeschema.Oldest && since <= kubeschema.Newest {
			f.Verdict = finding.Unproven
			f.Missing = []finding.Missing{{Evidence: "the version of the server", Get: "kubectl version, then polygraph change --server-version VERSION"}}
		}
		k.Report(refusedRule, f)
	}
	return gone
}

// ofKubernetes tells the groups that no CustomResourceDefinition can have: a
// group of one has a dot in it (apiextensions-apiserver
// ValidateCustomResourceDefinition, 1.37.2).
func ofKubernetes(group string) bool {
	switch group {
	case "", "apps", "batch", "autoscaling", "policy", "extensions":
		return true
	}
	return false
}

// virtual are kinds that are sent and never stored, which the table of types
// leaves out.
var virtual = []string{"Binding", "ComponentStatus", "Eviction", "Scale", "Status", "List", "PodExecOptions", "DeleteOptions", "Event"}

// noKind reports an object of a kind that Kubernetes does not have: misspelt, or
// in another group.
func (k *kube) noKind(o *kubeobj.Object) {
	if slices.Contains(virtual, o.Kind) {
		return
	}
	f := finding.Finding{Subject: objectSubject(o), Discriminator: "version", Verdict: finding.Refuted}
	f.Title = fmt.Sprintf("%s: there is no kind %s in %s", short(o), o.Kind, apiVersion(o))
	f.Proof = []finding.Statement{{Text: "no version from " + kubeschema.Oldest.String() + " to " + kubeschema.Newest.String() + " serves it, and no CustomResourceDefinition can define it in this group", At: k.at(o, o.Get("kind"))}}
	f.Remedy.Text = "Correct kind and apiVersion: kubectl api-resources lists both."
	best := 3 // edits, at most
	for _, kind := range kubeschema.Kinds(k.Version) {
		written := kind.Version
		if kind.Group != "" {
			written = kind.Group + "/" + kind.Version
		}
		if n := levenshtein.Distance(strings.ToLower(kind.Kind), strings.ToLower(o.Kind), nil); n < best {
			best, f.Remedy.Text = n, "Write it as "+written+" "+kind.Kind+"."
		}
	}
	k.Report(refusedRule, f)
}

func apiVersion(o *kubeobj.Object) string {
	if o.Group == "" {
		return o.Version
	}
	return o.Group + "/" + o.Version
}

// instead is the version in which a server has a kind now, of the same group.
func instead(o *kubeobj.Object, v kubeschema.Version) string {
	best := ""
	for _, kind := range kubeschema.Kinds(v) {
		if kind.Kind == o.Kind && (kind.Group == o.Group || o.Group == "extensions") && (best == "" || len(kind.Version) < len(best)) {
			best = kind.Version
			if kind.Group != "" {
				best = kind.Group + "/" + kind.Version
			}
		}
	}
	return best
}

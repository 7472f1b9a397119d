package change

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/fields"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// refused judges whether the server accepts each edited object.
func (k *kube) refused() {
	for _, p := range k.pairs {
		if len(p.Edits) == 0 {
			continue
		}
		k.judgeRefused(p)
	}
}

func (k *kube) judgeRefused(p *pair) {
	if k.asked(p) {
		return
	}
	f := finding.Finding{Subject: objectSubject(p.new)}
	guilty := p.by(fields.Refused)
	if k.assumed {
		if where := k.disagree(p); where != "" {
			f.Verdict = finding.Unproven
			f.Title = "whether the server accepts the edit of " + short(p.new) + " depends on its version"
			f.Proof = []finding.Statement{{Text: where, At: k.at(p.new, nil)}}
			f.Missing = []finding.Missing{{Evidence: "the version of the server", Get: "kubectl version, then polygraph change --server-version VERSION"}}
			k.Report(refusedRule, f)
			return
		}
	}
	switch {
	case len(guilty) > 0:
		f.Verdict = finding.Refuted
		f.Title = fmt.Sprintf("%s: the server refuses %s", short(p.new), k.some(p, guilty))
		for _, i := range guilty {
			f.Proof = append(f.Proof, k.statement(p, i))
		}
		f.Remedy = k.recreate(p, guilty)
		k.Report(refusedRule, f)
	case p.unknown():
		f.Verdict = finding.Unproven
		f.Title = "whether the server accepts the edit of " + short(p.new) + " is not known: its definition is not here"
		f.Proof = []finding.Statement{{Text: fmt.Sprintf("%s is no built-in kind of Kubernetes %s", p.new.Type(), k.Version), At: k.at(p.new, nil)}}
		f.Missing = []finding.Missing{{Evidence: "the CustomResourceDefinition of " + p.new.Type(), Get: "kubectl get crd -o yaml > crds.yaml, and name it as evidence"}}
		k.Report(refusedRule, f)
	default:
		k.Hold(refusedRule, p.new.Path, f.Subject, "")
	}
}

// by are the edits that happen by one mechanism.
func (p *pair) by(m fields.Mechanism) []int {
	var out []int
	for i := range p.outcomes {
		if p.outcomes[i].Mechanism == m {
			out = append(out, i)
		}
	}
	return out
}

// unknown tells that nothing is known about what becomes of an edit.
func (p *pair) unknown() bool {
	return slices.ContainsFunc(p.outcomes, func(o fields.Outcome) bool { return o.Mechanism == fields.Unknown })
}

// disagree says how the versions differ about a pair, and nothing where they agree.
func (k *kube) disagree(p *pair) string {
	var accept, refuse []string
	for v := kubeschema.Oldest; v <= kubeschema.Newest; v++ {
		outcomes := fields.Judge(v, p.old, p.new, p.Edits)
		if slices.ContainsFunc(outcomes, func(o fields.Outcome) bool { return o.Mechanism == fields.Refused }) {
			refuse = append(refuse, v.String())
		} else {
			accept = append(accept, v.String())
		}
	}
	if len(accept) == 0 || len(refuse) == 0 {
		return ""
	}
	return "refused by " + span(refuse) + ", accepted by " + span(accept)
}

// span writes versions that follow each other as a range.
func span(versions []string) string {
	if len(versions) == 1 {
		return versions[0]
	}
	return versions[0] + " to " + versions[len(versions)-1]
}

// some names the first of several fields.
func (k *kube) some(p *pair, which []int) string {
	text := p.Edits[which[0]].Path
	if n := len(which) - 1; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// statement is what becomes of an edit, where it stands.
func (k *kube) statement(p *pair, i int) finding.Statement {
	e, o := &p.Edits[i], &p.outcomes[i]
	text := e.Path + ": " + difference(e)
	if why := because(o); why != "" {
		text += "; " + why
	}
	if o.Source != "" {
		text += " (" + o.Source + ")"
	}
	s := finding.Statement{Text: text, At: k.at(p.new, e.New)}
	if e.New == nil {
		s.At = k.at(p.new, k.nearest(p.new, e.Path))
	}
	return s
}

// nearest is the innermost value of an object on the way to a path that is not
// there: its absence is to be seen there.
func (k *kube) nearest(o *kubeobj.Object, path string) *kubeobj.Value {
	v := &o.Root
	for _, name := range strings.Split(path, ".") {
		name, _, _ = strings.Cut(name, "[")
		next := v.Get(name)
		if next == nil {
			break
		}
		v = next
	}
	return v
}

// recreate says what it takes to have it all the same.
func (k *kube) recreate(p *pair, guilty []int) finding.Remedy {
	kind := strings.ToLower(p.new.Kind)
	in := ""
	if ns := p.new.Namespace; ns != "" {
		in = " -n " + ns
	}
	r := finding.Remedy{Text: "Leave " + k.some(p, guilty) + " as it is, and the rest of the edit goes through."}
	switch p.new.Type() {
	case "StatefulSet.apps":
		r.Text += " To have it all the same, delete the StatefulSet and leave its pods, then apply: the pods are adopted and replaced one by one."
		r.Commands = []string{"kubectl delete statefulset " + p.new.Name + in + " --cascade=orphan"}
	case "Deployment.apps", "DaemonSet.apps", "ReplicaSet.apps":
		r.Text += " To have it all the same, apply it under another name, move the traffic over, and delete the old one: deleting first stops every pod."
	case "Job.batch":
		r.Text += " A Job's template is what it was started with: delete it and apply, or give each release's Job a name of its own."
		r.Commands = []string{"kubectl delete job " + p.new.Name + in}
	case "PersistentVolumeClaim", "PersistentVolume":
		r.Text += " To have it all the same, make a new claim and copy the data: deleting this one may delete the volume (reclaimPolicy)."
	case "RoleBinding.rbac.authorization.k8s.io", "ClusterRoleBinding.rbac.authorization.k8s.io":
		r.Text += " To bind another role, delete the binding and apply; kubectl auth reconcile does both, and between them nobody is bound."
		r.Commands = []string{"kubectl delete " + kind + " " + p.new.Name + in}
	default:
		r.Text += " To have it all the same, delete the object and apply, knowing what goes with it."
	}
	return r
}

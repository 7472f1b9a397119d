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
	gone := k.served()
	k.unread()
	for _, p := range k.pairs {
		if len(p.Edits) == 0 && len(p.remarks) == 0 || gone[p.new] {
			continue
		}
		k.judgeRefused(p)
	}
	k.undefined()
}

// undefined reports the edited kinds whose definitions are not here: once for
// each, however many objects there are.
func (k *kube) undefined() {
	by := map[string][]*pair{}
	var order []string
	for _, p := range k.strange {
		if by[p.new.Type()] == nil {
			order = append(order, p.new.Type())
		}
		by[p.new.Type()] = append(by[p.new.Type()], p)
	}
	for _, kind := range order {
		all := by[kind]
		f := finding.Finding{Subject: finding.Subject{Kind: "kubernetes-kind", Identity: kind}, Verdict: finding.Unproven}
		f.Title = "whether the server accepts the edit of " + short(all[0].new) + " is not known: its definition is not here"
		if n := len(all) - 1; n > 0 {
			f.Title = fmt.Sprintf("whether the server accepts the edits of %s and %d more is not known: their definition is not here", short(all[0].new), n)
		}
		for i, p := range all {
			if i == maxListed {
				break
			}
			f.Proof = append(f.Proof, finding.Statement{Text: fmt.Sprintf("%s is edited, and %s is no built-in kind", short(p.new), kind), At: k.at(p.new, nil)})
		}
		f.Missing = []finding.Missing{{Evidence: "the CustomResourceDefinition of " + kind, Get: "kubectl get crd -o yaml > crds.yaml, and name the file behind OLD and NEW"}}
		k.Report(refusedRule, f)
	}
}

// maxListed is how many like objects a finding lists.
const maxListed = 10

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
	said := p.remarked(fields.Refused)
	switch {
	case len(guilty)+len(said) > 0 && p.expires():
		f.Verdict = finding.Unproven
		f.Title = short(p.new) + ": the server refuses the edit while the old Job is there"
		f.Proof = append(k.statements(p, guilty, said), finding.Statement{Text: "the old Job goes by itself some time after it has finished", At: k.at(p.old, p.old.Get("spec", "ttlSecondsAfterFinished"))})
		f.Missing = []finding.Missing{{Evidence: "whether the Job is still there", Get: "kubectl get " + kindName(p.new) + " -o yaml > live.yaml"}}
		k.Report(refusedRule, f)
	case len(guilty)+len(said) > 0:
		f.Verdict = finding.Refuted
		f.Title = fmt.Sprintf("%s: the server refuses %s", short(p.new), k.some(p, guilty, said))
		f.Proof = k.statements(p, guilty, said)
		f.Remedy = k.recreate(p, guilty, said)
		k.Report(refusedRule, f)
	case p.open():
		if len(p.unknowns) == 0 && !k.builtIn(p.new) {
			k.strange = append(k.strange, p)
			return
		}
		why := p.undecided()
		f.Verdict = finding.Unproven
		f.Title = "whether the server accepts the edit of " + short(p.new) + " is not known"
		f.Proof = []finding.Statement{{Text: why, At: k.at(p.new, nil)}}
		f.Missing = []finding.Missing{{Evidence: "what decides it", Get: "polygraph change --kube-context CONTEXT asks the server itself, without storing anything"}}
		k.Report(refusedRule, f)
	default:
		k.Hold(refusedRule, p.new.Path, f.Subject, "")
	}
}

// expires tells a Job of a manifest that deletes itself: whether it is still
// there when the new one is applied, only the cluster knows.
func (p *pair) expires() bool {
	return p.old.Type() == "Job.batch" && !p.old.Live && p.old.Get("spec", "ttlSecondsAfterFinished").Is(kubeobj.Number)
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

// open tells that what becomes of an edit is not known.
func (p *pair) open() bool { return len(p.unknowns) > 0 || !p.defined && p.has(fields.Unknown) }

// undecided is why it is not known.
func (p *pair) undecided() string {
	if len(p.unknowns) > 0 {
		return p.unknowns[0]
	}
	for _, i := range p.by(fields.Unknown) {
		if why := p.outcomes[i].Because; why != "" {
			return p.Edits[i].Path + ": " + why
		}
	}
	return ""
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
func (k *kube) some(p *pair, which []int, said []*remark) string {
	var text string
	if len(which) > 0 {
		text = p.Edits[which[0]].Path
	} else {
		text = said[0].path
	}
	if n := len(which) + len(said) - 1; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// statements are what becomes of edits, and what the definition says.
func (k *kube) statements(p *pair, which []int, said []*remark) []finding.Statement {
	var out []finding.Statement
	for _, i := range which {
		out = append(out, k.statement(p, i))
	}
	for _, r := range said {
		out = append(out, r.statements()...)
	}
	return out
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
func (k *kube) recreate(p *pair, guilty []int, said []*remark) finding.Remedy {
	kind := strings.ToLower(p.new.Kind)
	in := ""
	if ns := p.new.Namespace; ns != "" {
		in = " -n " + ns
	}
	r := finding.Remedy{Text: "Leave " + k.some(p, guilty, said) + " as it is, and the rest of the edit goes through."}
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

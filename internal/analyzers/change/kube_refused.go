package change

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/crd"
	"polygraph/internal/fields"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
	"polygraph/internal/shell"
)

// refused judges whether the server accepts each edited object.
func (k *kube) refused() {
	gone := k.served()
	k.unread()
	for _, p := range k.pairs {
		if len(p.Edits)+len(p.remarks)+len(p.unknowns) == 0 || gone[p.new] {
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
	if !p.has(fields.Recreated) && k.asked(p) {
		return
	}
	f := finding.Finding{Subject: objectSubject(p.new)}
	guilty := p.by(fields.Refused)
	if k.assumed {
		if where, open := k.disagree(p); where != "" {
			f.Verdict = finding.Unproven
			f.Title = "whether the server accepts the edit of " + short(p.new) + " depends on its version"
			f.Proof = []finding.Statement{{Text: where, At: k.at(p.new, nil)}}
			f.Missing = []finding.Missing{{Evidence: "the version of the server", Get: "kubectl version, then polygraph change --server-version VERSION"}}
			if why := p.undecided(); open && why != "" {
				f.Proof = append(f.Proof, finding.Statement{Text: why, At: k.at(p.new, nil)})
				f.Missing = append(f.Missing, askServer())
			}
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
		f.Title = fmt.Sprintf("%s: the server refuses %s", short(p.new), cmp.Or(k.some(p, guilty, said), "the edit"))
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
		f.Missing = []finding.Missing{askServer()}
		k.Report(refusedRule, f)
	default:
		k.Hold(refusedRule, p.new.Path, f.Subject, "")
	}
}

func askServer() finding.Missing {
	return finding.Missing{Evidence: "what decides it", Get: "polygraph change --kube-context CONTEXT asks the server itself, without storing anything"}
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

// disagree says how the versions differ about a pair, and nothing where they
// agree; open tells that for some of them it is not known.
func (k *kube) disagree(p *pair) (text string, open bool) {
	said := []string{"refused by ", "accepted by ", "not known for "}
	versions := make([][]kubeschema.Version, len(said))
	for v := kubeschema.Oldest; v <= kubeschema.Newest; v++ {
		answer := 1
		for _, o := range fields.Judge(v, p.old, p.new, p.Edits) {
			if o.Mechanism == fields.Refused {
				answer = 0
				break
			}
			if o.Mechanism == fields.Unknown {
				answer = 2
			}
		}
		versions[answer] = append(versions[answer], v)
	}
	var parts []string
	for i, of := range versions {
		if len(of) > 0 {
			parts = append(parts, said[i]+span(of))
		}
	}
	if len(parts) == 1 {
		return "", false
	}
	return strings.Join(parts, ", "), len(versions[2]) > 0
}

// span writes versions that follow each other as a range.
func span(versions []kubeschema.Version) string {
	var parts []string
	for i := 0; i < len(versions); i++ {
		first := versions[i]
		for i+1 < len(versions) && versions[i+1] == versions[i]+1 {
			i++
		}
		if versions[i] == first {
			parts = append(parts, first.String())
		} else {
			parts = append(parts, first.String()+" to "+versions[i].String())
		}
	}
	return strings.Join(parts, " and ")
}

// place is the field that a remark is about, as it can be edited: "" is the
// object as a whole. What the status of a definition holds against an edit is
// about its versions.
func (p *pair) place(r *remark) string {
	switch {
	case r.path == crd.Whole:
		return ""
	case !crd.Is(p.new) || !within(r.path, "status"):
		return r.path
	}
	at := ""
	for i := range p.Edits {
		if path := p.Edits[i].Path; (path == "spec.versions" || within(path, "spec.versions")) && (at == "" || p.outcomes[i].Mechanism == fields.Unknown) {
			if at = path; p.outcomes[i].Mechanism == fields.Unknown {
				break
			}
		}
	}
	if at == "" {
		return "spec.versions"
	}
	return at
}

// some names the first of several fields; "" where it is the object as a whole.
func (k *kube) some(p *pair, which []int, said []*remark) string {
	var paths []string
	for _, i := range which {
		paths = append(paths, p.Edits[i].Path)
	}
	for _, r := range said {
		if at := p.place(r); at != "" && !slices.Contains(paths, at) {
			paths = append(paths, at)
		}
	}
	switch len(paths) {
	case 0:
		return ""
	case 1:
		return paths[0]
	}
	return fmt.Sprintf("%s and %d more", paths[0], len(paths)-1)
}

// statements are what becomes of edits, and what the definition says.
func (k *kube) statements(p *pair, which []int, said []*remark) []finding.Statement {
	var out []finding.Statement
	for _, i := range which {
		out = append(out, k.statement(p, i))
	}
	for _, r := range said {
		all := r.statements()
		all[0].Text = strings.TrimPrefix(all[0].Text, crd.Whole+": ")
		out = append(out, all...)
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
	r := finding.Remedy{Text: "Write the object as its definition wants it."}
	if some := k.some(p, guilty, said); some != "" {
		r.Text = "Leave " + some + " as it is, and the rest of the edit goes through."
	}
	if patch := k.resize(p, guilty, said); patch != "" {
		r.Text += " A pod that runs is resized through its resize subresource (from 1.33 on, with a kubectl from 1.32 on), as long as its QoS class stays the same."
		r.Commands = []string{"kubectl patch " + kindName(p.new) + " --subresource resize --patch " + shell.Quoted(patch)}
		return r
	}
	switch p.new.Type() {
	case "CustomResourceDefinition.apiextensions.k8s.io":
		if !slices.ContainsFunc(said, func(r *remark) bool { return within(r.path, "status") }) {
			r.Text += " Deleting the definition to apply it anew deletes its objects."
			break
		}
		r.Text = "Keep the version that objects are stored in, in spec.versions with storage: false, beside the new one. To remove it, store every object anew, take it from status.storedVersions, and apply without it."
		r.Commands = []string{"kubectl get crd " + p.new.Name + " -o jsonpath='{.status.storedVersions}'"}
	case "StatefulSet.apps":
		r.Text += " To have it all the same, delete the StatefulSet and leave its pods, then apply: the pods are adopted and replaced one by one."
		r.Commands = []string{"kubectl delete " + kindName(p.new) + " --cascade=orphan"}
	case "Deployment.apps", "DaemonSet.apps", "ReplicaSet.apps":
		r.Text += " To have it all the same, apply it under another name, move the traffic over, and delete the old one: deleting first stops every pod."
	case "Job.batch":
		r.Text += " A Job's template is what it was started with: delete it and apply, or give each release's Job a name of its own."
		r.Commands = []string{"kubectl delete " + kindName(p.new)}
	case "PersistentVolumeClaim", "PersistentVolume":
		r.Text += " To have it all the same, make a new claim and copy the data: deleting this one may delete the volume (reclaimPolicy)."
	case "RoleBinding.rbac.authorization.k8s.io", "ClusterRoleBinding.rbac.authorization.k8s.io":
		r.Text += " To bind another role, delete the binding and apply; kubectl auth reconcile does both, and between them nobody is bound."
		r.Commands = []string{"kubectl delete " + kindName(p.new)}
	default:
		if p.defined && len(guilty) == 0 {
			r.Text += " A new object of this name is refused as well, unless the rule compares it with the old one (oldSelf)."
			break
		}
		r.Text += " To have it all the same, delete the object and apply, knowing what goes with it."
	}
	return r
}

// resize is the patch by which a pod gets the resources of NEW; "" where that is
// not all that is refused, or a resize cannot do it.
//
// Source: pkg/apis/core/validation ValidatePodResize, 1.33.13 to 1.37.2.
func (k *kube) resize(p *pair, guilty []int, said []*remark) string {
	if p.new.Type() != "Pod" || k.Version < 33 || len(said) > 0 || !hasResources(p.old) || p.old.Get("spec", "resources") != nil || p.new.Get("spec", "resources") != nil {
		return ""
	}
	type resources map[string]map[string]string // by requests and limits, by name
	spec := map[string][]map[string]any{}
	known := map[string]resources{}
	for _, i := range guilty {
		e := &p.Edits[i]
		list, rest, _ := strings.Cut(strings.TrimPrefix(e.Path, "spec."), "[name=")
		name, rest, ok := strings.Cut(rest, "].resources.")
		if !ok || e.New == nil || e.Mistyped != "" || list != "containers" && (list != "initContainers" || !k.resizesInit(p.new, name)) {
			return ""
		}
		sort, resource, _ := strings.Cut(rest, ".")
		if sort != "requests" && sort != "limits" || resource != "cpu" && resource != "memory" || k.Version == 33 && rest == "limits.memory" {
			return "" // 1.33 lowers no limit of memory
		}
		r := known[list+"/"+name]
		if r == nil {
			r = resources{}
			known[list+"/"+name] = r
			spec[list] = append(spec[list], map[string]any{"name": name, "resources": r})
		}
		if r[sort] == nil {
			r[sort] = map[string]string{}
		}
		r[sort][resource] = e.New.Text
	}
	patch, err := json.Marshal(map[string]any{"spec": spec})
	if err != nil || len(spec) == 0 {
		return ""
	}
	return string(patch)
}

// resizesInit tells whether an init container is resized: a sidecar is, others
// from 1.36 on (InPlacePodVerticalScalingInitContainers).
func (k *kube) resizesInit(o *kubeobj.Object, name string) bool {
	for _, c := range o.Get("spec", "initContainers").Each() {
		if c.Get("name").Str() == name {
			return k.Version >= 36 || c.Get("restartPolicy").Str() == "Always"
		}
	}
	return false
}

// hasResources tells a pod from one of the class BestEffort, which any resource
// would change.
func hasResources(o *kubeobj.Object) bool {
	for _, list := range []string{"containers", "initContainers"} {
		for _, c := range o.Get("spec", list).Each() {
			if !c.Get("resources", "requests").Empty() || !c.Get("resources", "limits").Empty() {
				return true
			}
		}
	}
	return false
}

package change

import (
	"slices"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/crd"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/fields"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
	"polygraph/internal/kustomize"
	"polygraph/internal/managers"
	"polygraph/internal/workloads"
)

// Options say about which Kubernetes the analyzer judges.
type Options struct {
	Version kubeschema.Version // of the server; 0 is not known, and the newest is assumed
	DryRun  bool               // ask the server what it would say, where it allows it
	// Namespace is that of objects that name none; "" is not known.
	Namespace string
	// Asked is true where a live server was asked about each object of NEW, and
	// Absent are those that it said it does not have, with their namespace.
	Asked  bool
	Absent []string
}

// At returns the change analyzer for a server.
// o is read when it runs: a live server says its version after the command line
// was understood.
func At(o *Options) *analysis.Analyzer {
	a := *analyzer
	a.Run = func(pass *analysis.Pass) error { return examine(pass, o) }
	return &a
}

// kube is the objects of two sides under examination.
type kube struct {
	*analysis.Pass
	Options
	lookups
	assumed bool // the version is nobody's word
	files   map[string]*evidence.Item

	old, new *side
	pairs    []*pair
	pairOf   map[*kubeobj.Object]*pair           // by either object
	strange  []*pair                             // edited objects of kinds about which nothing is known
	again    map[*kubeobj.Object]*kubeobj.Object // of NEW, the object that overwrites it
	hidden   bool                                // parts of OLD were not read, or not shown
	rendered map[string]kustomize.Rendering      // files of NEW of which kustomize makes something else
	defined  *crd.Set                            // the definitions that hold
	unsure   map[*kubeobj.Object]bool            // of NEW, which may be several of OLD, or none
	partial  bool                                // parts of NEW were not read
	after    *side                               // what is there afterwards: NEW, or OLD where there is no NEW
}

// side is the objects of OLD or of NEW.
type side struct {
	objects []*kubeobj.Object
	by      map[string][]*kubeobj.Object // by identity
	loose   map[string][]*kubeobj.Object // by identity without the namespace
	graph   *workloads.Graph
}

// pair is an object on both sides.
type pair struct {
	old, new *kubeobj.Object
	fields.Comparison
	outcomes []fields.Outcome // one for each edit
	remarks  []remark         // of the definition
	unknowns []string         // what the definition leaves open
	defined  bool             // an object of a definition that is here
	withheld []string         // paths whose old value a saved cluster does not have
}

// kubernetes judges the objects.
func kubernetes(pass *analysis.Pass, o *Options, images *references) {
	k := &kube{Pass: pass, Options: *o, files: map[string]*evidence.Item{}, pairOf: map[*kubeobj.Object]*pair{}}
	if k.Version == 0 {
		k.Version, k.assumed = kubeschema.Newest, true
	}
	all := analysis.Values[*kubeobj.File](pass, facts.Objects())
	patches := k.kustomized(all)
	var live, before, declared []*kubeobj.Object
	for _, r := range all {
		k.files[r.Item.Path] = r.Item
		if patches[r.Item.Path] {
			continue // parts of objects
		}
		switch r.Item.Kind {
		case evidence.KubernetesManifest():
			declared = append(declared, r.Value.Objects...)
			k.partial = k.partial || len(unreadIn(r.Value)) > 0
		case evidence.KubernetesLive():
			live = append(live, r.Value.Objects...)
			k.hidden = k.hidden || len(unreadIn(r.Value)) > 0
		default:
			before = append(before, r.Value.Objects...)
			k.hidden = k.hidden || len(unreadIn(r.Value)) > 0
		}
	}
	if len(all) == 0 {
		return
	}
	// What the cluster has is newer than what somebody once declared.
	k.old, k.new = newSide(slices.Concat(live, before)), newSide(declared)
	if k.after = k.new; len(declared) == 0 {
		k.after = k.old
	}
	k.match()
	k.edits()
	k.custom()
	k.tableOfEdits()
	k.refused()
	k.sealed()
	k.creations()
	k.metadata()
	k.configurations()
	k.retagged()
	k.scaled()
	k.addresses()
	k.zero()
	k.led()
	k.stored()
	k.dropped()
	k.claims()
	k.writers()
	k.claimants()
	k.byHand()
	k.digests(images)
}

func newSide(objects []*kubeobj.Object) *side {
	s := &side{objects: objects, by: map[string][]*kubeobj.Object{}, loose: map[string][]*kubeobj.Object{}, graph: workloads.Build(objects)}
	for _, o := range objects {
		s.by[o.Identity()] = append(s.by[o.Identity()], o)
		s.loose[looseIdentity(o)] = append(s.loose[looseIdentity(o)], o)
	}
	return s
}

func looseIdentity(o *kubeobj.Object) string { return o.Type() + "/" + o.Name }

// match pairs the objects of NEW with those of OLD. An object without a
// namespace goes where its applier says, so it is the only one of that name.
func (k *kube) match() {
	k.again = map[*kubeobj.Object]*kubeobj.Object{}
	k.unsure = map[*kubeobj.Object]bool{}
	var left []*kubeobj.Object
	for _, n := range k.new.objects {
		if n.Name == "" {
			continue // generateName: each apply makes another one
		}
		if same := k.new.by[n.Identity()]; same[len(same)-1] != n {
			k.again[n] = same[len(same)-1]
			continue
		}
		if o := k.old.exact(n, k.Namespace); o != nil && k.pairOf[o] == nil {
			k.pair(o, n)
		} else {
			left = append(left, n)
		}
	}
	if k.Namespace != "" {
		return // it is known where an object without one goes
	}
	claims := map[*kubeobj.Object][]*kubeobj.Object{} // of OLD, by whom of NEW
	for _, n := range left {
		for _, o := range k.old.loose[looseIdentity(n)] {
			if (n.Namespace == "") != (o.Namespace == "") {
				claims[o] = append(claims[o], n)
				k.unsure[n] = true
			}
		}
	}
	for _, n := range left {
		var mine *kubeobj.Object
		for _, o := range k.old.loose[looseIdentity(n)] {
			switch {
			case (n.Namespace == "") == (o.Namespace == ""):
			case mine != nil || len(claims[o]) > 1 || k.pairOf[o] != nil:
				mine = nil
			default:
				mine = o
			}
		}
		if mine != nil && len(k.old.loose[looseIdentity(n)]) == 1 {
			k.unsure[n] = false
			k.pair(mine, n)
		}
	}
}

func (k *kube) pair(o, n *kubeobj.Object) {
	p := &pair{old: o, new: n}
	k.pairs = append(k.pairs, p)
	k.pairOf[o], k.pairOf[n] = p, p
}

// exact finds the object of the same identity, in the namespace of the applier
// where n names none.
func (s *side) exact(n *kubeobj.Object, namespace string) *kubeobj.Object {
	if same := s.by[n.Identity()]; len(same) > 0 {
		return same[0]
	}
	if n.Namespace == "" && namespace != "" {
		in := *n
		in.Namespace = namespace
		if same := s.by[in.Identity()]; len(same) > 0 {
			return same[0]
		}
	}
	return nil
}

// edits compares the pairs and asks what becomes of each edit.
func (k *kube) edits() {
	k.defined = k.definitions()
	for _, p := range k.pairs {
		was, is := p.old, p.new
		if !p.old.Live && !k.builtIn(p.new) && k.defined.Knows(p.new.Group, p.new.Version, p.new.Kind) {
			was, is = k.defined.Normalize(was), k.defined.Normalize(is) // with the defaults of both
		}
		p.Comparison = fields.Compare(was, is, fields.Options{Version: k.Version, Live: p.old.Live, Applier: applier(p.old)})
		p.unknowns = append(p.unknowns, p.Lacks...)
		p.unmark()
		p.seal()
		p.withhold()
		p.outcomes = fields.Judge(k.Version, p.old, p.new, p.Edits)
		for i := range p.outcomes {
			p.outcomes[i], _ = fields.RecreatedBy(p.new, p.outcomes[i])
		}
	}
}

// unmark takes away the edits that would remove the mark of a tool: it stands in
// no manifest, and the tool puts it back with each apply.
func (p *pair) unmark() {
	if !p.old.Live {
		return
	}
	marks := managers.Marks(p.old)
	p.Edits = slices.DeleteFunc(p.Edits, func(e fields.Edit) bool {
		if e.New == nil && e.Old != nil && strings.HasPrefix(e.Path, "metadata.") && len(marks) > 0 && besides(e.Old.Name) {
			return true
		}
		return e.New == nil && e.Old != nil && slices.ContainsFunc(marks, func(m managers.Mark) bool { return m.Value == e.Old })
	})
}

// besides tells what tools write beside their mark: helm v3 pkg/action/validate.go
// setMetadataVisitor, Flux' kustomize-controller and helm-controller.
func besides(name string) bool {
	return strings.HasPrefix(name, "meta.helm.sh/") || name == "app.kubernetes.io/managed-by" || strings.Contains(name, ".toolkit.fluxcd.io/") ||
		name == "argocd.argoproj.io/installation-id"
}

// applier is the manager that applies a live object, where it is another tool than
// kubectl: what that one stated before, and NEW leaves out, goes.
func applier(o *kubeobj.Object) string {
	if !o.Live || o.Annotation("kubectl.kubernetes.io/last-applied-configuration") != "" {
		return ""
	}
	own := managers.Read(o)
	if m := own.Applier(); m != nil && !strings.HasPrefix(m.Writer().Tool, "kubectl") {
		return m.Name
	}
	return ""
}

// at locates a value of an object; the object itself where there is none.
func (k *kube) at(o *kubeobj.Object, v *kubeobj.Value) finding.Location {
	if v == nil {
		v = &o.Root
	}
	return finding.Location{File: o.Path, Offset: int64(v.Offset), Object: o.Identity()}
}

func objectSubject(o *kubeobj.Object) finding.Subject {
	s := finding.Subject{Kind: "kubernetes-object", Identity: o.Identity()}
	if uid := o.Get("metadata", "uid").Str(); uid != "" {
		s.Aliases = append(s.Aliases, "uid:"+uid)
	}
	return s
}

// short is how people call an object: deployment web.
func short(o *kubeobj.Object) string { return strings.ToLower(o.Kind) + " " + o.Name }

package net

import (
	"path"
	"slices"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/enforce"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kustomize"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
	"polygraph/internal/run"
	"polygraph/internal/shell"
)

// sides are the objects of the evidence: what is and will be there, and what was.
type sides struct {
	*analysis.Pass
	now, before []*kubeobj.Object
	items       map[string]*evidence.Item
	rendered    map[string]kustomize.Rendering
	unread      []unread // of now: while there are any, nothing is proven by absence
	unreadOld   []unread // of before
	files       lines
}

type unread struct {
	reason, do string
	at         finding.Location
}

func readSides(pass *analysis.Pass) *sides {
	s := &sides{Pass: pass, items: map[string]*evidence.Item{}, files: lines{}}
	all := analysis.Values[*kubeobj.File](pass, facts.Objects())
	var files []kustomize.File
	paths := map[string]bool{}
	for _, r := range all {
		for p := r.Item.Path; !paths[p]; p = path.Dir(p) {
			paths[p] = true
		}
		files = append(files, kustomize.File{Path: r.Item.Path, Kustomizations: r.Value.Kustomizations, Apart: r.Item.Kind != evidence.KubernetesManifest()})
	}
	var patches map[string]bool
	patches, s.rendered = kustomize.Read(files)
	var live, declared []*kubeobj.Object
	for _, r := range all {
		s.items[r.Item.Path] = r.Item
		switch {
		case patches[r.Item.Path]:
		case r.Item.Kind == evidence.KubernetesBefore():
			s.before = append(s.before, r.Value.Objects...)
			s.unreadOld = append(s.unreadOld, unreadIn(r.Item.Path, r.Value, paths)...)
		default:
			for _, o := range r.Value.Objects {
				if o.Live {
					live = append(live, o)
				} else {
					declared = append(declared, o)
				}
			}
			s.unread = append(s.unread, unreadIn(r.Item.Path, r.Value, paths)...)
		}
	}
	for _, k := range pass.Skips() {
		if mayHoldObjects(&k) {
			u := unread{k.Reason, k.Do, finding.Location{File: k.Path}}
			s.unread = append(s.unread, u)
			if s.before != nil {
				s.unreadOld = append(s.unreadOld, u) // of which side it was, nobody says
			}
		}
	}
	s.now, s.before = merge(live, declared), merge(s.before)
	return s
}

// mayHoldObjects tells that objects may stand in what was not examined: what was
// taken for them and could not be read, templates, and what the user named.
func mayHoldObjects(k *run.Skip) bool {
	switch ext := path.Ext(k.Path); {
	case k.Kind != "":
		return strings.HasPrefix(k.Kind, "kubernetes")
	case k.Named, ext == ".yaml", ext == ".yml", ext == ".json", ext == ".tpl":
		return true
	}
	return strings.Contains(k.Reason, "template")
}

// unreadIn is what of a file is applied and not among the objects: templates,
// broken documents, and what a Kustomization lists that is not here.
func unreadIn(file string, f *kubeobj.File, paths map[string]bool) (out []unread) {
	for i := range f.Unread {
		if u := &f.Unread[i]; !u.Client && !harmless(f, u) {
			out = append(out, unread{u.Reason, u.Do, finding.Location{File: file, Offset: u.Offset}})
		}
	}
	for _, c := range f.Kustomizations {
		for _, r := range c.Resources {
			if strings.Contains(r, "://") || !paths[path.Join(path.Dir(file), r)] {
				do := "kustomize build " + shell.Operand(path.Dir(file)) + " > manifests.yaml, and name that file instead of the folder"
				out = append(out, unread{"the Kustomization lists " + r + ", which is not here", do, finding.Location{File: file, Offset: c.Offset}})
			}
		}
	}
	return out
}

// unseen is why a policy about pods of a namespace may be there that is not among
// the objects; nil where nothing says so.
func (w *world) unseen(ns string) []finding.Missing {
	if len(w.unread) > 0 {
		return []finding.Missing{unreadMissing(w.unread)}
	}
	if ns == "" {
		return nil
	}
	for _, p := range w.set.Policies {
		if isNamespaced(p.Kind) && p.Namespace == "" {
			return []finding.Missing{{Evidence: "the namespace into which " + short(p.Object) + " is applied: none is written in " + p.Object.Path, Get: "write metadata.namespace in it, or name what is applied: kubectl get networkpolicies -A -o yaml > policies.yaml"}}
		}
	}
	return nil
}

func unreadMissing(all []unread) finding.Missing {
	u := all[0]
	m := finding.Missing{Evidence: "documents that could not be read: a policy may be among them (" + u.at.File + ": " + u.reason + ")", Get: u.do}
	if m.Get == "" {
		m.Get = "render or mend " + u.at.File + ", and name what comes out"
	}
	return m
}

// harmless tells a Kustomization that only lists files.
func harmless(f *kubeobj.File, u *kubeobj.Unread) bool {
	return slices.ContainsFunc(f.Kustomizations, func(c kubeobj.Kustomization) bool {
		return c.Offset == u.Offset && len(c.Changes)+len(c.Patches) == 0
	})
}

// merge leaves one object for each identity: of an earlier list before a later
// one, and of one list the last, which is what applying them in order leaves.
// Declared policies stay: package netpol tells whether the copies mean the same.
// Policies of one name stay: netpol says what comes of it.
func merge(lists ...[]*kubeobj.Object) []*kubeobj.Object {
	taken := map[string]bool{}
	var out []*kubeobj.Object
	for _, list := range lists {
		start := len(out)
		mine := map[string]int{}
		for _, o := range list {
			id := o.Identity()
			if taken[id] {
				continue
			}
			if at, ok := mine[id]; ok && o.Name != "" && !strings.HasSuffix(o.Kind, "NetworkPolicy") {
				out[at] = o
				continue
			}
			mine[id] = len(out)
			out = append(out, o)
		}
		for _, o := range out[start:] {
			taken[o.Identity()] = true
		}
	}
	return out
}

// world is one cluster under examination.
type world struct {
	*sides
	o         *Options
	objects   []*kubeobj.Object
	set       *netpol.Set
	truth     *enforce.Truth
	model     *reach.Model
	onHosts   map[*netpol.Policy]map[*reach.Workload]bool
	services  map[[2]string]bool // by namespace and name
	shown     int                // rows of connections
	witnesses map[witnessKey]string
	rulings   map[rulingKey]enforce.Ruling
	live      map[string]int  // of each namespace, whether live pods (1) and makers of pods (2) are here
	dns       *kubeobj.Object // put in where no DNS server is among the objects
}

// witnessKey is what the text about a decision is made of.
type witnessKey struct {
	policy  *netpol.Policy
	rule    *netpol.Rule
	outcome reach.Outcome
	why     string
}

func (s *sides) world(o *Options, objects []*kubeobj.Object) (*world, error) {
	truth, err := enforce.Look(objects, enforce.Options{CNI: o.CNI})
	if err != nil {
		return nil, err
	}
	w := &world{sides: s, o: o, objects: objects, set: netpol.Read(objects), truth: truth}
	all := objects
	if o.List == nil && o.Compare == nil && o.Ask == nil {
		if w.dns = w.assumedDNS(); w.dns != nil {
			all = append(slices.Clone(objects), w.dns)
		}
	}
	w.model = reach.Build(all, w.set, reach.Options{Blocks: truth.Blocks(), PodRanges: o.PodRanges, In: w.inForce})
	return w, nil
}

// inForce tells whether a policy is enforced for some pods, as far as anything
// shows: what is not known is taken as enforced, and said.
func (w *world) inForce(p *netpol.Policy, of *reach.Workload) bool {
	return w.ruling(p, of).Status != enforce.NotEnforced
}

// ruling is whether a policy is enforced for some pods, worked out once for each
// kind of policy.
func (w *world) ruling(p *netpol.Policy, of *reach.Workload) enforce.Ruling {
	key := rulingKey{of, p.Kind, p.Object.Group, p.Staged}
	if r, ok := w.rulings[key]; ok {
		return r
	}
	r := w.doubted(w.truth.Holds(p, of), p.Staged || of.Host)
	if p.Staged {
		return r // it names the policy itself
	}
	if w.rulings == nil {
		w.rulings = map[rulingKey]enforce.Ruling{}
	}
	w.rulings[key] = r
	return r
}

type rulingKey struct {
	workload *reach.Workload
	kind     netpol.Kind
	group    string
	staged   bool
}

// read is whether anything enforces a kind of policy.
func (w *world) read(p *netpol.Policy) enforce.Ruling { return w.doubted(w.truth.Policy(p), p.Staged) }

// doubted takes back that nothing enforces policies while something was not read:
// an engine may be in it. What is so by design no engine changes: staged policies,
// and pods on the network of their node.
func (w *world) doubted(r enforce.Ruling, byDesign bool) enforce.Ruling {
	if r.Status != enforce.NotEnforced || byDesign || len(w.unread) == 0 || w.o.CNI != "" {
		return r
	}
	u := w.unread[0]
	if u.do == "" {
		u.do = "render it, or leave it out, and run again"
	}
	r.Status, r.Remedy = enforce.Unknown, enforce.Remedy{}
	r.Missing = []enforce.Missing{{Evidence: "documents that could not be read: an engine may be among them (" + u.at.File + ": " + u.reason + ")", Get: u.do}}
	return r
}

func (w *world) at(o *kubeobj.Object, offset uint32) finding.Location {
	return finding.Location{File: o.Path, Offset: int64(offset), Object: o.Identity()}
}

// Report reports a finding. What would be false of a file is not proven where
// kustomize makes something else of the file.
func (s *sides) Report(r *analysis.Rule, f finding.Finding) {
	if f.Verdict == finding.Refuted && len(s.rendered) > 0 {
		for i := range f.Proof {
			if made, ok := s.rendered[f.Proof[i].At.File]; ok {
				f.Verdict = finding.Unproven
				f.Missing = []finding.Missing{{Evidence: "what kustomize makes of " + f.Proof[i].At.File, Get: made.Command()}}
				break
			}
		}
	}
	switch r {
	case ingressRule, egressRule, namesRule, databaseRule:
		// A title that accuses is no fact while it is not proven.
		if f.Verdict == finding.Unproven && !strings.Contains(f.Title, "as far as") && !strings.Contains(f.Title, "not shown") && !strings.Contains(f.Title, "each workload here is selected") {
			f.Title = "as far as is shown, " + f.Title
		}
	}
	s.Pass.Report(r, f)
}

func subjectOf(o *kubeobj.Object) finding.Subject {
	s := finding.Subject{Kind: "kubernetes-object", Identity: o.Identity()}
	if uid := o.Get("metadata", "uid").Str(); uid != "" {
		s.Aliases = append(s.Aliases, "uid:"+uid)
	}
	return s
}

// lines finds the line of an offset; of each file its breaks are found once.
type lines map[string][]uint32

// maxLines bounds the file that is read again for its lines, in bytes: what is
// larger is named by its object only.
const maxLines = kubeobj.MaxFile

func (s *sides) line(path string, offset uint32) int {
	breaks, ok := s.files[path]
	if !ok {
		if item := s.items[path]; item != nil && item.Blob.Size() <= maxLines {
			data := make([]byte, item.Blob.Size())
			if n, _ := item.Blob.ReadAt(data, 0); int64(n) == item.Blob.Size() {
				for i, c := range data {
					if c == '\n' {
						breaks = append(breaks, uint32(i))
					}
				}
			}
		}
		s.files[path] = breaks
	}
	if len(breaks) == 0 {
		return 0
	}
	n, _ := slices.BinarySearch(breaks, offset)
	return n + 1
}

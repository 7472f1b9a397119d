package net

import (
	"slices"

	"polygraph/internal/analysis"
	"polygraph/internal/enforce"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kustomize"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// sides are the objects of the evidence: what is and will be there, and what was.
type sides struct {
	*analysis.Pass
	now, before []*kubeobj.Object
	items       map[string]*evidence.Item
	rendered    map[string]kustomize.Rendering
	unread      []unread // of now: while there are any, nothing is proven by absence
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
	for _, r := range all {
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
		default:
			for _, o := range r.Value.Objects {
				if o.Live {
					live = append(live, o)
				} else {
					declared = append(declared, o)
				}
			}
			for _, u := range r.Value.Unread {
				if !u.Client && !harmless(r.Value, &u) {
					s.unread = append(s.unread, unread{u.Reason, u.Do, finding.Location{File: r.Item.Path, Offset: u.Offset}})
				}
			}
		}
	}
	s.now, s.before = merge(live, declared), merge(s.before)
	return s
}

// harmless tells a Kustomization that only lists files.
func harmless(f *kubeobj.File, u *kubeobj.Unread) bool {
	return slices.ContainsFunc(f.Kustomizations, func(c kubeobj.Kustomization) bool {
		return c.Offset == u.Offset && len(c.Changes)+len(c.Patches) == 0
	})
}

// merge leaves one object for each identity: of an earlier list before a later
// one, and of one list the last, which is what applying them in order leaves.
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
			if at, ok := mine[id]; ok && o.Name != "" {
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
	o          *Options
	objects    []*kubeobj.Object
	set        *netpol.Set
	truth      *enforce.Truth
	model      *reach.Model
	onHosts    map[*netpol.Policy]map[*reach.Workload]bool
	services   map[[2]string]bool   // by namespace and name
	everyPodOf map[coverKey][]cover // rules that match more than most
	shown      int                  // rows of connections
	witnesses  map[witnessKey]string
	dns        *kubeobj.Object // put in where no DNS server is among the objects
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

func (w *world) ruling(p *netpol.Policy, of *reach.Workload) enforce.Ruling {
	return w.truth.Holds(p, of)
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

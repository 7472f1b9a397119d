package change

import (
	"fmt"

	"polygraph/internal/fields"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/managers"
)

// byHand judges whether the live object is what its manifest made of it, and
// names who changed it since.
func (k *kube) byHand() {
	for _, p := range k.pairs {
		if !p.old.Live {
			continue
		}
		f := finding.Finding{Subject: objectSubject(p.new), Verdict: finding.Refuted}
		own := managers.Read(p.old)
		last, problem := managers.LastApplied(p.old)
		if len(p.Edits) > 0 && last == nil && !own.Known {
			f.Verdict = finding.Unproven
			f.Title = short(p.new) + ": whether its manifest or somebody else changed is not shown"
			f.Proof = []finding.Statement{{Text: "the live object has neither managedFields nor what was applied last", At: k.at(p.old, nil)}}
			if problem != nil {
				f.Proof[0].Text = problem.Reason
			}
			f.Missing = []finding.Missing{{Evidence: "who wrote which field", Get: "kubectl get " + kindName(p.new) + " --show-managed-fields -o yaml > live.yaml"}}
			k.Report(handRule, f)
			continue
		}
		pending := k.pendingOf(p, last)
		var writer *managers.Manager
		severity := finding.Low
		for i := range p.Edits {
			e := &p.Edits[i]
			if !k.drifted(p, e, own, pending, last != nil) {
				continue
			}
			m := writerOf(own, e.Path)
			if writer == nil {
				writer = m
			}
			if m == nil || m.Writer().Class != managers.Controller {
				severity = finding.Medium
			}
			f.Proof = append(f.Proof, finding.Statement{Text: e.Path + ": " + difference(e) + " at the next apply; " + deed(m), At: k.at(p.old, e.Old)})
		}
		if len(f.Proof) == 0 {
			k.Hold(handRule, p.new.Path, f.Subject, "")
			continue
		}
		f.Severity = severity
		f.Title = short(p.new) + ": " + fmt.Sprintf("%d fields are", len(f.Proof)) + " not what was applied; " + deed(writer)
		if len(f.Proof) == 1 {
			f.Title = short(p.new) + ": a field is not what was applied; " + deed(writer)
		}
		f.Remedy.Text = "Ask who changed it and why; take it over into the manifest, or revert it knowingly. The next apply reverts it without asking."
		k.Report(handRule, f)
	}
}

// pendingOf are the paths that NEW states otherwise than what was applied last:
// edits of the manifest, not of the cluster.
func (k *kube) pendingOf(p *pair, last *kubeobj.Value) map[string]bool {
	if last == nil {
		return nil
	}
	was := *p.old
	was.Root, was.Live = *last, false
	out := map[string]bool{}
	for _, e := range fields.Compare(&was, p.new, fields.Options{Version: k.Version}).Edits {
		out[e.Path] = true
	}
	return out
}

// drifted tells an edit that undoes somebody's change from one that somebody
// wrote into the manifest.
func (k *kube) drifted(p *pair, e *fields.Edit, own *managers.Ownership, pending map[string]bool, applied bool) bool {
	if e.New == nil || e.Unknown {
		return false // the manifest says nothing about it
	}
	if w := k.new.graph.Workload(p.new); w != nil && e.Path == w.ReplicasPath && len(k.scalers(w)) > 0 {
		return false // CHG104 says what happens there
	}
	if applied {
		if covers(pending, e.Path) {
			return false
		}
		return e.Old != nil || writerOf(own, e.Path) != nil || !own.Known
	}
	owners := own.Owners(e.Path)
	if len(owners) == 0 || e.Old == nil {
		return false
	}
	for _, o := range owners {
		if c := o.Writer().Class; c == managers.Deploys || c == managers.Unclear {
			return false
		}
	}
	return own.Applier() != nil
}

// covers tells whether a path, what it is in, or something in it is among some.
func covers(paths map[string]bool, path string) bool {
	for have := range paths {
		if have == path || within(have, path) || within(path, have) {
			return true
		}
	}
	return false
}

func within(inner, outer string) bool {
	return len(inner) > len(outer) && inner[:len(outer)] == outer && (inner[len(outer)] == '.' || inner[len(outer)] == '[')
}

// writerOf is who wrote a field last, and nobody where one of several does not
// say when.
func writerOf(own *managers.Ownership, path string) *managers.Manager {
	var best *managers.Manager
	for _, o := range own.Owners(path) {
		if o.Relation == managers.Around || o.Name == "kubectl-last-applied" {
			continue
		}
		switch {
		case best == nil:
			best = o.Manager
		case o.Time.IsZero() || best.Time.IsZero():
			return nil
		case o.Time.After(best.Time):
			best = o.Manager
		}
	}
	return best
}

// deed says who did it, as far as managedFields tell.
func deed(m *managers.Manager) string {
	if m == nil {
		return "managedFields do not say by whom"
	}
	text := m.Name
	if w := m.Writer(); w.Class != managers.Unclear {
		text += ", " + w.Class.String()
	}
	return text + since(m)
}

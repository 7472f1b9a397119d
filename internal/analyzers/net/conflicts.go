package net

import (
	"fmt"
	"slices"

	"polygraph/internal/finding"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// conflicts judges policies of one priority.
func (w *world) conflicts() {
	guilty := map[*netpol.Policy]bool{}
	type pair [2]*netpol.Policy
	seen := map[pair]bool{}
	for _, c := range w.model.Conflicts() {
		guilty[c.Policies[0]], guilty[c.Policies[1]] = true, true
		if seen[c.Policies] {
			continue
		}
		seen[c.Policies] = true
		a, b := c.Policies[0], c.Policies[1]
		f := finding.Finding{Subject: subjectOf(a.Object), Discriminator: b.Object.Identity(), Verdict: finding.Refuted}
		f.Title = fmt.Sprintf("%s and %s have priority %d, and disagree about %s of %s", a.Object.Name, b.Object.Name, a.Priority, c.Direction, c.Ports)
		f.Proof = []finding.Statement{
			{Text: fmt.Sprintf("%s: %s", a.Object.Name, words(c.Rules[0].Action)), At: w.at(a.Object, c.Rules[0].Offset)},
			{Text: fmt.Sprintf("%s: %s, of the same packets", b.Object.Name, words(c.Rules[1].Action)), At: w.at(b.Object, c.Rules[1].Offset)},
		}
		f.Remedy.Text = "Give the one that is meant to decide the lower priority."
		w.Report(conflictRule, f)
	}
	for _, p := range w.set.Policies {
		switch p.Kind {
		case netpol.Admin, netpol.ClusterAdmin, netpol.ClusterBaseline:
		default:
			continue
		}
		if guilty[p] {
			continue
		}
		if !w.beside(p) {
			continue // alone it cannot be at odds with anybody who is here
		}
		q := w.rival(p)
		if q == nil || w.o.Surveyed {
			w.Hold(conflictRule, p.Object.Path, subjectOf(p.Object), "")
			continue
		}
		f := finding.Finding{Subject: subjectOf(p.Object), Discriminator: q.Object.Identity(), Verdict: finding.Unproven}
		f.Title = fmt.Sprintf("%s and %s have priority %d, and disagree about none of the pods that are here", p.Object.Name, q.Object.Name, p.Priority)
		f.Proof = []finding.Statement{{Text: p.Object.Name, At: w.at(p.Object, p.Object.Root.Offset)}, {Text: q.Object.Name, At: w.at(q.Object, q.Object.Root.Offset)}}
		f.Missing = []finding.Missing{{Evidence: "all pods and namespaces of the cluster: they may disagree about others", Get: clusterCommand}}
		f.Remedy.Text = "Give each policy a priority of its own."
		w.Report(conflictRule, f)
	}
}

// beside tells that there is another policy of the same kind.
func (w *world) beside(p *netpol.Policy) bool {
	return slices.ContainsFunc(w.set.Policies, func(q *netpol.Policy) bool { return q != p && q.Kind == p.Kind })
}

// rival is another policy of the same kind and priority, where the two do not all
// do the same.
func (w *world) rival(p *netpol.Policy) *netpol.Policy {
	for _, q := range w.set.Policies {
		if q != p && q.Kind == p.Kind && q.Priority == p.Priority && differ(p, q) {
			return q
		}
	}
	return nil
}

func words(a netpol.Action) string { return [...]string{"allows", "denies", "passes on"}[a] }

// differ tells that of two policies some rules of one direction do different
// things.
func differ(p, q *netpol.Policy) bool {
	for _, d := range []reach.Direction{reach.Ingress, reach.Egress} {
		a, b := actions(d.Section(p)), actions(d.Section(q))
		if a != 0 && b != 0 && (a != b || a&(a-1) != 0) {
			return true
		}
	}
	return false
}

// actions are what the rules of a section do, a bit each.
func actions(s *netpol.Section) (out uint8) {
	for i := range s.Rules {
		out |= 1 << s.Rules[i].Action
	}
	return out
}

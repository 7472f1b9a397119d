package net

import (
	"fmt"

	"polygraph/internal/finding"
	"polygraph/internal/netpol"
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
			if !guilty[p] {
				w.Hold(conflictRule, p.Object.Path, subjectOf(p.Object), "")
			}
		}
	}
}

func words(a netpol.Action) string { return [...]string{"allows", "denies", "passes on"}[a] }

package markdown

import "polygraph/internal/run"

// direction is the headline of a comparison. It is never greener than what was
// heard.
func (l *listener) direction() string {
	s, d := l.summary, l.summary.Difference
	if d == nil {
		return "? Unproven: this comparison does not say what changed"
	}
	worse := l.failing.total > 0 || len(l.lost) > 0
	switch {
	case d.Direction == "worse", worse:
		what := joined(
			some(l.kinds.lies, "new lie", "new lies"),
			some(l.kinds.worse, "finding got worse", "findings got worse"),
			some(l.kinds.lost, "finding lost", "findings lost"),
			some(d.EvidenceLost, "observation lost", "observations lost"),
			some(l.kinds.unproven, "newly unproven", "newly unproven"),
			some(l.kinds.overdue, "still there and failing", "still there and failing"),
		)
		if what == "" {
			what = "see the reasons"
		}
		return "✗ Worse: " + what
	case d.Direction == "same", d.Direction == "better":
		return "✓ No worse" + l.gains(d) + state(s)
	}
	return "? Unproven: one side did not look at what the other judged"
}

func (l *listener) gains(d *run.Difference) string {
	if g := joined(some(d.Fixed, "fixed", "fixed"), some(d.Removed, "removed", "removed")); g != "" {
		return ": " + g
	}
	return " than BASE"
}

// state is what HEAD still has, so that "no worse" does not read as "well".
func state(s *run.Summary) string {
	if g := still(s); g != "" {
		return "; HEAD has " + g
	}
	return ""
}

func still(s *run.Summary) string {
	return joined(
		some(s.Refuted, "false claim", "false claims"),
		some(s.Unproven, "unproven", "unproven"),
		some(s.Excepted, "excepted", "excepted"),
	)
}

// difference is what a comparison says besides what fails.
func (l *listener) difference(b *block) {
	l.evidence(b)
	shelved(b, "**Not judged**, because BASE did not apply the rule: make BASE again", &l.unjudged)
	shelved(b, "**New or changed**, and no reason to fail", &l.fresh)
	shelved(b, "**Fixed**", &l.fixed)
	shelved(b, "**Removed** with its declaration", &l.removed)
	l.exceptions(b)
	if len(l.missing.kept) > 0 {
		b.fold(unprovenHead(0, len(l.missing.kept)), l.missing.write)
	}
	l.known(b)
	l.coverage(b)
}

func (l *listener) evidence(b *block) {
	if len(l.lost) > 0 {
		b.add("**Evidence lost**. Examine it in HEAD too; if it is gone for good, make BASE again without it:\n\n")
		for _, e := range l.lost {
			b.add(e)
		}
		b.add("\n")
	}
	if len(l.gone) > 0 {
		b.add("**Evidence removed** (a declaration that is gone):\n\n")
		for _, e := range l.gone {
			b.add(e)
		}
		b.add("\n")
	}
	if l.lostMore > 0 {
		b.add("... and " + count(l.lostMore, "more piece of evidence", "more pieces of evidence") + " that HEAD did not examine\n\n")
	}
}

// exceptions lists what HEAD excepts and BASE did not.
func (l *listener) exceptions(b *block) { shelved(b, "**Newly excepted**", &l.excepted) }

// known folds what both sides have.
func (l *listener) known(b *block) {
	excused := l.excused.total
	if l.same.total+excused == 0 {
		return
	}
	b.fold(count(l.same.total+excused, "known one", "known ones")+" unchanged", func(b *block) {
		if l.same.total > 0 {
			b.add(l.same.String() + "\n\n")
		}
		if excused > 0 {
			b.add(count(excused, "of them is excepted", "of them are excepted") + "\n\n")
		}
	})
}

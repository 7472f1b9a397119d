package markdown

import (
	"strings"

	"polygraph/internal/run"
)

// maxSaid is how many reasons the headline names, as in the terminal.
const maxSaid = 4

// direction is the headline of a comparison, and the reasons that it does not
// say. It is never greener than what was heard.
func (l *listener) direction() (headline string, more []string) {
	s, d := l.summary, l.summary.Difference
	if d == nil {
		return unproven + "this comparison does not say what changed", nil
	}
	reasons, more := d.Reasons, nil
	if len(reasons) > maxSaid {
		reasons, more = reasons[:maxSaid], reasons[maxSaid:]
	}
	text := said(reasons)
	switch {
	case d.Direction == "worse", l.fails() > 0:
		if text == "" {
			text = l.heard()
		}
		return "✗ WORSE: " + text, more
	case d.Direction == "same", d.Direction == "better":
		return "✓ NO WORSE" + gains(d) + state(s), d.Reasons
	case text == "":
		text = "one side did not look at what the other judged"
	}
	return unproven + text, more
}

// said joins reasons, shorter when signs that have to be escaped make them long.
func said(reasons []string) string {
	for share := 1; ; share *= 2 {
		var out []string
		for _, r := range reasons {
			out = append(out, prose(r, maxTitle/share))
		}
		if text := strings.Join(out, ", "); len(text) <= maxHead/4 || share == 64 {
			return text
		}
	}
}

// heard counts what fails when the run gives no reason.
func (l *listener) heard() string {
	if what := joined(
		some(l.failing.total, "new finding", "new findings"),
		some(l.worse.total, "finding got worse", "findings got worse"),
		some(l.left.worse, "observation lost", "observations lost"),
		some(l.lost.total, "finding lost", "findings lost"),
		some(l.overdue.total, "overdue", "overdue"),
	); what != "" {
		return what
	}
	return "the run does not say why"
}

func gains(d *run.Difference) string {
	if g := joined(
		some(d.Fixed, "fixed", "fixed"), some(d.Removed, "removed", "removed"), some(d.New, "new", "new"), some(d.Excepted, "newly excepted", "newly excepted"),
	); g != "" {
		return ": " + g
	}
	return ": nothing changed"
}

// state is what HEAD still has, so that "no worse" does not read as "well".
func state(s *run.Summary) string {
	if g := still(s); g != "" {
		return "; HEAD has " + g
	}
	return ""
}

// withOverdue adds how many of the false ones are overdue.
func withOverdue(text string, s *run.Summary) string {
	if text == "" || s.Overdue == 0 {
		return text
	}
	return text + " (" + grouped(s.Overdue) + " overdue)"
}

func still(s *run.Summary) string {
	return joined(
		withOverdue(some(s.Refuted, "false claim", "false claims"), s),
		some(s.Unproven, "unproven", "unproven"),
		some(s.Excepted, "excepted", "excepted"),
	)
}

// difference is what a comparison says besides what fails.
func (l *listener) difference(b *block) {
	l.removedEvidence(b)
	shelved(b, "**UNJUDGED** (BASE did not apply the rule; make BASE again)", &l.unjudged)
	shelved(b, "**NEW or changed**, no reason to fail", &l.fresh)
	shelved(b, "**FIXED**", &l.fixed)
	shelved(b, "**REMOVED** with its declaration", &l.removed)
	l.exceptions(b)
	if len(l.missing.kept) > 0 {
		b.fold(unprovenHead(0, len(l.missing.kept)), l.missing.write)
	}
	l.known(b)
	l.coverage(b)
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

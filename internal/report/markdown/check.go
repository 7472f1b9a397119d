package markdown

import (
	"maps"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

const (
	unproven = "? UNPROVEN: "
	cutOff   = unproven + "the run was cut off before its summary; what it did not say is unproven"
)

// headline is the verdict of the run in one line, and the reasons that it does
// not say. It is all well only when nothing is false, unproven or excepted.
func (l *listener) headline() (string, []string) {
	switch s := l.summary; {
	case s == nil:
		return cutOff, nil
	case l.compares():
		return l.direction()
	case l.answers():
		return l.conclusion(s), nil
	}
	return l.judged(l.summary), nil
}

// answers tells whether the run judges no claim.
func (l *listener) answers() bool {
	if l.summary == nil {
		return false
	}
	command := ""
	if l.header != nil {
		command = l.header.Command
	}
	return words.Answers(command, l.summary.Conclusion)
}

// conclusion is the headline of commands that judge no claim.
func (l *listener) conclusion(s *run.Summary) string {
	if s.Conclusion == "" && s.Verdict == finding.Holds {
		return "This command judges no claim"
	}
	mark := unproven
	switch {
	case l.failing.total > 0, s.Verdict == finding.Refuted:
		mark = "✗ FALSE: "
	case s.Verdict == finding.Holds && l.open.total == 0:
		mark = "✓ "
	}
	return mark + said([]string{words.First(s.Conclusion, "something is missing")})
}

func (l *listener) judged(s *run.Summary) string {
	if s.Coverage.Evidence == 0 {
		return unproven + "nothing was examined, so nothing is known"
	}
	excused := joined(
		some(l.falseExcepted, "claim is false and excepted", "claims are false and excepted"),
		some(max(0, s.Excepted-l.falseExcepted), "unproven and excepted", "unproven and excepted"))
	rest := joined(some(s.Unproven, "unproven", "unproven"), excused, some(s.Held, "true", "true"))
	switch {
	case s.Refuted > 0:
		return "✗ " + joined(withOverdue(count(s.Refuted, "claim is false", "claims are false"), s), rest)
	case s.Excepted > 0:
		return "Excepted: " + joined(rest, l.why())
	case s.Unproven > 0, s.Verdict != finding.Holds:
		return unproven + joined(rest, l.why(), "what is not proven may still be false")
	case s.Held == 0:
		return "No claim: the evidence makes none that these rules test"
	}
	return "✓ All that was judged holds: " + rest
}

// why says what else leaves a run unproven.
func (l *listener) why() string {
	rules := map[string]bool{}
	for _, g := range l.summary.Missing {
		rules[g.Rule] = true
	}
	return joined(
		some(len(rules), "rule lacks its evidence", "rules lack their evidence"),
		some(l.summary.Coverage.Skipped, "path was not examined", "paths were not examined"),
	)
}

// remainder is what a check says besides what is false.
func (l *listener) remainder(b *block) {
	if l.open.total == 0 && l.answers() {
		l.missing.write(b) // it is the answer
	} else if n := l.open.total; n > 0 || len(l.missing.kept) > 0 {
		b.fold(unprovenHead(n, len(l.missing.kept)), func(b *block) {
			l.missing.write(b)
			shelved(b, "", &l.open)
		})
	}
	shelved(b, "**Excepted** (false or unproven, and accepted by somebody until a date)", &l.excepted)
	l.coverage(b)
}

func unprovenHead(findings, missing int) string {
	return joined(some(findings, "claim is unproven", "claims are unproven"), some(missing, "piece of evidence is missing", "pieces of evidence are missing"))
}

// shelved lists the findings of a shelf under a head.
func shelved(b *block, head string, s *shelf) {
	if s.total == 0 {
		return
	}
	if head != "" {
		b.add(head + ":\n\n")
	}
	for _, e := range s.kept {
		b.add(e.line)
	}
	if s.rest.total > 0 {
		b.add("- ... and " + grouped(s.rest.total) + " more: " + s.rest.String() + "\n")
	}
	b.add("\n")
}

// coverage says what was looked at and what was not.
func (l *listener) coverage(b *block) {
	if s := l.summary; s != nil {
		b.add("Examined " + examined(&s.Coverage) + ".\n\n")
	}
	if len(l.skips) == 0 {
		return
	}
	b.fold(count(l.skipped, "path was", "paths were")+" not examined", func(b *block) {
		for _, s := range l.skips {
			b.add(s)
		}
		if l.skipsMore > 0 {
			b.add("- ... and " + grouped(l.skipsMore) + " more\n")
		}
		b.add("\n")
	})
}

func examined(c *run.Coverage) string {
	var kinds []string
	for i, k := range slices.Sorted(maps.Keys(c.Kinds)) {
		if i == maxMentions {
			kinds = append(kinds, "others")
			break
		}
		kinds = append(kinds, grouped(c.Kinds[k])+" "+code(k, maxRule))
	}
	if len(kinds) == 0 {
		kinds = []string{"nothing"}
	}
	out := strings.Join(kinds, ", ") + "; " + count(c.Files, "file", "files") + " seen"
	if c.Skipped > 0 {
		out += ", " + grouped(c.Skipped) + " not examined"
	}
	return out
}

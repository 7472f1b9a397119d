package junit

import (
	"fmt"
	"slices"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// The names of the cases about the run. They have no numbers in them, because
// CI systems follow a test by its name.
const (
	runSuite   = "polygraph"
	isWhole    = "the run came to its end"
	isExamined = "something was examined"
	isBetter   = "nothing got worse"
	isHeld     = "examined and TRUE"
	isJudged   = "something to judge"
	isListed   = "everything is listed"
	isAnswered = "conclusion"
)

func (l *listener) about(name string, how outcome, kind, message, body string) {
	l.run.add(testcase{
		class: runSuite, name: l.unique(runSuite, cut(name)), outcome: how,
		kind: kind, message: cut(message), body: words.Cut(body, maxBody),
	})
}

func (l *listener) hearSkip(s *run.Skip) {
	if l.listed == 10*maxListed || l.listed >= maxListed && !s.Named {
		l.unlisted += max(1, s.Count)
		l.unlistedNamed = l.unlistedNamed || s.Named
		return
	}
	l.listed++
	how, kind := skipped, "not-examined"
	if s.Named {
		how = broken
	}
	message := "not examined: " + s.Reason
	if s.Count > 1 {
		message = fmt.Sprintf("%d paths not examined: %s", s.Count, s.Reason)
	}
	if s.Do != "" {
		message += "; " + s.Do
	}
	l.about("examined: "+s.Path, how, kind, message, "")
}

// hearEvidence fails for evidence that BASE had and HEAD lacks: looking at less
// does not pass.
func (l *listener) hearEvidence(e *run.Evidence) {
	c := e.Change
	if c == nil || !l.compared || !c.Worse && c.Status != finding.Lost && c.Status != finding.Removed {
		return
	}
	if c.Worse {
		l.failing++
	}
	if l.changes == 10*maxListed {
		l.unlistedChanges++
		l.unlistedWorse = l.unlistedWorse || c.Worse
		return
	}
	l.changes++
	how := skipped
	do := ""
	if c.Worse {
		how, do = failed, "; examine it in HEAD too, or make BASE again without it"
	}
	l.about("evidence: "+e.Path, how, c.Status.String(),
		joined(fmt.Sprintf("this %s of BASE is %s", words.First(e.Kind, e.Nature, "evidence"), status(c)), c.Why)+do, "")
}

// worst is bad when what was left out is bad, else usual.
func worst(usual, bad outcome, isBad bool) outcome {
	if isBad {
		return bad
	}
	return usual
}

// conclude adds the cases that need the whole run.
func (l *listener) conclude() {
	s := l.summary
	if s == nil {
		l.about(isWhole, broken, "cut-off", "The run was cut off before its summary: what it did not say is UNPROVEN. Run it again.", "")
	} else {
		l.about(isWhole, passed, "", "", "")
		l.examined(s)
		if d := s.Difference; d != nil {
			l.direction(d)
		}
		if words.Answers(l.header.Command, s.Conclusion) {
			l.answer(s)
		} else {
			l.held(s)
		}
	}
	if n := l.unlisted; n > 0 {
		l.about(isListed+": paths", worst(skipped, broken, l.unlistedNamed), "left-out", fmt.Sprintf("%d paths more were not examined", n), "")
	}
	if n := l.unlistedChanges; n > 0 {
		l.about(isListed+": evidence", worst(skipped, failed, l.unlistedWorse), "left-out", fmt.Sprintf("%d pieces of evidence more are lost or removed", n), "")
	}
	if n := l.left; n != [4]int{} {
		how := worst(worst(skipped, failed, n[failed] > 0), broken, n[broken] > 0)
		l.about(isListed+": findings", how, "left-out", fmt.Sprintf(
			"the first %d findings are listed; left out are %d that fail, %d that nobody can judge, %d skipped and %d that pass; -o jsonl has all of them",
			maxCases, n[failed], n[broken], n[skipped], n[passed]), "")
	}
	if l.bare > 0 {
		l.about(isListed+": details", skipped, "left-out", fmt.Sprintf("%d findings are listed without proof and remedy; -o jsonl has them", l.bare), "")
	}
}

func (l *listener) examined(s *run.Summary) {
	if s.Coverage.Evidence > 0 {
		l.about(isExamined, passed, "", "", fmt.Sprintf("pieces of evidence: %d", s.Coverage.Evidence))
		return
	}
	l.about(isExamined, broken, "nothing-examined", "Nothing was examined, so nothing is known.", "")
}

// direction is the gate of a comparison in one case. What got worse fails once,
// beside the case that shows it: this one fails only for what no other case shows,
// such as a rule that HEAD does not apply any more. It never passes when something
// got worse.
func (l *listener) direction(d *run.Difference) {
	body := ""
	for _, r := range slices.Concat(d.Reasons, d.Warnings) {
		body += r + "\n"
	}
	reason := "see the cases below"
	if len(d.Reasons) > 0 {
		reason = d.Reasons[0]
	}
	switch worse := d.Failing > 0 || d.Direction == "worse"; {
	case worse && l.failing > 0 && l.failing >= d.Failing:
		l.about(isBetter, skipped, "worse", "WORSE: the cases that fail say what", body)
	case worse:
		if n := d.Failing - l.failing; l.failing > 0 && n > 0 {
			reason = fmt.Sprintf("%d beside the other cases that fail; all reasons are below", n)
		}
		l.about(isBetter, failed, "worse", "WORSE: "+reason, body)
	case l.failing > 0:
		l.about(isBetter, skipped, "worse", "WORSE: the cases that fail say what", body)
	case d.Direction == "same" || d.Direction == "better":
		l.about(isBetter, passed, "", "", body)
	default:
		l.about(isBetter, broken, "unproven", "UNPROVEN: nobody can tell whether it got worse: "+reason, body)
	}
}

// held adds for every rule what its suite lacks: a case that passes when the
// claim held for something, and one that is skipped when nothing was judged.
func (l *listener) held(s *run.Summary) {
	count, ran := map[string]run.RuleCount{}, map[string]bool{}
	for _, c := range s.Rules {
		count[c.Rule], ran[c.Rule] = c, true
		l.suiteOf(c.Rule)
	}
	gaps := map[string]run.Gap{}
	for _, g := range s.Missing {
		if _, twice := gaps[g.Rule]; !twice {
			gaps[g.Rule] = g
		}
	}
	for _, id := range l.order {
		su, c := l.suites[id], count[id]
		class := cut(class(su.analyzer, id))
		switch {
		case c.Held > 0:
			su.add(testcase{class: class, name: l.unique(class, isHeld), body: fmt.Sprintf("%d of %d examined", c.Held, c.Examined)})
		case len(su.cases) > 0:
		case !ran[id] && gaps[id] == run.Gap{}: // a rule that was not run did not look for anything
		default:
			t := testcase{class: class, name: l.unique(class, isJudged), outcome: skipped, kind: "nothing-judged", message: "the evidence has nothing that this rule judges"}
			if g, ok := gaps[id]; ok {
				t.kind, t.message = "unproven", cut("UNPROVEN, missing: "+g.Evidence+"; get it: "+g.Get)
			} else if c.Examined > 0 {
				t.message = cut(fmt.Sprintf("%d examined, not listed here", c.Examined))
			}
			su.add(t)
		}
	}
}

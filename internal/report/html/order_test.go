package html

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// inOrder reports what does not follow what stands before it.
func inOrder(t *testing.T, page string, parts ...string) {
	t.Helper()
	last := -1
	for i, part := range parts {
		at := strings.Index(page, part)
		switch {
		case at < 0:
			t.Errorf("the page has no %s", part)
		case at < last:
			t.Errorf("%s stands before %s", part, parts[i-1])
		}
		last = max(last, at)
	}
}

func only(status finding.Status, evidence string) *run.Message {
	m := planRead()
	m.Evidence.Path = evidence
	m.Evidence.Notes = []string{"a limit of " + evidence}
	m.Evidence.Change = &finding.Change{Status: status, Worse: status == finding.Lost}
	return m
}

// everything is a comparison with something in every section.
func everything() []*run.Message {
	s := summary(finding.Refuted, 9, 1, 117)
	s.Summary.Excepted = 1
	s.Summary.Difference = &run.Difference{
		New: 2, Worse: 1, Lost: 1, Unjudged: 1, Same: 5, Fixed: 1, Removed: 1, EvidenceLost: 1, EvidenceNew: 1, EvidenceRemoved: 1,
		Failing: 6, Direction: "worse", Reasons: []string{"1 claim is newly false"}, Warnings: []string{"are the two swapped?"},
	}
	young := changed(refuted(8), finding.Same, false)
	young.Finding.Overdue = false
	return []*run.Message{
		compareHeader(), only(finding.New, "new.json"), only(finding.Lost, "lost.json"), only(finding.Removed, "removed.tf"), planRead(), skipped(),
		changed(refuted(1), finding.New, true), changed(refuted(2), finding.Worse, true), changed(refuted(3), finding.Lost, true),
		changed(refuted(4), finding.Same, true), changed(refuted(5), finding.Same, true), changed(refuted(6), finding.Unjudged, false),
		changed(unproven(7), finding.New, false), young, changed(refuted(9), finding.Same, false), changed(excused(10), finding.Same, false),
		changed(refuted(11), finding.Fixed, false), changed(refuted(12), finding.Removed, false), row("a", "b"), s,
	}
}

func TestADifferenceStandsBeforeAllElse(t *testing.T) {
	inOrder(t, rendered(t, everything()...), `</header>`,
		`<section class="group" id="findings"`, `<section class="group" id="overdue"`, `<section id="changes"`, `<section id="warnings"`,
		`<section class="group" id="open"`, `<section class="group" id="gone"`, `<section id="unseen"`, `<section id="rules"`, `id="by-severity"`,
		`<section class="group" id="same"`, `<section class="group" id="excepted"`, `<div class="tables"`, `<section id="evidence"`, `<section id="made"`)
	inOrder(t, rendered(t, checked()...), `</header>`,
		`<section class="group" id="findings"`, `<section class="group" id="excepted"`, `<section id="unseen"`, `<section id="rules"`, `id="by-severity"`, `<div class="tables"`)
}

// What a number says and where it leads agree, and nothing leads nowhere.
func TestNumbersAndLinksAgree(t *testing.T) {
	for name, ms := range map[string][]*run.Message{"compare": everything(), "small": compared(), "check": checked(), "cut off": checked()[:6]} {
		page := rendered(t, ms...)
		heading := map[string]int{}
		for _, m := range regexp.MustCompile(`<h2 id="([a-z0-9-]+)-h">[^<]*<span class="n">(\d+)</span>`).FindAllStringSubmatch(page, -1) {
			if heading[m[1]], _ = strconv.Atoi(m[2]); heading[m[1]] == 0 {
				t.Errorf("%s: #%s is there for nothing", name, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`<li><a href="#([a-z0-9-]+)">[^<]*</a> (\d+)</li>`).FindAllStringSubmatch(page, -1) {
			if n, _ := strconv.Atoi(m[2]); n != heading[m[1]] {
				t.Errorf("%s: the contents say %d for #%s, its heading %d", name, n, m[1], heading[m[1]])
			}
		}
		tiles := map[string]int{}
		for _, m := range regexp.MustCompile(`<dt><a href="#([a-z]+)">[^<]*</a></dt><dd>(\d+)</dd>`).FindAllStringSubmatch(page, -1) {
			n, _ := strconv.Atoi(m[2])
			tiles[m[1]] += n
		}
		for to, n := range tiles {
			if !strings.Contains(page, `id="`+to+`"`) {
				t.Errorf("%s: a number leads to #%s, which is not there", name, to)
			}
			if strings.HasPrefix(name, "c") && name != "compare" {
				continue // TRUE leads to the rules, and some false ones are overdue
			}
			if n != heading[to] {
				t.Errorf("%s: the numbers for #%s add up to %d, its heading says %d", name, to, n, heading[to])
			}
		}
		if name == "compare" && len(tiles) < 7 {
			t.Errorf("only %v", tiles)
		}
	}
}

func TestOverdueOnesAreNotCalledNew(t *testing.T) {
	page := rendered(t, everything()...)
	inOrder(t, page, `<section class="group" id="overdue"`, "Both runs have these; they are past their deadline.", fmt.Sprintf("v1:%024x", 4), fmt.Sprintf("v1:%024x", 5), `<section id="changes"`)
	inOrder(t, page, `<section class="group" id="same"`, "1 is past the deadline.")
	out := rendered(t, compareHeader(), planRead(), changed(refuted(4), finding.Same, true), everything()[len(everything())-1])
	if strings.Contains(out, "HEAD has these and BASE had not") {
		t.Error("an overdue finding is said to be new")
	}
}

func TestWhatHeadNoLongerHasIsNotFalseToday(t *testing.T) {
	for status, class := range map[finding.Status]string{finding.Lost: "former", finding.Fixed: "good", finding.Removed: "former"} {
		s := summary(finding.Holds, 0, 0, 117)
		s.Summary.Difference = &run.Difference{Direction: "same"}
		page := rendered(t, compareHeader(), planRead(), changed(refuted(1), status, status == finding.Lost), s)
		list := page[strings.Index(page, `<div class="list">`):]
		word := strings.ToUpper(status.String()) + ", was FALSE"
		inOrder(t, list, `<details class="f `+class+`" data-v="was refuted"`, `<summary><span class="mark `+class+`">`+word+`</span>`)
		for _, bad := range []string{"✗ FALSE", `</span> FALSE`, `chip bad`} {
			if found := strings.Index(list, bad); found >= 0 && found < strings.Index(list, `<section id="rules"`) {
				t.Errorf("%s: it is said to be %q", status, bad)
			}
		}
		if strings.Contains(page, `id="by-severity"`) {
			t.Errorf("%s: it is counted by severity", status)
		}
	}
}

func answered(conclusion string, v finding.Verdict) []*run.Message {
	h := header()
	h.Header.Command = "doctor"
	s := summary(v, 0, 0, 0)
	s.Summary.Rules, s.Summary.Conclusion = nil, conclusion
	table := func(name string) *run.Message {
		return &run.Message{Row: &run.Row{Table: name, Cells: []run.Cell{{Name: "recognised by", Value: "x"}}}}
	}
	return []*run.Message{h, planRead(), table("doctor"), table("gate"), table("changes"), table("environments"), table("evidence"), table("unassigned"), table("élan"), s}
}

func TestARunThatJudgesNothingShowsItsAnswer(t *testing.T) {
	page := rendered(t, answered("2 of 3 capabilities have their evidence.", finding.Unproven)...)
	if got := head(t, page); got != "? UNPROVEN 2 of 3 capabilities have their evidence." {
		t.Errorf("the head is %q", got)
	}
	inOrder(t, page, `</header>`, `<div class="tables"`, `>Capabilities <`, `>The gate <`, `>Changes and their mechanism <`, `>Environments <`, `>Evidence <`, `>Unassigned <`, `>Élan <`, `<section id="unseen"`)
	if !strings.Contains(page, `<th scope="col">Recognised by</th>`) {
		t.Error("a column is not named for people")
	}
	for _, no := range []string{`<dl class="tiles"`, ">Findings", "no finding", `id="rules"`, "CHG003", `id="bar"`} {
		if strings.Contains(page, no) {
			t.Errorf("the page has %q", no)
		}
	}
	if got := head(t, rendered(t, answered("All evidence is there.", finding.Holds)...)); got != "✓ TRUE All evidence is there." {
		t.Errorf("the head is %q", got)
	}
	lying := answered("All is well.", finding.Holds)
	got := head(t, rendered(t, append(lying[:len(lying)-1:len(lying)-1], refuted(1), lying[len(lying)-1])...))
	if !strings.HasPrefix(got, "✗ FALSE") || strings.Contains(got, "well") {
		t.Errorf("a conclusion beside a finding: %q", got)
	}
}

func TestMissingEvidenceIsFoldedByCommand(t *testing.T) {
	var ms []*run.Message
	ms = append(ms, header())
	for i := range 8 {
		m := unproven(i)
		m.Finding.Missing = []finding.Missing{{Evidence: fmt.Sprint("piece ", i/2), Get: "terraform show -json tfplan > plan.json"}}
		ms = append(ms, m)
	}
	page := rendered(t, append(ms, summary(finding.Unproven, 0, 8, 0))...)
	page = page[strings.Index(page, `<section id="unseen"`):]
	if n := strings.Count(page[:strings.Index(page, `</section>`)], "terraform show"); n != 1 {
		t.Errorf("the command stands there %d times", n)
	}
	if n := strings.Count(page, "settles 2 findings"); n != 4 {
		t.Errorf("%d pieces say what they settle, want 4", n)
	}
}

func TestLimitsNameTheirEvidence(t *testing.T) {
	page := rendered(t, everything()...)
	page = page[strings.Index(page, "Limits of the evidence"):]
	page = page[:strings.Index(page, "</section>")]
	for _, want := range []string{`<span class="mono">new.json</span>: a limit of new.json`, `<span class="mono">infra/plan.json</span>: no configuration`} {
		if !strings.Contains(page, want) {
			t.Errorf("the limits do not say %s", want)
		}
	}
	for _, no := range []string{"lost.json", "removed.tf"} {
		if strings.Contains(page, no) {
			t.Errorf("a limit of %s, which HEAD did not examine", no)
		}
	}
}

func TestTheCommandIsTheOneThatWasTyped(t *testing.T) {
	for want, sides := range map[string][2]string{
		"polygraph compare base.jsonl &#39;my head&#39;": {"base.jsonl", "my head"},
		"polygraph compare --base-ref origin/main infra": {"origin/main (0123456789ab)", "working tree"},
	} {
		h := compareHeader()
		h.Header.Base.Name, h.Header.Head.Name = sides[0], sides[1]
		if page := rendered(t, h, summary(finding.Holds, 0, 0, 1)); !strings.Contains(page, `<dd class="mono">`+want+`</dd>`) {
			t.Errorf("the page does not say %s", want)
		}
	}
}

func TestDirectionsAreTheWordsOfTheTerminal(t *testing.T) {
	for _, c := range []struct {
		d    run.Difference
		want string
	}{
		{run.Difference{Direction: "same", Same: 1}, "= NO WORSE HEAD is as BASE was"},
		{run.Difference{Direction: "better", Fixed: 1, Removed: 2}, "= NO WORSE 1 fixed, 2 removed."},
		{run.Difference{Direction: "unproven"}, "? UNPROVEN"},
	} {
		s := summary(finding.Refuted, 1, 0, 3)
		s.Summary.Difference = &c.d
		if got := head(t, rendered(t, compareHeader(), planRead(), changed(refuted(1), finding.Same, false), s)); !strings.HasPrefix(got, c.want) {
			t.Errorf("the head is %q, want %q", got, c.want)
		}
		// A finding that fails is worse, whatever the summary says.
		if got := head(t, rendered(t, compareHeader(), planRead(), changed(refuted(1), finding.New, true), s)); !strings.HasPrefix(got, "✗ WORSE 1 finding fails the gate") {
			t.Errorf("a summary that hides a failure reads %q", got)
		}
	}
	page := rendered(t, checked()...)
	if !strings.Contains(page, "(prod, inferred)") || strings.Contains(page, "BETTER") {
		t.Error("an inferred environment is not marked as everywhere")
	}
}

func TestLostEvidenceIsNotCrowdedOut(t *testing.T) {
	ms := []*run.Message{compareHeader()}
	for i := range maxEvidence + 100 {
		ms = append(ms, only(finding.New, fmt.Sprint("new", i)))
	}
	page := rendered(t, append(ms, only(finding.Lost, "lost.json"), everything()[len(everything())-1])...)
	inOrder(t, page, `<section id="changes"`, ">lost.json", ">new0<", fmt.Sprintf(">%d more<", maxEvidence+100-maxChanged))
}

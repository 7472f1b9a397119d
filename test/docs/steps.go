package docs

import (
	"fmt"
	"regexp"
	"sort"
	"strings"
)

// step is one statement of an article that can be executed.
type step struct {
	id, title string
	line      int
	proofs    []proof
}

// proof is a test that shows that the statement is true: "internal/cascade
// TestCascades" or with a subtest, "internal/analyzers/change TestRules/CHG001".
type proof struct{ folder, test string }

func (p proof) String() string { return "`" + p.folder + "` " + p.test }

var (
	stepHeading = regexp.MustCompile(`^#{2,4} (\d{2}\.\d{1,2}) (.+)$`)
	provedBy    = regexp.MustCompile(`^<!-- proved by: (.+) -->$`)
)

// stepLines lists the steps of a page in order.
func stepLines(text string) []step {
	var out []step
	inside := false
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "```") {
			inside = !inside
		}
		if m := stepHeading.FindStringSubmatch(line); m != nil && !inside {
			out = append(out, step{id: m[1], title: m[2], line: i + 1})
		}
		if m := provedBy.FindStringSubmatch(line); m != nil && !inside && len(out) > 0 {
			for text := range strings.SplitSeq(m[1], ";") {
				folder, test, _ := strings.Cut(strings.TrimSpace(text), " ")
				s := &out[len(out)-1]
				s.proofs = append(s.proofs, proof{folder, strings.TrimSpace(test)})
			}
		}
	}
	return out
}

func stepAt(steps []step, line int) string {
	i := sort.Search(len(steps), func(i int) bool { return steps[i].line > line })
	if i == 0 {
		return ""
	}
	return steps[i-1].id
}

// checkSteps finds what is wrong with the steps of an article: its number, the
// order, a step without a command or without a proof.
func checkSteps(number, text string) error {
	all, err := blocks(text)
	if err != nil {
		return err
	}
	runs := map[string]int{}
	for _, b := range all {
		runs[b.step]++
	}
	if runs[""] > 0 {
		return fmt.Errorf("a console block stands before the first step")
	}
	steps := stepLines(text)
	if len(steps) == 0 {
		return fmt.Errorf("the article has no steps: headings like \"### %s.1 Title\"", number)
	}
	for i, s := range steps {
		switch {
		case s.id != fmt.Sprintf("%s.%d", number, i+1):
			return fmt.Errorf("line %d: step %s should be %s.%d", s.line, s.id, number, i+1)
		case runs[s.id] == 0:
			return fmt.Errorf("line %d: step %s has no console block", s.line, s.id)
		case len(s.proofs) == 0:
			return fmt.Errorf("line %d: step %s names no test: <!-- proved by: FOLDER TEST; ... -->", s.line, s.id)
		}
	}
	return nil
}

// stepTable is what stands between the markers at the end of an article.
func stepTable(page, text string) string {
	var p pageText
	p.line("| step | what it shows | run by | proved by |")
	p.line("|---|---|---|---|")
	for _, s := range stepLines(text) {
		var proofs []string
		for _, x := range s.proofs {
			proofs = append(proofs, x.String())
		}
		p.line("| ", s.id, " | ", cell(s.title), " | `test/docs` TestConsole/", page, "/", s.id, " | ", strings.Join(proofs, "<br>"), " |")
	}
	return p.String()
}

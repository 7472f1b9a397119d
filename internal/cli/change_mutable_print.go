package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"polygraph/internal/mutability"
	"polygraph/internal/report/sanitize"
)

// answerDoc is an answer for programs.
type answerDoc struct {
	Type        string    `json:"type"`
	Field       string    `json:"field"`
	Verdict     string    `json:"verdict"`
	By          string    `json:"by,omitempty"`
	Reason      string    `json:"reason"`
	Consequence string    `json:"consequence,omitempty"`
	Disputed    bool      `json:"disputed,omitempty"`
	Views       []viewDoc `json:"views"`
}

type viewDoc struct {
	By      string `json:"by"`
	Verdict string `json:"verdict"`
	Reason  string `json:"reason"`
	Source  string `json:"source"`
	Weak    bool   `json:"weak,omitempty"` // decides nothing by itself
}

func (a *app) printAnswers(answers []mutability.Answer, one bool) error {
	switch {
	case a.global.json:
		return a.writeJSON(answerDocs(answers))
	case one:
		return a.printAnswer(&answers[0])
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FIELD\tEDIT\tSAYS\tBECAUSE")
	for i := range answers {
		x := &answers[i]
		by := string(x.By)
		if by == "" {
			by = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", sanitize.Text(x.Field), x.Verdict, by, sanitize.Text(x.Reason))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if text := consequence(&mutability.Answer{Type: answers[0].Type, Verdict: mutability.Replaces}); text != "" {
		_, err := fmt.Fprintf(a.stdout, "\nWhere it replaces: %s.\n", text)
		return err
	}
	return nil
}

func (a *app) printAnswer(x *mutability.Answer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.%s: %s\n", x.Type, x.Field, x.Verdict)
	fmt.Fprintf(&b, "  because      %s\n", x.Reason)
	if text := consequence(x); text != "" {
		fmt.Fprintf(&b, "  consequence  %s\n", text)
	}
	for _, v := range x.Views {
		verdict := string(v.Verdict)
		if v.Weak {
			verdict = "no mark"
		}
		fmt.Fprintf(&b, "  %-14s %-11s %s\n", v.By, verdict, v.Source)
	}
	if x.Disputed() {
		b.WriteString("  The sources differ; the first of them counts, and a plan decides.\n")
	}
	_, err := fmt.Fprint(a.stdout, sanitize.Block(b.String()))
	return err
}

func answerDocs(answers []mutability.Answer) []answerDoc {
	out := []answerDoc{}
	for i := range answers {
		x := &answers[i]
		d := answerDoc{
			Type: x.Type, Field: x.Field, Verdict: string(x.Verdict), By: string(x.By), Reason: x.Reason,
			Consequence: consequence(x), Disputed: x.Disputed(), Views: []viewDoc{},
		}
		for _, v := range x.Views {
			d.Views = append(d.Views, viewDoc{string(v.By), string(v.Verdict), v.Reason, v.Source, v.Weak})
		}
		out = append(out, d)
	}
	return out
}

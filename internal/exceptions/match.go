package exceptions

import (
	"fmt"
	"slices"

	"polygraph/internal/analysis"
	"polygraph/internal/finding"
)

// index finds the exceptions that can be about a finding.
type index struct {
	byPrint   map[string][]*use
	bySubject map[[2]string][]*use // rule and literal identity
	byRule    map[string][]*use    // with wildcards, or for all subjects
}

func indexed(uses []*use) *index {
	x := &index{map[string][]*use{}, map[[2]string][]*use{}, map[string][]*use{}}
	for _, u := range uses {
		literal, ok := Glob(u.Subject).literal()
		switch {
		case u.Rule == "":
			x.byPrint[u.Fingerprint] = append(x.byPrint[u.Fingerprint], u)
		case ok && literal != "":
			k := [2]string{u.Rule, literal}
			x.bySubject[k] = append(x.bySubject[k], u)
		default:
			x.byRule[u.Rule] = append(x.byRule[u.Rule], u)
		}
	}
	return x
}

// each visits every pair of a finding and an exception that is about it, or
// would be if its inferred environment were declared, finding by finding.
func (x *index) each(all []*finding.Finding, visit func(f *finding.Finding, u *use, inferred bool)) {
	for _, f := range all {
		if own(f.Rule) || f.Verdict == finding.Holds {
			continue
		}
		try := func(uses []*use) {
			for _, u := range uses {
				yes, inferred := u.admits(&f.Subject)
				if yes || inferred {
					visit(f, u, inferred)
				}
			}
		}
		if len(x.byPrint) > 0 {
			try(x.byPrint[f.Fingerprint])
			if bare := f.Bare(); bare != f.Fingerprint {
				try(x.byPrint[bare])
			}
		}
		try(x.bySubject[[2]string{f.Rule, f.Subject.Identity}])
		wild := x.byRule[f.Rule]
		for i, u := range wild {
			if u.Subject == "" || Glob(u.Subject).Match(f.Subject.Identity) {
				try(wild[i : i+1])
			}
		}
	}
}

// own tells whether a rule is about exceptions.
func own(id string) bool {
	return slices.ContainsFunc(Analyzer().Rules, func(r *analysis.Rule) bool { return r.ID == id })
}

// tally counts findings and keeps the first few of them in the order of output.
type tally struct {
	n      int
	few    []*finding.Finding
	differ bool // by fingerprint, or by the evidence that shows them
}

// shown is how many findings a proof lists.
const shown = 3

func (t *tally) add(f *finding.Finding) {
	if t.n++; t.n > 1 {
		other := t.few[0]
		t.differ = t.differ || f.Fingerprint != other.Fingerprint || f.At().File != other.At().File
	}
	i, _ := slices.BinarySearchFunc(t.few, f, finding.Compare)
	t.few = slices.Insert(t.few, i, f)
	t.few = t.few[:min(len(t.few), shown)]
}

// list names the findings, a few of them one by one.
func (t *tally) list(what string) []finding.Statement {
	var out []finding.Statement
	for _, f := range t.few {
		where := ""
		if f.Subject.Environment != "" {
			where = f.Subject.Environment + "/"
		}
		out = append(out, finding.Statement{Text: f.Rule + " on " + where + f.Subject.Identity + " " + what, At: f.At()})
	}
	if more := t.n - len(t.few); more > 0 {
		out[len(out)-1].Text += fmt.Sprintf("; and %d more", more)
	}
	return out
}

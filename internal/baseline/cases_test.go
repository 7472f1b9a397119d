package baseline

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

const dev, prod = "repo/dev/plan.json", "repo/prod/plan.json"

var db = finding.Subject{Kind: "thing", Identity: "db"}

// two is a run over two plans that name the same things.
func two() *recording {
	a := &recording{inputs: []string{"repo"}, held: map[string][]finding.Subject{}, version: "v1"}
	a.rules = []run.RuleRef{{ID: "AAA001", Severity: finding.High}}
	for _, p := range []string{dev, prod} {
		a.pieces = append(a.pieces, run.Evidence{Kind: "plan", Nature: "observation", Path: p, Sketch: []string{"01", "02", "03"}})
	}
	return a
}

func declared(name string) finding.Subject {
	return finding.Subject{Kind: "thing", Identity: "db", Environment: name}
}

func inferred(name string) finding.Subject {
	s := declared(name)
	s.Inferred = "account 1"
	return s
}

// TestCases are the ways to get past a gate that somebody thought of.
func TestCases(t *testing.T) {
	lie := func(s finding.Subject, file string) func(*recording) {
		return func(a *recording) { a.add("AAA001", s, finding.Refuted, file) }
	}
	open := func(s finding.Subject, file string) func(*recording) {
		return func(a *recording) { a.add("AAA001", s, finding.Unproven, file) }
	}
	all := func(fs ...func(*recording)) func(*recording) {
		return func(a *recording) {
			for _, f := range fs {
				f(a)
			}
		}
	}
	last := func(set func(*finding.Finding)) func(*recording) {
		return func(a *recording) { set(&a.found[len(a.found)-1]) }
	}
	none := func(*recording) {}
	called := func(names ...string) func(*recording) {
		return func(a *recording) { a.policy = &run.Policy{Environments: names} }
	}
	both := called("dev", "prod")
	deadline := func(days int) func(*recording) {
		return func(a *recording) {
			a.started = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
			a.policy = &run.Policy{SLA: map[finding.Severity]int{finding.Medium: days}}
		}
	}
	plan := finding.Subject{Kind: "plan", Identity: "plan"}

	for name, c := range map[string]struct {
		base, head func(*recording)
		o          Options
		want       string // direction, then counts that are not zero
	}{
		"nothing":        {none, none, Options{}, "same"},
		"one lie, fixed": {lie(db, dev), none, Options{}, "better fixed 1"},

		// One address in two plans that nothing tells apart.
		"a lie moves to the other plan":     {lie(db, dev), lie(db, prod), Options{}, "worse new 1 fixed 1 failing 1"},
		"a second one of the same name":     {lie(db, dev), all(lie(db, dev), lie(db, prod)), Options{}, "worse new 1 same 1 failing 1"},
		"one of two goes":                   {all(lie(db, dev), lie(db, prod)), lie(db, prod), Options{}, "better same 1 fixed 1"},
		"environments are declared in HEAD": {lie(db, dev), lie(declared("dev"), dev), Options{}, "same same 1"},
		"environments were declared":        {lie(declared("dev"), dev), lie(db, dev), Options{}, "same same 1"},
		"declared, it moves to prod":        {all(both, lie(declared("dev"), dev)), all(both, lie(declared("prod"), dev)), Options{}, "worse new 1 fixed 1 failing 1"},
		"a declared environment is renamed": {all(both, lie(declared("dev"), dev)), all(called("test"), lie(declared("test"), dev)), Options{}, "same same 1"},
		"the plan of dev in prod's place": {
			all(both, func(a *recording) { a.pieces[1].Environment = "prod" }, lie(declared("prod"), prod)),
			all(both, func(a *recording) { a.pieces[1].Environment = "dev" }),
			Options{},
			"worse lost 1 evidence-new 1 evidence-lost 1 failing 2",
		},
		"a folder gives another inferred environment": {
			all(lie(inferred("dev"), dev), func(a *recording) { a.pieces[0].Environment, a.pieces[0].Inferred = "dev", true }),
			all(lie(inferred("test"), "repo/test/plan.json"), func(a *recording) {
				a.pieces[0].Environment, a.pieces[0].Inferred, a.pieces[0].Path = "test", true, "repo/test/plan.json"
			}),
			Options{},
			"same same 1",
		},
		"a lie pays for one in a new plan": {
			all(lie(db, dev), func(a *recording) { a.pieces = a.pieces[:1] }), lie(db, prod),
			Options{},
			"worse new 1 fixed 1 evidence-new 1 failing 1",
		},
		"a thing with its ARN moves to another plan": {
			all(lie(db, dev), last(func(f *finding.Finding) { f.Subject.Aliases = []string{"id:db", "arn:a:b"} })),
			all(lie(db, prod), last(func(f *finding.Finding) { f.Subject.Aliases = []string{"id:db", "arn:a:b"} })),
			Options{},
			"same same 1",
		},
		"a plan cut to half its names": {lie(db, dev), func(a *recording) { a.pieces[0].Sketch = []string{"01"} }, Options{}, "worse lost 1 evidence-new 1 evidence-lost 1 failing 2"},
		"new evidence that cannot be read": {
			none, func(a *recording) {
				a.skips = []run.Skip{{Path: "repo/x/plan.json", Count: 1, Kind: "plan", Reason: "cut"}}
			}, Options{}, "unproven",
		},
		"evidence that could not be read before either": {
			func(a *recording) {
				a.skips = []run.Skip{{Path: "repo/x/plan.json", Count: 1, Kind: "plan", Reason: "cut"}}
			},
			func(a *recording) {
				a.skips = []run.Skip{{Path: "repo/x/plan.json", Count: 1, Kind: "plan", Reason: "cut"}}
			},
			Options{},
			"same",
		},
		"HEAD raises the measure": {
			none, lie(db, dev), Options{MinSeverity: finding.Critical}, "worse new 1 failing 1 warned",
		},
		"BASE has that measure too": {
			func(a *recording) { a.policy = &run.Policy{MinSeverity: finding.Critical} }, lie(db, dev), Options{MinSeverity: finding.Critical}, "same new 1",
		},
		"a rule goes that found nothing": {
			func(a *recording) { a.rules = append(a.rules, run.RuleRef{ID: "AAA002"}) }, none, Options{}, "worse failing 1",
		},
		"what holds in one plan proves nothing about the other": {
			func(a *recording) { a.held["AAA001"] = []finding.Subject{{Kind: "thing", Identity: "dev.x"}} },
			open(finding.Subject{Kind: "thing", Identity: "dev.x"}, prod),
			Options{},
			"same new 1",
		},
		"inferred environments are better": {lie(inferred("dev"), dev), lie(inferred("development"), dev), Options{}, "same same 1"},

		// Evidence.
		"a plan of something else in its place": {
			lie(db, dev), func(a *recording) { a.pieces[0].Sketch = []string{"aa", "bb"} },
			Options{},
			"worse lost 1 evidence-new 1 evidence-lost 1 failing 2",
		},
		"an empty plan in its place": {
			lie(db, dev), func(a *recording) { a.pieces[0].Sketch = nil },
			Options{},
			"worse lost 1 evidence-new 1 evidence-lost 1 failing 2",
		},
		"the dropped plan replaced by another copy": {
			all(lie(db, dev), lie(db, prod)),
			func(a *recording) {
				lie(db, dev)(a)
				a.pieces[1].Path, a.pieces[1].Kind = "repo/copy/plan.json", "other"
			},
			Options{},
			"worse lost 1 same 1 evidence-new 1 evidence-lost 1 failing 2",
		},
		"evidence that says less as a whole": {
			lie(db, dev), open(plan, dev), Options{}, "worse worse 1 lost 1 failing 2",
		},
		"evidence that says no more than before": {
			all(lie(db, dev), open(plan, dev)), open(plan, dev), Options{}, "worse lost 1 same 1 failing 1",
		},
		"evidence that says less, and the claim holds": {
			lie(db, dev), all(open(plan, dev), func(a *recording) { a.held["AAA001"] = []finding.Subject{db} }),
			Options{},
			"worse worse 1 fixed 1 failing 1",
		},
		"a new plan with a lie": {
			func(a *recording) { a.pieces = a.pieces[:1] }, lie(db, prod), Options{}, "worse new 1 evidence-new 1 failing 1",
		},

		// Verdicts and severities.
		"newly unproven":                     {none, open(db, dev), Options{}, "same new 1"},
		"newly unproven, strictly":           {none, open(db, dev), Options{FailOnUnproven: true}, "worse new 1 failing 1"},
		"unproven in new evidence, was held": {func(a *recording) { a.held["AAA001"] = []finding.Subject{db}; a.pieces = a.pieces[:1] }, open(db, prod), Options{}, "same new 1 evidence-new 1"},
		"graver":                             {lie(db, dev), all(lie(db, dev), last(func(f *finding.Finding) { f.Severity = finding.Critical })), Options{}, "worse worse 1 failing 1"},
		"below the threshold":                {none, all(lie(db, dev), last(func(f *finding.Finding) { f.Severity = finding.Low })), Options{MinSeverity: finding.High, Chosen: true}, "same new 1"},
		"severity lowered by HEAD": {
			none, all(lie(db, dev), last(func(f *finding.Finding) { f.Severity = finding.Low }), func(a *recording) { a.rules[0].Severity = finding.Low }),
			Options{MinSeverity: finding.High},
			"worse new 1 failing 1 warned",
		},
		"a rule that BASE did not have": {
			func(a *recording) { a.rules = []run.RuleRef{{ID: "AAA000"}} },
			all(lie(db, dev), func(a *recording) { a.rules = append(a.rules, run.RuleRef{ID: "AAA000"}) }),
			Options{},
			"unproven unjudged 1",
		},

		// What owners decided.
		"a new lie with its exception": {none, all(lie(db, dev), last(func(f *finding.Finding) { f.ExceptedBy = "x" })), Options{}, "same new 1 excepted 1"},
		"an exception is withdrawn":    {all(lie(db, dev), last(func(f *finding.Finding) { f.ExceptedBy = "x" })), lie(db, dev), Options{}, "worse worse 1 failing 1"},
		"overdue":                      {lie(db, dev), all(lie(db, dev), last(func(f *finding.Finding) { f.Overdue = true })), Options{}, "same same 1"},
		"overdue, strictly":            {lie(db, dev), all(lie(db, dev), last(func(f *finding.Finding) { f.Overdue = true })), Options{FailOnOverdue: true}, "worse same 1 failing 1"},
		"HEAD moves the date": {
			all(deadline(60), lie(db, dev), last(func(f *finding.Finding) { f.Overdue, f.FirstSeen = true, "2026-01-01" })),
			all(deadline(6000), lie(db, dev), last(func(f *finding.Finding) { f.FirstSeen = "2026-11-01" })),
			Options{FailOnOverdue: true},
			"worse same 1 failing 1 first 2026-01-01",
		},
	} {
		t.Run(name, func(t *testing.T) {
			base, head := two(), two()
			c.base(base)
			c.head(head)
			d := compare(t, base, head, c.o)
			if got := d.String(); got != c.want {
				t.Errorf("got  %s\nwant %s\n%v", got, c.want, d.Reasons)
			}
		})
	}
}

func (o *outcome) String() string {
	var b strings.Builder
	b.WriteString(o.Direction)
	for _, n := range []struct {
		name string
		n    int
	}{
		{"new", o.New},
		{"worse", o.Worse},
		{"lost", o.Lost},
		{"unjudged", o.Unjudged},
		{"same", o.Same},
		{"fixed", o.Fixed},
		{"removed", o.Removed},
		{"evidence-new", o.EvidenceNew},
		{"evidence-lost", o.EvidenceLost},
		{"evidence-removed", o.EvidenceRemoved},
		{"excepted", o.Excepted},
		{"failing", o.Failing},
	} {
		if n.n > 0 {
			fmt.Fprintf(&b, " %s %d", n.name, n.n)
		}
	}
	if len(o.Warnings) > 0 {
		b.WriteString(" warned")
	}
	for _, f := range o.found {
		if f.FirstSeen != "" {
			b.WriteString(" first " + f.FirstSeen)
		}
	}
	return b.String()
}

func TestSwappedSidesAreNamed(t *testing.T) {
	base, head := two(), two()
	base.started = base.started.AddDate(2024, 0, 0)
	if d := compare(t, base, head, Options{}); len(d.Warnings) != 1 || !strings.Contains(d.Warnings[0], "swapped") {
		t.Errorf("%v", d.Warnings)
	}
}

func TestATruncatedRunIsNoSide(t *testing.T) {
	a := two()
	cut := func(hear func(*run.Message) error) error { return errors.Join(a.replay()(hear), run.ErrTruncated) }
	for _, sides := range [][2]Named{{{"B", cut}, {"H", a.replay()}}, {{"B", a.replay()}, {"H", cut}}} {
		_, err := Compare(sides[0], sides[1], Options{}, func(*run.Message) error { t.Error("something was emitted"); return nil })
		var side *SideError
		if !errors.As(err, &side) || !errors.Is(err, run.ErrTruncated) {
			t.Errorf("%v", err)
		}
	}
}

// TestManyOfOneName: a hostile run in which everything has one fingerprint
// takes linear time.
func TestManyOfOneName(t *testing.T) {
	base, head := two(), two()
	for range 20_000 {
		base.add("AAA001", db, finding.Refuted, dev)
		head.add("AAA001", db, finding.Refuted, dev)
	}
	head.add("AAA001", db, finding.Refuted, dev)
	if d := compare(t, base, head, Options{}); d.Same != 20_000 || d.New != 1 {
		t.Errorf("%+v", d.Difference)
	}
}

package term

import (
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

func TestCommandsBreakWhereAShellReadsOn(t *testing.T) {
	for c, want := range map[string][]string{
		"a && b && c":                         {"a &&", "b &&", "c"},
		"a":                                   {"a"},
		`echo 'x && y' && b`:                  {`echo 'x && y' &&`, "b"},
		`echo "x \" && y" && b`:               {`echo "x \" && y" &&`, "b"},
		`echo $'x\' && y' && b`:               {`echo $'x\' && y' &&`, "b"},
		`echo 'x\' && b`:                      {`echo 'x\' &&`, "b"},
		`echo x\' && b`:                       {`echo x\' &&`, "b"},
		`(cd a && terragrunt plan >&2) > b.x`: {`(cd a &&`, `terragrunt plan >&2) > b.x`},
		`echo 'open && end`:                   {`echo 'open && end`},
		"":                                    {""},
	} {
		if got := steps(c); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", c, got, want)
		}
	}
}

// FuzzSteps: nothing but a blank is lost, and the shell reads the same words.
func FuzzSteps(f *testing.F) {
	for _, s := range []string{"a && b", `'x && y' && $'z\' && q' && "a \" && b"`, "\\", "$'", "` && `", "$( && )"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, c string) {
		if got := strings.Join(steps(c), " "); got != c {
			t.Fatalf("%q became %q", c, got)
		}
	})
}

func TestBrokenCommandsRun(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		if os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	for _, c := range []string{
		`printf '%s|' 'a && b' && printf '%s|' $'c\' && d' && (cd / && printf '%s' "e \" && f")`,
		`(cd / && printf x && printf y) && printf z`,
	} {
		whole, err1 := exec.Command(bash, "-c", c).CombinedOutput()
		parts, err2 := exec.Command(bash, "-c", strings.Join(steps(c), "\n   ")).CombinedOutput()
		if err1 != nil || err2 != nil || string(whole) != string(parts) || len(whole) == 0 {
			t.Errorf("%s: %q (%v), broken %q (%v)", c, whole, err1, parts, err2)
		}
	}
}

// TestNarrowTerminal: sentences are wrapped; nothing but places, commands and
// addresses is wider than the terminal.
func TestNarrowTerminal(t *testing.T) {
	second := planRead()
	second.Evidence.Path, second.Evidence.Notes = "infra/other.json", []string{"environment prod is inferred from a tag"}
	second.Evidence.Environment, second.Evidence.Inferred = "prod", true
	gap := summary(finding.Refuted, 2, 1, 100)
	gap.Summary.Missing = []run.Gap{{Rule: "CHG001", Evidence: "a newer plan", Get: prodPlan}}
	skip := &run.Message{Skip: &run.Skip{Path: "infra/links", Count: 1, Reason: "a link that points outside of infra", Do: "name its target, so that it is clear that you mean it"}}
	ms := runOf(header(), planRead(), second, skip, refuted(2), excepted(refuted(1)), unproven(), unproven(), gap)
	for _, columns := range []int{60, 80, 120} {
		out := printed(t, Options{Width: columns}, ms)
		for line := range strings.SplitSeq(out, "\n") {
			bare := strings.TrimSpace(line)
			copied := strings.HasPrefix(bare, "$ ") || strings.HasPrefix(bare, "terraform ") || strings.HasPrefix(bare, "[") || strings.Contains(line, "CHG00")
			if !copied && width(line) > columns {
				t.Errorf("%d columns, %d taken: %s", columns, width(line), line)
			}
		}
		for _, want := range []string{
			"           $ terraform -chdir=envs/prod init &&\n             terraform -chdir=envs/prod plan -out=tfplan &&\n             terraform -chdir=envs/prod show -json tfplan > envs/prod/plan.json\n",
			"(prod, inferred)\n", "inferred from a tag",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("%d columns: %q is not in\n%s", columns, want, out)
			}
		}
	}
	if out := printed(t, Options{}, ms); !strings.Contains(out, "$ "+prodPlan+"\n") {
		t.Errorf("a command is broken where nobody said how wide it may be:\n%s", out)
	}
}

const prodPlan = "terraform -chdir=envs/prod init && terraform -chdir=envs/prod plan -out=tfplan && terraform -chdir=envs/prod show -json tfplan > envs/prod/plan.json"

// TestNotesSayOfWhat: of several pieces of evidence a note names its own.
func TestNotesSayOfWhat(t *testing.T) {
	note := func(path string, notes ...string) *run.Message {
		m := planRead()
		m.Evidence.Path, m.Evidence.Notes = path, notes
		return m
	}
	out := printed(t, Options{}, runOf(header(), note("a.json", "it is partial", "no configuration"), note("b.json", "no configuration"),
		note("c.json", "n1", "n2", "n3", "n4", "n5", "n6", "n7"), summary(finding.Holds, 0, 0, 3)))
	for _, want := range []string{"note: it is partial (a.json)\n", "note: no configuration (2 pieces, as a.json)\n", "note: n6 (c.json)\n", "note: ... and 1 more (use -v)\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	guess := func(path string) *run.Message {
		m := note(path, "environment prod is inferred from a tag of "+path)
		m.Evidence.Environment, m.Evidence.Inferred = "prod", true
		return m
	}
	out = printed(t, Options{}, runOf(header(), guess("a.json"), guess("b.json"), summary(finding.Holds, 0, 0, 3)))
	if !strings.Contains(out, "note: 2 pieces are in inferred environments (-v says from what)\n\n") || strings.Contains(out, "a tag of") {
		t.Error(out)
	}
}

// TestCommandsInTablesAreWhole: a command that was cut cannot be typed.
func TestCommandsInTablesAreWhole(t *testing.T) {
	row := func(part, found, get string) *run.Message {
		return &run.Message{Row: &run.Row{Table: "gate", Cells: []run.Cell{{Name: "gate", Value: part}, {Name: "found", Value: found}, {Name: "get", Value: get}}}}
	}
	out := printed(t, Options{Width: 80}, runOf(header(),
		row("polygraph.yaml", "missing: nothing declared", "polygraph init"),
		row("BASE", "missing: no saved run", "polygraph check some/long/path/to/the/infrastructure -o jsonl=base.jsonl")))
	for _, want := range []string{"jsonl=base.jsonl\n", "missing: nothing declared", "GATE            FOUND                      GET\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// TestOneWayForSeveral: a command that gets several things is printed once.
func TestOneWayForSeveral(t *testing.T) {
	m := summary(finding.Unproven, 0, 0, 0)
	for _, e := range []string{"a newer a.json", "a newer b.json", "a state"} {
		get := "terraform plan"
		if e == "a state" {
			get = "terraform state pull > state.json"
		}
		m.Summary.Missing = append(m.Summary.Missing, run.Gap{Rule: "CHG001", Evidence: e, Get: get})
	}
	out := printed(t, Options{}, runOf(header(), planRead(), m))
	if !strings.Contains(out, "  missing  a newer a.json (CHG001)\n  missing  a newer b.json (CHG001)\n           $ terraform plan\n  missing  a state (CHG001)\n           $ terraform state pull") {
		t.Error(out)
	}
	m.Summary.Missing = nil
	for i := range 30 {
		m.Summary.Missing = append(m.Summary.Missing, run.Gap{Rule: "CHG001", Evidence: "plan " + words.Number(i), Get: "ask"})
	}
	for d, want := range map[Detail]string{Normal: "... and 18 more (-v lists them)", Verbose: "missing  plan 29 (CHG001)"} {
		if out := printed(t, Options{Detail: d}, runOf(header(), planRead(), m)); !strings.Contains(out, want) {
			t.Errorf("detail %d: %q is not in\n%s", d, want, out)
		}
	}
}

package action

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// action is what of action.yml decides about a run.
type action struct {
	Inputs  map[string]struct{ Default string }
	Outputs map[string]struct{ Value string }
	Runs    struct {
		Using string
		Steps []struct {
			ID, Shell, Run, Uses string
			Env                  map[string]string
		}
	}
}

func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func load(t *testing.T) action {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(repository(t), "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// job is one job on a runner: its workspace, and what it was told.
type job struct {
	t         *testing.T
	workspace string
	temp      string
	env       []string
	binary    string // "": the action builds it
}

func newJob(t *testing.T) *job {
	t.Helper()
	j := &job{t: t, workspace: t.TempDir(), temp: t.TempDir()}
	bin := filepath.Join(j.temp, "bin")
	j.write(filepath.Join(bin, "gh"), gh)
	j.env = []string{
		"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"),
		"RUNNER_TEMP=" + j.temp, "GITHUB_ACTION_PATH=" + repository(t), "GITHUB_WORKSPACE=" + j.workspace,
		"GITHUB_REPOSITORY=acme/shop", "GITHUB_REF=refs/pull/17/merge", "GH_LOG=" + filepath.Join(j.temp, "gh.log"),
	}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS", "GONOSUMDB", "GONOSUMCHECK", "GOSUMDB", "GOTOOLCHAIN"} {
		if v, ok := os.LookupEnv(name); ok {
			j.env = append(j.env, name+"="+v)
		}
	}
	return j
}

// gh stands for the command of that name: it logs what it is asked and answers
// as GH_MODE says.
const gh = `#!/usr/bin/env bash
printf '%s\n' "$*" >>"$GH_LOG"
case "$*" in
*--jq*) [ "$GH_MODE" != blind ] || exit 1; [ "$GH_MODE" != again ] || { echo 991; echo 992; } ;;
*) [ "$GH_MODE" != denied ] || { echo 'HTTP 403: Resource not accessible by integration' >&2; exit 1; }
   for a in "$@"; do case $a in body=@*) cp "${a#body=@}" "$GH_LOG.body" ;; esac; done ;;
esac
`

func (j *job) write(name, text string) {
	j.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o755)); err != nil {
		j.t.Fatal(err)
	}
}

func (j *job) read(name string) string {
	data, _ := os.ReadFile(filepath.Join(j.temp, name))
	return string(data)
}

// step runs the shell of the action with some inputs and returns its exit
// status, its outputs and what it printed.
func (j *job) step(inputs map[string]string, env ...string) (status int, outputs map[string]string, printed string) {
	j.t.Helper()
	a := load(j.t)
	step := a.Runs.Steps[0]
	for _, f := range []string{"output", "summary", "gh.log", "gh.log.body"} {
		_ = os.Remove(filepath.Join(j.temp, f))
	}
	cmd := exec.Command("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step.Run)
	cmd.Dir = j.workspace
	cmd.Env = append(append(j.env, "GITHUB_OUTPUT="+filepath.Join(j.temp, "output"), "GITHUB_STEP_SUMMARY="+filepath.Join(j.temp, "summary")), env...)
	if j.binary != "" {
		cmd.Env = append(cmd.Env, "POLYGRAPH="+j.binary)
	}
	expression := regexp.MustCompile(`^\$\{\{ inputs\.([a-z-]+) \}\}$`)
	for name, value := range step.Env {
		m := expression.FindStringSubmatch(value)
		if m == nil {
			j.t.Fatalf("%s: %s is no plain input", name, value)
		}
		in, known := a.Inputs[m[1]]
		if !known {
			j.t.Fatalf("%s names the input %s, which there is not", name, m[1])
		}
		v := in.Default
		if given, ok := inputs[m[1]]; ok {
			v = given
		}
		cmd.Env = append(cmd.Env, name+"="+v)
	}
	for name := range inputs {
		if _, known := a.Inputs[name]; !known {
			j.t.Fatalf("there is no input %s", name)
		}
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		j.t.Fatal(err)
	}
	outputs = map[string]string{}
	for line := range strings.Lines(j.read("output")) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		outputs[name] = value
	}
	onlyOurs(j.t, out.String())
	return cmd.ProcessState.ExitCode(), outputs, out.String()
}

// plan puts acme's plan into the workspace, with one guard taken away when
// there is to be one more lie.
func (j *job) plan(lie bool) {
	j.t.Helper()
	data, err := os.ReadFile(filepath.Join(repository(j.t), "examples", "acme", "plan.json"))
	if err != nil {
		j.t.Fatal(err)
	}
	if lie {
		guard := []byte(`"recovery_window_in_days":30`)
		if !bytes.Contains(data, guard) {
			j.t.Fatal("acme has no secret with a recovery window any more: choose another guard")
		}
		data = bytes.ReplaceAll(data, guard, []byte(`"recovery_window_in_days":0`))
	}
	j.write(filepath.Join(j.workspace, "infra", "plan.json"), string(data))
}

func TestTheGateOnAcme(t *testing.T) {
	j := newJob(t)
	j.plan(false)

	// The first run of the default branch: no baseline, and acme has lies.
	status, out, printed := j.step(map[string]string{"base-run": "base.jsonl", "paths": "infra", "fail-on": "worse"})
	if status != 1 || out["status"] != "1" || !strings.Contains(printed, "There is no baseline at base.jsonl yet") {
		t.Fatalf("status %d, outputs %v\n%s", status, out, printed)
	}
	j.binary = filepath.Join(j.temp, "polygraph")
	j.write(filepath.Join(j.workspace, "base.jsonl"), readAll(t, filepath.Join(j.workspace, out["run"])))
	gate := map[string]string{"base-run": "base.jsonl", "paths": "infra"}

	// A pull request that changes nothing.
	if status, _, printed = j.step(gate); status != 0 {
		t.Fatalf("nothing changed and it exits %d\n%s", status, printed)
	}

	// One more lie: exit 1, the comment says so first, SARIF knows it as new.
	j.plan(true)
	status, out, printed = j.step(gate)
	if status != 1 || out["status"] != "1" {
		t.Fatalf("one more lie and it exits %d\n%s", status, printed)
	}
	comment := readAll(t, filepath.Join(j.workspace, out["markdown"]))
	first := comment[:min(len(comment), 600)]
	if !strings.HasPrefix(comment, "<!-- polygraph -->") || !strings.Contains(first, "1 claim is newly false") || !strings.Contains(comment, "legacy&#95;gateway") && !strings.Contains(comment, "legacy_gateway") {
		t.Errorf("the comment:\n%s", comment)
	}
	if j.read("summary") != comment || j.read("gh.log.body") != comment {
		t.Error("the job summary or the comment is another text")
	}
	if log := j.read("gh.log"); !strings.Contains(log, "--method POST repos/acme/shop/issues/17/comments") {
		t.Errorf("gh was asked:\n%s", log)
	}
	states := baselineStates(t, filepath.Join(j.workspace, filepath.Dir(out["sarif"]), "difference.sarif"))
	if states["new"] != 1 || states["unchanged"] < 10 || states["absent"] != 0 {
		t.Errorf("SARIF: %v", states)
	}
	known := strings.Count("\n"+readAll(t, filepath.Join(j.workspace, "base.jsonl")), "\n{\"finding\":")
	if states := baselineStates(t, filepath.Join(j.workspace, out["sarif"])); states[""] != known+1 || known < 16 || len(states) != 1 {
		t.Errorf("SARIF for code scanning: %v, BASE has %d", states, known)
	}
	for _, name := range []string{"html", "run"} {
		if len(readAll(t, filepath.Join(j.workspace, out[name]))) == 0 {
			t.Errorf("the %s report is empty", name)
		}
	}

	// The lie is removed: exit 0, and the old comment is replaced.
	j.plan(false)
	if status, _, printed = j.step(gate, "GH_MODE=again"); status != 0 {
		t.Errorf("the lie is gone and it exits %d\n%s", status, printed)
	}
	if log := j.read("gh.log"); !strings.Contains(log, "--method PATCH repos/acme/shop/issues/comments/991") {
		t.Errorf("gh was asked:\n%s", log)
	}

	// Its evidence is removed: exit 1.
	if err := os.Remove(filepath.Join(j.workspace, "infra", "plan.json")); err != nil {
		t.Fatal(err)
	}
	j.write(filepath.Join(j.workspace, "infra", "README"), "nothing to see\n")
	status, out, printed = j.step(gate)
	if status != 1 || !strings.Contains(readAll(t, filepath.Join(j.workspace, out["markdown"])), "1 observation that BASE had was not examined") {
		t.Errorf("the evidence is gone and it exits %d\n%s", status, printed)
	}
}

func TestForksAndBranches(t *testing.T) {
	j := newJob(t)
	j.plan(false)
	if status, _, printed := j.step(map[string]string{"paths": "infra", "comment": "false"}); status != 1 {
		t.Fatalf("status %d\n%s", status, printed)
	}
	if j.read("gh.log") != "" {
		t.Error("gh was asked though no comment is wanted")
	}
	j.binary = filepath.Join(j.temp, "polygraph")
	paths := map[string]string{"paths": "infra", "fail-on": "refuted"}

	// A fork's token may only read: the result stays what it was.
	for _, mode := range []string{"denied", "blind"} {
		status, out, printed := j.step(paths, "GH_MODE="+mode)
		if status != 1 || out["sarif"] == "" || !strings.Contains(printed, "see the job summary") || !strings.Contains(j.read("summary"), "<!-- polygraph -->") {
			t.Errorf("%s: status %d\n%s", mode, status, printed)
		}
	}
	// A push to a branch has nothing to comment on.
	if _, _, printed := j.step(paths, "GITHUB_REF=refs/heads/main"); j.read("gh.log") != "" {
		t.Errorf("gh was asked on a branch\n%s", printed)
	}
}

// TestHostileInputs: what a pull request can name reaches no shell.
func TestHostileInputs(t *testing.T) {
	j := newJob(t)
	j.plan(false)
	if status, _, printed := j.step(map[string]string{"paths": "infra"}); status != 1 {
		t.Fatalf("status %d\n%s", status, printed)
	}
	j.binary = filepath.Join(j.temp, "polygraph")
	for _, path := range []string{"$(touch pwned)", "`touch pwned`", "'; touch pwned; '", "--config=/etc/passwd", "infra\n--terraform=touch"} {
		status, _, printed := j.step(map[string]string{"paths": path})
		if status == 0 {
			t.Errorf("%q: exit 0\n%s", path, printed)
		}
		if _, err := os.Stat(filepath.Join(j.workspace, "pwned")); err == nil {
			t.Fatalf("%q was run", path)
		}
	}
	if status, _, printed := j.step(map[string]string{"out": "a\nstatus=0", "paths": "infra"}); status != 2 || !strings.Contains(printed, "holds a newline") {
		t.Errorf("an output was forged: %d\n%s", status, printed)
	}
	if status, _, _ := j.step(map[string]string{"paths": "infra", "fail-on": "never"}); status != 2 {
		t.Errorf("an unknown fail-on exits %d", status)
	}
}

// TestActionFile: nothing of an expression stands in a script, and every output
// is one that the step sets.
func TestActionFile(t *testing.T) {
	a := load(t)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) != 1 {
		t.Fatalf("%+v", a.Runs)
	}
	for _, s := range a.Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Error("an expression in a script is text of the script")
		}
		if s.Uses != "" && !regexp.MustCompile(`@[0-9a-f]{40}$`).MatchString(s.Uses) {
			t.Errorf("%s is not pinned to a commit", s.Uses)
		}
	}
	script := readAll(t, filepath.Join(repository(t), "deploy", "action", "polygraph.sh"))
	for name, o := range a.Outputs {
		if o.Value != "${{ steps.polygraph.outputs."+name+" }}" || !strings.Contains(script, "\noutput "+name+" ") {
			t.Errorf("output %s is not set by the step", name)
		}
	}
}

func readAll(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func baselineStates(t *testing.T, name string) map[string]int {
	t.Helper()
	var log struct {
		Runs []struct {
			Results []struct{ BaselineState string }
		}
	}
	if err := json.Unmarshal([]byte(readAll(t, name)), &log); err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, r := range log.Runs[0].Results {
		out[r.BaselineState]++
	}
	return out
}

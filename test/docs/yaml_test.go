package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"polygraph/internal/config"
	"polygraph/internal/exceptions"
)

func TestReference(t *testing.T) {
	const page = "docs/guide/polygraph-yaml.md"
	table, err := schemaTable(config.Schema())
	if err != nil {
		t.Fatal(err)
	}
	want, err := between(read(t, page), "schema", table)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, page, want)
}

func TestSchemaTable(t *testing.T) {
	got, err := schemaTable([]byte(`{"type":"object","required":["v"],"properties":{
		"v":{"type":"integer","minimum":1,"maximum":9,"description":"The a|b."},
		"list":{"type":"array","items":{"type":"object","properties":{"k":{"enum":["x","y"]}}}},
		"rooms":{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{"type":"object","additionalProperties":false,"properties":{"on":{"type":"boolean"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		"| `v` | integer, 1 to 9 | The a\\|b. Required. |",
		"| `list[].k` | `x`, `y` |  |",
		"| `rooms` | mapping: string to mapping |  |",
		"| `rooms.ROOM.on` | boolean |  |",
	} {
		if !strings.Contains(got, row+"\n") {
			t.Errorf("no row %s in\n%s", row, got)
		}
	}
	for _, bad := range []string{`{"type":"object"}`, `{"type":"object","properties":{"a":{"properties":{"-":{}}}}}`, `[]`} {
		if _, err := schemaTable([]byte(bad)); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

// TestYAML reads every yaml block of the pages as what it is.
func TestYAML(t *testing.T) {
	seen := map[string]int{}
	for _, page := range pages(t) {
		all, err := fences(read(t, page))
		if err != nil {
			t.Fatalf("%s: %v", page, err)
		}
		for _, f := range all {
			if f.language != "yaml" {
				continue
			}
			kind, err := checkYAML(strings.Join(f.text, "\n"))
			seen[kind]++
			if err == nil {
				err = checkFlags(t, strings.Join(f.text, "\n"))
			}
			if err != nil {
				t.Errorf("%s: line %d: %v", page, f.line, err)
			}
		}
	}
	for _, kind := range []string{"workflow", "steps", "gitlab", "pre-commit", "polygraph.yaml"} {
		if seen[kind] == 0 {
			t.Errorf("no page shows %s", kind)
		}
	}
}

var (
	invocation = regexp.MustCompile(`polygraph (check|compare)\b([^|;&\n]*)`)
	longFlag   = regexp.MustCompile(`--[a-z-]+`)
)

// checkFlags compares the flags of commands in a pipeline with their help: they
// are not run here.
func checkFlags(t *testing.T, text string) error {
	for _, m := range invocation.FindAllStringSubmatch(text, -1) {
		help, err := exec.CommandContext(t.Context(), filepath.Join(program(t), "polygraph"), m[1], "--help").Output()
		if err != nil {
			return err
		}
		for _, flag := range longFlag.FindAllString(m[2], -1) {
			if !strings.Contains(string(help), " "+flag+" ") {
				return fmt.Errorf("polygraph %s has no %s", m[1], flag)
			}
		}
	}
	return nil
}

// checkScript lets bash read a script without running it.
func checkScript(script string) error {
	if out, err := exec.Command("bash", "-n", "-c", script).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %s", script, out)
	}
	return nil
}

func checkYAML(text string) (kind string, err error) {
	var doc any
	dec := yaml.NewDecoder(strings.NewReader(text))
	if err := dec.Decode(&doc); err != nil {
		return "", err
	}
	if steps, ok := doc.([]any); ok {
		return "steps", checkSequence(steps)
	}
	m, ok := doc.(map[string]any)
	if !ok {
		return "", fmt.Errorf("neither a mapping nor a list")
	}
	switch {
	case m["jobs"] != nil:
		return "workflow", checkWorkflow(m)
	case m["repos"] != nil:
		return "pre-commit", checkPreCommit(m)
	case m["version"] != nil:
		return "polygraph.yaml", checkConfig(text)
	default:
		return "gitlab", checkGitLab(m)
	}
}

func checkConfig(text string) error {
	var ids []string
	for _, e := range entries() {
		ids = append(ids, e.ID)
	}
	if _, err := config.Parse("polygraph.yaml", []byte(text), ids); err != nil {
		return err
	}
	// What has only exceptions is also an example of a file of them.
	if !strings.Contains(text, "\nsla") && strings.HasPrefix(text, "version: 1\nexceptions:") {
		_, err := exceptions.ParseFile("exceptions.yaml", []byte(text), ids)
		return err
	}
	return nil
}

func known(where string, m map[string]any, keys ...string) error {
	for k := range m {
		if !slices.Contains(keys, k) {
			return fmt.Errorf("%s has no key %q", where, k)
		}
	}
	return nil
}

func checkWorkflow(m map[string]any) error {
	if err := known("a workflow", m, "name", "on", "permissions", "jobs", "env", "concurrency", "defaults"); err != nil {
		return err
	}
	on, ok := m["on"].(map[string]any)
	if !ok || m["permissions"] == nil {
		return fmt.Errorf("a workflow needs on and permissions")
	}
	if err := known("on", on, "push", "pull_request", "workflow_run", "schedule", "workflow_dispatch"); err != nil {
		return err // pull_request_target is not among them on purpose
	}
	for name, j := range m["jobs"].(map[string]any) {
		job := j.(map[string]any)
		if err := known("job "+name, job, "name", "if", "runs-on", "permissions", "needs", "steps", "env", "strategy", "timeout-minutes"); err != nil {
			return err
		}
		if p, ok := job["permissions"].(map[string]any); ok {
			if err := known("permissions", p, "actions", "checks", "contents", "id-token", "pull-requests", "security-events"); err != nil {
				return err
			}
			for k, v := range p {
				if v != "read" && v != "write" && v != "none" {
					return fmt.Errorf("permission %s: %v", k, v)
				}
			}
		}
		steps, ok := job["steps"].([]any)
		if !ok || job["runs-on"] == nil {
			return fmt.Errorf("job %s needs runs-on and steps", name)
		}
		if err := checkSequence(steps); err != nil {
			return fmt.Errorf("job %s: %w", name, err)
		}
		if on["workflow_run"] != nil && strings.Contains(fmt.Sprint(steps), "actions/checkout") {
			return fmt.Errorf("job %s: a workflow_run with rights checks something out", name)
		}
	}
	return nil
}

// pinned is an action at a full commit SHA, or the one that stands for it.
var pinned = regexp.MustCompile(`^(OWNER/polygraph@FULL_COMMIT_SHA|[a-z0-9-]+/[a-z0-9-]+(/[a-z0-9-]+)?@[0-9a-f]{40})$`)

// interpolated is an expression in a script: text of an event would be run.
var interpolated = regexp.MustCompile(`\$\{\{`)

func checkSequence(steps []any) error {
	for i, s := range steps {
		step, ok := s.(map[string]any)
		if !ok {
			return fmt.Errorf("step %d is no mapping", i+1)
		}
		if err := known(fmt.Sprintf("step %d", i+1), step, "name", "id", "if", "uses", "with", "run", "env", "shell", "working-directory", "continue-on-error"); err != nil {
			return err
		}
		uses, isAction := step["uses"].(string)
		run, isScript := step["run"].(string)
		switch {
		case isAction == isScript:
			return fmt.Errorf("step %d needs one of uses and run", i+1)
		case isAction && !pinned.MatchString(uses):
			return fmt.Errorf("step %d: %s is not pinned to a full commit SHA", i+1, uses)
		case interpolated.MatchString(run):
			return fmt.Errorf("step %d: an expression in run: pass it through env", i+1)
		}
		if err := checkScript(run); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		if strings.HasPrefix(uses, "OWNER/") {
			if err := checkInputs(step["with"]); err != nil {
				return fmt.Errorf("step %d: %w", i+1, err)
			}
		}
	}
	return nil
}

// checkInputs compares the inputs with action.yml of this repository, once it
// is there.
func checkInputs(with any) error {
	b, err := os.ReadFile(filepath.Join(root, "action.yml"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var action struct {
		Inputs map[string]any `yaml:"inputs"`
	}
	if err := yaml.Unmarshal(b, &action); err != nil {
		return err
	}
	inputs, _ := with.(map[string]any)
	for k := range inputs {
		if _, ok := action.Inputs[k]; !ok {
			return fmt.Errorf("action.yml has no input %q", k)
		}
	}
	return nil
}

func checkGitLab(m map[string]any) error {
	for name, j := range m {
		job, ok := j.(map[string]any)
		if !ok || job["script"] == nil {
			return fmt.Errorf("job %s needs a script", name)
		}
		lines, _ := job["script"].([]any)
		for _, line := range lines {
			if err := checkScript(fmt.Sprint(line)); err != nil {
				return fmt.Errorf("job %s: %w", name, err)
			}
		}
		if err := known("job "+name, job, "image", "variables", "rules", "script", "before_script", "artifacts", "needs", "stage"); err != nil {
			return err
		}
		if a, ok := job["artifacts"].(map[string]any); ok {
			if err := known("artifacts", a, "when", "paths", "reports", "expire_in"); err != nil {
				return err
			}
			if r, ok := a["reports"].(map[string]any); ok {
				if err := known("reports", r, "junit"); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func checkPreCommit(m map[string]any) error {
	for _, r := range m["repos"].([]any) {
		repo := r.(map[string]any)
		if err := known("repo", repo, "repo", "rev", "hooks"); err != nil {
			return err
		}
		for _, h := range repo["hooks"].([]any) {
			hook := h.(map[string]any)
			if err := known("hook", hook, "id", "name", "language", "entry", "files", "pass_filenames", "always_run", "args"); err != nil {
				return err
			}
			for _, k := range []string{"id", "name", "language", "entry"} {
				if hook[k] == nil {
					return fmt.Errorf("a local hook needs %s", k)
				}
			}
			if f, ok := hook["files"].(string); ok {
				if re, err := regexp.Compile(f); err != nil || !re.MatchString("infra/plan.json") || re.MatchString("infra/main.tf") {
					return fmt.Errorf("files %q: %w", f, err)
				}
			}
		}
	}
	return nil
}

func TestCheckYAML(t *testing.T) {
	const good = "on: {push: null}\npermissions: {}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: a/b@0123456789012345678901234567890123456789\n"
	if kind, err := checkYAML(good); kind != "workflow" || err != nil {
		t.Fatal(kind, err)
	}
	for _, m := range [][2]string{
		{"@0123456789012345678901234567890123456789", "@v4"},
		{"push", "pull_request_target"},
		{"permissions: {}\n", ""},
		{"runs-on", "run-on"},
		{"uses: a/b@0123456789012345678901234567890123456789", "run: echo ${{ github.head_ref }}"},
		{"steps:", "steps: ["},
		{"uses: a/b@0123456789012345678901234567890123456789", "run: if true"},
	} {
		if _, err := checkYAML(strings.Replace(good, m[0], m[1], 1)); err == nil {
			t.Errorf("%q instead of %q is accepted", m[1], m[0])
		}
	}
	for _, bad := range []string{
		"version: 1\nenviroments: {}\n", "a: {image: x}\n",
		"repos: [{repo: local, hooks: [{id: a}]}]\n", "- {run: a, uses: b}\n", "x\n",
	} {
		if _, err := checkYAML(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

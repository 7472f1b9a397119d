package engine_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/test/engine"
)

// plan is as much of a plan's JSON as these tests ask about.
type plan struct {
	TerraformVersion string `json:"terraform_version"`
	ResourceChanges  []struct {
		Address string `json:"address"`
		Change  struct {
			Actions      []string `json:"actions"`
			ReplacePaths [][]any  `json:"replace_paths"`
		} `json:"change"`
	} `json:"resource_changes"`
}

func decode(t *testing.T, data []byte) plan {
	t.Helper()
	var p plan
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

const note = `
resource "terraform_data" "note" {
  input            = "TEXT"
  triggers_replace = ["TRIGGER"]
}
resource "terraform_data" "copy" {
  for_each = { "a b" = 1 }
  input    = terraform_data.note.id
}
`

func TestApplyThenReplace(t *testing.T) {
	w := engine.Find(t).Workspace(t, map[string]string{"main.tf": note})
	w.Init()
	w.Apply()
	if got, want := w.StateList(), []string{`terraform_data.copy["a b"]`, "terraform_data.note"}; !slices.Equal(got, want) {
		t.Fatalf("state holds %q, want %q", got, want)
	}
	if state := w.StateJSON(); !json.Valid(state) || !strings.Contains(string(state), `"TEXT"`) {
		t.Errorf("state is %.200s", state)
	}
	w.Write("main.tf", strings.ReplaceAll(note, "TRIGGER", "other"))
	if err := w.Plan("tfplan"); err != nil {
		t.Fatal(err)
	}
	p := decode(t, w.ShowJSON("tfplan"))
	got := map[string]string{}
	for _, rc := range p.ResourceChanges {
		got[rc.Address] = strings.Join(rc.Change.Actions, "+")
	}
	if got["terraform_data.note"] != "delete+create" || got[`terraform_data.copy["a b"]`] != "update" {
		t.Errorf("planned %v", got)
	}
	w.Apply("tfplan")
	if err := w.Plan("tfplan"); err != nil {
		t.Fatal(err)
	}
	for _, rc := range decode(t, w.ShowJSON("tfplan")).ResourceChanges {
		if !slices.Equal(rc.Change.Actions, []string{"no-op"}) {
			t.Errorf("after apply %s is still %v", rc.Address, rc.Change.Actions)
		}
	}
}

func TestRefusalsAreAnswers(t *testing.T) {
	w := engine.Find(t).Workspace(t, map[string]string{"main.tf": `resource "terraform_data" "x" { nonsense = 1 }`})
	w.Init()
	err := w.Plan("tfplan")
	if err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("error %v, want the engine's words about the attribute", err)
	}
	if _, _, code, err := w.Run("no-such-command"); err != nil || code == 0 {
		t.Errorf("exit code %d and error %v, want an answer that is no success", code, err)
	}
	w.Limit = time.Millisecond
	if _, _, _, err := w.Run("plan"); err == nil || !strings.Contains(err.Error(), "stopped") {
		t.Errorf("error %v, want one about the limit", err)
	}
}

func TestOutsideSettingsDoNotReachTheEngine(t *testing.T) {
	t.Setenv("TF_VAR_text", "from outside")
	t.Setenv("TF_CLI_ARGS_plan", "-destroy")
	w := engine.Find(t).Workspace(t, map[string]string{"main.tf": `
variable "text" { default = "inside" }
resource "terraform_data" "x" { input = var.text }`})
	w.Init()
	w.Apply()
	if state := string(w.StateJSON()); !strings.Contains(state, "inside") || strings.Contains(state, "outside") {
		t.Errorf("state is %s", state)
	}
	if err := w.Plan("tfplan"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(w.Dir, "tfplan")); err != nil {
		t.Error(err)
	}
	w.Env = []string{"TF_VAR_text=on purpose"}
	w.Apply()
	if state := string(w.StateJSON()); !strings.Contains(state, "on purpose") {
		t.Errorf("the workspace's own setting is lost: %s", state)
	}
}

const clock = `
terraform {
  required_providers {
    time = { source = "hashicorp/time" }
  }
}
resource "time_static" "start" {
  triggers = { release = "RELEASE" }
}
`

func TestProviderFromSource(t *testing.T) {
	w := engine.Find(t).Workspace(t, map[string]string{"main.tf": clock}, engine.Time(t))
	w.Init()
	w.Apply()
	w.Write("main.tf", strings.ReplaceAll(clock, "RELEASE", "next"))
	if err := w.Plan("tfplan"); err != nil {
		t.Fatal(err)
	}
	for _, rc := range decode(t, w.ShowJSON("tfplan")).ResourceChanges {
		if !slices.Equal(rc.Change.Actions, []string{"delete", "create"}) || len(rc.Change.ReplacePaths) == 0 {
			t.Errorf("%s: %v because of %v, want a replacement and its path", rc.Address, rc.Change.Actions, rc.Change.ReplacePaths)
		}
	}
}

func TestOtherProvidersAreOutOfReach(t *testing.T) {
	w := engine.Find(t).Workspace(t, map[string]string{"main.tf": clock})
	_, stderr, code, err := w.Run("init", "-input=false", "-no-color")
	if err != nil || code == 0 || !strings.Contains(stderr, "hashicorp/time") {
		t.Errorf("code %d, error %v, %s", code, err, stderr)
	}
}

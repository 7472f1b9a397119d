package acme

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const examples = "../../../examples"

// TestExamples makes each root again with the real engine, holds it against the committed files
// and the story that its README tells. The shop's plan is applied too: what it is said to do must
// be what happens.
func TestExamples(t *testing.T) {
	work := t.TempDir()
	provider, err := NewProvider("..", work)
	if errors.Is(err, ErrNoEngine) {
		skip(t, "%v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, root := range Roots() {
		t.Run(root.Name, func(t *testing.T) {
			t.Parallel()
			story, err := Make(Paths{Module: "..", Examples: examples, Work: work}, root, provider)
			if err != nil {
				t.Fatal(err)
			}
			t.Run("committed", func(t *testing.T) { testCommitted(t, story) })
			t.Run("story", func(t *testing.T) { testStory(t, story) })
			if root.Name == "shop" {
				t.Run("applied", func(t *testing.T) { testApplied(t, story) })
			}
		})
	}
}

func testCommitted(t *testing.T, story *Story) {
	for name, made := range story.Files(story.Evidence) {
		committed, err := os.ReadFile(filepath.Join(examples, name))
		if err != nil {
			t.Fatal(err)
		}
		// Each release of an engine writes its own version and may word its files anew.
		if made, want := engineVersion(made), engineVersion(committed); made != want {
			skip(t, "%s was written by terraform %s and this is %s: set TERRAFORM to that version", name, want, made)
		}
		if !bytes.Equal(committed, made) {
			t.Errorf("examples/%s differs from what the generator makes at byte %d; run go run ./cmd/acme in test/mockaws and read the difference", name, firstDifference(committed, made))
		}
	}
}

func engineVersion(evidence []byte) string {
	var file struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(evidence, &file); err != nil {
		return err.Error()
	}
	return file.Version
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// testApplied applies the plan and reads what the cloud logged.
func testApplied(t *testing.T, shop *Story) {
	before, err := shop.Cloud.Calls()
	if err != nil {
		t.Fatal(err)
	}
	if err := shop.Apply(); err != nil {
		t.Fatal(err)
	}
	calls, err := shop.Cloud.Calls()
	if err != nil {
		t.Fatal(err)
	}
	notes := map[string][]string{}
	for _, call := range calls[len(before):] {
		if call.Error != "" {
			t.Errorf("%s %s %s: %s", call.Call, call.Type, call.ID, call.Error)
		}
		if call.Call == "delete" {
			notes[call.Type] = append(notes[call.Type], call.Note)
		}
	}
	for _, want := range []struct{ resourceType, note, why string }{
		{"aws_db_instance", "no final snapshot", "the state still skips the final snapshot"},
		{"aws_s3_bucket", "deleted 48213 items", "force_destroy"},
		{"aws_elasticache_replication_group", "final snapshot acme-prod-checkout-final", "guarded"},
		{"aws_secretsmanager_secret", "recoverable for 30 days", "guarded"},
		{"aws_kms_key", "recoverable for 30 days", "guarded"},
		{"aws_sqs_queue", "", "a twin: the queue and its messages are gone"},
	} {
		if !slices.Contains(notes[want.resourceType], want.note) {
			t.Errorf("deleting a %s noted %q, not %q (%s)", want.resourceType, notes[want.resourceType], want.note, want.why)
		}
	}
	if len(notes["aws_db_instance"]) != 1 {
		t.Errorf("%d databases were deleted, not one", len(notes["aws_db_instance"]))
	}
	if _, err := shop.Engine.Run("plan", "-detailed-exitcode", "-input=false", "-no-color", "-parallelism=1"); err != nil {
		t.Errorf("after the apply there must be nothing left to do: %v", err)
	}
}

// skip says why; under POLYGRAPH_STRICT a test that cannot run is a failure.
func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("POLYGRAPH_STRICT") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

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

const example = "../../../examples/acme"

// TestAcme makes the example again with the real engine, holds it against the committed files,
// and then applies the plan: what the plan is said to do must be what happens.
func TestAcme(t *testing.T) {
	shop, err := Make(Paths{Module: "..", Configuration: filepath.Join(example, "terraform"), Work: t.TempDir()})
	if errors.Is(err, ErrNoEngine) {
		skip(t, "%v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Run("committed", func(t *testing.T) { testCommitted(t, shop) })
	t.Run("story", func(t *testing.T) { testStory(t, shop.Plan) })
	t.Run("applied", func(t *testing.T) { testApplied(t, shop) })
}

func testCommitted(t *testing.T, shop *Shop) {
	for _, file := range []struct {
		name string
		made []byte
	}{{"plan.json", shop.Plan}, {"terraform.tfstate", shop.State}} {
		committed, err := os.ReadFile(filepath.Join(example, file.name))
		if err != nil {
			t.Fatal(err)
		}
		// Each release of an engine writes its own version and may word its files anew.
		if made, want := engineVersion(file.made), engineVersion(committed); made != want {
			skip(t, "%s was written by terraform %s and this is %s: set TERRAFORM to that version", file.name, want, made)
		}
		if !bytes.Equal(committed, file.made) {
			t.Errorf("examples/acme/%s differs from what the generator makes at byte %d; run go run ./cmd/acme in test/mockaws and read the difference", file.name, firstDifference(committed, file.made))
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
func testApplied(t *testing.T, shop *Shop) {
	before, err := shop.Cloud.Calls()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shop.Engine.Run("apply", "-input=false", "-no-color", "-parallelism=1", "today.tfplan"); err != nil {
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

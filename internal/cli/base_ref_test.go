package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestRevisionsAreOneLook: HEAD is checked before BASE is checked out, and that
// is no reason to believe that the two are swapped.
func TestRevisionsAreOneLook(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("plan.json", planText("holds", "aws_s3_bucket.logs"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"init", "-q", "-b", "main"},
		{"add", "."},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "one"},
	} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	var out, errs bytes.Buffer
	clock := time.Unix(1_700_000_000, 0)
	now := func() time.Time { clock = clock.Add(time.Minute); return clock }
	code := Run(context.Background(), IO{Args: []string{"compare", "--base-ref", "main"}, Stdout: &out, Stderr: &errs, Env: os.Environ(), Now: now})
	if code != exitFine || !strings.Contains(out.String(), "NO WORSE") || strings.Contains(out.String(), "swapped") {
		t.Errorf("exit %d\n%s%s", code, &out, &errs)
	}
}

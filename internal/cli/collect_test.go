package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// drifted is a plan that shows one object as changed by hand.
const drifted = `{"format_version":"1.2","timestamp":"2026-01-01T00:00:00Z","planned_values":{"root_module":{}},"resource_changes":[],"resource_drift":[
{"address":"aws_sqs_queue.q","mode":"managed","type":"aws_sqs_queue","name":"q","change":{"actions":["update"],"before_sensitive":{},"after_sensitive":{},"after_unknown":{},
"before":{"id":"https://sqs.eu-west-1.amazonaws.com/123456789012/a, b","name":"a, b=c","delay_seconds":1},"after":{"id":"https://sqs.eu-west-1.amazonaws.com/123456789012/a, b","name":"a, b=c","delay_seconds":2}}}],"configuration":{"root_module":{}}}`

func collectWith(t *testing.T, ctx context.Context, script string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"plan.json": drifted, "aws": "#!/bin/sh\n" + script + "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	line := append([]string{"collect", "aws", "--for", "drift", "plan.json", "--aws", "./aws", "-o", "out"}, args...)
	code = Run(ctx, IO{Args: line, Stdout: &out, Stderr: &errs, Env: os.Environ()})
	return code, out.String(), errs.String()
}

// left are the files that a run left behind.
func left(t *testing.T) []string {
	t.Helper()
	var names []string
	entries, err := os.ReadDir("out")
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestCollectInterrupted: a call that is cut off leaves nothing, and one before
// it stays.
func TestCollectInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(2500*time.Millisecond, cancel)
	start := time.Now()
	code, stdout, stderr := collectWith(t, ctx, `if test -e second; then exec sleep 60; fi; touch second; echo '{"Events":[]}'`)
	if code != exitInterrupted || stdout != "" || len(left(t)) != 1 || time.Since(start) > 30*time.Second {
		t.Errorf("exit %d, %q, %q, left %q after %v", code, stdout, stderr, left(t), time.Since(start))
	}
}

func TestCollectFailures(t *testing.T) {
	for name, c := range map[string]struct {
		script, want string
		args         []string
	}{
		"slow":      {`exec sleep 60`, "did not answer within 1s", []string{"--timeout", "1s"}},
		"garbage":   {`echo SECRET`, "did not print a JSON object", nil},
		"throttled": {`echo 'An error occurred (ThrottlingException): Rate exceeded' >&2; exit 254`, "wait a minute", nil},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := collectWith(t, context.Background(), c.script, c.args...)
			if code != exitUnexamined || stdout != "" || !strings.Contains(stderr, c.want) || !strings.Contains(stderr, "0 calls of 2 were made") || strings.Contains(stderr, "SECRET") || len(left(t)) != 0 {
				t.Errorf("exit %d, %q, %q, left %q", code, stdout, stderr, left(t))
			}
		})
	}
}

// TestCollectPassesNamesWhole: a name that the short form of an option would
// take apart goes as JSON, and the order of the calls is that of the plan.
func TestCollectPassesNamesWhole(t *testing.T) {
	code, stdout, stderr := collectWith(t, context.Background(), `for a in "$@"; do printf '%s\n' "$a"; done >> args; echo '{"Events":[]}'`)
	args, err := os.ReadFile("args")
	if code != exitFine || err != nil || stdout != "polygraph check plan.json out\n" {
		t.Fatalf("exit %d, %q, %q, %v", code, stdout, stderr, err)
	}
	for _, want := range []string{
		`[{"AttributeKey":"ResourceName","AttributeValue":"https://sqs.eu-west-1.amazonaws.com/123456789012/a, b"}]`,
		`[{"AttributeKey":"ResourceName","AttributeValue":"a, b=c"}]`,
	} {
		if !strings.Contains(string(args), "\n"+want+"\n") {
			t.Errorf("%s is not in %s", want, args)
		}
	}
	if strings.Contains(string(args), "--region") {
		t.Errorf("a region that nobody named: %s", args)
	}
	for _, n := range left(t) {
		info, err := os.Stat(filepath.Join("out", n))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", n, info.Mode(), err)
		}
	}
}

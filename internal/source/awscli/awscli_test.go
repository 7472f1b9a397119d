package awscli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polygraph/internal/evidence"
)

// fake writes a program that stands for aws.
func fake(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "aws")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func lookup(id string) Call {
	return Call{Service: "cloudtrail", Verb: "lookup-events", Options: []Option{
		{"--lookup-attributes", "AttributeKey=ResourceName,AttributeValue=" + id}, {"--max-items", "100"},
	}}
}

func TestRun(t *testing.T) {
	bin := fake(t, `printf '{"args":"%s","pager":"%s","x":"%s"}' "$*" "$AWS_PAGER" "$X"; echo a warning >&2`)
	var said bytes.Buffer
	c := lookup("sgr-1")
	c.Profile, c.Region = "prod", "eu-west-1"
	out, err := Run(context.Background(), c, Options{Binary: bin, Env: []string{"X=1", "AWS_PAGER=less"}, Stderr: &said})
	if err != nil {
		t.Fatal(err)
	}
	const args = "cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue=sgr-1 --max-items 100 --profile prod --region eu-west-1 --output json --no-cli-pager"
	if want := `{"args":"` + args + `","pager":"","x":"1"}` + "\n"; string(out) != want {
		t.Errorf("got %s want %s", out, want)
	}
	if said.String() != "running: aws "+args+"\n" {
		t.Errorf("%q", said.String())
	}
}

// TestNoShell: what an identifier holds is an argument and nothing else.
func TestNoShell(t *testing.T) {
	t.Chdir(t.TempDir())
	bin := fake(t, `printf '{"n":%d}' $#`)
	out, err := Run(context.Background(), lookup("x; touch pwned `touch pwned` $(touch pwned)"), Options{Binary: bin})
	if err != nil || string(out) != "{\"n\":9}\n" {
		t.Errorf("%s, %v", out, err)
	}
	if _, err := os.Stat("pwned"); err == nil {
		t.Error("a shell saw it")
	}
	if got := lookup("it's").String(); !strings.Contains(got, `'AttributeKey=ResourceName,AttributeValue=it'\''s'`) {
		t.Errorf("what is printed cannot be pasted: %s", got)
	}
}

func TestRefused(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "ran")
	bin := fake(t, "touch "+marker+"; echo {}")
	with := func(service, verb string, o ...Option) Call { return Call{Service: service, Verb: verb, Options: o} }
	for name, c := range map[string]Call{
		"writes":             with("ec2", "terminate-instances"),
		"almost a read":      with("ec2", "describe"),
		"not its verb":       with("ec2", "lookup-events-and-delete"),
		"hands out secrets":  with("secretsmanager", "get-secret-value"),
		"hands out tokens":   with("sts", "get-session-token"),
		"decrypts":           with("ssm", "get-parameter"),
		"an option as verb":  with("ec2", "--debug"),
		"an option as name":  with("--debug", "describe-x"),
		"another endpoint":   with("ec2", "describe-vpcs", Option{"--endpoint-url", "http://example.com"}),
		"an id like a flag":  with("ec2", "describe-vpcs", Option{"--vpc-ids", "--debug"}),
		"a short flag":       with("ec2", "describe-vpcs", Option{"-x", "y"}),
		"reads a file":       with("ec2", "describe-vpcs", Option{"--filters", "file:///etc/passwd"}),
		"no value":           with("ec2", "describe-vpcs", Option{"--vpc-ids", ""}),
		"control characters": with("ec2", "describe-vpcs", Option{"--vpc-ids", "a\nb"}),
		"too long":           with("ec2", "describe-vpcs", Option{"--vpc-ids", strings.Repeat("x", MaxValue+1)}),
		"a profile a flag":   {Service: "ec2", Verb: "describe-vpcs", Profile: "--debug"},
		"a region a flag":    {Service: "ec2", Verb: "describe-vpcs", Region: "-x"},
		"no region's name":   {Service: "ec2", Verb: "describe-vpcs", Region: "eu-west-1.example.com"},
	} {
		_, err := Run(context.Background(), c, Options{Binary: bin})
		var p *evidence.Problem
		if !errors.As(err, &p) || p.Do == "" {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(marker); err == nil {
			t.Fatalf("%s: it ran", name)
		}
	}
	if err := with("ec2", "describe-vpcs", Option{"--vpc-ids", "vpc-1"}).Check(); err != nil {
		t.Error(err)
	}
}

func TestFailuresSayWhatToDo(t *testing.T) {
	c := lookup("x")
	c.Profile = "prod"
	for name, f := range map[string]struct {
		script string
		want   []string
	}{
		"no credentials": {`echo 'Unable to locate credentials. You can configure credentials by running "aws configure".' >&2; exit 253`, []string{"Unable to locate", "aws sso login --profile prod"}},
		"SSO is over":    {`echo 'Error loading SSO Token: Token for acme does not exist' >&2; exit 255`, []string{"aws sso login --profile prod"}},
		"throttled":      {`echo 'An error occurred (ThrottlingException) when calling the LookupEvents operation: Rate exceeded' >&2; exit 254`, []string{"ThrottlingException", "wait a minute"}},
		"not allowed":    {`echo 'An error occurred (AccessDeniedException) when calling the LookupEvents operation' >&2; exit 254`, []string{"cloudtrail:LookupEvents"}},
		"no profile":     {`echo 'The config profile (prod) could not be found' >&2; exit 255`, []string{"list-profiles"}},
		"no region":      {`echo 'You must specify a region. You can also configure your region by running "aws configure".' >&2; exit 253`, []string{"--region"}},
		"version 1":      {`printf 'usage: aws [options]\n\nUnknown options: --no-cli-pager\n' >&2; exit 252`, []string{"version 1 of the AWS command line", "version 2", "--aws"}},
		"no such region": {`echo 'Could not connect to the endpoint URL: "https://cloudtrail.eu-wst-1.amazonaws.com/"' >&2; exit 255`, []string{"endpoint URL", "region"}},
		"too long ago":   {`echo 'An error occurred (InvalidTimeRangeException) when calling the LookupEvents operation' >&2; exit 254`, []string{"90 days"}},
		"anything":       {`echo boom >&2; exit 1`, []string{"boom", "by hand: aws cloudtrail lookup-events"}},
		"garbage":        {`echo '<html>SECRET</html>'`, []string{"did not print a JSON object", "version 2"}},
		"half":           {`echo '{"Events":['`, []string{"did not print a JSON object"}},
		"nothing":        {`exit 0`, []string{"did not print a JSON object"}},
		"endless":        {`yes '{"Events":[]}'`, []string{"more than 64 MiB"}},
		"slow":           {`exec sleep 60`, []string{"did not answer within 1s"}},
	} {
		t.Run(name, func(t *testing.T) {
			timeout := time.Minute
			if name == "slow" {
				timeout = time.Second
			}
			_, err := Run(context.Background(), c, Options{Binary: fake(t, f.script), Env: os.Environ(), Timeout: timeout})
			var p *evidence.Problem
			if !errors.As(err, &p) || p.Do == "" {
				t.Fatalf("no advice in %v", err)
			}
			for _, w := range f.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in %q", w, err)
				}
			}
			if strings.Contains(err.Error(), "SECRET") {
				t.Error("the output is quoted")
			}
		})
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Run(context.Background(), c, Options{}); err == nil || !strings.Contains(err.Error(), "--dry-run") {
		t.Error(err)
	}
	if _, err := Run(context.Background(), c, Options{Binary: "/nowhere/aws"}); err == nil || !strings.Contains(err.Error(), "--aws names /nowhere/aws") {
		t.Error(err)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	bin := fake(t, "exec sleep 60")
	time.AfterFunc(100*time.Millisecond, cancel)
	start := time.Now()
	_, err := Run(ctx, lookup("x"), Options{Binary: bin, Env: os.Environ()})
	if !errors.Is(err, context.Canceled) || time.Since(start) > 20*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

func TestIsRegion(t *testing.T) {
	for name, want := range map[string]bool{
		"eu-west-1": true, "us-gov-west-1": true, "cn-north-1": true, "us-isob-east-1": true, "eusc-de-east-1": true, "ap-southeast-7": true, "mx-central-1": true,
		"": false, "EU-WEST-1": false, "eu-west-1; rm": false, "eu-west": false, "eu-west-1a": false, "eu-west-1\n": false, "all": false, "eu_west_1": false, "x.example.com/eu-west-1": false,
	} {
		if got := IsRegion(name); got != want {
			t.Errorf("%q: %t", name, got)
		}
	}
}

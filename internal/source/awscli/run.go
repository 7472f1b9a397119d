package awscli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"polygraph/internal/evidence"
	"polygraph/internal/source/tail"
)

// MaxOutput bounds what one call may print.
const MaxOutput = 64 << 20

// Options say what to run and how.
type Options struct {
	Binary  string        // of --aws; empty: aws on the PATH
	Env     []string      // environment of the program, "NAME=value"
	Stderr  io.Writer     // where the call is printed before it runs
	Timeout time.Duration // of one call; 0: a minute
}

// Run makes one call and returns the JSON object that it printed.
func Run(ctx context.Context, c Call, o Options) ([]byte, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	binary, err := find(o.Binary)
	if err != nil {
		return nil, err
	}
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	limited, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	out, said := &bounded{limit: MaxOutput, full: cancel}, &tail.Buffer{Limit: 8 << 10}
	cmd := exec.CommandContext(limited, binary, c.Args()...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(append([]string{}, o.Env...), "AWS_PAGER=", "AWS_CLI_AUTO_PROMPT=off"), out, said
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 3 * time.Second
	if o.Stderr != nil {
		fmt.Fprintln(o.Stderr, "running: "+c.String())
	}
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case out.over:
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("aws %s %s printed more than %d MiB", c.Service, c.Verb, MaxOutput>>20),
			Do:     "ask for less: a later --start-time, or fewer objects",
		}
	case limited.Err() != nil:
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("aws %s %s did not answer within %s", c.Service, c.Verb, o.Timeout),
			Do:     "check that the network reaches AWS, and run it by hand: " + c.String(),
		}
	case err != nil:
		return nil, failure(c, said.String(), err)
	}
	text := bytes.TrimSpace(out.buf.Bytes())
	if len(text) == 0 || text[0] != '{' || !json.Valid(text) {
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("aws %s %s did not print a JSON object", c.Service, c.Verb),
			Do:     "check that " + binary + " is the AWS command line, version 2, and run it by hand: " + c.String(),
		}
	}
	return append(text, '\n'), nil
}

// failure puts what the program said into what to do about it.
func failure(c Call, said string, err error) error {
	said = strings.TrimSpace(said)
	has := func(any ...string) bool {
		for _, s := range any {
			if strings.Contains(said, s) {
				return true
			}
		}
		return false
	}
	if has("Unknown options: ") && has("--no-cli-pager") {
		return &evidence.Problem{ // its usage text says nothing more
			Reason: "this aws is version 1 of the AWS command line, and version 2 is needed",
			Do:     "install the AWS command line, version 2, or name it with --aws (aws --version tells which one it is)",
			Err:    err,
		}
	}
	with := ""
	if c.Profile != "" {
		with = " --profile " + c.Profile
	}
	reason := fmt.Sprintf("aws %s %s failed: %v", c.Service, c.Verb, err)
	if said != "" {
		reason += "\n" + said + "\n"
	}
	p := &evidence.Problem{Reason: reason, Err: err, Do: "run it by hand: " + c.String()}
	switch {
	case has("Throttling", "Rate exceeded", "TooManyRequests"):
		p.Do = "wait a minute and run it again: CloudTrail allows two lookups per second, account and region"
	case has("AccessDenied", "not authorized", "UnauthorizedOperation"):
		p.Do = "name a --profile that may call cloudtrail:LookupEvents; it only reads"
	case has("could not be found") && has("profile"):
		p.Do = "name a --profile that `aws configure list-profiles` shows"
	case has("Could not connect to the endpoint URL", "EndpointConnectionError", "Invalid endpoint"):
		p.Do = "check that the region is one of AWS (aws account list-regions) and that the network reaches it"
		if c.Region != "" {
			p.Do = "check that " + c.Region + " is a region of AWS, and that the network reaches it; name another with --region"
		}
	case has("InvalidTimeRange"):
		p.Do = "CloudTrail answers for 90 days: make a new plan, or give the files of a trail to `polygraph check`"
	case has("UnrecognizedClient") && c.Region != "":
		p.Do = "sign in again, and check that the account has enabled the region " + c.Region
	case has("credentials", "ExpiredToken", "expired", "SSO", "InvalidClientTokenId", "sso login"):
		p.Do = "sign in first: aws sso login" + with + ", or name another --profile"
	case has("specify a region", "region"):
		p.Do = "name the region with --region"
	}
	return p
}

func find(wanted string) (string, error) {
	name, from := wanted, "--aws names"
	if name == "" {
		name = "aws"
	}
	path, err := exec.LookPath(name)
	if err == nil {
		return filepath.Abs(path)
	}
	if wanted != "" {
		return "", &evidence.Problem{Reason: fmt.Sprintf("%s %s, which is not a program that can be run", from, wanted), Do: "give the path of the AWS command line, version 2"}
	}
	return "", &evidence.Problem{Reason: "aws is not on the PATH", Do: "install the AWS command line, version 2, name it with --aws, or run what --dry-run prints where it is installed"}
}

// bounded keeps what is printed up to a limit, and stops the program there.
type bounded struct {
	buf   bytes.Buffer
	limit int
	over  bool
	full  func()
}

var errFull = errors.New("too much output")

func (b *bounded) Write(p []byte) (int, error) {
	if b.buf.Len()+len(p) > b.limit {
		b.over = true
		b.full()
		return 0, errFull
	}
	return b.buf.Write(p)
}

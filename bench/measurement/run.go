package measurement

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Settings say how to run.
type Settings struct {
	Runs   int           // per command
	Accept []int         // exit codes that count as success; empty means 0 only
	Agree  bool          // all commands must print the same on stdout, in every run
	Limit  time.Duration // for one run; 0 means none
}

// Sample is one run.
type Sample struct {
	CPU time.Duration // user + system
	RSS int64         // bytes
}

// Result is what one command took over all runs.
type Result struct {
	Command []string
	Samples []Sample
}

// Run runs every command once, then every command again, so that a change of the machine's mood hits
// all of them alike.
func Run(ctx context.Context, commands [][]string, s Settings) ([]Result, error) {
	results := make([]Result, len(commands))
	var agreed []byte
	for range s.Runs {
		for n, command := range commands {
			sample, printed, err := once(ctx, command, s)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", Label(command), err)
			}
			if agreed == nil {
				agreed = printed
			}
			if s.Agree && !bytes.Equal(agreed, printed) {
				return nil, fmt.Errorf("%s: prints something else than %s", Label(command), Label(commands[0]))
			}
			results[n].Command = command
			results[n].Samples = append(results[n].Samples, sample)
		}
	}
	return results, nil
}

// once runs the command and returns its sample and a digest of what it printed.
func once(ctx context.Context, command []string, s Settings) (Sample, []byte, error) {
	if s.Limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Limit)
		defer cancel()
	}
	var digest hash.Hash = sha256.New()
	complaint := &tail{limit: 2000}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = digest, complaint
	err := cmd.Run()
	var failed *exec.ExitError
	if errors.As(err, &failed) && slices.Contains(s.Accept, failed.ExitCode()) {
		err = nil
	}
	if err != nil {
		return Sample{}, nil, fmt.Errorf("%w\n%s", err, complaint.text)
	}
	rss, err := residentSet(cmd.ProcessState)
	if err != nil {
		return Sample{}, nil, err
	}
	return Sample{cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), rss}, digest.Sum(nil), nil
}

// tail keeps the end of a stream, which is where programs say why they failed.
type tail struct {
	text  []byte
	limit int
}

var _ io.Writer = (*tail)(nil)

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if extra := len(t.text) - t.limit; extra > 0 {
		t.text = t.text[extra:]
	}
	return len(p), nil
}

// Label names a command without the folders of the machine it ran on.
func Label(command []string) string {
	words := make([]string, len(command))
	for n, word := range command {
		words[n] = word
		if strings.ContainsRune(word, filepath.Separator) {
			words[n] = filepath.Base(word)
		}
	}
	return strings.Join(words, " ")
}

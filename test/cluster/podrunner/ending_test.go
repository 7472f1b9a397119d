package podrunner

import (
	"context"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// The API takes any number of seconds.
func TestLongestGrace(t *testing.T) {
	longest := int64(math.MaxInt64)
	p := &pod{object: &corev1.Pod{Spec: corev1.PodSpec{TerminationGracePeriodSeconds: &longest}}}
	if got := p.grace(); got < time.Hour {
		t.Errorf("the longest grace is %v", got)
	}
}

// Without grace and without a hook nothing can have failed.
func TestNoHookNoFailure(t *testing.T) {
	s := newSpawner()
	defer s.close()
	p := &pod{runner: &Runner{log: slog.New(slog.DiscardHandler)}}
	for range 20 {
		process, err := s.start(exec.Command("sleep", "3600"))
		if err != nil {
			t.Fatal(err)
		}
		l := &life{process: process, turn: make(chan struct{})}
		l.takeTurn()
		if err := p.orderly(l, time.Now().Add(-time.Second), nil, func() {}, ""); err != nil {
			t.Fatalf("a hook that is not there failed: %v", err)
		}
	}
}

func TestHookThatOutlivesTheGrace(t *testing.T) {
	s := newSpawner()
	defer s.close()
	process, err := s.start(exec.Command("sleep", "3600"))
	if err != nil {
		t.Fatal(err)
	}
	p := &pod{runner: &Runner{log: slog.New(slog.DiscardHandler)}}
	ctx, cancel := context.WithCancel(t.Context())
	err = p.orderly(&life{process: process, turn: make(chan struct{})}, time.Now().Add(10*time.Millisecond), make(chan error), cancel, "")
	if err == nil || ctx.Err() == nil || process.code != 128+15 {
		t.Errorf("a hook that does not end: %v, %v, code %d; want it ended, and the process asked to end", err, ctx.Err(), process.code)
	}
}

func TestMessageIsOfThisLife(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := logEnd(path, 7); got != "" {
		t.Errorf("a life without output has the message %q", got)
	}
	if err := os.WriteFile(path, []byte("before\n"+strings.Repeat("x", 3000)+"end"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := logEnd(path, 7); len(got) != 2048 || !strings.HasSuffix(got, "xend") {
		t.Errorf("the message of a long log has %d bytes", len(got))
	}
}

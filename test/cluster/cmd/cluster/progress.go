//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"path"
	"sync"
	"time"

	xterm "github.com/charmbracelet/x/term"

	"polygraph/test/cluster/binary"
)

// heartbeat is how often a build without a terminal says that it goes on: some CI ends what is silent.
const heartbeat = 30 * time.Second

// progress shows builds: on a terminal one line that is drawn anew, elsewhere a line for each stage that is
// done.
type progress struct {
	w        io.Writer
	terminal bool
	now      func() time.Time

	mu    sync.Mutex
	stage binary.Stage
	begin time.Time // of the stage
	spoke time.Time
}

func newProgress(w io.Writer) *progress {
	file, ok := w.(xterm.File)
	return &progress{w: w, terminal: ok && xterm.IsTerminal(file.Fd()), now: time.Now}
}

// build builds one program and shows how it comes along.
func (p *progress) build(ctx context.Context, program binary.Program) (string, error) {
	done := make(chan struct{})
	var ticks sync.WaitGroup
	ticks.Go(func() { p.tick(done) })
	path, err := program.Build(ctx, p.hear)
	close(done)
	ticks.Wait()
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	return path, err
}

// tick keeps the time on the line going, and speaks up in long stages.
func (p *progress) tick(done <-chan struct{}) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			p.beat()
		}
	}
}

func (p *progress) beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.stage.Name == "" || p.stage.Took > 0:
	case p.terminal:
		p.draw()
	case p.now().Sub(p.spoke) >= heartbeat:
		p.line()
	}
}

// hear takes in a step of a build.
func (p *progress) hear(s binary.Stage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.Program != p.stage.Program || s.Name != p.stage.Name {
		p.begin, p.spoke = p.now(), p.now()
	}
	p.stage = s
	switch {
	case p.terminal:
		p.draw()
	case s.Name == binary.Waiting, s.Took > 0 && (s.Packages > 0 || s.Name != binary.Modules):
		p.line()
	}
}

func (p *progress) draw() { fmt.Fprintf(p.w, "\r\x1b[K%s", p.text()) }

func (p *progress) line() {
	p.spoke = p.now()
	fmt.Fprintln(p.w, p.text())
}

// text is what there is to say about the stage.
func (p *progress) text() string {
	s := p.stage
	took := s.Took
	if took == 0 {
		took = p.now().Sub(p.begin)
	}
	what, count := short(s.Name), fmt.Sprintf("%d of %d packages", s.Packages, s.Total)
	switch {
	case s.Name == binary.Waiting:
		return fmt.Sprintf("%s: %s, %s", s.Program, s.Name, spell(took))
	case s.Name == binary.Modules:
		count = fmt.Sprintf("%d downloaded", s.Packages)
	case s.Name == "." && s.Total <= 1:
		return fmt.Sprintf("%s: linking, %s", s.Program, spell(took))
	case s.Name == ".":
		what = "compiling and linking"
	case s.Took > 0:
		count = fmt.Sprintf("%d packages", s.Packages)
	}
	return fmt.Sprintf("%s: %s: %s, %s", s.Program, what, count, spell(took))
}

// short is what people call a package: kube-apiserver for k8s.io/kubernetes/cmd/kube-apiserver/app. A line
// that wraps cannot be drawn anew.
func short(importPath string) string {
	if base := path.Base(importPath); base != "app" {
		return base
	}
	return path.Base(path.Dir(importPath))
}

// spell writes a time as people say it: 1.2s, 41s, 2m10s.
func spell(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

package cli

import (
	"errors"
	"io"
	"syscall"

	"github.com/charmbracelet/colorprofile"
	xterm "github.com/charmbracelet/x/term"

	"polygraph/internal/report/term"
)

// quietPipe is standard output. A reader who has seen enough (| head) closes
// it; that is no failure of the run, whose verdict and other outputs stand, so
// what comes after it is dropped.
type quietPipe struct {
	w      io.Writer
	closed bool
}

func (q *quietPipe) Write(p []byte) (int, error) {
	if q.closed {
		return len(p), nil
	}
	n, err := q.w.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		q.closed = true
		return len(p), nil
	}
	return n, err
}

// columns returns the width of the terminal behind w, or 0 when there is none.
func columns(w io.Writer) int {
	f, ok := w.(xterm.File)
	if !ok || !xterm.IsTerminal(f.Fd()) {
		return 0
	}
	width, _, err := xterm.GetSize(f.Fd())
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

// profile decides about colours. NO_COLOR means no colour whatever its value.
func (a *app) profile(w io.Writer) colorprofile.Profile {
	switch a.global.color {
	case "never":
		return colorprofile.NoTTY
	case "always":
		return max(colorprofile.ANSI, colorprofile.Env(a.Env))
	}
	p := colorprofile.Detect(w, a.Env)
	if a.env("NO_COLOR") == "" {
		return p
	}
	if columns(w) == 0 {
		return colorprofile.NoTTY
	}
	return min(p, colorprofile.ASCII)
}

// page is how the listener for people prints to w.
func (a *app) page(w io.Writer) term.Options {
	o := term.Options{Profile: a.profile(w), Width: columns(w)}
	switch {
	case a.global.quiet:
		o.Detail = term.Quiet
	case a.global.verbose:
		o.Detail = term.Verbose
	}
	return o
}

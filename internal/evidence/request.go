package evidence

import (
	"context"
	"time"
)

// Request is a question to a live system (server-side dry-run, registry, access
// review) that an analyzer asks when the evidence at hand does not settle a
// claim. The runner asks; analyzers only read recorded answers.
type Request struct {
	Source string // which source answers: "kube", "registry", ...
	Verb   string // what is asked, in the source's own words
	Object string // about which object
	Body   string // payload, if the verb takes one
}

// Answer is a recorded reply. An error is an answer too: it makes the claim
// unproven and is replayed like any other.
type Answer struct {
	Request Request
	Body    []byte
	Err     string
	At      time.Time
}

// Source answers requests. Implementations live under internal/source.
type Source interface {
	Name() string
	Ask(ctx context.Context, r Request) ([]byte, error)
}

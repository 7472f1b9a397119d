package kube

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
)

// quietLogs keeps client-go from writing to the stderr of the process, where
// nothing cleans what a server said. What it would log comes back as an error
// too. klog has one logger for all, which may be set only while nobody logs:
// once.
var quietLogs = sync.OnceFunc(func() { klog.SetLogger(logr.Discard()) })

// maxWarnings bounds what is kept of a server that warns of everything.
const maxWarnings = 100

// warnings are what the server warns of.
type warnings struct {
	mu   sync.Mutex
	all  []string
	more int
}

func newWarnings() *warnings { return &warnings{} }

// subject is the key by which a request's context says what it is about.
type subject struct{}

// about makes warnings name the object.
func about(ctx context.Context, object string) context.Context {
	return context.WithValue(ctx, subject{}, object)
}

// HandleWarningHeaderWithContext takes the text of a Warning header. 299 is the
// one code that API servers use.
func (w *warnings) HandleWarningHeaderWithContext(ctx context.Context, code int, _, text string) {
	if code != 299 || text == "" {
		return
	}
	text = message(text)
	if object, _ := ctx.Value(subject{}).(string); object != "" {
		text = object + ": " + text
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case slices.Contains(w.all, text):
	case len(w.all) == maxWarnings:
		w.more++
	default:
		w.all = append(w.all, text)
	}
}

func (w *warnings) list() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := slices.Clone(w.all)
	if w.more > 0 {
		out = append(out, fmt.Sprintf("%d more warnings of the server", w.more))
	}
	return out
}

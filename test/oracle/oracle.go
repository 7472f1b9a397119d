package oracle

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"

	"polygraph/internal/source/tail"
	"polygraph/test/cluster/binary"
)

// Object is one as JSON has it.
type Object = map[string]any

// Cause is one reason of a refusal. Detail has no values of the object in it.
type Cause struct {
	Type   string `json:"type"`
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// Result is what becomes of an edit.
type Result struct {
	Accepted bool    `json:"accepted"`
	Causes   []Cause `json:"causes"`
	Stored   Object  `json:"stored"`
	// CreateErrors are what creating the new object would be refused for, and creating the old one would not:
	// with them, the edit is wrong by value and says nothing about what may change.
	CreateErrors []Cause `json:"createErrors"`
}

// Oracle is a running program. One question is asked at a time.
type Oracle struct {
	Version binary.Version

	mu      sync.Mutex
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	said    *tail.Buffer
	gone    bool
}

// Start starts the oracle of a release for a test and ends it with the test. Where it is not built the test
// is skipped, or fails under POLYGRAPH_STRICT=1.
func Start(t testing.TB, version binary.Version) *Oracle {
	t.Helper()
	o, err := Open(version)
	if errors.Is(err, binary.ErrNotBuilt) && os.Getenv("POLYGRAPH_STRICT") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// Open starts the oracle of a release; [binary.ErrNotBuilt] where there is none.
func Open(version binary.Version) (*Oracle, error) {
	path, err := binary.Oracle(version).Find()
	if err != nil {
		return nil, err
	}
	o := &Oracle{Version: version, command: exec.Command(path), said: &tail.Buffer{Limit: 4000}}
	o.command.Stderr = o.said
	if o.in, err = o.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := o.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	o.out = bufio.NewReaderSize(out, 1<<20)
	return o, o.command.Start()
}

// Close ends the program: without more questions it leaves by itself.
func (o *Oracle) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = o.in.Close()
	_, _ = io.Copy(io.Discard, o.out) // a walk that nobody has read to its end
	if o.gone {
		return nil // and said so
	}
	o.gone = true
	if err := o.command.Wait(); err != nil {
		return fmt.Errorf("the oracle of %s: %w\n%s", o.Version, err, o.said)
	}
	return nil
}

type question struct {
	Op     string `json:"op"`
	Kind   string `json:"kind,omitempty"`
	Old    any    `json:"old,omitempty"`
	New    any    `json:"new,omitempty"`
	Object any    `json:"object,omitempty"`
}

// Update asks whether new may follow old, and what is stored of it. An empty kind is that of the object.
func (o *Oracle) Update(kind string, old, updated Object) (Result, error) {
	var r Result
	err := o.ask(question{Op: "update", Kind: kind, Old: old, New: updated}, &r)
	return r, err
}

// Create asks what is stored of a new object.
func (o *Oracle) Create(kind string, object Object) (Result, error) {
	var r Result
	err := o.ask(question{Op: "create", Kind: kind, Object: object}, &r)
	return r, err
}

// Default is the object with its defaults.
func (o *Oracle) Default(object Object) (Object, error) {
	var r struct{ Object Object }
	err := o.ask(question{Op: "default", Object: object}, &r)
	return r.Object, err
}

// Kinds are those that the release can be asked about ("apps/v1 Deployment", "v1 Pod/resize"), and of them
// those in the version that [Oracle.Walk] is worth it for: the newest of each.
func (o *Oracle) Kinds() (all, walked []string, err error) {
	var r struct{ Kinds, Walked []string }
	err = o.ask(question{Op: "version"}, &r)
	return r.Kinds, r.Walked, err
}

func (o *Oracle) ask(q question, answer any) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.send(q); err != nil {
		return err
	}
	return o.receive(answer)
}

func (o *Oracle) send(q question) error {
	text, err := json.Marshal(q)
	if err != nil {
		return err
	}
	_, err = o.in.Write(append(text, '\n'))
	return o.died(err)
}

// receive reads one line.
func (o *Oracle) receive(answer any) error {
	line, err := o.out.ReadBytes('\n')
	if err != nil {
		return o.died(err)
	}
	if bytes.HasPrefix(line, []byte(`{"error":`)) {
		var failure struct{ Error string }
		if err := json.Unmarshal(line, &failure); err != nil {
			return err
		}
		return errors.New("the oracle: " + failure.Error)
	}
	return json.Unmarshal(line, answer)
}

func (o *Oracle) died(err error) error {
	if err == nil {
		return nil
	}
	if !o.gone {
		o.gone = true
		_ = o.in.Close()
		_ = o.command.Wait() // then all that it said is there
	}
	return fmt.Errorf("the oracle of %s: %w; it said:\n%s", o.Version, err, o.said)
}

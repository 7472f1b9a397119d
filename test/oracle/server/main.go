// Command server answers what a Kubernetes API server would say of an edit, from the same code: the
// registry strategies of k8s.io/kubernetes, without storage, admission or authorization around them.
// Requests and answers are JSON, one a line; see the package polygraph/test/oracle for what they mean.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"k8s.io/klog/v2"
)

// question is a line of stdin.
type question struct {
	Op     string          `json:"op"`
	Kind   string          `json:"kind"`
	Old    json.RawMessage `json:"old"`
	New    json.RawMessage `json:"new"`
	Object json.RawMessage `json:"object"`
}

// failure is the answer to a request that cannot be read. What the strategies refuse is no failure.
type failure struct {
	Error string `json:"error"`
}

func main() {
	// Strategies log what a caller may want to fix in Kubernetes; here nobody does.
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	var logging flag.FlagSet
	klog.InitFlags(&logging)
	if err := logging.Set("stderrthreshold", "FATAL"); err != nil { // errors go there too
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
	// A walk leaves much behind and holds little.
	debug.SetGCPercent(400)
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func serve(in io.Reader, out io.Writer) error {
	oracle, err := newOracle()
	if err != nil {
		return err
	}
	requests := bufio.NewReaderSize(in, 1<<20)
	buffered := bufio.NewWriterSize(out, 1<<16)
	answers := json.NewEncoder(buffered)
	answers.SetEscapeHTML(false)
	for {
		line, err := requests.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		var q question
		if err := json.Unmarshal(line, &q); err != nil {
			return fmt.Errorf("a request that is no JSON: %w", err)
		}
		if err := oracle.answer(q, answers.Encode); err != nil {
			if err := answers.Encode(failure{Error: err.Error()}); err != nil {
				return err
			}
		}
		if err := buffered.Flush(); err != nil {
			return err
		}
	}
}

func (o *oracle) answer(q question, say func(any) error) error {
	switch q.Op {
	case "version":
		return say(o.version())
	case "default":
		object, err := o.defaulted(q.Object)
		if err != nil {
			return err
		}
		return say(map[string]any{"object": object})
	case "update":
		result, err := o.update(q.Kind, q.Old, q.New)
		if err != nil {
			return err
		}
		return say(result)
	case "create":
		result, err := o.create(q.Kind, q.Object)
		if err != nil {
			return err
		}
		return say(result)
	case "walk":
		return o.walk(q.Kind, say)
	default:
		return fmt.Errorf("no operation %q: there are version, default, create, update and walk", q.Op)
	}
}

package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"polygraph/internal/report/csv"
	"polygraph/internal/report/html"
	"polygraph/internal/report/jsonl"
	"polygraph/internal/report/junit"
	"polygraph/internal/report/markdown"
	"polygraph/internal/report/netmap"
	"polygraph/internal/report/sarif"
	"polygraph/internal/report/term"
	"polygraph/internal/run"
	"polygraph/internal/strictyaml"
)

// format is an output format: a listener over a writer.
type format struct {
	name string
	doc  string
	open func(io.Writer, term.Options) run.Listener
	// saves: what is written is read again, so it has to say what held.
	saves bool
}

// formats are all of them, in the order in which help lists them.
func formats() []format {
	return []format{
		{name: "term", doc: "for people, as in the terminal", open: term.New},
		{name: "jsonl", doc: "the run itself, one JSON line per message", open: plain(jsonl.New), saves: true},
		{name: "sarif", doc: "SARIF 2.1.0, for code scanning", open: plain(sarif.New)},
		{name: "markdown", doc: "a short comment for a pull request", open: plain(markdown.New)},
		{name: "html", doc: "one self-contained page", open: plain(html.New)},
		{name: "junit", doc: "JUnit XML, for CI", open: plain(junit.New)},
		{name: "csv", doc: "the rows of the tables, for a spreadsheet", open: plain(csv.New)},
		{name: "svg", doc: "a picture of who may talk to whom (net list)", open: plain(netmap.New)},
	}
}

// plain is a listener that needs to know nothing about a terminal.
func plain(open func(io.Writer) run.Listener) func(io.Writer, term.Options) run.Listener {
	return func(w io.Writer, _ term.Options) run.Listener { return open(w) }
}

func formatNames() []string {
	var out []string
	for _, f := range formats() {
		out = append(out, f.name)
	}
	return out
}

// outputFlags adds -o and --json.
func (a *app) outputFlags(c *cobra.Command, specs *[]string) {
	c.Flags().StringArrayVarP(specs, "output", "o", nil, "`FORMAT[=FILE]` to write, may be repeated: "+strings.Join(formatNames(), ", "))
	c.Flags().BoolVar(&a.global.json, "json", false, "write the run as JSON lines, and errors as JSON: -o jsonl")
	_ = c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoSpace))
}

// target is one -o.
type target struct {
	format format
	file   string // "": stdout
}

// targets reads the values of -o and --json and refuses what cannot be meant.
func (a *app) targets(specs []string) ([]target, error) {
	if a.global.json {
		specs = append(specs, "jsonl")
	}
	var out []target
	taken := map[string]string{}
	for _, spec := range specs {
		name, file, named := strings.Cut(spec, "=")
		t := target{file: file}
		for _, f := range formats() {
			if f.name == name {
				t.format = f
			}
		}
		switch {
		case t.format.open == nil:
			do := "it knows " + strings.Join(formatNames(), ", ")
			if n := strictyaml.Nearest(name, formatNames()); n != "" {
				do = "did you mean " + n + "? " + do
			}
			return nil, usage(fmt.Sprintf("-o does not know the format %q", name), do)
		case named && file == "":
			return nil, usage(fmt.Sprintf("-o %s names no file", spec), "write -o "+name+"=FILE, or -o "+name+" for stdout")
		case file == "-":
			t.file = ""
		}
		key := t.file
		if key != "" {
			key = filepath.Clean(key)
		}
		if other, twice := taken[key]; twice {
			where := "stdout"
			if key != "" {
				where = key
			}
			return nil, usage(fmt.Sprintf("%s and %s both want %s", other, name, where), "give one of them another file: -o "+name+"=FILE")
		}
		taken[key] = name
		out = append(out, t)
	}
	elsewhere := slices.ContainsFunc(out, func(t target) bool { return t.format.name == "term" })
	if _, ok := taken[""]; !ok && !elsewhere {
		out = append([]target{{format: formats()[0]}}, out...)
	}
	return out, nil
}

// outputs are the opened targets of one run.
type outputs struct {
	run.Fanout
	files  []*atomicFile
	people bool // stdout is for people
	saves  bool // a run is saved
}

// open opens every target. Nothing that exists is touched before keep.
func (a *app) open(targets []target) (*outputs, error) {
	out := &outputs{}
	for _, t := range targets {
		out.saves = out.saves || t.format.saves
		if t.file == "" {
			out.people = t.format.name == "term"
			out.Fanout = append(out.Fanout, t.format.open(a.stdout, a.page(a.Stdout)))
			continue
		}
		f, err := createAtomic(t.file)
		if err != nil {
			out.discard()
			return nil, usage(fmt.Sprintf("-o %s=%s cannot be written: %v", t.format.name, t.file, err), "name a file in a folder that exists and that you may write to")
		}
		out.files = append(out.files, f)
		out.Fanout = append(out.Fanout, t.format.open(f, a.page(f)))
	}
	return out, nil
}

// keep closes the listeners and puts the files in their place.
func (o *outputs) keep() error {
	err := o.Close()
	for _, f := range o.files {
		if err == nil {
			err = f.commit()
			continue
		}
		f.discard()
	}
	o.files = nil
	return err
}

// abandon closes the listeners, so that they can say that the run was cut off,
// and leaves the files as they were before.
func (o *outputs) abandon(cause error) error {
	err := errors.Join(cause, o.Close())
	o.discard()
	return err
}

func (o *outputs) discard() {
	for _, f := range o.files {
		f.discard()
	}
	o.files = nil
}

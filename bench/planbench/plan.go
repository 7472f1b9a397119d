package planbench

import (
	"fmt"
	"io"
	"strings"
)

// Options say everything about a plan; equal options give equal bytes.
type Options struct {
	Changes int    // entries of resource_changes
	Seed    uint64 // which of the possible plans of that size
}

// Counts is what the plan holds, so that a reader can be checked against its writer.
type Counts struct {
	Bytes    int64
	Actions  map[string]int // joined with "+": "delete+create"
	Drift    int
	Reverted int // drift that the plan puts back
	Twins    int // objects destroyed at one address and created equal at another
	Roots    int // replacements of their own accord
	Dragged  int // changes that follow from a root
	Moved    int
}

// Generate writes the plan to w.
func Generate(w io.Writer, opts Options) (Counts, error) {
	if least := cellSize * 2; opts.Changes < least {
		return Counts{}, fmt.Errorf("a plan needs at least %d changes to tell all its stories", least)
	}
	f := layOut(opts)
	out := newWriter(w)
	f.write(out)
	if err := out.finish(); err != nil {
		return Counts{}, err
	}
	counts := f.count()
	counts.Bytes = out.bytes
	return counts, nil
}

func (f *fleet) write(w *writer) {
	w.raw(`{"format_version":"1.2","terraform_version":"1.11.4"`)
	w.field("variables", planVariables)
	w.raw(`,"planned_values":{"outputs":`)
	w.value(f.outputs())
	w.raw(`,"root_module":`)
	f.root.tree(w, (*instance).planned)
	w.raw(`},"resource_drift":[`)
	first := true
	for _, i := range f.instances {
		if i.drift != kept {
			w.item(&first, i.drifted())
		}
	}
	w.raw(`],"resource_changes":[`)
	first = true
	for _, i := range f.instances {
		w.item(&first, i.change())
	}
	w.raw("]")
	w.field("output_changes", f.outputChanges())
	w.raw(`,"prior_state":{"format_version":"1.0","terraform_version":"1.11.4","values":{"outputs":`)
	w.value(f.outputs())
	w.raw(`,"root_module":`)
	f.root.tree(w, (*instance).prior)
	w.raw("}}")
	w.field("configuration", f.configuration())
	w.field("relevant_attributes", f.relevant())
	w.field("checks", f.checks())
	w.raw(`,"timestamp":"2025-03-12T08:20:00Z","applyable":true,"complete":true,"errored":false}` + "\n")
}

func (f *fleet) count() Counts {
	c := Counts{Actions: map[string]int{}}
	for _, i := range f.instances {
		c.Actions[strings.Join(i.fate.actions(), "+")]++
		if i.drift != kept {
			c.Drift++
			if i.fate != kept {
				c.Reverted++
			}
		}
		switch {
		case i.fate == orphaned:
			c.Twins++
		case i.fate.replaces() && i.root == nil:
			c.Roots++
		case i.root != nil:
			c.Dragged++
		}
		if i.previous != "" {
			c.Moved++
		}
	}
	return c
}

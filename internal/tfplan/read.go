package tfplan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"polygraph/internal/evidence"
)

// Raw is the JSON of a change's values, valid only during Visitor.Change. Nil
// where the plan has none or the action needs none (no-op).
type Raw struct{ Before, After, AfterUnknown []byte }

// Visitor sees every entry of resource_changes during the single pass. It must
// keep nothing of Raw: that is how the pass stays within bounded memory.
type Visitor interface {
	Change(p *Plan, c *Change, raw Raw)
}

// Options of Read.
type Options struct {
	Visitors []Visitor
	Progress func(done, total int64)
}

// Read reads the plan in one pass. Errors are *evidence.Problem.
func Read(ctx context.Context, item *evidence.Item, o Options) (*Plan, error) {
	t, err := newText(item.Blob)
	if err != nil {
		return nil, problem(err, item.Blob)
	}
	p := &Plan{Complete: true, Relevant: map[string][]Sym{}, providers: map[Sym]int{}, file: item.Path, text: t, sym: newSymbols()}
	r := &reader{Plan: p, cursor: newCursor(t.reader()), ctx: ctx, opts: o, total: item.Blob.Size(), words: map[string]string{}, open: map[string]bool{}}
	p.Graph = newGraph(p.sym)
	r.full = r.overfull
	if err := r.document(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, problem(err, item.Blob)
	}
	p.link()
	r.settleVariables()
	return p, nil
}

type reader struct {
	*Plan
	*cursor
	ctx   context.Context
	opts  Options
	total int64
	known int // sections seen that only a plan has

	// Scratch of one change, reused: attribute name -> hash of its raw value.
	before, after    []attribute
	unknown, changed []Sym
	partial          []Sym // unknown in part
	forces           [][]string
	masks            [][]byte // before_sensitive and after_sensitive, where they hide anything
	scratch          int64    // bytes of what has no other bound
	rawB, rawA, rawU []byte
	keepRaw          bool

	words map[string]string // values of ambient variables
	open  map[string]bool   // whether one is declared, and not as sensitive
}

// overfull stops the reading of a plan that would take more memory than
// promised: the size of the file is no limit, what is kept of it is.
func (r *reader) overfull() error {
	if r.sym.kept+r.scratch > MaxKept {
		return errTooMuch
	}
	return nil
}

type attribute struct {
	name  Sym
	value uint64
	empty bool // null, "", [] or {}
}

func (r *reader) document() error {
	if k := r.kind(); k != '{' && k != 0 {
		return &evidence.Problem{Reason: "not a plan: the document is " + kindName(k) + ", want an object", Do: "write it with `terraform show -json tfplan > plan.json`"}
	}
	if err := r.object(r.section); err != nil {
		return err
	}
	if _, err := r.dec.ReadToken(); err == nil {
		return &evidence.Problem{Reason: fmt.Sprintf("more JSON after the plan, at byte %d", r.offset()), Do: "keep one plan per file"}
	} else if !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if r.known == 0 {
		return &evidence.Problem{Reason: "not a plan: it has none of resource_changes, planned_values, output_changes, resource_drift", Do: "write it with `terraform show -json tfplan > plan.json`"}
	}
	return nil
}

func (r *reader) section(name []byte) (err error) {
	switch string(name) {
	case "format_version", "plan_format_version": // the latter in HCP Terraform's redacted JSON
		if r.Format, err = r.str(); err != nil {
			return err
		}
		return r.checkFormat()
	case "terraform_version":
		r.Terraform, err = r.str()
	case "timestamp":
		err = r.timestamp()
	case "variables":
		err = r.variables()
	case "errored":
		r.Errored, err = r.flag()
	case "complete":
		r.Complete, err = r.flag()
	case "resource_changes":
		r.known++
		r.HasChanges = r.kind() == '['
		err = r.changes(ResourceChanges, &r.Plan.Changes)
	case "resource_drift":
		r.known++
		err = r.changes(ResourceDrift, &r.Plan.Drift)
	case "deferred_changes":
		err = r.deferred()
	case "planned_values":
		r.known++
		err = r.planned()
	case "output_changes":
		r.known++
		err = r.skip()
	case "configuration":
		r.HasConfiguration = true
		err = r.configuration()
	case "relevant_attributes":
		r.HasRelevant = true
		err = r.relevant()
	case "checks":
		err = r.checks()
	case "action_invocations", "deferred_action_invocations":
		err = r.invocations()
	default:
		if enveloped(string(name)) && r.Inside == "" && r.known == 0 && r.kind() == '{' {
			r.Inside = "/" + string(name)
			before := r.known
			err = r.object(r.section)
			if r.known == before {
				r.Inside = "" // something else of that name
			}
			return err
		}
		err = r.skip()
	}
	return err
}

// planned notes whether any resource is planned at all: resource_changes is
// left out only where there is none.
func (r *reader) planned() error {
	r.HasPlanned = true
	return r.object(func(name []byte) error {
		if string(name) != "root_module" {
			return r.skip()
		}
		return r.object(func(name []byte) error {
			if n := string(name); n == "resources" || n == "child_modules" {
				r.PlansResources = true
			}
			return r.skip()
		})
	})
}

func (r *reader) checkFormat() error {
	switch major, _, _ := strings.Cut(r.Format, "."); major {
	case "0", "1", "":
		return nil
	}
	return &evidence.Problem{
		Reason: fmt.Sprintf("plan format version %q: this Polygraph reads 0.x and 1.x, and a new major version may mean other things by the same words", r.Format),
		Do:     "update Polygraph",
	}
}

func (r *reader) changes(s Section, into *[]Change) error {
	return r.array(func(i int) error {
		if i&0x3F == 0 {
			if err := r.ctx.Err(); err != nil {
				return err
			}
			if r.opts.Progress != nil {
				r.opts.Progress(r.offset(), r.total)
			}
		}
		c := Change{Section: s, Index: int32(i), Node: -1}
		if err := r.change(&c); err != nil {
			return err
		}
		*into = append(*into, c)
		return nil
	})
}

func (r *reader) deferred() error {
	return r.array(func(i int) error {
		return r.object(func(name []byte) error {
			if string(name) != "resource_change" {
				return r.skip()
			}
			c := Change{Section: DeferredChanges, Index: int32(i), Node: -1}
			if err := r.change(&c); err != nil {
				return err
			}
			r.Deferred = append(r.Deferred, c)
			return nil
		})
	})
}

func (r *reader) relevant() error {
	return r.array(func(int) error {
		var resource string
		var attr Sym
		err := r.object(func(name []byte) (err error) {
			switch string(name) {
			case "resource":
				resource, err = r.str()
			case "attribute":
				err = r.array(func(i int) error {
					v, err := r.value()
					if err == nil && i == 0 && v.Kind() == '"' {
						attr = r.internValue(v)
					}
					return err
				})
			default:
				err = r.skip()
			}
			return err
		})
		if resource != "" {
			key := StripKeys(resource)
			r.Relevant[key] = append(r.Relevant[key], attr)
			r.sym.kept += int64(len(key)) + nameCost
		}
		return err
	})
}

func (r *reader) invocations() error {
	if r.kind() != '[' {
		return r.skip()
	}
	return r.array(func(int) error {
		r.Actions++
		return r.skip()
	})
}

func (r *reader) checks() error {
	return r.array(func(int) error {
		return r.object(func(name []byte) error {
			if string(name) != "status" {
				return r.skip()
			}
			s, err := r.str()
			if s != "pass" {
				r.Checks++
			}
			return err
		})
	})
}

// link connects changes to the configuration, which may stand before or after
// them in the file.
func (p *Plan) link() {
	for _, list := range [][]Change{p.Changes, p.Drift, p.Deferred} {
		for i := range list {
			list[i].Node = p.Graph.find(list[i].Module, list[i].Resource)
		}
	}
}

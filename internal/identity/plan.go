package identity

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/tfplan"
	"polygraph/internal/tfstate"
)

// PlanBefore takes what a plan found: the objects that are there before it is
// applied.
func PlanBefore(ctx context.Context, p *tfplan.Plan, path string) (*Root, error) {
	return fromPlan(ctx, p, path, false)
}

// PlanAfter takes what a plan leaves: an object that it makes anew has no
// identity yet, and is a new one whatever it will get.
func PlanAfter(ctx context.Context, p *tfplan.Plan, path string) (*Root, error) {
	return fromPlan(ctx, p, path, true)
}

func fromPlan(ctx context.Context, p *tfplan.Plan, path string, after bool) (*Root, error) {
	r := &Root{Label: path, Plan: true, Whole: p.HasChanges && p.Complete && !p.Errored && len(p.Deferred) == 0}
	if !r.Whole {
		r.Cut = finding.Missing{Evidence: "a whole plan: one made without -target and without errors, with its resource_changes", Get: evidence.TerraformPlan().Get}
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if c.Data || !there(c, after) {
			continue
		}
		at := finding.Location{File: path, Offset: p.Offset(c), Object: c.Address, Pointer: c.Pointer(""), Depth: strings.Count(c.Pointer(""), "/")}
		o := Object{Name: c.Address, Subject: "terraform-resource", Type: p.Name(c.Type), At: at, Deposed: c.Deposed != ""}
		if !after && c.Previous != "" {
			o.Name = c.Previous
		}
		if after {
			o.Previous = c.Previous
			o.Same = c.Action == tfplan.NoOp || c.Action == tfplan.Update
			o.Reborn = reborn(c.Action)
		}
		if d, err := p.Detail(c); err == nil && c.Action != tfplan.Create {
			o.Marks = marks(o.Type, d.Before, at, "/change/before")
			values := d.Before
			if after {
				values = d.After
			}
			o.Sums = sums(values, d.AfterUnknown, after)
		}
		if o.Reborn != "" {
			o.At.Pointer = c.Pointer("/change/actions")
			o.Sums = nil
		}
		r.Objects = append(r.Objects, o)
	}
	return r, nil
}

// there tells whether something is under the name on that side of the plan.
func there(c *tfplan.Change, after bool) bool {
	switch c.Action {
	case tfplan.Create:
		return after
	case tfplan.Delete, tfplan.Forget:
		return !after
	case tfplan.DataRead:
		return false
	}
	return after || !c.Import
}

func reborn(a tfplan.Action) string {
	switch a {
	case tfplan.Create:
		return "created"
	case tfplan.DestroyCreate:
		return "replaced, old one destroyed first"
	case tfplan.CreateDestroy:
		return "replaced, new one created first"
	case tfplan.CreateThenForget:
		return "replaced, old one left running"
	}
	return ""
}

// sums hashes the values of one side of a change as those of a state are. What
// is not known yet differs from everything.
func sums(values, unknown map[string]any, after bool) []tfstate.Sum {
	out := make([]tfstate.Sum, 0, len(values))
	for name, v := range values {
		if after && tfplan.Unsettled(unknown[name]) {
			continue
		}
		out = append(out, tfstate.Sum{Name: name, Hash: hash(v)})
	}
	if after {
		for name, u := range unknown {
			if tfplan.Unsettled(u) {
				out = append(out, tfstate.Sum{Name: name, Hash: 1})
			}
		}
	}
	return out
}

func hash(v any) uint64 {
	text, err := json.Marshal(opened(v))
	if err != nil {
		return 1
	}
	return tfstate.Hash(jsontext.Value(text))
}

// opened looks through secrets, for hashing only: two that are equal have one
// hash, and nothing of it is shown.
func opened(v any) any {
	switch x := v.(type) {
	case evidence.Secret:
		var hidden any
		x.SameAs(nil, func(in, _ any) bool { hidden = opened(in); return true })
		return hidden
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, y := range x {
			out[k] = opened(y)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, y := range x {
			out[i] = opened(y)
		}
		return out
	}
	return v
}

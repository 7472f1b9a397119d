package effect

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/evidence"
	"polygraph/internal/tfplan"
)

// deferral is what an API does with the settings of one type when it is not told
// to apply them immediately: it keeps them until the maintenance window.
type deferral struct {
	typ    string
	window string // the attribute with the maintenance window
	// waits returns the attributes that wait; none where the API does as it is
	// told by somebody else.
	waits func(o *Object) []string
}

func always(paths ...string) func(*Object) []string {
	return func(*Object) []string { return paths }
}

// deferred is the case of several types whose apply_immediately decides.
func deferred(list ...deferral) Case {
	c := Case{Judge: func(_ *World, o *Object) []Outcome {
		for _, d := range list {
			if d.typ == o.TypeName() {
				return d.judge(o)
			}
		}
		return nil
	}}
	for _, d := range list {
		c.Types = append(c.Types, d.typ)
	}
	return c
}

func (d deferral) judge(o *Object) []Outcome {
	if o.Action != tfplan.Update {
		return nil
	}
	known, open := edits(o, d.waits(o)...)
	if len(known)+len(open) == 0 {
		return nil
	}
	proof := changes(o, slices.Concat(known, open)...)
	now, said := flag(o, "apply_immediately")
	switch {
	case !said:
		return []Outcome{{
			Title: "whether it changes now or in its maintenance window is not known until apply", Proof: proof,
			Missing: []Gap{gap("apply_immediately", o)},
		}}
	case now:
		return []Outcome{{Verdict: InEffect}}
	case len(known) == 0:
		return []Outcome{{
			Title: "whether its " + open[0] + " changes is not known until apply", Proof: proof,
			Missing: []Gap{gap(open[0], o)},
		}}
	}
	until := "its maintenance window"
	if d.window != "" {
		if w := word(o, o.Before(d.window)); w != "" && !o.Edited(d.window) {
			until += " (" + w + " UTC)"
		}
	}
	return []Outcome{{
		Verdict: NotInEffect,
		Title:   fmt.Sprintf("it keeps its old %s until %s", names(known), until),
		Proof:   append(changes(o, known...), Fact{Text: "apply_immediately is not true", Object: o, Path: "/after/apply_immediately"}),
		Remedy: Remedy{
			Text:  "Apply it at once, if a short outage is allowed; else expect the old value until the window.",
			Patch: "apply_immediately = true",
		},
	}}
}

// edits tells which of these attributes take another value that the plan knows,
// and which may take one: it is known only after apply, or the plan was cut down
// and does not say.
func edits(o *Object, paths ...string) (known, open []string) {
	for _, p := range paths {
		switch {
		case !o.Edited(p):
		case o.Unknown(p), !stated(o, p):
			open = append(open, p)
		default:
			known = append(known, p)
		}
	}
	return known, open
}

// changes are the facts that these attributes change.
func changes(o *Object, paths ...string) []Fact {
	var out []Fact
	for _, p := range paths {
		f := Fact{Text: fmt.Sprintf("%s changes `%s`", o.Address, p), Object: o, Path: "/after/" + p}
		switch {
		case o.Unknown(p):
			f = Fact{Text: fmt.Sprintf("`%s` of %s is known only after apply", p, o.Address), Object: o, Path: "/after_unknown/" + p}
		case !stated(o, p):
			f = Fact{Text: fmt.Sprintf("the plan does not say what `%s` of %s becomes", p, o.Address), Object: o, Path: "/after"}
		default:
			if from, to := word(o, o.Before(p)), word(o, o.After(p)); from != "" && to != "" {
				f.Text += " from " + from + " to " + to
			}
		}
		out = append(out, f)
	}
	return out
}

// flag is what a top-level switch is planned to be. Null is off; said is false
// when the plan does not say.
func flag(o *Object, name string) (on, said bool) {
	if o.Unknown(name) || !stated(o, name) {
		return false, false
	}
	on, ok := o.After(name).(bool)
	return on, ok || o.After(name) == nil
}

// stated tells whether the plan has a top-level attribute of the planned values.
func stated(o *Object, name string) bool {
	d, err := o.Detail()
	if err != nil {
		return false
	}
	_, ok := d.After[name]
	return ok
}

// plain are values that a title and a command can hold as they are.
var plain = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._:/@-]{0,127}$`)

// word is a value as one plain word; "" when it is none, or must not be shown.
func word(o *Object, v any) string {
	d, err := o.Detail()
	if err != nil || d.Unmasked {
		return ""
	}
	s := Text(v)
	if on, ok := v.(bool); ok {
		s = fmt.Sprint(on)
	}
	if !plain.MatchString(s) {
		return ""
	}
	return s
}

// shown is a value for a title, unless it must not be shown.
func shown(o *Object, v any) string {
	if d, err := o.Detail(); err != nil || d.Unmasked {
		return evidence.Redacted
	}
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	if s := Text(v); plain.MatchString(s) {
		return s
	}
	return evidence.Redacted
}

// gap is a value that is known only after apply.
func gap(path string, o *Object) Gap {
	return Gap{
		Evidence: fmt.Sprintf("the planned `%s` of %s", path, o.Address),
		Get:      "plan again after what it is computed from was applied, with the whole plan: terraform show -json tfplan > plan.json",
	}
}

// names lists attributes for a title.
func names(list []string) string {
	if len(list) > 3 {
		return strings.Join(list[:2], ", ") + fmt.Sprintf(" and %d more settings", len(list)-2)
	}
	if len(list) > 1 {
		return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
	}
	return strings.Join(list, "")
}

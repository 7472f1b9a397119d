package stateful

import "slices"

// Verdict is the answer to the question whether a destroy keeps the data.
type Verdict string

// The verdicts.
const (
	Kept    Verdict = "kept"
	Lost    Verdict = "lost"
	Unknown Verdict = "unknown"
)

// Outcome is the answer with its reason.
type Outcome struct {
	Verdict Verdict
	// Guard is the one that decided: for Kept the guard that holds, for Lost the first that could
	// have and does not, for Unknown the first that could not be evaluated. Nil when the entry has none.
	Guard     *Guard
	Attribute string // the attribute whose value decided, a condition of Guard
	Value     any    // its value, after the default
	Defaulted bool   // Value is the default of the provider: the object has null
	Effect    Effect // for Kept, how; empty when the evidence does not tell
	Loss      Loss   // how much the loss weighs for this object
	// Missing names the attributes that the object lacks: for Unknown those that kept it from an
	// answer, for Kept the one that would have told the effect.
	Missing []string
	// Newer says that every missing attribute has a Since: the object may simply come from an older
	// provider. See [Entry.At].
	Newer bool
}

// Judge tells whether destroying the object keeps its data. It wants the values of the state.
//
// A guard holds, fails, or cannot be told. An attribute that is present is tested, one that is null
// takes the default of the provider, one that is not there at all cannot be told, and neither can a
// value of the wrong kind. One guard that holds is enough, so what is missing elsewhere does not
// matter then; otherwise one that cannot be told makes the whole answer Unknown. Missing evidence
// never makes a destroy safe and never accuses one.
func (e Entry) Judge(before map[string]any) Outcome {
	out := Outcome{Loss: e.weigh(before)}
	var failed, unread *Guard
	var lost, gap reading
	newerOnly := true
	for i := range e.Guards {
		g := e.Guards[i]
		f := g.evaluate(before)
		switch f.holds {
		case yes:
			out.Verdict, out.Guard, out.Effect = Kept, &g, g.Effect
			out.Attribute, out.Value, out.Defaulted = f.attribute, f.value, f.defaulted
			out.Missing = nil
			if g.Needs != "" {
				out.Effect, out.Missing = g.effect(before)
			}
			return out
		case no:
			if failed == nil {
				failed, lost = &g, f
			}
		case untold:
			if unread == nil {
				unread, gap = &g, f
			}
			for _, attribute := range f.missing {
				if !slices.Contains(out.Missing, attribute) { // two guards can read one attribute
					out.Missing = append(out.Missing, attribute)
				}
			}
			newerOnly = newerOnly && f.newer
		}
	}
	if unread != nil {
		out.Verdict, out.Guard, out.Attribute, out.Value = Unknown, unread, gap.attribute, gap.value
		out.Newer = newerOnly
		return out
	}
	out.Verdict = Lost
	if failed != nil {
		out.Guard, out.Attribute, out.Value, out.Defaulted = failed, lost.attribute, lost.value, lost.defaulted
	}
	return out
}

// weigh answers with the weight of the entry where it cannot be told that the object is only a copy.
func (e Entry) weigh(before map[string]any) Loss {
	if e.DerivedWhen != nil && e.DerivedWhen.evaluate(before).holds == yes {
		return Derived
	}
	return e.Loss
}

// effect tells a snapshot from a refusal.
func (g Guard) effect(before map[string]any) (Effect, []string) {
	switch (Condition{Attribute: g.Needs, Keeps: NonEmpty}).evaluate(before).holds {
	case yes:
		return g.Effect, nil
	case no:
		return Refuses, nil
	}
	return "", []string{g.Needs}
}

// evaluate joins the conditions with "and": one that fails decides, before one that cannot be told.
func (g Guard) evaluate(before map[string]any) reading {
	own := g.Condition.evaluate(before)
	if own.holds == no {
		return own
	}
	result := own
	for _, c := range g.With {
		f := c.evaluate(before)
		switch {
		case f.holds == no:
			return f
		case f.holds == untold && result.holds == untold:
			result.missing = append(result.missing, f.missing...)
			result.newer = result.newer && f.newer
		case f.holds == untold:
			result = f
		}
	}
	return result
}

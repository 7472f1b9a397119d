package effect

import "polygraph/internal/tfplan"

// surely tells whether the plan itself shows that a top-level attribute gets
// another value. A value that is known only after apply may turn out to be the
// one that it was: a data source that is read during apply looks the same.
func (o *Object) surely(name string) bool {
	if !o.Edited(name) {
		return false
	}
	d, err := o.Detail()
	return err == nil && differs(d.Before[name], d.After[name], d.AfterUnknown[name])
}

func differs(before, after, unknown any) bool {
	if !tfplan.Unsettled(unknown) {
		return !tfplan.Equal(before, after) && !(tfplan.IsEmpty(before) && tfplan.IsEmpty(after))
	}
	switch u := unknown.(type) {
	case map[string]any:
		b, ok1 := before.(map[string]any)
		a, ok2 := after.(map[string]any)
		if !ok1 || !ok2 {
			return false
		}
		for k, v := range a {
			if differs(b[k], v, u[k]) {
				return true
			}
		}
	case []any:
		b, ok1 := before.([]any)
		a, ok2 := after.([]any)
		// Several elements may be a set, whose order says nothing.
		if ok1 && ok2 && len(b) == 1 && len(a) == 1 && len(u) == 1 {
			return differs(b[0], a[0], u[0])
		}
	}
	return false
}

// certain puts what surely changes first, and tells whether there is any.
func certain(o *Object, edited []string) ([]string, bool) {
	var sure, rest []string
	for _, e := range edited {
		if o.surely(e) {
			sure = append(sure, e)
		} else {
			rest = append(rest, e)
		}
	}
	return append(sure, rest...), len(sure) > 0
}

// ifChanged takes an accusation back where it is not sure that what is said to
// be old differs from the new at all.
func ifChanged(out Outcome, changed *Object, edited []string) Outcome {
	if out.Verdict != NotInEffect || changed.Action == tfplan.Create {
		return out
	}
	if _, ok := certain(changed, edited); ok {
		return out
	}
	return Outcome{
		Title: "whether " + changed.Address + " changes is not known until apply", Discriminator: out.Discriminator, Proof: out.Proof,
		Missing: []Gap{{
			Evidence: "the new `" + edited[0] + "` of " + changed.Address, Get: "apply first what it is computed from, and plan again",
		}},
	}
}

package mutability

import "strings"

// Verdict is what happens to the object when the attribute is edited.
type Verdict string

// The verdicts.
const (
	InPlace     Verdict = "in place"    // it stays the same object
	Replaces    Verdict = "replaces"    // it is destroyed, and another one made
	Conditional Verdict = "conditional" // it depends on the values, or on the field of the block
	Unknown     Verdict = "unknown"     // no source decides
)

// By names who says something.
type By string

// The sources, strongest first.
const (
	Plan           By = "plan"
	Provider       By = "provider"
	CloudFormation By = "cloudformation"
)

// View is what one source says.
type View struct {
	By      By
	Verdict Verdict
	Reason  string
	Source  string // where it is written
	// Weak marks the absence of a mark: it decides nothing by itself.
	Weak bool
}

// Answer is what is known about one attribute.
type Answer struct {
	Type    string
	Field   string // dotted through blocks, without indices
	Verdict Verdict
	By      By // whose word the verdict is; "" when Unknown
	Reason  string
	Views   []View // strongest first
}

// Disputed tells whether two sources say different things.
func (a *Answer) Disputed() bool {
	for _, v := range a.Views {
		if v.Verdict != a.Views[0].Verdict {
			return true
		}
	}
	return false
}

// settle draws the verdict from the views: the strongest source that decides. A
// weak view decides only together with one that says the same.
func (a *Answer) settle() {
	a.Verdict, a.By = Unknown, ""
	var weak *View
	for i := range a.Views {
		v := &a.Views[i]
		switch {
		case v.Weak:
			weak = v
		case weak == nil || weak.Verdict == v.Verdict:
			a.Verdict, a.By, a.Reason = v.Verdict, v.By, v.Reason
			if weak != nil {
				a.Reason = weak.Reason + ", and " + v.Reason
			}
			return
		default:
			a.Reason = "the sources differ: " + weak.Reason + "; " + v.Reason
			return
		}
	}
	switch {
	case weak != nil:
		a.Reason = weak.Reason + ", and no other source says more"
	default:
		a.Reason = "no source says anything about it"
	}
}

// Observe adds what a plan says, as the strongest view.
func (a *Answer) Observe(v View) {
	v.By = Plan
	a.Views = append([]View{v}, a.Views...)
	a.settle()
}

// Plain drops indices: "root_block_device.0.encrypted" and
// "root_block_device[0].encrypted" are the field root_block_device.encrypted.
func Plain(field string) string {
	var out []string
	for step := range strings.SplitSeq(strings.NewReplacer("[", ".", "]", "").Replace(field), ".") {
		if step != "" && step != "*" && strings.Trim(step, "0123456789") != "" {
			out = append(out, step)
		}
	}
	return strings.Join(out, ".")
}

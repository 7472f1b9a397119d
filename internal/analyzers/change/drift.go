package change

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/tfplan"
)

func (x *examination) drift() {
	if len(x.Drift) == 0 {
		return
	}
	planned := make(map[string]*tfplan.Change, len(x.Drift))
	for i := range x.Drift {
		planned[x.Drift[i].Address] = nil
	}
	for i := range x.Changes {
		c := &x.Changes[i]
		if _, drifted := planned[c.Address]; drifted && c.Deposed == "" {
			planned[c.Address] = c
		}
	}
	for i := range x.Drift {
		dr := &x.Drift[i]
		if dr.Data || dr.Deposed != "" {
			continue
		}
		x.judgeDrift(dr, planned[dr.Address])
	}
}

func (x *examination) judgeDrift(dr, c *tfplan.Change) {
	d, err := x.Detail(dr)
	if err != nil {
		x.unreadable(driftRule, dr, err)
		return
	}
	diffs := tfplan.Diff(d.Before, d.After)
	switch {
	case d.Before == nil:
		x.Report(driftRule, finding.Finding{
			Subject: subject(dr.Address, nil), Verdict: finding.Unproven, Title: "it was changed outside of Terraform, and the plan does not say what it was",
			Proof:   []finding.Statement{{Text: "it drifted", At: x.at(dr, "/change/actions")}},
			Missing: []finding.Missing{{Evidence: "`before` of its drift", Get: evidenceGet}},
		})
	case dr.Action != tfplan.Delete && len(diffs) == 0:
		return // moved only: nothing was changed by hand
	case dr.Action == tfplan.Delete:
		x.judgeDeleted(dr, c, d)
	case c == nil, c.Action == tfplan.NoOp, c.Action == tfplan.Delete, c.Action == tfplan.Forget:
		x.hold(driftRule, subject(dr.Address, nil), "") // adopted or ignored; or the object goes, which the plan says
	default:
		x.judgeReverted(dr, c, d)
	}
}

// judgeDeleted: an object that somebody deleted and that comes back.
func (x *examination) judgeDeleted(dr, c *tfplan.Change, d *tfplan.Detail) {
	if c == nil || c.Action != tfplan.Create {
		x.hold(driftRule, subject(dr.Address, nil), "")
		return
	}
	x.Report(driftRule, finding.Finding{
		Subject: subject(dr.Address, d), Verdict: finding.Refuted,
		Title: "it was deleted outside of Terraform, and this plan creates it again",
		Proof: []finding.Statement{
			{Text: "deleted since the last apply", At: x.at(dr, "/change/actions")},
			{Text: "created, as if it were new", At: x.at(c, "/change/actions")},
		},
		Remedy: finding.Remedy{Text: "If it was deleted on purpose, delete it from the configuration too; if not, find out by whom before you make a new one: a new object has a new identity and none of the old data."},
	})
}

func (x *examination) judgeReverted(dr, c *tfplan.Change, d *tfplan.Detail) {
	cd, err := x.Detail(c)
	if err != nil {
		x.unreadable(driftRule, c, err)
		return
	}
	// What one of the two entries marks as sensitive is not shown from the other.
	d.SealLike(cd)
	cd.SealLike(d)
	if d.Unmasked || cd.Unmasked {
		d.SealAll()
		cd.SealAll()
	}
	diffs := tfplan.Diff(d.Before, d.After)
	var reverted, unknown []tfplan.Difference
	for _, df := range diffs {
		switch {
		case unknownAt(cd.AfterUnknown, df.Path):
			// What the provider computes is nobody's manual change to keep.
			if c.Node >= 0 && !x.configured(c, df.Path[0]) {
				continue
			}
			unknown = append(unknown, df)
		default:
			after, present := tfplan.Lookup(cd.After, df.Path)
			if (present || df.Old == nil) && same(after, df.Old) {
				reverted = append(reverted, df)
			}
		}
	}
	f := finding.Finding{Subject: subject(dr.Address, d)}
	switch {
	case len(reverted) > 0:
		f.Verdict = finding.Refuted
		f.Title = "it sets back " + quoteAll(reverted)
		for i, df := range reverted {
			if i == 20 {
				f.Proof = append(f.Proof, finding.Statement{Text: fmt.Sprintf("and %d more attributes", len(reverted)-i), At: x.at(dr, "/change")})
				break
			}
			f.Proof = append(f.Proof,
				finding.Statement{Text: fmt.Sprintf("changed outside of Terraform: %s from %s to %s", df.Dotted(), tfplan.Show(df.Old), tfplan.Show(df.New)), At: x.at(dr, "/change/after"+df.Pointer())},
				finding.Statement{Text: fmt.Sprintf("set back by this plan: %s = %s", df.Dotted(), tfplan.Show(df.Old)), At: x.at(c, "/change/after"+df.Pointer())},
				finding.Statement{Text: fmt.Sprintf("the state of the last apply had %s", tfplan.Show(df.Old)), At: x.at(dr, "/change/before"+df.Pointer())},
			)
		}
		f.Remedy = x.driftRemedy(c, reverted)
	case len(unknown) > 0:
		f.Verdict = finding.Unproven
		f.Title = "whether it sets back " + quoteAll(unknown) + " is not known until apply"
		f.Proof = []finding.Statement{{Text: "not known until apply", At: x.at(c, "/change/after_unknown"+unknown[0].Pointer())}}
		f.Missing = []finding.Missing{{Evidence: "the new value of " + quoteAll(unknown), Get: "apply what it is computed from first and plan again"}}
	default:
		x.hold(driftRule, subject(dr.Address, nil), "")
		return
	}
	x.Report(driftRule, f)
}

// same compares a planned value with a former one; null and "" say the same.
func same(a, b any) bool {
	return tfplan.Equal(a, b) || tfplan.IsEmpty(a) && tfplan.IsEmpty(b)
}

func (x *examination) configured(c *tfplan.Change, attr string) bool {
	_, ok := x.Graph.Inputs(c.Node)[x.Sym(attr)]
	return ok
}

func unknownAt(u map[string]any, path []string) bool {
	var cur any = u
	for _, name := range path {
		switch v := cur.(type) {
		case bool:
			return v
		case map[string]any:
			cur = v[name]
		default:
			return false
		}
	}
	return tfplan.Unsettled(cur)
}

func quoteAll(diffs []tfplan.Difference) string {
	var names []string
	for i, df := range diffs {
		if i == 4 {
			names = append(names, fmt.Sprintf("%d more", len(diffs)-i))
			break
		}
		names = append(names, "`"+df.Dotted()+"`")
	}
	return strings.Join(names, ", ")
}

// driftRemedy offers both ways out: take the value over, or leave it alone.
func (x *examination) driftRemedy(c *tfplan.Change, reverted []tfplan.Difference) finding.Remedy {
	name := strings.TrimPrefix(x.Name(c.Resource), x.Name(c.Type)+".")
	identifier := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)
	var keep, ignore []string
	for _, df := range reverted {
		if !identifier.MatchString(df.Path[0]) {
			continue
		}
		ignore = append(ignore, df.Path[0])
		if _, secret := df.New.(evidence.Secret); len(df.Path) == 1 && !secret {
			switch df.New.(type) {
			case []any, map[string]any: // blocks: their syntax is not ours to guess
			default:
				if value, ok := hcl(df.New); ok {
					keep = append(keep, fmt.Sprintf("  %s = %s", df.Path[0], value))
				}
			}
		}
	}
	r := finding.Remedy{Text: "Find out who changed it and why. To keep what runs now, take it over; to leave it to others, ignore it; otherwise revert it knowingly.", Language: "hcl"}
	if len(keep) == 0 {
		if len(ignore) == 0 {
			r.Language = ""
			return r
		}
		keep = []string{fmt.Sprintf("  lifecycle {\n    ignore_changes = [%s]\n  }", strings.Join(ignore, ", "))}
	}
	r.Patch = fmt.Sprintf("resource %q %q {\n%s\n}", x.Name(c.Type), name, strings.Join(keep, "\n"))
	return r
}

// maxLiteral is the longest string that a patch spells out.
const maxLiteral = 400

// hcl writes a scalar as HCL, whole or not at all: a patch that was cut short
// would not parse, or would set something else.
func hcl(v any) (string, bool) {
	s, ok := v.(string)
	if !ok {
		return tfplan.Show(v), true
	}
	if len(s) > maxLiteral || !utf8.ValidString(s) {
		return "", false
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"', r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case !unicode.IsPrint(r):
			// HCL has no other escapes than these.
			if r > 0xFFFF {
				fmt.Fprintf(&b, `\U%08x`, r)
			} else {
				fmt.Fprintf(&b, `\u%04x`, r)
			}
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	// Templates in a quoted string must be escaped.
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(b.String()), true
}

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

// driftRemedy offers both ways out: take the value over, or leave it alone.
// asking says whom to ask first.
func (x *examination) driftRemedy(c *tfplan.Change, reverted []tfplan.Difference, asking string) finding.Remedy {
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
	r := finding.Remedy{Text: asking + " To keep what runs now, take it over; to leave it to others, ignore it; otherwise revert it knowingly.", Language: "hcl"}
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

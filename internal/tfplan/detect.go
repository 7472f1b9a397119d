package tfplan

import (
	"bytes"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
)

// Detect tells whether a file that starts with head is a plan. A binary plan
// is one that cannot be examined here: reading it needs the Terraform, the
// configuration and the providers that wrote it.
func Detect(_ string, head []byte) (*evidence.Kind, *evidence.Problem) {
	if binaryPlan(head) {
		return nil, &evidence.Problem{
			Reason: "a binary plan: only the Terraform that wrote it can read it",
			Do:     "run `terraform show -json FILE > plan.json` where it was planned, or let `polygraph change FILE` run that",
		}
	}
	for name := range topLevel(head) {
		switch name {
		case "resource_changes", "planned_values", "resource_drift", "output_changes", "relevant_attributes":
			return Kind(), nil
		case "@level":
			if bytes.Contains(head, []byte(`"terraform.ui"`)) {
				return nil, &evidence.Problem{
					Reason: "the log of `terraform plan -json`: it names the changes and none of their values",
					Do:     "write the plan itself: terraform plan -out=tfplan && terraform show -json tfplan > plan.json",
				}
			}
			return nil, nil
		}
	}
	return nil, nil
}

// enveloped tells whether a member of a document is a plan that somebody hands
// on: Spacelift's input of plan policies, HCP Terraform's of OPA policies,
// Scalr's of policies.
func enveloped(name string) bool {
	switch name {
	case "terraform", "plan", "tfplan":
		return true
	}
	return false
}

// IsBinary tells whether a file that starts with head is a binary plan.
func IsBinary(head []byte) bool { return binaryPlan(head) }

// binaryPlan recognises the zip archive with the entry "tfplan" in front.
func binaryPlan(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) && len(head) > 36 && bytes.HasPrefix(head[30:], []byte("tfplan"))
}

// topLevel yields the names at the top of a JSON document as far as head goes.
// When the head ends inside a value that Terraform writes first, the names that
// can only be a plan's are looked for in the raw bytes behind it.
func topLevel(head []byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		text := decodeHead(head)
		if i := bytes.IndexFunc(text, func(r rune) bool { return r > ' ' }); i < 0 || text[i] != '{' {
			return
		}
		dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
		if _, err := dec.ReadToken(); err != nil {
			return
		}
		memberNames(dec, yield)
	}
}

// memberNames yields the names of the object that was entered, and tells whether more
// may follow.
func memberNames(dec *jsontext.Decoder, yield func(string) bool) bool {
	var seen []string
	for {
		tok, err := dec.ReadToken()
		if err != nil || tok.Kind() != '"' {
			return err == nil
		}
		name := tok.String()
		if !yield(name) {
			return false
		}
		seen = append(seen, name)
		if enveloped(name) && dec.StackDepth() == 1 && dec.PeekKind() == '{' {
			if _, err := dec.ReadToken(); err != nil || !memberNames(dec, yield) {
				return false
			}
			continue
		}
		if err := dec.SkipValue(); err != nil {
			// Cut inside this value. "format_version" next to one of the big
			// sections is a plan; a state has "values" or "resources".
			if looksLikePlan(seen) {
				yield("resource_changes")
			}
			return false
		}
	}
}

// looksLikePlan judges the names before a cut: a configuration with provider
// and module trees, or variables, stands at the top level of plans only.
func looksLikePlan(seen []string) bool {
	last := seen[len(seen)-1]
	switch last {
	case "configuration", "prior_state", "variables", "checks", "deferred_changes", "spacelift":
		return true
	}
	return false
}

// decodeHead turns the start of a UTF-16 or UTF-8 file into plain UTF-8.
func decodeHead(head []byte) []byte {
	t, err := newText(evidence.Bytes(head))
	if err != nil {
		return nil
	}
	if t.order == nil {
		return head[t.bom:]
	}
	units := make([]uint16, 0, len(head)/2)
	for i := int(t.bom); i+1 < len(head); i += 2 {
		units = append(units, t.order.Uint16(head[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

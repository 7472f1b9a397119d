package pinning

import (
	"regexp"
	"strings"
)

var (
	variable    = regexp.MustCompile(`\$\{\{[^}]*\}\}|\$\{[^{}]*\}|\{\{[^}]*\}\}|\$[A-Za-z_][A-Za-z0-9_]*`)
	literalTag  = regexp.MustCompile(`^[a-z0-9._/-]*:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$`)
	namePattern = regexp.MustCompile(`^[A-Za-z0-9._/:-]*$`)
)

// templateForm judges a reference with variables by the parts that are
// literal. What ends in a literal tag is a tag whatever the variables are; what
// stands behind an @ can only be a digest.
func templateForm(ref string) (Judgement, bool) {
	places := variable.FindAllStringIndex(ref, -1)
	if len(places) == 0 {
		return Judgement{}, false
	}
	literal := variable.ReplaceAllString(ref, "")
	if strings.ContainsAny(literal, "${}<>%()") || strings.Contains(ref, "//") {
		return Judgement{}, false // more than variables
	}
	if before, _, ok := strings.Cut(literal, "@"); ok {
		if !namePattern.MatchString(before) {
			return Judgement{}, false
		}
		return Judgement{Verdict: Pinned, Form: FormDigest, Why: "what stands behind the @ can only be a digest"}, true
	}
	m := literalTag.FindStringSubmatch(ref[places[len(places)-1][1]:])
	if m == nil {
		return Judgement{}, false
	}
	if m[1] == "latest" {
		return Judgement{Verdict: Mutable, Form: FormLatest, Why: "`latest` is moved with every release"}, true
	}
	return Judgement{Verdict: Mutable, Form: FormTag, Why: "a tag is a name in the registry, and whoever may push can move it"}, true
}

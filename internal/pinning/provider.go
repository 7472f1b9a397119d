package pinning

import "strings"

// Provider judges a provider's version constraint, as it is written. A lock
// file, which decides among the versions that a range takes in, is not part of
// the constraint.
//
// Source: Terraform, Provider Requirements, Version Constraints
// (developer.hashicorp.com/terraform/language/providers/requirements).
func Provider(constraint string) Judgement {
	switch {
	case strings.Contains(constraint, "${"):
		return Judgement{Unknown, FormComputed, "the constraint is computed, and the configuration alone does not say to what"}
	case strings.TrimSpace(constraint) == "":
		return Judgement{Mutable, FormNoVersion, "without a constraint the newest version is installed, as of that moment"}
	}
	exact, err := exactVersion(constraint)
	switch {
	case err != nil:
		return Judgement{Unknown, FormInvalidVersion, "it is not a version constraint"}
	case exact:
		return Judgement{Pinned, FormExact, "one version"}
	}
	return Judgement{Mutable, FormRange, "the range takes in versions that are not published yet"}
}

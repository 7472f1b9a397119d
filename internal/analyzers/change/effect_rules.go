package change

import (
	"slices"

	"polygraph/internal/analysis"
)

// effectRules are the rules about what is in effect after the apply, by the
// service that holds the old version.
var effectRules = slices.Concat(computeEffects, servingEffects, dataEffects, edgeEffects)

func rulesOf(list []effectRule) []*analysis.Rule {
	var out []*analysis.Rule
	for _, r := range list {
		out = append(out, r.Rule)
	}
	return out
}

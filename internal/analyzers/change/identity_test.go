package change

import (
	"testing"

	"polygraph/internal/awsdump"
	"polygraph/internal/ruletest"
	"polygraph/internal/tfplan"
	"polygraph/internal/tfstate"
)

func TestIdentityRules(t *testing.T) {
	sides := SidesOf([]string{"before.tfstate"}, []string{"after.tfstate"})
	ruletest.Run(t, "testdata/identity", Identity(sides, nil), tfplan.Detect, tfstate.Detect, awsdump.Detect)
}

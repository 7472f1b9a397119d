package change

import (
	"testing"

	"polygraph/internal/ruletest"
	"polygraph/internal/tfplan"
)

func TestRules(t *testing.T) {
	ruletest.Run(t, "testdata", Analyzer(), tfplan.Detect)
}

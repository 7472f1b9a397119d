package change

import (
	"testing"

	"polygraph/internal/facts"
	"polygraph/internal/ruletest"
)

func TestRules(t *testing.T) {
	ruletest.Run(t, "testdata", Analyzer(), facts.Detectors()...)
}

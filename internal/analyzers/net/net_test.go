package net

import (
	"testing"

	"polygraph/internal/facts"
	"polygraph/internal/ruletest"
)

// TestRules: the rules that check judges. NET010 to NET012 answer a command:
// compare_test.go, ask_test.go.
func TestRules(t *testing.T) {
	ruletest.Run(t, "testdata", Analyzer(), facts.Detectors()...)
}

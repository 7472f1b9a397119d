package facts

import (
	"polygraph/internal/evidence"
	"polygraph/internal/tfplan"
	"polygraph/internal/tfstate"
)

// Detector tells the kind of a file from its path and first bytes.
type Detector = func(name string, head []byte) (*evidence.Kind, *evidence.Problem)

// Detectors recognise every kind of evidence that a fact reads, in the order in
// which they are asked: what is told by its content before what is told by its
// name.
func Detectors() []Detector {
	return []Detector{tfplan.Detect, tfstate.Detect}
}

// Kinds are what Detectors recognise.
func Kinds() []*evidence.Kind {
	return []*evidence.Kind{evidence.TerraformPlan(), evidence.TerraformState()}
}

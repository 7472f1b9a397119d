package facts

import (
	"polygraph/internal/awsdump"
	"polygraph/internal/cloudtrail"
	"polygraph/internal/compose"
	"polygraph/internal/dockerfile"
	"polygraph/internal/evidence"
	"polygraph/internal/kubeobj"
	"polygraph/internal/tfconfig"
	"polygraph/internal/tfplan"
	"polygraph/internal/tfstate"
	"polygraph/internal/workflow"
)

// Detector tells the kind of a file from its path and first bytes.
type Detector = func(name string, head []byte) (*evidence.Kind, *evidence.Problem)

// Detectors recognise every kind of evidence that a fact reads, in the order in
// which they are asked: what is told by its content before what is told by its
// name.
func Detectors() []Detector {
	return []Detector{tfplan.Detect, cloudtrail.Detect, tfstate.Detect, awsdump.Detect, tfconfig.Detect, dockerfile.Detect, compose.Detect, workflow.Detect, kubeobj.Detect}
}

// Kinds are what Detectors recognise.
func Kinds() []*evidence.Kind {
	return []*evidence.Kind{evidence.TerraformPlan(), evidence.CloudTrail(), evidence.TerraformState(), evidence.AWSDescribe(), evidence.TerraformConfiguration(), evidence.Terragrunt(), evidence.TerraformLock(), evidence.Dockerfile(), evidence.Compose(), evidence.Workflow(), evidence.KubernetesManifest(), evidence.KubernetesLive()}
}

package change

import (
	"polygraph/internal/analysis"
	"polygraph/internal/effect"
	"polygraph/internal/finding"
)

// computeEffects are those of machines: launch templates, groups, user data,
// node groups.
var computeEffects = []effectRule{
	{&analysis.Rule{
		ID: "CHG010", Severity: finding.High, Needs: plans, Unit: "groups whose launch template is changed",
		Title:    "the launch template is changed and no instance is replaced",
		Claim:    "The instances of this group run what its launch template says.",
		Claimant: "whoever edited the image, the instance type or the user data and saw `1 changed`",
		Why: "A launch template is read when an instance is launched. The instances that run keep the version they were launched from until " +
			"something replaces them: the old image with the old holes serves on, and the next scale-out mixes both.",
		Fix: "Give the group an `instance_refresh` block, or start a refresh after the apply.",
		Sources: []string{
			"Amazon EC2 Auto Scaling User Guide, Use an instance refresh to update instances in an Auto Scaling group (docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/autoscaling_group.html.markdown, instance_refresh",
		},
	}, effect.TemplateWithoutRefresh()},
}

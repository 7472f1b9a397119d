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
		ID: "CHG010", Severity: finding.High, Needs: plans, Unit: "groups whose launch settings are changed",
		Title:    "the launch template is changed and no instance is replaced",
		Claim:    "The instances of this group run what its launch template says.",
		Claimant: "whoever edited the image, the instance type or the user data and saw `1 changed`",
		Why: "A launch template is read when an instance is launched. The instances that run keep the version they were launched from until " +
			"something replaces them: the old image with the old holes serves on, and the next scale-out mixes both. An instance_refresh does not " +
			"help by being there: it starts when the plan changes the group itself, which naming `$Latest` prevents.",
		Fix:           "Give the group an `instance_refresh` block and let it name `latest_version` of the template, or start a refresh after the apply.",
		Discriminator: "the address of what is changed: the template, the launch configuration or the group",
		Sources: []string{
			"Amazon EC2 Auto Scaling User Guide, Use an instance refresh to update instances in an Auto Scaling group (docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html)",
			"Amazon EC2 Auto Scaling User Guide, How suspended processes affect other processes (docs.aws.amazon.com/autoscaling/ec2/userguide/understand-how-suspending-processes-affects-other-processes.html)",
			"Amazon EC2 Auto Scaling API Reference, RefreshPreferences, CheckpointPercentages (docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/autoscaling_group.html.markdown, instance_refresh: a refresh does not start when version is $Latest",
		},
	}, effect.TemplateWithoutRefresh()},

	{&analysis.Rule{
		ID: "CHG011", Severity: finding.High, Needs: plans, Unit: "users of changed launch templates",
		Title:    "the launch template is changed and an older version of it is launched",
		Claim:    "Who names this launch template launches its new version.",
		Claimant: "whoever edited the template and saw `latest_version` move",
		Why: "A launch template is never edited: each change makes a version, and the old ones stay. A group, a fleet or a node group that names a " +
			"number, or the default version while that is not moved, launches the old one on, today and at each scale-out. An instance has read its template " +
			"when it was launched.",
		Fix:           "Name `latest_version` of the template, or set `update_default_version`.",
		Discriminator: "the address of the template",
		Sources: []string{
			"Amazon EC2 User Guide, Modify a launch template (docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-launch-template-versions.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/launch_template.html.markdown, update_default_version",
			"hashicorp/terraform-provider-aws: website/docs/r/eks_node_group.html.markdown, launch_template",
			"AWS Batch API Reference, LaunchTemplateSpecification (docs.aws.amazon.com/batch/latest/APIReference/API_LaunchTemplateSpecification.html)",
		},
	}, effect.PinnedTemplate()},

	{&analysis.Rule{
		ID: "CHG012", Severity: finding.High, Needs: plans, Unit: "instances whose user data is changed",
		Title:    "user data is changed in place and does not run",
		Claim:    "This instance is set up as its user data says.",
		Claimant: "the plan's `~ user_data`, and the instance that was stopped and started for it",
		Why: "Scripts and cloud-init directives run when an instance boots for the first time. The provider stores the new text and restarts the " +
			"instance: an outage, after which the machine is what it was, while the configuration says otherwise. The difference shows when the instance is next replaced.",
		Fix: "Set `user_data_replace_on_change = true`, or make the change by other means as well.",
		Sources: []string{
			"Amazon EC2 User Guide, Work with instance user data (docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/instance.html.markdown, user_data and user_data_replace_on_change",
		},
	}, effect.UserDataInPlace()},

	{&analysis.Rule{
		ID: "CHG013", Severity: finding.Medium, Needs: plans, Unit: "groups whose tags or placement are changed",
		Title:    "what propagates at launch does not reach running instances",
		Claim:    "The instances of this group have its tags and its placement.",
		Claimant: "whoever edited `tag` and reads the group in the console",
		Why: "A group copies its tags to an instance when it launches it, and places it then. Running instances keep the old ones: cost reports, " +
			"access policies and discovery by tag go on with values that the configuration no longer has.",
		Fix:           "Tag the instances as well, or let `triggers` of `instance_refresh` name `tag`.",
		Discriminator: "the attribute",
		Sources: []string{
			"Amazon EC2 Auto Scaling User Guide, Tag Auto Scaling groups and instances (docs.aws.amazon.com/autoscaling/ec2/userguide/autoscaling-tagging.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/autoscaling_group.html.markdown, tag, placement_group and instance_refresh.triggers",
		},
	}, effect.TagsAtLaunch()},

	{&analysis.Rule{
		ID: "CHG027", Severity: finding.Medium, Needs: plans, Unit: "node groups of upgraded clusters",
		Title:    "the cluster is upgraded and its nodes are not",
		Claim:    "The nodes of this cluster run its version of Kubernetes.",
		Claimant: "the cluster's `version`, which names the control plane",
		Why: "Updating a cluster updates its control plane. The kubelets stay on the version of their node group, which may trail by a few minor versions " +
			"and then blocks the next upgrade; fixes of the new version are not on the machines that run the pods.",
		Fix: "Let the node groups take `version` from the cluster.",
		Sources: []string{
			"Amazon EKS User Guide, Update a managed node group for your cluster (docs.aws.amazon.com/eks/latest/userguide/update-managed-node-group.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/eks_node_group.html.markdown, version",
		},
	}, effect.NodesBehind()},

	{&analysis.Rule{
		ID: "CHG028", Severity: finding.Low, Needs: plans, Unit: "add-ons of upgraded clusters",
		Title:    "the cluster is upgraded and its add-ons are not",
		Claim:    "The add-ons of this cluster are those of its version of Kubernetes.",
		Claimant: "whoever upgraded the cluster and takes the add-ons to be a part of it",
		Why: "EKS leaves add-ons as they are when a cluster gets another minor version. kube-proxy is made for one minor version and runs beside a few " +
			"newer ones, as the version skew policy of Kubernetes says; the versions of the rest have to be looked up.",
		Fix: "Take `addon_version` from the data source aws_eks_addon_version with the cluster's version.",
		Sources: []string{
			"Amazon EKS User Guide, Update the Kubernetes kube-proxy self-managed add-on: it has the skew policy of Kubernetes (docs.aws.amazon.com/eks/latest/userguide/kube-proxy-add-on-self-managed-update.html)",
			"Amazon EKS User Guide, Update an Amazon EKS add-on (docs.aws.amazon.com/eks/latest/userguide/updating-an-add-on.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/eks_addon.html.markdown, addon_version",
		},
	}, effect.AddonsBehind()},

	{&analysis.Rule{
		ID: "CHG035", Severity: finding.Medium, Needs: plans, Unit: "groups whose capacity is changed",
		Title:    "capacity is changed on a group whose processes are suspended",
		Claim:    "This group reaches the capacity that the plan gives it.",
		Claimant: "the plan's `~ desired_capacity`",
		Why: "A group whose process Launch is suspended adds no instance, and one whose process Terminate is suspended removes none. The new number is stored; " +
			"the machines stay as many as they were, and the apply waits for capacity that does not come.",
		Fix: "Resume the process first, or take it out of `suspended_processes` in the same change.",
		Sources: []string{
			"Amazon EC2 Auto Scaling User Guide, Suspend and resume Amazon EC2 Auto Scaling processes (docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/autoscaling_group.html.markdown, suspended_processes",
		},
	}, effect.SuspendedCapacity()},
}

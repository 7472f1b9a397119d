package change

import (
	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/owners"
)

// The rules about who else holds, writes or makes an object.
var (
	ownerRules = []*analysis.Rule{heldRule, lockRule, madeRule}

	heldRule = &analysis.Rule{
		ID: "CHG070", Severity: finding.High, Any: []*evidence.Kind{evidence.TerraformState(), evidence.TerraformPlan()}, Unit: "objects in the states of several roots",
		Title:    "one object stands in two states",
		Claim:    "Each object is in one state.",
		Claimant: "each root, whose plan says `No changes` about an object that another root changes or destroys",
		Why: "Two roots that hold one object undo each other's edits, each with a plan that looks like drift, and the one that takes the object " +
			"out of its configuration destroys it for both. It happens by an import on both sides, and by a move that left the old state as it was.",
		Fix: "Decide who owns it, and take it out of the other state with a `removed` block or `terraform state rm`: neither destroys it.",
		Sources: []string{
			"Terraform, Remove resources from state (developer.hashicorp.com/terraform/language/state/remove)",
			"Terraform, Import: each remote object is bound to one resource address (developer.hashicorp.com/terraform/language/import)",
		},
	}

	lockRule = &analysis.Rule{
		ID: "CHG071", Severity: finding.High, Any: configurations, Unit: "backends",
		Title:    "the backend does not lock the state",
		Claim:    "Two runs of this root cannot write the state at the same time.",
		Claimant: "the pipeline that starts an apply for each merge",
		Why: "Without a lock the second apply reads the state before the first has written it, and its own write drops what the first one made: " +
			"objects that run and that no state knows. The s3 backend locks only where it is told to.",
		Fix: "s3: `use_lockfile = true` (Terraform 1.10, OpenTofu 1.10). http: `lock_address`. oss: `tablestore_table`.",
		Sources: []string{
			"Terraform, S3 backend, State Locking: an opt-in feature (developer.hashicorp.com/terraform/language/backend/s3)",
			"Terraform, http backend: lock_address defaults to disabled, or comes from TF_HTTP_LOCK_ADDRESS (developer.hashicorp.com/terraform/language/backend/http)",
			"Terraform, Backend Configuration, Partial Configuration (developer.hashicorp.com/terraform/language/backend)",
		},
	}

	madeRule = &analysis.Rule{
		ID: "CHG072", Severity: finding.Medium, Needs: plans, Unit: "names that several plans create",
		Title:    "two roots create an object of one name",
		Claim:    "The names that this plan creates are free.",
		Claimant: "the plan, which does not ask whether a name is taken",
		Why: "The name has to be the only one in its scope. Whichever root is applied second fails half way, with everything before the error " +
			"already changed, and the mend is often an import: then one object stands in two states.",
		Fix:     "Give one of them another name, or let one root make the object and the other read it.",
		Sources: []string{owners.NameSource("aws_s3_bucket"), owners.NameSource("aws_iam_role"), "internal/owners: one source per resource type"},
	}

	// ownerEffects are those that one plan shows.
	ownerEffects = []effectRule{
		{&analysis.Rule{
			ID: "CHG073", Severity: finding.Medium, Needs: plans, Unit: "capacities that autoscaling owns",
			Title:    "the plan sets a capacity that autoscaling owns",
			Claim:    "Applying this plan leaves the capacity where autoscaling put it.",
			Claimant: "the configuration, which still names the number of the first day",
			Why: "Autoscaling moved the number with the load; the plan sees drift and sets it back. At a peak that stops tasks or instances that serve, " +
				"for a change that has nothing to do with them.",
			Fix:           "Name the capacity in `ignore_changes`, so that only its owner moves it.",
			Discriminator: "the capacity",
			Sources: []string{
				"hashicorp/terraform-provider-aws: website/docs/r/ecs_service.html.markdown, Ignoring Changes to Desired Count",
				"hashicorp/terraform-provider-aws: website/docs/r/autoscaling_schedule.html.markdown @ 02910eecbfa1411d578bf5491f9c7b448a93d237, desired_capacity: -1 changes nothing",
				"Application Auto Scaling API Reference, RegisterScalableTarget: resource ids and scalable dimensions (docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html)",
			},
		}, owners.Capacity()},
		{&analysis.Rule{
			ID: "CHG074", Severity: finding.High, Needs: plans, Unit: "collections that have resources of their own",
			Title:    "a collection is managed in two ways",
			Claim:    "What this plan writes stays written.",
			Claimant: "each of the two plans that undo each other: `1 changed`, every time",
			Why: "The inline blocks are all that the collection may hold: the resource takes away what others added, and the single resources add it " +
				"again at the next apply. Between the two a rule or a route is missing.",
			Fix:           "Use inline blocks or single resources for one collection, not both.",
			Discriminator: "the collection",
			Sources: []string{
				"hashicorp/terraform-provider-aws: website/docs/r/security_group.html.markdown @ 0148137dc6fb802b97b74036846777ab15c0f9ad, NOTE on Security Groups and Security Group Rules",
				"hashicorp/terraform-provider-aws: website/docs/r/route_table.html.markdown, NOTE on Route Tables and Routes",
				"hashicorp/terraform-provider-aws: website/docs/r/network_acl.html.markdown, NOTE on Network ACLs and Network ACL Rules",
				"hashicorp/terraform-provider-aws: website/docs/r/iam_role.html.markdown @ 02910eecbfa1411d578bf5491f9c7b448a93d237, NOTE on managed_policy_arns and inline_policy",
				"hashicorp/terraform-provider-aws: website/docs/r/autoscaling_attachment.html.markdown @ 0e62c1bc0826e09f39401d540d6b11189c08cca0, NOTE on Auto Scaling Groups and ASG Attachments",
			},
		}, owners.Collections()},
	}
)

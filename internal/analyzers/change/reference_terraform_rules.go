package change

import (
	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

// The rules about what Terraform and Terragrunt configuration refers to.
var (
	configurations = []*evidence.Kind{evidence.TerraformConfiguration(), evidence.Terragrunt()}

	terraformReferenceRules = []*analysis.Rule{moduleRefRule, moduleVersionRule, providerRule, machineImageRule}

	moduleRefRule = &analysis.Rule{
		ID: "CHG050", Severity: finding.High, Any: configurations, Unit: "modules from a repository or an archive",
		Title:    "a module's source has no ref, or follows a branch",
		Claim:    "The module that is applied is the one that was reviewed.",
		Claimant: "the reviewer of a pull request that does not touch the module block",
		Why: "`terraform init` fetches what the default branch or the named branch is at that moment. A push to the module's repository changes " +
			"the infrastructure of everybody who calls it, at their next init and without a line in their own history; two machines can plan " +
			"different code from one commit.",
		Fix: "Add `?ref=` with a full commit hash, or with a version tag of a repository whose tags are protected.",
		Sources: []string{
			"Terraform, Module Sources, Selecting a Revision (developer.hashicorp.com/terraform/language/modules/sources)",
			"Terragrunt, terraform block, source (terragrunt.gruntwork.io/docs/reference/hcl/blocks)",
		},
	}

	moduleVersionRule = &analysis.Rule{
		ID: "CHG051", Severity: finding.Medium, Any: configurations, Unit: "modules from a registry",
		Title:    "a registry module without an exact version",
		Claim:    "The module that is applied is the one that was reviewed.",
		Claimant: "the reviewer of a pull request that does not touch the module block",
		Why: "Each new `terraform init` takes the newest version that the constraint allows. The dependency lock file does not help: it records " +
			"providers and no modules. A release of somebody else's module becomes a change of yours, on the machine that initialises next.",
		Fix: "Write the exact version, and let an update tool raise it in a pull request of its own.",
		Sources: []string{
			"Terraform, Dependency Lock File: it tracks provider dependencies, not remote modules (developer.hashicorp.com/terraform/language/files/dependency-lock)",
			"Terraform, Module Blocks, Version (developer.hashicorp.com/terraform/language/modules/syntax)",
		},
	}

	providerRule = &analysis.Rule{
		ID: "CHG052", Severity: finding.Medium, Any: configurations, Unit: "providers of root modules",
		Title:    "a provider's range and no lock",
		Claim:    "Every machine installs the provider that this configuration was planned with.",
		Claimant: "whoever sees the same commit pass on one machine and plan a change on the next",
		Why: "Without a `.terraform.lock.hcl` in the root module's folder each `terraform init` installs the newest provider that the constraint allows. " +
			"A provider's release changes defaults, forces replacements and upgrades the state, and nothing in the repository says when. " +
			"The constraints of modules that are called are meant to be ranges; it is the root's lock that decides.",
		Fix: "Run `terraform init` and commit the `.terraform.lock.hcl` that it writes.",
		Sources: []string{
			"Terraform, Dependency Lock File (developer.hashicorp.com/terraform/language/files/dependency-lock)",
			"Terraform, Version Constraints: root modules and reusable modules (developer.hashicorp.com/terraform/language/expressions/version-constraints)",
			"Terraform, Standard Module Structure: examples/ (developer.hashicorp.com/terraform/language/modules/develop/structure)",
		},
	}

	machineImageRule = &analysis.Rule{
		ID: "CHG053", Severity: finding.Medium, Any: configurations, Unit: "lookups of a machine image",
		Title:    "the machine image is whichever is newest",
		Claim:    "Machines are launched from the image that was reviewed.",
		Claimant: "the reviewer of a pull request that does not touch the image",
		Why: "`most_recent = true` with a name pattern, and the parameters that AWS publishes as latest or recommended, mean another image as soon as one is " +
			"published. The next plan replaces instances or makes a new launch template version although nobody edited anything, and an old commit " +
			"cannot be applied again as it was.",
		Fix: "Name the image by its ID or its exact name, and raise it in a change of its own; or set ignore_changes where the machine must not follow.",
		Sources: []string{
			"hashicorp/terraform-provider-aws website/docs/d/ami.html.markdown: most_recent",
			"AWS Systems Manager User Guide, Discovering public parameters in Parameter Store (docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-finding-public-parameters.html)",
			"Amazon EC2 User Guide, Use a Systems Manager parameter instead of an AMI ID (docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-launch-template.html)",
		},
	}
)

package change

import (
	"slices"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

// The prose of the rules. Terminal, explain, SARIF and docs are made from it.
var (
	plans = []*evidence.Kind{evidence.TerraformPlan()}
	// coreRules are about what a plan does.
	coreRules = []*analysis.Rule{cascadeRule, lossRule, twinRule, driftRule}
	// planRules need a plan and nothing else.
	planRules = slices.Concat(coreRules, rulesOf(effectRules), rulesOf(ownerEffects))
	rules     = inOrder(slices.Concat(planRules, ownerRules, terraformReferenceRules, imageRules, kubeRules))

	cascadeRule = &analysis.Rule{
		ID: "CHG001", Severity: finding.Medium, Needs: plans, Unit: "causes of change",
		Title:    "one edit draws a cascade",
		Claim:    "This plan changes what was edited and nothing else.",
		Claimant: "the reviewer of a one-line diff, and the summary line `Plan: 1 to add, 3 to change, 1 to destroy`, which counts changes and not causes",
		Why: "When a resource is replaced, its identifiers are new. Everything computed from them changes with it, " +
			"through variables, outputs and locals of other modules, and some of it is replaced in turn. The plan lists all of that " +
			"as if each change had been asked for; the reviewer cannot see that one attribute caused them.",
		Fix: "Decide about the cause, not about the list: leave the attribute as it is where it cannot change in place, " +
			"or use create_before_destroy and a new name, and apply it on its own.",
		Sources: []string{
			"Terraform JSON output format: after_unknown, replace_paths, configuration expressions (developer.hashicorp.com/terraform/internals/json-format)",
		},
	}

	lossRule = &analysis.Rule{
		ID: "CHG002", Severity: finding.Critical, Needs: plans, Unit: "destroyed resources that hold data",
		Title:    "data is destroyed without a guard",
		Claim:    "What this plan destroys keeps its data: a final snapshot, a retention window or a refusal stands before the loss.",
		Claimant: "the plan's `-/+` and `-` lines, which look alike for a security group rule and for a database",
		Why: "A replacement is a destroy. Whether data survives it is decided by attributes such as skip_final_snapshot, force_destroy or " +
			"deletion_protection, and by their values in the state: a guard that is switched on in the same plan comes too late, " +
			"because the old object is destroyed with its old settings.",
		Fix:           "Switch the guard on and apply that alone; then plan the replacement again. Add `prevent_destroy` to what must never go.",
		Discriminator: "the key of a deposed object",
		Sources:       []string{"internal/stateful: one source per resource type"},
	}

	twinRule = &analysis.Rule{
		ID: "CHG003", Severity: finding.High, Needs: plans, Unit: "destroyed resources of a type that is also created",
		Title:    "destroyed and created again under another address",
		Claim:    "What this plan destroys is meant to go.",
		Claimant: "the author of a rename or of a move into a module, who reads `1 to add, 1 to destroy` as bookkeeping",
		Why: "Terraform identifies an object by its address. A new address without a `moved` block means: destroy the object and make a new one " +
			"with the same arguments. The names stay, the identity, the data and the uptime do not.",
		Fix: "Add a `moved` block (Terraform 1.1 and later; OpenTofu): the plan then shows the move and destroys nothing.",
		Sources: []string{
			"Refactoring with moved blocks (developer.hashicorp.com/terraform/language/modules/develop/refactoring)",
		},
	}

	driftRule = &analysis.Rule{
		ID: "CHG004", Severity: finding.Medium, Needs: plans, Unit: "objects changed outside of Terraform",
		Title:    "a change made outside of Terraform is reverted",
		Claim:    "This plan only carries out what the configuration's author changed.",
		Claimant: "the plan's `~` line, which shows the value that runs as if it were the old one",
		Why: "Somebody changed the object by hand, often during an incident. The plan sets it back, and nothing in it tells that from an edit: " +
			"the `before` it shows is the refreshed value. What was fixed by hand breaks again at the next apply.",
		Fix: "Ask who changed it and why. Take the value over into the configuration, or name the attribute in `ignore_changes`, or revert it knowingly.",
		Sources: []string{
			"Terraform JSON output format: resource_drift (developer.hashicorp.com/terraform/internals/json-format)",
		},
	}
)

// inOrder sorts rules by ID, as people look for them.
func inOrder(rules []*analysis.Rule) []*analysis.Rule {
	slices.SortFunc(rules, func(a, b *analysis.Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}

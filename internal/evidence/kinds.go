package evidence

// TerraformPlan is a plan as `terraform show -json` or `tofu show -json`
// prints it.
func TerraformPlan() *Kind { return terraformPlan }

// TerraformState is a state file (version 4) or a state as `terraform show
// -json` prints it.
func TerraformState() *Kind { return terraformState }

// The kinds are constants in all but syntax: nothing writes to them, and being
// pointers they compare by identity.
var (
	terraformPlan = &Kind{
		Name: "terraform-plan", Title: "Terraform plan (JSON)", Nature: Observation,
		Get: "terraform plan -out=tfplan && terraform show -json tfplan > plan.json",
		// resource_drift is not among them: leaving it out is how Terraform says
		// that nothing drifted.
		Parts: []string{"/resource_changes", "/configuration"},
	}
	terraformState = &Kind{
		Name: "terraform-state", Title: "Terraform state", Nature: Observation,
		Get: "terraform state pull > terraform.tfstate",
	}
)

package evidence

// TerraformPlan is a plan as `terraform show -json` or `tofu show -json`
// prints it.
func TerraformPlan() *Kind { return terraformPlan }

// TerraformState is a state file (version 4) or a state as `terraform show
// -json` prints it.
func TerraformState() *Kind { return terraformState }

// TerraformConfiguration is one file of a module: .tf, .tofu, .tf.json,
// .tofu.json.
func TerraformConfiguration() *Kind { return terraformConfiguration }

// TerraformLock is a dependency lock file, .terraform.lock.hcl.
func TerraformLock() *Kind { return terraformLock }

// Terragrunt is a terragrunt.hcl, which names the module that it runs.
func Terragrunt() *Kind { return terragrunt }

// Dockerfile is a Dockerfile or Containerfile.
func Dockerfile() *Kind { return dockerfile }

// Compose is a Compose file.
func Compose() *Kind { return compose }

// Workflow is a GitHub Actions workflow, or the definition of an action.
func Workflow() *Kind { return workflow }

// CloudTrail are events as `aws cloudtrail lookup-events` or a trail's log file
// has them.
func CloudTrail() *Kind { return cloudTrail }

// AWSDescribe is what a describe, list or get call of the AWS command line
// printed as JSON.
func AWSDescribe() *Kind { return awsDescribe }

// KubernetesManifest are Kubernetes objects as they are declared: YAML or JSON,
// one document or several, as written or as helm and kustomize print them.
func KubernetesManifest() *Kind { return kubernetesManifest }

// KubernetesLive are objects as a cluster has them: what kubectl get prints.
func KubernetesLive() *Kind { return kubernetesLive }

// KubernetesBefore are declared objects as they were before the change that is
// judged. No file is recognised as such: the command says which side is OLD.
func KubernetesBefore() *Kind { return kubernetesBefore }

// Kinds returns all kinds.
func Kinds() []*Kind {
	return []*Kind{terraformPlan, terraformState, terraformConfiguration, terraformLock, terragrunt, dockerfile, compose, workflow, cloudTrail, awsDescribe, kubernetesManifest, kubernetesLive, kubernetesBefore}
}

// The families.
const (
	terraformFamily = "terraform"
	imageFamily     = "image"
	pipelineFamily  = "pipeline"
	awsFamily       = "aws"
	kubernetes      = "kubernetes"
)

// The kinds are constants in all but syntax: nothing writes to them, and being
// pointers they compare by identity.
var (
	terraformPlan = &Kind{
		Name: "terraform-plan", Title: "Terraform plan (JSON)", Nature: Observation, Family: terraformFamily,
		Get: "terraform plan -out=tfplan && terraform show -json tfplan > plan.json",
		// resource_drift is not among them: leaving it out is how Terraform says
		// that nothing drifted.
		Parts: []string{"/resource_changes", "/configuration"},
	}
	terraformState = &Kind{
		Name: "terraform-state", Title: "Terraform state", Nature: Observation, Family: terraformFamily,
		Get: "terraform state pull > terraform.tfstate",
	}
	terraformConfiguration = &Kind{
		Name: "terraform-configuration", Title: "Terraform configuration", Nature: Declaration, Family: terraformFamily,
		Get: "check the folder that holds the .tf files",
	}
	terraformLock = &Kind{
		Name: "terraform-lock", Title: "Terraform dependency lock file", Nature: Declaration, Family: terraformFamily,
		Get: "terraform init, and commit the .terraform.lock.hcl that it writes",
	}
	terragrunt = &Kind{
		Name: "terragrunt", Title: "Terragrunt configuration", Nature: Declaration, Family: terraformFamily,
		Get: "check the folder that holds the terragrunt.hcl files",
	}
	dockerfile = &Kind{
		Name: "dockerfile", Title: "Dockerfile", Nature: Declaration, Family: imageFamily,
		Get: "check the folder that holds the Dockerfile",
	}
	compose = &Kind{
		Name: "compose", Title: "Compose file", Nature: Declaration, Family: imageFamily,
		Get: "check the folder that holds the Compose file",
	}
	workflow = &Kind{
		Name: "github-workflow", Title: "GitHub workflow or action", Nature: Declaration, Family: pipelineFamily,
		Get: "check the folder that holds .github/workflows",
	}
	cloudTrail = &Kind{
		Name: "cloudtrail", Title: "CloudTrail events", Nature: Observation, Family: awsFamily,
		Get: "polygraph collect aws --for drift plan.json",
	}
	awsDescribe = &Kind{
		Name: "aws-describe", Title: "AWS describe output", Nature: Observation, Family: awsFamily,
		Get: "aws <service> describe-... --output json > FILE.json",
	}
	kubernetesManifest = &Kind{
		Name: "kubernetes-manifest", Title: "Kubernetes manifests", Nature: Declaration, Family: kubernetes,
		Get: "check the folder that holds the manifests, or what renders them: helm template . > manifests.yaml",
	}
	kubernetesLive = &Kind{
		Name: "kubernetes-live", Title: "Kubernetes objects of a cluster", Nature: Observation, Family: kubernetes,
		Get: "kubectl get --show-managed-fields -o yaml -f manifests.yaml > live.yaml",
	}
	kubernetesBefore = &Kind{
		Name: "kubernetes-before", Title: "Kubernetes manifests before the change", Nature: Observation, Family: kubernetes,
		Get: "polygraph change OLD NEW, or polygraph change --git REV NEW",
	}
)

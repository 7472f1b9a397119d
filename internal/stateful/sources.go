package stateful

// Where facts were read. awsDoc and awsCode are files of the provider's repository, followed by the
// commit that was served; npm packages are generated from the provider and carry its documentation
// beside the attributes.
const (
	awsCode     = "hashicorp/terraform-provider-aws:internal/service/"
	awsDoc      = "hashicorp/terraform-provider-aws:website/docs/r/"
	awsDocCDK   = "hashicorp/terraform-provider-aws:website/docs/cdktf/python/r/"
	awsBindings = "npm @pulumi/aws 7.48.0:"
	awsSchema   = "schema of hashicorp/aws 6.25.0 (npm @cdktf/provider-aws 21.22.1): no attribute that guards a destroy"
	awsChanges  = "hashicorp/terraform-provider-aws:CHANGELOG.md"

	googleDoc      = "hashicorp/terraform-provider-google:website/docs/r/"
	googleSchema   = "npm @cdktf/provider-google 16.12.1 (hashicorp/google 6.50.0):"
	googleBindings = "npm @pulumi/gcp 9.37.0 (hashicorp/google 7):"

	azurermDoc      = "hashicorp/terraform-provider-azurerm:website/docs/r/"
	azurermFeatures = "hashicorp/terraform-provider-azurerm:website/docs/guides/features-block.html.markdown@0336a9c375f2"
	azurermSchema   = "npm @cdktf/provider-azurerm 14.23.1 (hashicorp/azurerm 4.55.0)"

	kubernetesDoc    = "hashicorp/terraform-provider-kubernetes:docs/resources/"
	kubernetesSchema = "npm @cdktf/provider-kubernetes 12.1.1 (hashicorp/kubernetes 2.38.0):"
)

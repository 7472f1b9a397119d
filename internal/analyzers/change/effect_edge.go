package change

import (
	"polygraph/internal/analysis"
	"polygraph/internal/effect"
	"polygraph/internal/finding"
)

// edgeEffects are those of what others keep a copy of: edges, resolvers, machines
// with a lease, and environments that wait for a deployment.
var edgeEffects = []effectRule{
	{&analysis.Rule{
		ID: "CHG029", Severity: finding.Low, Needs: plans, Unit: "distributions that change",
		Title:    "the distribution is not deployed when the apply ends",
		Claim:    "The edges serve by the configuration that was applied.",
		Claimant: "the apply, which ends with `1 changed`",
		Why: "CloudFront stores the configuration and then brings it to its edges, for minutes. With wait_for_deployment = false the apply ends " +
			"before that, and the tests behind it meet edges of both kinds.",
		Fix: "Leave `wait_for_deployment` at true, or wait for the deployment before what builds on it.",
		Sources: []string{
			"Amazon CloudFront API Reference, Distribution, Status (docs.aws.amazon.com/cloudfront/latest/APIReference/API_Distribution.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/cloudfront_distribution.html.markdown, wait_for_deployment; pull request 8116",
		},
	}, effect.Deploying()},
	{&analysis.Rule{
		ID: "CHG030", Severity: finding.Medium, Needs: plans, Unit: "objects behind a distribution that change",
		Title:    "edges give the old object",
		Claim:    "Visitors get the object that was uploaded.",
		Claimant: "the upload, and whoever fetched the object from the bucket to see",
		Why: "An edge that holds a copy answers with it until its time is over: at least the minimum TTL of the cache behaviour, else what the old " +
			"object's Cache-Control said, else the default TTL. The bucket has the new object; visitors have the old one.",
		Fix: "Invalidate the path after the upload, or give each version of the object a key of its own.",
		Sources: []string{
			"Amazon CloudFront Developer Guide, Manage how long content stays in the cache (expiration) (docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html)",
			"AWS CloudFormation Template Reference, CachePolicyConfig: minimum TTL above 0 holds whatever the headers say (docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudfront-cachepolicy-cachepolicyconfig.html)",
			"Amazon CloudFront API Reference, Headers: a behaviour that forwards all headers caches nothing (docs.aws.amazon.com/cloudfront/latest/APIReference/API_Headers.html)",
			"Amazon CloudFront Developer Guide, Use managed cache policies (docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html)",
		},
	}, effect.StaleEdge()},
	{&analysis.Rule{
		ID: "CHG031", Severity: finding.Low, Needs: plans, Unit: "records whose answer changes",
		Title:    "resolvers keep the old answer",
		Claim:    "The name leads to the new target.",
		Claimant: "whoever changed the record and asked Route 53 to see",
		Why: "A resolver that asked before keeps the answer for the TTL that it came with. Lowering the TTL in the same apply comes too late for it. " +
			"Whoever switches the old target off at once loses the visitors of that resolver.",
		Fix: "Lower the TTL one old TTL ahead of the change, and keep the old target until the old TTL is over.",
		Sources: []string{
			"Amazon Route 53 Developer Guide, Editing records: changes reach all name servers within 60 seconds (docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-editing.html)",
			"RFC 1035, section 3.2.1, TTL (www.rfc-editor.org/rfc/rfc1035)",
		},
	}, effect.CachedRecord()},
	{&analysis.Rule{
		ID: "CHG034", Severity: finding.Low, Needs: plans, Unit: "subnets and VPCs whose machines read them at launch or renewal",
		Title:    "machines that run keep what they read before",
		Claim:    "The machines of the network have what it says.",
		Claimant: "whoever changed the subnet or the DHCP options and saw `1 changed`",
		Why: "Whether a machine gets a public address is decided when it is launched, and DHCP options reach it when it renews its lease. Machines " +
			"that run keep the address, the name servers and the domain that they have.",
		Fix: "Replace the machines, or renew their leases, after the apply.",
		Sources: []string{
			"Amazon EC2 API Reference, AssociateDhcpOptions (docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateDhcpOptions.html)",
			"Amazon EC2 API Reference, Subnet, mapPublicIpOnLaunch: instances launched in this subnet (docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Subnet.html)",
			"Amazon EC2 API Reference, InstanceNetworkInterfaceSpecification, AssociatePublicIpAddress (docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html)",
		},
	}, effect.ReadAtLaunch()},
	{&analysis.Rule{
		ID: "CHG036", Severity: finding.Medium, Needs: plans, Unit: "environments of profiles that get a new version",
		Title:    "the new configuration version is not deployed",
		Claim:    "The environment runs the configuration that was applied.",
		Claimant: "whoever changed the content and saw `1 added, 1 destroyed`",
		Why: "AppConfig stores versions and deploys one of them. A new version changes nothing for those who read the configuration until a deployment " +
			"names it.",
		Fix: "Let the deployment name `version_number` of the version.",
		Sources: []string{
			"AWS AppConfig API Reference, StartDeployment, ConfigurationVersion (docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_StartDeployment.html)",
			"AWS CloudFormation Template Reference, AWS::AppConfig::Deployment (docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-appconfig-deployment.html)",
			"hashicorp/terraform-provider-aws: website/docs/r/appconfig_hosted_configuration_version.html.markdown@0714b2274718",
		},
	}, effect.Undeployed()},
}

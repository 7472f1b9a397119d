package change

import (
	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
)

// Sides tells on which side of a comparison a piece of evidence stands; a plan
// can stand on both.
type Sides func(path string) (before, after bool)

// SidesOf are sides by path.
func SidesOf(before, after []string) Sides {
	b, a := map[string]bool{}, map[string]bool{}
	for _, p := range before {
		b[p] = true
	}
	for _, p := range after {
		a[p] = true
	}
	return func(path string) (bool, bool) { return b[path], a[path] }
}

// IdentityTable is the name of the rows that Identity emits.
const IdentityTable = "identity"

// Identity returns the analyzer of `change identity`: whether names still mean
// the objects that they meant. It runs in no other command, because a
// replacement that a plan announces is no lie; here somebody claims that there
// was none. warn hears, once each, what looks like a mistake in the sides; nil
// for nobody. Without sides the analyzer only serves to name and explain its
// rules.
func Identity(sides Sides, warn func(string)) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:  "identity",
		Doc:   "Whether a name still means the object that it meant, and what still runs the old version.",
		Rules: []*analysis.Rule{identityRule, versionRule},
		Facts: []*analysis.Fact{facts.Plan(), facts.State(), facts.Describe()},
		Run: func(pass *analysis.Pass) error {
			if sides == nil {
				return nil
			}
			return (&comparison{Pass: pass, sides: sides, warn: warn}).run()
		},
	}
}

// The prose of the rules.
var (
	identityRule = &analysis.Rule{
		ID: "CHG090", Severity: finding.Medium, Unit: "names that both sides have",
		Any:      []*evidence.Kind{evidence.TerraformState(), evidence.TerraformPlan(), evidence.AWSDescribe()},
		Title:    "another object under the old name",
		Claim:    "The name still means the same object.",
		Claimant: "whoever says that it was changed, and the address in the configuration, which is the same before and after",
		Why: "A name is a label. When the object behind it is replaced, the address in Terraform, the name in the console and the line in the diff stay as they " +
			"were, and everything that belonged to the object does not: its data, its network addresses, its logs, its history, and every reference to its id " +
			"that was written down elsewhere.",
		Fix: "Look for what still refers to the old id: security group rules, DNS records, dashboards, allow lists, other states. Change in place what can be " +
			"(`polygraph change mutable` says which attributes), and protect what must not be replaced with prevent_destroy.",
		Sources: []string{
			"internal/identity: per resource type, what its id is and which attributes are given out once (registry.terraform.io/providers/hashicorp/aws, Attribute Reference of each type)",
			"An object whose id the user chooses has the same id when it is made again; such a name is proven by another attribute, or not at all.",
		},
	}

	versionRule = &analysis.Rule{
		ID: "CHG091", Severity: finding.Medium, Unit: "things that run a version which another one owns",
		Any:           []*evidence.Kind{evidence.TerraformState(), evidence.AWSDescribe()},
		Title:         "the old version still runs",
		Claim:         "What runs is of the version that its owner says.",
		Claimant:      "the function, template, task definition, cluster or setting that was changed, and the apply that ended without an error",
		Why:           "A new version beside the old one changes nothing by itself. Aliases, groups, services, node groups and databases go on with the version that they were started with or that they name, until something moves, replaces or reboots them.",
		Fix:           "Move what names the version (alias, launch template version, task definition), or make it run again (instance refresh, deployment, reboot), and look at what runs instead of at what was stored.",
		Discriminator: "which of its versions, when one thing has several",
		Sources: []string{
			"Amazon RDS API Reference: DBParameterGroupStatus (docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBParameterGroupStatus.html)",
			"Amazon ECS API Reference: Deployment, PRIMARY is the most recent and ACTIVE still has running tasks (docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html)",
			"Amazon EC2 Auto Scaling API Reference: LaunchTemplateSpecification, Version (docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateSpecification.html)",
			"Amazon CloudFront API Reference: Distribution, Status (docs.aws.amazon.com/cloudfront/latest/APIReference/API_Distribution.html)",
		},
	}
)

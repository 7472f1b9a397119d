package owners

import "strings"

// Scope is where a name has to be the only one.
type Scope string

// The scopes.
const (
	Everywhere Scope = "all accounts and regions"
	Account    Scope = "an account"
	Region     Scope = "a region of an account"
)

// Named is a type whose objects have a name of their own in a scope.
type Named struct {
	Attribute string
	Scope     Scope
	Source    string
}

// NameOf tells how objects of a type are named. Types whose API accepts a second
// object of one name, or where creating is the same as overwriting, are not among
// them.
func NameOf(typ string) (Named, bool) {
	n, ok := map[string]Named{
		"aws_s3_bucket":             {"bucket", Everywhere, "Amazon S3 User Guide, General purpose bucket naming rules (docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)"},
		"aws_iam_role":              {"name", Account, "IAM API Reference, CreateRole (docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html)"},
		"aws_iam_user":              {"name", Account, "IAM API Reference, CreateUser (docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html)"},
		"aws_iam_instance_profile":  {"name", Account, "IAM API Reference, CreateInstanceProfile (docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html)"},
		"aws_lambda_function":       {"function_name", Region, "Lambda API Reference, CreateFunction (docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html)"},
		"aws_cloudwatch_log_group":  {"name", Region, "CloudWatch Logs API Reference, CreateLogGroup (docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html)"},
		"aws_dynamodb_table":        {"name", Region, "DynamoDB API Reference, CreateTable (docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html)"},
		"aws_db_instance":           {"identifier", Region, "RDS API Reference, CreateDBInstance (docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html)"},
		"aws_rds_cluster":           {"cluster_identifier", Region, "RDS API Reference, CreateDBCluster (docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html)"},
		"aws_ecr_repository":        {"name", Region, "ECR API Reference, CreateRepository (docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html)"},
		"aws_eks_cluster":           {"name", Region, "EKS API Reference, CreateCluster (docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html)"},
		"aws_kms_alias":             {"name", Region, "KMS API Reference, CreateAlias (docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html)"},
		"aws_secretsmanager_secret": {"name", Region, "Secrets Manager API Reference, CreateSecret (docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html)"},
	}[typ]
	return n, ok
}

// NamedTypes are the types that NameOf knows.
func NamedTypes() []string {
	return []string{
		"aws_s3_bucket", "aws_iam_role", "aws_iam_user", "aws_iam_instance_profile", "aws_lambda_function", "aws_cloudwatch_log_group",
		"aws_dynamodb_table", "aws_db_instance", "aws_rds_cluster", "aws_ecr_repository", "aws_eks_cluster", "aws_kms_alias", "aws_secretsmanager_secret",
	}
}

// Made is an object that a plan creates under a name of its own.
type Made struct {
	Plan                int
	Type, Name, Address string
	Scope               Scope
	Account, Region     string // "" when they are not shown
	Place               int    // the caller's
}

// Clash tells whether two plans make an object of one name in one scope. Not
// clear: the accounts or regions are not shown.
func (m *Made) Clash(o *Made) (clash, clear bool) {
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	known := func(a, b string) bool { return a != "" && a == b }
	switch m.Scope {
	case Everywhere:
		p, q := partition(m.Region), partition(o.Region)
		switch {
		case differ(p, q):
			return false, true
		case p != q && p+q != "aws": // one is not shown, and the other is a special one
			return false, false
		}
		return true, true
	case Account:
		if differ(m.Account, o.Account) {
			return false, true
		}
		return known(m.Account, o.Account), known(m.Account, o.Account)
	}
	if differ(m.Account, o.Account) || differ(m.Region, o.Region) {
		return false, true
	}
	both := known(m.Account, o.Account) && known(m.Region, o.Region)
	return both, both
}

// partition is the part of AWS to which a region belongs: names are unique
// within it (Amazon S3 User Guide, Namespaces for general purpose buckets,
// docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html). "" for
// no region.
func partition(region string) string {
	switch {
	case region == "":
		return ""
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc"
	case strings.Contains(region, "-iso"):
		return "aws-iso"
	}
	return "aws"
}

// NameSource is where the scope of the names of a type is written.
func NameSource(typ string) string {
	n, _ := NameOf(typ)
	return n.Source
}

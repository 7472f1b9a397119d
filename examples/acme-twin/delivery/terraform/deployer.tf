# The pipeline's role, and the log of what it does.
resource "aws_iam_role" "deployer" {
  name = "acme-deployer"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
      Condition = { StringEquals = { "token.actions.githubusercontent.com:sub" = "repo:acme/delivery:ref:refs/heads/main" } }
    }]
  })
}

resource "aws_cloudwatch_log_group" "deployer" {
  name              = "/acme/deployer"
  retention_in_days = 90
}

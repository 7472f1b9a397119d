# Feature flags.
resource "aws_appconfig_application" "shop" {
  name = "acme-shop"
}

resource "aws_appconfig_environment" "prod" {
  application_id = aws_appconfig_application.shop.id
  name           = "prod"
}

resource "aws_appconfig_configuration_profile" "flags" {
  application_id = aws_appconfig_application.shop.id
  name           = "flags"
  location_uri   = "hosted"
}

resource "aws_appconfig_hosted_configuration_version" "flags" {
  application_id           = aws_appconfig_application.shop.id
  configuration_profile_id = aws_appconfig_configuration_profile.flags.configuration_profile_id
  content_type             = "application/json"
  content                  = jsonencode(local.release.flags)
}

resource "aws_appconfig_deployment" "flags" {
  application_id           = aws_appconfig_application.shop.id
  environment_id           = aws_appconfig_environment.prod.environment_id
  configuration_profile_id = aws_appconfig_configuration_profile.flags.configuration_profile_id
  configuration_version    = "1"
  deployment_strategy_id   = "AppConfig.AllAtOnce"
  depends_on               = [aws_appconfig_hosted_configuration_version.flags]
}

# Refunds.
resource "aws_sfn_state_machine" "refunds" {
  name     = "acme-refunds"
  role_arn = "arn:aws:iam::123456789012:role/acme-refunds"
  publish  = true

  definition = jsonencode({
    StartAt = "Limit"
    States  = { Limit = { Type = "Pass", Result = local.release.refund_limit, End = true } }
  })
}

resource "aws_sfn_alias" "refunds" {
  name = "live"

  routing_configuration {
    state_machine_version_arn = "${aws_sfn_state_machine.refunds.arn}:1"
    weight                    = 100
  }
}

# Patching.
resource "aws_ssm_document" "patch" {
  name            = "acme-patch"
  document_type   = "Command"
  document_format = "JSON"

  content = jsonencode({
    schemaVersion = "2.2"
    mainSteps = [{
      action = "aws:runShellScript"
      name   = "patch"
      inputs = { runCommand = ["patch-machine --reboot ${local.release.patch_reboot}"] }
    }]
  })
}

resource "aws_ssm_association" "patch" {
  name                = aws_ssm_document.patch.name
  association_name    = "acme-patch"
  document_version    = "1"
  schedule_expression = "rate(1 day)"

  targets {
    key    = "tag:project"
    values = ["acme-delivery"]
  }
}

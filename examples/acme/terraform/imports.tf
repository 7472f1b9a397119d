# The firewall's log group was made in the console during the rollout.
import {
  to = aws_cloudwatch_log_group.firewall
  id = "aws-waf-logs-acme-prod"
}

resource "aws_cloudwatch_log_group" "firewall" {
  name              = "aws-waf-logs-acme-prod"
  retention_in_days = 90

  tags = {
    Name        = "aws-waf-logs-acme-prod"
    environment = "prod"
  }
}

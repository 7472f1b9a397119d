# Orders.
resource "aws_sqs_queue" "orders" {
  name                       = "acme-orders"
  visibility_timeout_seconds = 30
}

resource "aws_kms_key" "orders" {
  description         = "acme orders"
  enable_key_rotation = false
}

# The reports that nobody reads: their database leaves a snapshot.
resource "aws_db_instance" "reports" {
  identifier                = "acme-reports"
  engine                    = "postgres"
  engine_version            = "16.4"
  instance_class            = "db.t4g.medium"
  allocated_storage         = 20
  username                  = "reports"
  password                  = "acme-example-not-a-secret"
  storage_encrypted         = true
  backup_retention_period   = 7
  final_snapshot_identifier = "acme-reports-final"
}

resource "aws_cloudwatch_metric_alarm" "reports_storage" {
  alarm_name          = "acme-reports-storage"
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 2000000000
  period              = 300
  evaluation_periods  = 3
  dimensions          = { DBInstanceIdentifier = aws_db_instance.reports.identifier }
}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/acme/orders"
  retention_in_days = 30
}

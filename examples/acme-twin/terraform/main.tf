# Orders: more time to work on a message.
resource "aws_sqs_queue" "orders" {
  name                       = "acme-orders"
  visibility_timeout_seconds = 120
}

# The key of the orders is rotated from today on. It stays the same key.
resource "aws_kms_key" "orders" {
  description         = "acme orders"
  enable_key_rotation = true
}

# Who waits too long.
resource "aws_cloudwatch_metric_alarm" "orders_age" {
  alarm_name          = "acme-orders-age"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 600
  period              = 60
  evaluation_periods  = 5
  dimensions          = { QueueName = aws_sqs_queue.orders.name }
}

# Legal hold: raised by hand at night, and taken over here.
resource "aws_cloudwatch_log_group" "orders" {
  name              = "/acme/orders"
  retention_in_days = 365
}

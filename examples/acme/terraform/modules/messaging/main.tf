variable "environment" {
  type = string
}

resource "aws_sqs_queue" "orders_dead" {
  name_prefix               = "acme-${var.environment}-orders-dead-"
  message_retention_seconds = 1209600

  tags = {
    Name        = "acme-${var.environment}-orders-dead"
    environment = var.environment
  }
}

resource "aws_sqs_queue" "orders" {
  name_prefix                = "acme-${var.environment}-orders-"
  visibility_timeout_seconds = 120

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.orders_dead.arn
    maxReceiveCount     = 5
  })

  tags = {
    Name        = "acme-${var.environment}-orders"
    environment = var.environment
  }
}

resource "aws_sns_topic" "order_events" {
  name_prefix = "acme-${var.environment}-order-events-"

  tags = {
    Name        = "acme-${var.environment}-order-events"
    environment = var.environment
  }
}

resource "aws_sns_topic_subscription" "orders" {
  topic_arn = aws_sns_topic.order_events.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.orders.arn
}

resource "aws_efs_file_system" "audit" {
  encrypted = true

  tags = {
    Name        = "acme-${var.environment}-audit"
    environment = var.environment
  }
}

output "orders_queue_url" {
  value = aws_sqs_queue.orders.url
}

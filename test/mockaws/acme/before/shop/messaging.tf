# Queues, topic and the shared audit volume stand in the root module.
resource "aws_sqs_queue" "orders_dead" {
  name_prefix               = "acme-prod-orders-dead-"
  message_retention_seconds = 1209600

  tags = {
    Name        = "acme-prod-orders-dead"
    environment = "prod"
  }
}

resource "aws_sqs_queue" "orders" {
  name_prefix                = "acme-prod-orders-"
  visibility_timeout_seconds = 120

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.orders_dead.arn
    maxReceiveCount     = 5
  })

  tags = {
    Name        = "acme-prod-orders"
    environment = "prod"
  }
}

resource "aws_sns_topic" "order_events" {
  name_prefix = "acme-prod-order-events-"

  tags = {
    Name        = "acme-prod-order-events"
    environment = "prod"
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
    Name        = "acme-prod-audit"
    environment = "prod"
  }
}


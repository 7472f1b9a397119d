resource "aws_ecs_cluster" "main" {
  name = "acme-delivery"
}

# Search: the service names the revision that the release makes.
resource "aws_ecs_task_definition" "search" {
  family                   = "acme-search"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "512"
  memory                   = "1024"

  container_definitions = jsonencode([{
    name      = "search"
    image     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/search@sha256:${local.release.search_digest}"
    essential = true
  }])
}

resource "aws_ecs_service" "search" {
  name            = "search"
  cluster         = aws_ecs_cluster.main.arn
  task_definition = "acme-search:${local.release.search_revision}"
  desired_count   = 2
  launch_type     = "FARGATE"

  network_configuration {
    subnets = [for subnet in aws_subnet.main : subnet.id]
  }

  depends_on = [aws_ecs_task_definition.search]
}

# Payments: the provider's key rotates, and the release deploys the service.
resource "aws_secretsmanager_secret" "payments" {
  name = "acme-payments-provider"
}

resource "aws_secretsmanager_secret_version" "payments" {
  secret_id     = aws_secretsmanager_secret.payments.id
  secret_string = local.release.payments_secret
}

resource "aws_ssm_parameter" "feed" {
  name  = "/acme/payments/feed"
  type  = "String"
  value = local.release.feed_parameter
}

resource "aws_ecs_task_definition" "payments" {
  family                   = "acme-payments"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  execution_role_arn       = "arn:aws:iam::123456789012:role/acme-payments"

  container_definitions = jsonencode([{
    name      = "payments"
    image     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/payments@sha256:df384ae97c77ad3001626aab01f2eb2aad176448109165df1d64c57b7091cd1c"
    essential = true
    secrets = [
      { name = "PROVIDER_KEY", valueFrom = aws_secretsmanager_secret.payments.arn },
      { name = "FEED_URL", valueFrom = aws_ssm_parameter.feed.arn },
    ]
  }])
}

resource "aws_ecs_service" "payments" {
  name                 = "payments"
  cluster              = aws_ecs_cluster.main.arn
  task_definition      = aws_ecs_task_definition.payments.arn
  desired_count        = 2
  launch_type          = "FARGATE"
  force_new_deployment = true
  triggers             = { rollout = local.release.payments_rollout }

  network_configuration {
    subnets = [for subnet in aws_subnet.main : subnet.id]
  }
}

# Catalog: autoscaling alone sets how many run.
resource "aws_ecs_service" "catalog" {
  name            = "catalog"
  cluster         = aws_ecs_cluster.main.arn
  task_definition = "acme-catalog:7"
  desired_count   = 2
  launch_type     = "FARGATE"

  network_configuration {
    subnets = [for subnet in aws_subnet.main : subnet.id]
  }

  lifecycle {
    ignore_changes = [desired_count]
  }
}

resource "aws_appautoscaling_target" "catalog" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.main.name}/${aws_ecs_service.catalog.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = 2
  max_capacity       = 12
}

resource "aws_appautoscaling_policy" "catalog" {
  name               = "acme-catalog-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.catalog.service_namespace
  resource_id        = aws_appautoscaling_target.catalog.resource_id
  scalable_dimension = aws_appautoscaling_target.catalog.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = 60

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

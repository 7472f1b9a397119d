variable "environment" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "public_subnet_ids" {
  type = list(string)
}

variable "key_multi_region" {
  description = "Whether the data key may be replicated to the recovery region"
  type        = bool
}

locals {
  name = "acme-${var.environment}"
  tags = {
    Name        = local.name
    environment = var.environment
  }
}

resource "aws_kms_key" "data" {
  description             = "Data at rest of ${local.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  multi_region            = var.key_multi_region
  tags                    = local.tags
}

resource "aws_kms_alias" "data" {
  name          = "alias/${local.name}-data"
  target_key_id = aws_kms_key.data.key_id
}

resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/acme/${var.environment}/cluster"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.data.arn
  tags              = local.tags
}

resource "aws_ecs_cluster" "this" {
  name = local.name
  tags = local.tags

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_security_group" "lb" {
  name        = "${local.name}-lb"
  description = "Load balancer of ${local.name}"
  vpc_id      = var.vpc_id
  tags        = merge(local.tags, { Name = "${local.name}-lb" })
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  security_group_id = aws_security_group.lb.id
  description       = "HTTPS from anywhere"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.lb.id
  description       = "To the services"
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "-1"
}

resource "aws_lb" "this" {
  name                       = local.name
  internal                   = false
  load_balancer_type         = "application"
  security_groups            = [aws_security_group.lb.id]
  subnets                    = var.public_subnet_ids
  enable_deletion_protection = var.environment == "prod"
  tags                       = local.tags
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = "arn:aws:acm:eu-west-1:123456789012:certificate/acme-${var.environment}"
  tags              = local.tags

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "not found"
      status_code  = "404"
    }
  }
}

# Batch workers: the only machines; everything else runs on Fargate.
data "aws_ami" "workers" {
  most_recent = true
  owners      = ["amazon"]

  filter {
    name   = "name"
    values = ["al2023-ami-2026.*-arm64"]
  }
}

resource "aws_launch_template" "workers" {
  name                   = "${local.name}-workers"
  image_id               = data.aws_ami.workers.id
  instance_type          = "t4g.small"
  update_default_version = true
  tags                   = local.tags
}

resource "aws_autoscaling_group" "workers" {
  name                = "${local.name}-workers"
  min_size            = 1
  max_size            = 4
  vpc_zone_identifier = var.public_subnet_ids

  launch_template {
    id      = aws_launch_template.workers.id
    version = aws_launch_template.workers.latest_version
  }

  tag {
    key                 = "environment"
    value               = var.environment
    propagate_at_launch = true
  }
}

output "data_key_arn" {
  value = aws_kms_key.data.arn
}

output "cluster_arn" {
  value = aws_ecs_cluster.this.arn
}

output "cluster_name" {
  value = aws_ecs_cluster.this.name
}

output "listener_arn" {
  value = aws_lb_listener.https.arn
}

output "lb_security_group_id" {
  value = aws_security_group.lb.id
}

output "dns_name" {
  value = aws_lb.this.dns_name
}

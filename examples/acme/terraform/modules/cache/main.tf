variable "environment" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "kms_key_arn" {
  type = string
}

locals {
  name = "acme-${var.environment}-checkout"
  tags = {
    Name        = local.name
    environment = var.environment
    service     = "checkout-api"
  }
}

resource "aws_elasticache_subnet_group" "this" {
  name       = local.name
  subnet_ids = var.subnet_ids
  tags       = local.tags
}

resource "aws_security_group" "this" {
  name        = "${local.name}-cache"
  description = "Sessions of checkout-api in ${var.environment}"
  vpc_id      = var.vpc_id
  tags        = merge(local.tags, { Name = "${local.name}-cache" })
}

resource "aws_vpc_security_group_ingress_rule" "redis" {
  security_group_id = aws_security_group.this.id
  description       = "Redis from the environment"
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "tcp"
  from_port         = 6379
  to_port           = 6379
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = local.name
  description                = "Sessions and carts in flight"
  engine                     = "valkey"
  engine_version             = "8.0"
  node_type                  = "cache.t4g.small"
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.this.id]
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  final_snapshot_identifier  = "${local.name}-final"
  tags                       = local.tags
}

output "endpoint" {
  value = aws_elasticache_replication_group.this.primary_endpoint_address
}

variable "environment" {
  type = string
}

variable "name" {
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

variable "password" {
  type      = string
  sensitive = true
}

locals {
  full_name = "acme-${var.environment}-${var.name}"
  tags = {
    Name        = local.full_name
    environment = var.environment
    service     = var.name
  }
}

resource "aws_db_subnet_group" "this" {
  name       = local.full_name
  subnet_ids = var.subnet_ids
  tags       = local.tags
}

resource "aws_db_parameter_group" "this" {
  name   = local.full_name
  family = "postgres16"
  tags   = local.tags

  parameter {
    name  = "log_min_duration_statement"
    value = "500"
  }
}

resource "aws_security_group" "this" {
  name        = "${local.full_name}-db"
  description = "Database of ${var.name} in ${var.environment}"
  vpc_id      = var.vpc_id
  tags        = merge(local.tags, { Name = "${local.full_name}-db" })
}

resource "aws_vpc_security_group_ingress_rule" "postgres" {
  security_group_id = aws_security_group.this.id
  description       = "PostgreSQL from the environment"
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
}

resource "aws_db_instance" "this" {
  identifier              = local.full_name
  engine                  = "postgres"
  engine_version          = "16.4"
  instance_class          = "db.t4g.medium"
  allocated_storage       = 100
  storage_type            = "gp3"
  storage_encrypted       = true
  kms_key_id              = var.kms_key_arn
  db_name                 = var.name
  username                = var.name
  password                = var.password
  db_subnet_group_name    = aws_db_subnet_group.this.name
  parameter_group_name    = aws_db_parameter_group.this.name
  vpc_security_group_ids  = [aws_security_group.this.id]
  backup_retention_period = 14
  skip_final_snapshot     = true
  tags                    = local.tags
}

resource "aws_secretsmanager_secret" "master" {
  name       = "acme/${var.environment}/${var.name}/master"
  kms_key_id = var.kms_key_arn
  tags       = local.tags
}

resource "aws_secretsmanager_secret_version" "master" {
  secret_id = aws_secretsmanager_secret.master.id
  secret_string = jsonencode({
    host     = aws_db_instance.this.address
    username = aws_db_instance.this.username
    password = var.password
  })
}

resource "aws_cloudwatch_metric_alarm" "storage" {
  alarm_name          = "${local.full_name}-storage"
  alarm_description   = "${var.name} runs out of disk in ${var.environment}"
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  comparison_operator = "LessThanThreshold"
  evaluation_periods  = 3
  period              = 300
  statistic           = "Minimum"
  threshold           = 10737418240
  tags                = local.tags

  dimensions = {
    DBInstanceIdentifier = aws_db_instance.this.identifier
  }
}

output "endpoint" {
  value = aws_db_instance.this.endpoint
}

output "address" {
  value = aws_db_instance.this.address
}

output "backup_retention_period" {
  value = aws_db_instance.this.backup_retention_period
}

output "secret_arn" {
  value = aws_secretsmanager_secret.master.arn
}

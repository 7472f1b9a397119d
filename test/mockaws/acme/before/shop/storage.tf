resource "aws_s3_bucket" "artifacts" {
  bucket = "acme-build-artifacts"

  tags = {
    Name = "acme-build-artifacts"
  }
}

resource "aws_s3_bucket_versioning" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  versioning_configuration {
    status = "Enabled"
  }
}

# Invoices of the old shop; finance reads them once a year.
resource "aws_s3_bucket" "legacy_invoices" {
  bucket        = "acme-legacy-invoices"
  force_destroy = true

  tags = {
    Name = "acme-legacy-invoices"
  }
}

resource "aws_secretsmanager_secret" "legacy_gateway" {
  name = "acme/prod/legacy-payment-gateway"

  tags = {
    Name = "acme/prod/legacy-payment-gateway"
  }
}

resource "aws_ecr_repository" "toolbox" {
  name = "acme/toolbox"

  tags = {
    Name = "acme/toolbox"
  }
}

resource "aws_dynamodb_table" "carts" {
  name                        = "acme-prod-carts"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "cart_id"
  deletion_protection_enabled = true

  attribute {
    name = "cart_id"
    type = "S"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = local.data_keys["prod"]
  }

  tags = {
    Name        = "acme-prod-carts"
    environment = "prod"
  }
}

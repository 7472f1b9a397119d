# Build artifacts moved into their module, with the block that says so.
module "artifacts" {
  source = "./modules/artifacts"

  name = "acme-build-artifacts"
}

moved {
  from = aws_s3_bucket.artifacts
  to   = module.artifacts.aws_s3_bucket.this
}

moved {
  from = aws_s3_bucket_versioning.artifacts
  to   = module.artifacts.aws_s3_bucket_versioning.this
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

# The toolbox image went to the platform team; their configuration owns it now.
removed {
  from = aws_ecr_repository.toolbox

  lifecycle {
    destroy = false
  }
}

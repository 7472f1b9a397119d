# The edge team serves build artifacts out of a bucket of its own.
resource "aws_s3_bucket" "artifacts" {
  bucket = "acme-edge-artifacts"
}

resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    id     = "old-artifacts"
    status = "Enabled"

    filter {
      prefix = ""
    }

    expiration {
      days = 30
    }
  }
}

# The edge team serves build artifacts. It imported the bucket, which the shop made.
resource "aws_s3_bucket" "downloads" {
  bucket = "acme-build-artifacts"
}

resource "aws_s3_bucket_lifecycle_configuration" "downloads" {
  bucket = aws_s3_bucket.downloads.id

  rule {
    id     = "old-artifacts"
    status = "Enabled"

    filter {
      prefix = ""
    }

    expiration {
      days = 90
    }
  }
}

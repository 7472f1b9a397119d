# The archive of the pictures, made today: encrypted and copied from its first object on.
resource "aws_s3_bucket" "archive" {
  for_each = toset(["acme-archive", "acme-archive-copy"])

  bucket = each.key
}

resource "aws_s3_bucket_versioning" "archive" {
  for_each = aws_s3_bucket.archive

  bucket = each.value.bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "archive" {
  for_each = aws_s3_bucket.archive

  bucket = each.value.bucket

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_replication_configuration" "archive" {
  bucket = aws_s3_bucket.archive["acme-archive"].bucket
  role   = "arn:aws:iam::123456789012:role/acme-replication"

  rule {
    id     = "all"
    status = "Enabled"

    filter {
      prefix = ""
    }

    delete_marker_replication {
      status = "Enabled"
    }

    destination {
      bucket = aws_s3_bucket.archive["acme-archive-copy"].arn
    }
  }
}

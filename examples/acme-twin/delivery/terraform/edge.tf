# Media: pictures and the banner, behind a distribution.
resource "aws_s3_bucket" "media" {
  bucket = "acme-media"
}

resource "aws_s3_bucket_versioning" "media" {
  bucket = aws_s3_bucket.media.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "media" {
  bucket = aws_s3_bucket.media.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_cloudwatch_log_group" "media" {
  name              = "/acme/media"
  retention_in_days = 90
  kms_key_id        = "arn:aws:kms:eu-west-1:123456789012:key/3f1c2a6e-0000-4000-8000-5b7d9e1f2a3c"
}

resource "aws_s3_object" "banner" {
  bucket       = aws_s3_bucket.media.id
  key          = "banner.html"
  content      = "<p>${local.release.banner}</p>\n"
  content_type = "text/html"
}

resource "aws_s3_object" "logo" {
  bucket       = aws_s3_bucket.media.id
  key          = "logo.svg"
  content      = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n"
  content_type = "image/svg+xml"
}

resource "aws_cloudfront_distribution" "media" {
  enabled             = true
  comment             = "acme media"
  price_class         = local.release.cdn_price_class
  wait_for_deployment = true

  origin {
    origin_id   = "media"
    domain_name = aws_s3_bucket.media.bucket_regional_domain_name
  }

  default_cache_behavior {
    target_origin_id       = "media"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    min_ttl                = 0
    default_ttl            = 60
    max_ttl                = 604800

    forwarded_values {
      query_string = false

      cookies {
        forward = "none"
      }
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

resource "aws_route53_zone" "shop" {
  name = "shop.acme.example.com"
}

resource "aws_route53_record" "shop" {
  zone_id = aws_route53_zone.shop.zone_id
  name    = "shop.acme.example.com"
  type    = "A"
  ttl     = 60
  records = [local.release.shop_address]
}

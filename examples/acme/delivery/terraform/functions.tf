locals {
  function_role = "arn:aws:iam::123456789012:role/acme-functions"
}

# Checkout: callers use the alias.
resource "aws_lambda_function" "checkout" {
  function_name = "acme-checkout"
  role          = local.function_role
  handler       = "main.handle"
  runtime       = "python3.13"
  s3_bucket     = "acme-releases"
  s3_key        = "checkout.zip"
  memory_size   = local.release.checkout_memory
  publish       = true
}

resource "aws_lambda_alias" "checkout_live" {
  name             = "live"
  function_name    = aws_lambda_function.checkout.function_name
  function_version = "1"
}

resource "aws_lambda_alias" "checkout_preview" {
  name             = "preview"
  function_name    = aws_lambda_function.checkout.function_name
  function_version = "$LATEST"
}

# Invoices: this release does not publish.
resource "aws_lambda_function" "invoices" {
  function_name    = "acme-invoices"
  role             = local.function_role
  handler          = "main.handle"
  runtime          = "python3.13"
  s3_bucket        = "acme-releases"
  s3_key           = "invoices.zip"
  source_code_hash = local.release.invoices_code
  publish          = local.release.publish
}

resource "aws_lambda_alias" "invoices_live" {
  name             = "live"
  function_name    = aws_lambda_function.invoices.function_name
  function_version = "1"
}

# Resizer: fed by a queue, called by a bucket.
resource "aws_lambda_function" "resizer" {
  function_name = "acme-resizer"
  role          = local.function_role
  handler       = "main.handle"
  runtime       = "python3.13"
  s3_bucket     = "acme-releases"
  s3_key        = "resizer.zip"
  timeout       = local.release.resizer_timeout
  publish       = true
}

resource "aws_sqs_queue" "uploads" {
  name                       = "acme-uploads"
  visibility_timeout_seconds = 180
}

resource "aws_lambda_event_source_mapping" "uploads" {
  event_source_arn = aws_sqs_queue.uploads.arn
  function_name    = "${aws_lambda_function.resizer.arn}:1"
}

resource "aws_lambda_permission" "uploads" {
  statement_id  = "media-bucket"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.resizer.function_name
  qualifier     = "1"
  principal     = "s3.amazonaws.com"
  source_arn    = "arn:aws:s3:::acme-media"
}

# Renderer: an image by its newest tag.
resource "aws_lambda_function" "renderer" {
  function_name = "acme-renderer"
  role          = local.function_role
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/renderer:latest"
}

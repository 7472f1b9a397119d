locals {
  function_role = "arn:aws:iam::123456789012:role/acme-functions"
}

# Checkout: callers use the alias, and the release moves it.
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
  function_version = local.release.checkout_version
}

# Invoices: the pipeline publishes and moves its alias; the queue's reader moves to that alias.
resource "aws_lambda_function" "invoices" {
  function_name    = "acme-invoices"
  role             = local.function_role
  handler          = "main.handle"
  runtime          = "python3.13"
  s3_bucket        = "acme-releases"
  s3_key           = "invoices.zip"
  source_code_hash = local.release.invoices_code
  publish          = false
}

resource "aws_sqs_queue" "invoices" {
  name                       = "acme-invoices"
  visibility_timeout_seconds = 180
}

resource "aws_lambda_event_source_mapping" "invoices" {
  event_source_arn = aws_sqs_queue.invoices.arn
  function_name    = "${aws_lambda_function.invoices.arn}:${local.release.invoices_qualifier}"
}

# Resizer: fed by a queue and called by a bucket, both by its alias.
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

resource "aws_lambda_alias" "resizer_live" {
  name             = "live"
  function_name    = aws_lambda_function.resizer.function_name
  function_version = local.release.resizer_version
}

resource "aws_sqs_queue" "uploads" {
  name                       = "acme-uploads"
  visibility_timeout_seconds = 180
}

resource "aws_lambda_event_source_mapping" "uploads" {
  event_source_arn = aws_sqs_queue.uploads.arn
  function_name    = "${aws_lambda_function.resizer.arn}:${local.release.uploads_qualifier}"
}

resource "aws_lambda_permission" "uploads" {
  statement_id  = "media-bucket"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.resizer.function_name
  qualifier     = aws_lambda_alias.resizer_live.name
  principal     = "s3.amazonaws.com"
  source_arn    = "arn:aws:s3:::acme-media"
}

# Renderer: an image by its digest.
resource "aws_lambda_function" "renderer" {
  function_name = "acme-renderer"
  role          = local.function_role
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/renderer@sha256:6bd52b204f5b4cffb267597f37d0fa62bae229341394dfec0e5d42439d8b722c"
  publish       = true
}

# Orders: a REST API and its stage.
resource "aws_api_gateway_rest_api" "orders" {
  name = "acme-orders"
}

resource "aws_api_gateway_resource" "orders" {
  rest_api_id = aws_api_gateway_rest_api.orders.id
  parent_id   = aws_api_gateway_rest_api.orders.root_resource_id
  path_part   = "orders"
}

resource "aws_api_gateway_method" "orders" {
  rest_api_id   = aws_api_gateway_rest_api.orders.id
  resource_id   = aws_api_gateway_resource.orders.id
  http_method   = "POST"
  authorization = "AWS_IAM"
}

resource "aws_api_gateway_integration" "orders" {
  rest_api_id             = aws_api_gateway_rest_api.orders.id
  resource_id             = aws_api_gateway_resource.orders.id
  http_method             = aws_api_gateway_method.orders.http_method
  type                    = "HTTP_PROXY"
  integration_http_method = "POST"
  uri                     = "https://orders.acme.example.com/orders"
  timeout_milliseconds    = local.release.orders_timeout
}

# Each release adds a deployment; the older ones stay, to go back to.
resource "aws_api_gateway_deployment" "orders" {
  for_each = toset(local.release.orders_deployments)

  rest_api_id = aws_api_gateway_rest_api.orders.id
  description = "release ${each.key}"
  depends_on  = [aws_api_gateway_integration.orders]
}

resource "aws_api_gateway_stage" "orders" {
  rest_api_id   = aws_api_gateway_rest_api.orders.id
  deployment_id = aws_api_gateway_deployment.orders[reverse(local.release.orders_deployments)[0]].id
  stage_name    = "live"
}

# Hooks: an HTTP API whose stage deploys by itself.
resource "aws_apigatewayv2_api" "hooks" {
  name          = "acme-hooks"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "hooks" {
  api_id               = aws_apigatewayv2_api.hooks.id
  integration_type     = "HTTP_PROXY"
  integration_method   = "POST"
  integration_uri      = "https://hooks.acme.example.com"
  timeout_milliseconds = local.release.hooks_timeout
}

resource "aws_apigatewayv2_route" "hooks" {
  api_id    = aws_apigatewayv2_api.hooks.id
  route_key = "POST /hooks"
  target    = "integrations/${aws_apigatewayv2_integration.hooks.id}"
}

resource "aws_apigatewayv2_stage" "hooks" {
  api_id      = aws_apigatewayv2_api.hooks.id
  name        = "live"
  auto_deploy = true
}

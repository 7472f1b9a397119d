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

resource "aws_api_gateway_deployment" "orders" {
  rest_api_id = aws_api_gateway_rest_api.orders.id
  depends_on  = [aws_api_gateway_integration.orders]
}

resource "aws_api_gateway_stage" "orders" {
  rest_api_id   = aws_api_gateway_rest_api.orders.id
  deployment_id = aws_api_gateway_deployment.orders.id
  stage_name    = "live"
}

# Hooks: an HTTP API whose stage is deployed by hand.
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

resource "aws_apigatewayv2_deployment" "hooks" {
  api_id     = aws_apigatewayv2_api.hooks.id
  depends_on = [aws_apigatewayv2_route.hooks]
}

resource "aws_apigatewayv2_stage" "hooks" {
  api_id        = aws_apigatewayv2_api.hooks.id
  name          = "live"
  deployment_id = aws_apigatewayv2_deployment.hooks.id
}

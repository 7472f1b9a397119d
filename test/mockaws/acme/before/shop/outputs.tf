output "load_balancers" {
  description = "DNS name of each environment's load balancer"
  value       = { for env, platform in module.platform : env => platform.dns_name }
}

output "payments_db_endpoint" {
  description = "Endpoint of the payments database of prod"
  value       = module.payments_db["prod"].endpoint
}

output "payments_db_password" {
  description = "Master password, for the break-glass procedure"
  value       = var.payments_db_password
  sensitive   = true
}

output "orders_queue_url" {
  description = "Where checkout-api puts orders"
  value       = aws_sqs_queue.orders.url
}

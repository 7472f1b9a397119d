check "payments_backups" {
  assert {
    condition     = module.payments_db["prod"].backup_retention_period >= 7
    error_message = "The payments database of prod keeps less than seven days of backups."
  }
}

check "payments_endpoint" {
  assert {
    condition     = startswith(module.payments_db["prod"].endpoint, "acme-prod-payments.")
    error_message = "The payments database of prod has an unexpected endpoint."
  }
}

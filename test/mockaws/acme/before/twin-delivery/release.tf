# What ran before.
locals {
  release = {
    image              = "ami-04a1e8c3f2b7d9056"
    template           = "1"
    bastion_motd       = "acme bastion"
    cost_center        = "4700"
    batch_workers      = 2
    web_instances      = 2
    checkout_memory    = 256
    checkout_version   = "1"
    invoices_code      = "c2hhMjU2IG9mIGludm9pY2VzIHYx"
    invoices_qualifier = "1"
    resizer_timeout    = 10
    resizer_version    = "1"
    uploads_qualifier  = "1"
    orders_timeout     = 29000
    orders_deployments = ["1"]
    hooks_timeout      = 30000
    search_digest      = "39868b72123b0f93d770a32b227dc09fdc4eefdf671e920dbc2e0770694162a9"
    search_revision    = 1
    payments_secret    = "acme-example-old-not-a-secret"
    payments_rollout   = "1"
    feed_parameter     = "https://partners.example.com/v1"
    orders_class       = "db.r7g.large"
    ledger_class       = "db.r7g.large"
    ledger_memory      = "{DBInstanceClassMemory/32768}"
    reporting_class    = "db.r7g.large"
    reporting_group    = "acme-reporting"
    sessions_node      = "cache.t4g.medium"
    catalog_version    = "4.0.0"
    retention_hours    = 168
    events_revision    = 1
    broker_memory      = 70
    broker_revision    = 1
    kubernetes         = "1.33"
    proxy              = "v1.33.3-eksbuild.4"
    cdn_price_class    = "PriceClass_100"
    banner             = "Autumn sale"
    shop_address       = "203.0.113.10"
    public_subnets     = true
    flags              = { new_checkout = false }
    flags_version      = "1"
    refund_limit       = 250
    refunds_version    = 1
    patch_reboot       = "RebootIfNeeded"
    patch_version      = "1"
  }
}

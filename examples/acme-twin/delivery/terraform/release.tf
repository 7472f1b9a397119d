# What the release of today sets. It names the versions that it makes.
locals {
  release = {
    image              = "ami-0b9c2f1e7d5a48360"
    template           = "2"
    bastion_motd       = "acme bastion, access is recorded"
    cost_center        = "4711"
    batch_workers      = 6
    web_instances      = 3
    checkout_memory    = 512
    checkout_version   = "2"
    invoices_code      = "c2hhMjU2IG9mIGludm9pY2VzIHYy"
    invoices_qualifier = "live"
    resizer_timeout    = 30
    resizer_version    = "2"
    uploads_qualifier  = "live"
    orders_timeout     = 10000
    orders_deployments = ["1", "2"]
    hooks_timeout      = 15000
    search_digest      = "58968460d9c223fb068ac4ecfb41948074de860598e8de72afd869447baa95a9"
    search_revision    = 2
    payments_secret    = "acme-example-new-not-a-secret"
    payments_rollout   = "2"
    feed_parameter     = "https://partners.example.com/v2"
    orders_class       = "db.r7g.xlarge"
    ledger_class       = "db.r7g.xlarge"
    ledger_memory      = "{DBInstanceClassMemory/16384}"
    reporting_class    = "db.r7g.xlarge"
    reporting_group    = "acme-reporting-tuned"
    sessions_node      = "cache.r7g.large"
    catalog_version    = "5.0.0"
    retention_hours    = 72
    events_revision    = 2
    broker_memory      = 60
    broker_revision    = 2
    kubernetes         = "1.34"
    proxy              = "v1.34.0-eksbuild.2"
    cdn_price_class    = "PriceClass_200"
    banner             = "Winter sale"
    shop_address       = "203.0.113.40"
    public_subnets     = false
    flags              = { new_checkout = true }
    flags_version      = "2"
    refund_limit       = 500
    refunds_version    = 2
    patch_reboot       = "NoReboot"
    patch_version      = "2"
  }
}

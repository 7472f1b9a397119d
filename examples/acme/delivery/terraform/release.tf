# What the release of today sets. Nothing else was edited.
locals {
  release = {
    image           = "ami-0b9c2f1e7d5a48360"
    bastion_motd    = "acme bastion, access is recorded"
    cost_center     = "4711"
    media_zones     = ["a", "b"]
    batch_workers   = 6
    checkout_memory = 512
    invoices_code   = "c2hhMjU2IG9mIGludm9pY2VzIHYy"
    publish         = false
    resizer_timeout = 30
    orders_timeout  = 10000
    hooks_timeout   = 15000
    search_tag      = "2026.11.3"
    payments_secret = "acme-example-new-not-a-secret"
    feed_parameter  = "https://partners.example.com/v2"
    orders_class    = "db.r7g.xlarge"
    ledger_memory   = "{DBInstanceClassMemory/16384}"
    reporting_group = "acme-reporting-tuned"
    sessions_node   = "cache.r7g.large"
    catalog_version = "5.0.0"
    retention_hours = 72
    broker_memory   = 60
    kubernetes      = "1.34"
    cdn_price_class = "PriceClass_200"
    banner          = "Winter sale"
    shop_address    = "203.0.113.40"
    encryption      = "aws:kms"
    resolvers       = "private"
    public_subnets  = false
    flags           = { new_checkout = true }
    refund_limit    = 500
    patch_reboot    = "NoReboot"
    web_instances   = 0
  }
}

# What ran before.
locals {
  release = {
    image           = "ami-04a1e8c3f2b7d9056"
    bastion_motd    = "acme bastion"
    cost_center     = "4700"
    media_zones     = ["a"]
    batch_workers   = 2
    checkout_memory = 256
    invoices_code   = "c2hhMjU2IG9mIGludm9pY2VzIHYx"
    publish         = true
    resizer_timeout = 10
    orders_timeout  = 29000
    hooks_timeout   = 30000
    search_tag      = "2026.11.2"
    payments_secret = "acme-example-old-not-a-secret"
    feed_parameter  = "https://partners.example.com/v1"
    orders_class    = "db.r7g.large"
    ledger_memory   = "{DBInstanceClassMemory/32768}"
    reporting_group = "acme-reporting"
    sessions_node   = "cache.t4g.medium"
    catalog_version = "4.0.0"
    retention_hours = 168
    broker_memory   = 70
    kubernetes      = "1.33"
    cdn_price_class = "PriceClass_100"
    banner          = "Autumn sale"
    shop_address    = "203.0.113.10"
    encryption      = "AES256"
    resolvers       = "amazon"
    public_subnets  = true
    flags           = { new_checkout = false }
    refund_limit    = 250
    patch_reboot    = "RebootIfNeeded"
    web_instances   = 2
  }
}

module "network" {
  source   = "./modules/network"
  for_each = local.environments

  environment = each.key
  cidr        = each.value.cidr
  zones       = local.zones
}

module "platform" {
  source   = "./modules/platform"
  for_each = local.environments

  environment       = each.key
  vpc_id            = module.network[each.key].vpc_id
  public_subnet_ids = module.network[each.key].public_subnet_ids
  key_multi_region  = each.value.key_multi_region
}

module "payments_db" {
  source   = "./modules/database"
  for_each = local.environments

  environment = each.key
  name        = "payments"
  vpc_id      = module.network[each.key].vpc_id
  subnet_ids  = module.network[each.key].private_subnet_ids
  kms_key_arn = local.data_keys[each.key]
  password    = var.payments_db_password
}

module "checkout_cache" {
  source   = "./modules/cache"
  for_each = { for env, settings in local.environments : env => settings if settings.cache }

  environment = each.key
  vpc_id      = module.network[each.key].vpc_id
  subnet_ids  = module.network[each.key].private_subnet_ids
  kms_key_arn = local.data_keys[each.key]
}

module "checkout_api" {
  source   = "./modules/service"
  for_each = local.environments

  environment        = each.key
  name               = "checkout-api"
  path               = "/checkout/*"
  priority           = 10
  port               = each.value.checkout_port
  image              = "registry.example.com/acme/checkout-api:${each.key == "dev" ? "latest" : var.image_tag}"
  max_tasks          = each.value.max_tasks
  vpc_id             = module.network[each.key].vpc_id
  subnet_ids         = module.network[each.key].private_subnet_ids
  platform           = module.platform[each.key]
  data_key_arn       = local.data_keys[each.key]
  backend_url        = each.value.cache ? "rediss://${module.checkout_cache[each.key].endpoint}:6379" : "memory://"
  backend_secret_arn = null
}

module "payments" {
  source   = "./modules/service"
  for_each = local.environments

  environment        = each.key
  name               = "payments"
  path               = "/payments/*"
  priority           = 20
  port               = 8080
  image              = "registry.example.com/acme/payments:${each.key == "dev" ? "latest" : var.image_tag}"
  max_tasks          = each.value.max_tasks
  vpc_id             = module.network[each.key].vpc_id
  subnet_ids         = module.network[each.key].private_subnet_ids
  platform           = module.platform[each.key]
  data_key_arn       = local.data_keys[each.key]
  backend_url        = "postgres://${module.payments_db[each.key].endpoint}/payments"
  backend_secret_arn = module.payments_db[each.key].secret_arn
}

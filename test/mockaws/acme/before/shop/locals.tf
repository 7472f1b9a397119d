locals {
  environments = {
    dev = {
      cidr             = "10.10.0.0/16"
      key_multi_region = false
      checkout_port    = 8080
      max_tasks        = 2
      cache            = false
    }
    staging = {
      cidr             = "10.20.0.0/16"
      key_multi_region = false
      checkout_port    = 8080
      max_tasks        = 3
      cache            = false
    }
    prod = {
      cidr             = "10.30.0.0/16"
      key_multi_region = false
      checkout_port    = 8080
      max_tasks        = 6
      cache            = true
    }
  }

  zones = { a = 0, b = 1 }

  # Every module that stores data asks here for the key of its environment.
  data_keys = { for env, platform in module.platform : env => platform.data_key_arn }
}

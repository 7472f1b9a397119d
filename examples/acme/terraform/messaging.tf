# Queues, topic and the shared audit volume, tidied up into one module.
module "messaging" {
  source = "./modules/messaging"

  environment = "prod"
}

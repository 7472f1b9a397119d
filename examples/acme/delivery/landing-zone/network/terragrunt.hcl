# The same network for the test account, also as it is today.
terraform {
  source = "git::https://git.example.com/platform/terraform-network.git//modules/vpc"
}

inputs = {
  name = "acme-test"
  cidr = "10.1.0.0/16"
}

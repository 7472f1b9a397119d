# The same network for the test account, at the same commit.
terraform {
  source = "git::https://git.example.com/platform/terraform-network.git//modules/vpc?ref=c112e88173d4d3c5c1409a17bee4837673523991"
}

inputs = {
  name = "acme-test"
  cidr = "10.1.0.0/16"
}

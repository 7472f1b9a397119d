resource "aws_vpc" "main" {
  cidr_block = "10.60.0.0/16"
  tags       = { Name = "acme-delivery" }
}

resource "aws_subnet" "main" {
  for_each = { a = 0, b = 1 }

  vpc_id                  = aws_vpc.main.id
  cidr_block              = cidrsubnet("10.60.0.0/16", 4, each.value)
  availability_zone       = "eu-west-1${each.key}"
  map_public_ip_on_launch = each.key == "a" && local.release.public_subnets
  tags                    = { Name = "acme-delivery-${each.key}" }
}

resource "aws_security_group" "web" {
  name        = "acme-web"
  description = "Web tier"
  vpc_id      = aws_vpc.main.id
}

# Every rule of the group is a resource of its own.
resource "aws_security_group_rule" "web" {
  for_each = {
    https   = { port = 443, from = "10.0.0.0/8" }
    partner = { port = 8443, from = "198.51.100.0/24" }
  }

  security_group_id = aws_security_group.web.id
  type              = "ingress"
  from_port         = each.value.port
  to_port           = each.value.port
  protocol          = "tcp"
  cidr_blocks       = [each.value.from]
}

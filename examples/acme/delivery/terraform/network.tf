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

# Resolvers: machines ask for them when they boot and when their lease ends.
resource "aws_vpc_dhcp_options" "resolvers" {
  for_each = { amazon = ["AmazonProvidedDNS"], private = ["10.60.0.53", "10.60.16.53"] }

  domain_name_servers = each.value
  tags                = { Name = "acme-${each.key}-resolvers" }
}

resource "aws_vpc_dhcp_options_association" "main" {
  vpc_id          = aws_vpc.main.id
  dhcp_options_id = aws_vpc_dhcp_options.resolvers[local.release.resolvers].id
}

resource "aws_security_group" "web" {
  name        = "acme-web"
  description = "Web tier"
  vpc_id      = aws_vpc.main.id

  ingress {
    description = "HTTPS"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

# The partner's rule stands beside the group's own list.
resource "aws_security_group_rule" "partner" {
  security_group_id = aws_security_group.web.id
  type              = "ingress"
  from_port         = 8443
  to_port           = 8443
  protocol          = "tcp"
  cidr_blocks       = ["198.51.100.0/24"]
}

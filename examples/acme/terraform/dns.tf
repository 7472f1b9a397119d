resource "aws_route53_zone" "internal" {
  for_each = local.environments

  name    = "${each.key}.acme.internal"
  comment = "Private names of ${each.key}"

  vpc {
    vpc_id = module.network[each.key].vpc_id
  }

  tags = {
    Name        = "${each.key}.acme.internal"
    environment = each.key
  }
}

resource "aws_route53_record" "payments_db" {
  for_each = local.environments

  zone_id = aws_route53_zone.internal[each.key].zone_id
  name    = "payments-db.${each.key}.acme.internal"
  type    = "CNAME"
  ttl     = 60
  records = [module.payments_db[each.key].address]
}

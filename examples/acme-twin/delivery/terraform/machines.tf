# Storefront: the group names the version that the release makes, and replaces its instances.
resource "aws_launch_template" "storefront" {
  name          = "acme-storefront"
  image_id      = local.release.image
  instance_type = "m7g.large"
}

resource "aws_autoscaling_group" "storefront" {
  name                = "acme-storefront"
  min_size            = 2
  max_size            = 6
  vpc_zone_identifier = [for subnet in aws_subnet.main : subnet.id]

  launch_template {
    id      = aws_launch_template.storefront.id
    version = local.release.template
  }

  instance_refresh {
    strategy = "Rolling"
  }
}

# The boot hook runs at each boot, so an edit in place reaches the machine.
resource "aws_instance" "bastion" {
  ami                         = "ami-04a1e8c3f2b7d9056"
  instance_type               = "t4g.nano"
  subnet_id                   = aws_subnet.main["a"].id
  associate_public_ip_address = false
  user_data                   = "#cloud-boothook\n#!/bin/sh\necho '${local.release.bastion_motd}' > /etc/motd\n"
  tags                        = { Name = "acme-bastion" }
}

# Media encoders: billed by tag; another tag replaces the instances.
resource "aws_launch_template" "media" {
  name          = "acme-media"
  image_id      = "ami-04a1e8c3f2b7d9056"
  instance_type = "c7g.xlarge"
}

resource "aws_autoscaling_group" "media" {
  name                = "acme-media"
  min_size            = 2
  max_size            = 4
  vpc_zone_identifier = [for subnet in aws_subnet.main : subnet.id]

  launch_template {
    id      = aws_launch_template.media.id
    version = "1"
  }

  tag {
    key                 = "cost-center"
    value               = local.release.cost_center
    propagate_at_launch = true
  }

  instance_refresh {
    strategy = "Rolling"
    triggers = ["tag"]
  }
}

resource "aws_autoscaling_group" "batch" {
  name                = "acme-batch"
  min_size            = 1
  max_size            = 8
  desired_capacity    = local.release.batch_workers
  vpc_zone_identifier = [aws_subnet.main["a"].id]

  launch_template {
    id      = aws_launch_template.media.id
    version = "1"
  }
}

# Checkout's web tier, behind the load balancer.
resource "aws_lb_target_group" "web" {
  name     = "acme-web"
  port     = 443
  protocol = "HTTPS"
  vpc_id   = aws_vpc.main.id
}

resource "aws_autoscaling_group" "web" {
  name                = "acme-web"
  min_size            = local.release.web_instances
  max_size            = 2 * local.release.web_instances
  desired_capacity    = local.release.web_instances
  target_group_arns   = [aws_lb_target_group.web.arn]
  vpc_zone_identifier = [for subnet in aws_subnet.main : subnet.id]

  launch_template {
    id      = aws_launch_template.media.id
    version = "1"
  }
}

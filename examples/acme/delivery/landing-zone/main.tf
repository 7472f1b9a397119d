# The account's ground floor. It is planned elsewhere; here it is only read.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }

  backend "s3" {
    bucket = "acme-terraform"
    key    = "landing-zone/terraform.tfstate"
    region = "eu-west-1"
  }
}

provider "aws" {
  region = "eu-west-1"
}

# The platform team's network, as it is on its main branch.
module "network" {
  source = "git::https://git.example.com/platform/terraform-network.git?ref=main"

  name = "acme"
  cidr = "10.0.0.0/16"
}

# Its roles, as they are today.
module "roles" {
  source = "git::https://git.example.com/platform/terraform-roles.git"
}

# A module of the public registry, in whatever version is newest.
module "bastion_access" {
  source = "terraform-aws-modules/security-group/aws"

  name   = "acme-bastion-access"
  vpc_id = module.network.vpc_id
}

data "aws_ami" "jump" {
  most_recent = true
  owners      = ["137112412989"]

  filter {
    name   = "name"
    values = ["al2023-ami-2023.*-arm64"]
  }
}

resource "aws_instance" "jump" {
  ami                    = data.aws_ami.jump.id
  instance_type          = "t4g.nano"
  subnet_id              = module.network.public_subnet_id
  vpc_security_group_ids = [module.bastion_access.security_group_id]
}

# The mirror of the package index, by its newest image.
resource "aws_ecs_task_definition" "mirror" {
  family = "acme-mirror"

  container_definitions = jsonencode([{
    name      = "mirror"
    image     = "registry.example.com/platform/mirror:latest"
    memory    = 512
    essential = true
  }])
}

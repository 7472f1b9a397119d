# The account's ground floor. It is planned elsewhere; here it is only read.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }

  backend "s3" {
    bucket       = "acme-terraform"
    key          = "landing-zone/terraform.tfstate"
    region       = "eu-west-1"
    use_lockfile = true
  }
}

provider "aws" {
  region = "eu-west-1"
}

# The platform team's network, at a commit.
module "network" {
  source = "git::https://git.example.com/platform/terraform-network.git?ref=c112e88173d4d3c5c1409a17bee4837673523991"

  name = "acme"
  cidr = "10.0.0.0/16"
}

# Its roles, at a commit.
module "roles" {
  source = "git::https://git.example.com/platform/terraform-roles.git?ref=037c883f00c362bc76dbfb07f6042d289ce6aa21"
}

# A module of the public registry, in one version.
module "bastion_access" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "5.3.0"

  name   = "acme-bastion-access"
  vpc_id = module.network.vpc_id
}

data "aws_ami" "jump" {
  most_recent = true
  owners      = ["137112412989"]

  filter {
    name   = "image-id"
    values = ["ami-0b9c2f1e7d5a48360"]
  }
}

resource "aws_instance" "jump" {
  ami                    = data.aws_ami.jump.id
  instance_type          = "t4g.nano"
  subnet_id              = module.network.public_subnet_id
  vpc_security_group_ids = [module.bastion_access.security_group_id]
}

# The mirror of the package index, by its digest.
resource "aws_ecs_task_definition" "mirror" {
  family = "acme-mirror"

  container_definitions = jsonencode([{
    name      = "mirror"
    image     = "registry.example.com/platform/mirror@sha256:00154761637ca746c354a6d9cfbf1da1a92e79afa6bb127bb8a1c434e9c73170"
    memory    = 512
    essential = true
  }])
}
